"""A register of 200,000 marks, imported by a worker while the browser is elsewhere.

Once with Redis, once as the demo runs: SQLite, and Celery's broker of files.
"""

import subprocess
from datetime import date, timedelta
from itertools import islice

import pytest

from keywork import clock
from keywork.home.demo.processes import commands
from keywork.models import Job
from scripts.private_servers import free_port
from students.models import AttendanceMark
from tests import factories as make
from tests.conftest import FILES
from tests.home.test_tidy_worker import run, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

STUDENTS, DAYS = 200, 500
ROWS = STUDENTS * DAYS * 2
PATIENCE_MS = 120_000


def upns():
    return [f"Z9999999{number:05}" for number in range(STUDENTS)]


def school_days():
    day = date(2024, 9, 2)
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """A file of one mark a row."""
    path = tmp_path_factory.mktemp("register") / "marks.csv"
    days = [f"{day:%d/%m/%Y}" for day in islice(school_days(), DAYS)]
    with path.open("w", encoding="utf-8") as lines:
        lines.write("UPN,Date,Session,Mark\n")
        for upn in upns():
            lines.writelines(f"{upn},{day},AM,/\n{upn},{day},PM,\\\n" for day in days)
    return path


def import_it(page, register, sign_in):
    """Choose the file, match, look at what changes, import, and leave; give the job's address."""
    sign_in(page, "office")
    page.goto("/imports/new/")
    page.get_by_label("Attendance, as SIMS").check()
    page.locator("input[type=file]").set_input_files(register)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/mapping/")
    page.get_by_role("button", name="Look at what changes").click()
    page.wait_for_url("**/jobs/**")
    page.wait_for_url("**/preview/", timeout=PATIENCE_MS)  # by itself, when the job is done
    assert f"{ROWS} new, 0 changed, 0 same, 0 problems" in page.inner_text("h1")

    page.get_by_role("button", name=f"Import {ROWS} good rows").click()
    page.wait_for_url("**/jobs/**")
    job = page.url
    moving = page.locator("progress[value]")
    moving.wait_for(timeout=PATIENCE_MS)
    assert moving.get_attribute("max") == str(ROWS)
    assert f"of {ROWS} rows" in page.inner_text("#job")
    page.goto("/students/")
    return job


def test_with_redis(register, new_context, sign_in, celery_worker_process, monkeypatch, request):
    from django.conf import settings
    from django.utils import timezone

    # The worker knows nothing of the tests' own day, nor of their own folder.
    monkeypatch.setattr(clock, "now", timezone.localtime)
    monkeypatch.setattr(settings, "MEDIA_ROOT", request.config.stash[FILES] / "media")
    school = make.make_school(urn="999201")
    make.make_staff(school, "admin", username="office")
    for upn in upns():
        make.StudentFactory(school=school, upn=upn)
    page = new_context().new_page()

    job = import_it(page, register, sign_in)

    assert wait_until(lambda: Job.objects.filter(kind="export_import", state="done").exists(), 120)
    assert AttendanceMark.objects.count() == ROWS
    page.goto(job)
    page.wait_for_url("**/result/")
    assert f"{ROWS} rows imported" in page.inner_text("h1")


MAKE_SCHOOL = """
import django; django.setup()
from tests import factories as make
from tests.journeys.test_imports import upns
school = make.make_school(urn="999201")
make.make_staff(school, "admin", username="office")
for upn in upns():
    make.StudentFactory(school=school, upn=upn)
"""


def test_with_the_embedded_broker(register, new_context, sign_in, embedded_site):
    run(embedded_site, "-c", MAKE_SCHOOL)
    port = free_port()
    started = [
        subprocess.Popen(commands(port)[name], env=embedded_site) for name in ("web", "worker")
    ]
    try:
        page = new_context(base_url=f"http://127.0.0.1:{port}").new_page()
        assert wait_until(lambda: answers(page, "/health/"))

        job = import_it(page, register, sign_in)

        assert wait_until(lambda: "At work" not in content_of(page, "/imports/"), 120)
        page.goto(job)
        page.wait_for_url("**/result/")
        assert f"{ROWS} rows imported" in page.inner_text("h1")
    finally:
        for process in started:
            process.terminate()
        assert [process.wait(timeout=30) for process in started] == [0, 0]


def answers(page, url):
    from playwright.sync_api import Error

    try:
        return page.goto(url).ok
    except Error:
        return False


def content_of(page, url):
    page.goto(url)
    return page.content()
