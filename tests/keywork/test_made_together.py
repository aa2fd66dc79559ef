"""All of an app's tables made by one operation, and taken away by it."""

import subprocess
import sys

from django.db import migrations, models

from keywork.made_together import MadeTogether


def test_the_operation_is_written_as_it_was_given():
    tables = [
        migrations.CreateModel("Room", fields=[("id", models.BigAutoField(primary_key=True))])
    ]
    name, args, kwargs = MadeTogether(operations=tables).deconstruct()
    assert (name, args, kwargs) == ("MadeTogether", [], {"operations": tables})
    assert MadeTogether(**kwargs).describe() == "Make 1 tables together"


def test_a_site_can_be_taken_down_to_nothing_and_made_again(embedded_site):
    script = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection

def tables():
    return {name for name in connection.introspection.table_names()}

before = tables()
for app in ("home", "contacts", "keywork_sessions", "students"):
    call_command("migrate", app, "zero", verbosity=0)
left = {name for name in tables() if name.startswith(("home_", "contacts_", "students_"))}
assert not left, left
call_command("migrate", verbosity=0)
assert tables() == before, tables() ^ before
call_command("makemigrations", "--check", "--dry-run", verbosity=0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=embedded_site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
