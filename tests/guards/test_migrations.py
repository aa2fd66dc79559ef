"""The database is what the models say, on both kinds of server."""

import os

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_no_migration_is_pending():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_tests_run_on_the_database_they_were_given():
    wanted = os.environ.get("DATABASE_URL", "sqlite:").split(":")[0]
    assert connection.vendor == {"postgres": "postgresql", "sqlite": "sqlite"}[wanted]
