"""The nightly job through a real worker process: by Redis, and by files as in the demo."""

import select
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta

import pytest

from keywork import clock
from keywork.home.demo.processes import commands
from keywork.home.tasks import tidy_up
from keywork.models import Draft
from keywork.tidy import DRAFT_KEPT_DAYS
from tests.factories import UserFactory

PATIENCE_SECONDS = 120


def wait_until(condition, seconds=PATIENCE_SECONDS):
    """Ask again until it holds; False where it never does. Another process is at work."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        # The only pause there is between two looks at what another process does.
        pause(0.1)
    return False


def pause(seconds):
    """Give up the processor for a moment."""
    select.select([], [], [], seconds)


@pytest.mark.django_db(transaction=True)
def test_the_worker_removes_a_stale_draft_and_no_other(celery_worker_process):
    owner, now = UserFactory(), clock.now()
    for key, days in (("stale", DRAFT_KEPT_DAYS + 1), ("fresh", 1)):
        Draft.objects.create(
            owner=owner, key=key, title=key, url="/", updated_at=now - timedelta(days=days)
        )

    tidy_up.delay()
    tidy_up.delay()  # twice at once has one effect

    assert wait_until(lambda: not Draft.objects.filter(key="stale").exists())
    assert [draft.key for draft in Draft.objects.all()] == ["fresh"]


def run(environ, *words):
    """One of the project's own commands in an embedded setting, its output as text."""
    done = subprocess.run(
        [sys.executable, *words], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


MAKE_STALE = """
import django; django.setup()
from datetime import timedelta
from keywork import clock
from keywork.home.tasks import tidy_up
from keywork.models import Draft, User
owner = User(username="somebody"); owner.save()
then = clock.now() - timedelta(days=400)
Draft.objects.create(owner=owner, key="stale", title="stale", url="/", updated_at=then)
tidy_up.delay()
"""


def test_the_embedded_broker_carries_the_job_from_process_to_process(embedded_site):
    """As in the demo: SQLite, Celery's filesystem broker, the worker started by its command."""
    run(embedded_site, "-c", MAKE_STALE)
    with closing(sqlite3.connect(f"{embedded_site['KEYWORK_DATA_DIR']}/keywork.sqlite3")) as site:
        assert drafts(site) == 1

        worker = subprocess.Popen(commands(0)["worker"], env=embedded_site)
        try:
            assert wait_until(lambda: drafts(site) == 0)
        finally:
            worker.terminate()
            assert worker.wait(timeout=30) == 0


def drafts(site):
    return site.execute("SELECT count(*) FROM keywork_draft").fetchone()[0]
