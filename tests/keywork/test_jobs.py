"""Long jobs: done once, by one worker, and taken back where they are stopped."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from keywork import jobs
from keywork.models import Draft, Job
from tests.factories import NOW, make_school, make_staff

CHECK = Job.Kind.EXPORT_CHECK


@pytest.fixture
def job(db):
    return ask()


def ask(sent=None):
    school = make_school()
    person = make_staff(school, "admin")
    sent = [] if sent is None else sent
    return jobs.ask_for(
        kind=CHECK, about="abc", school=school, by=person, now=NOW, send=sent.append
    )


def run(job, work, now=NOW):
    return jobs.run(job.ref, runners={CHECK: work}, clock=lambda: now)


def leave_a_mark(job):
    Draft(owner=job.by, key="done", title="Done", url="/", updated_at=NOW).save()


def marks():
    return Draft.objects.filter(key="done").count()


def work_in_one_transaction(job, progress):
    from django.db import transaction

    with transaction.atomic():
        leave_a_mark(job)
        progress.conclude()


pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_it_is_sent_once_the_request_is_over(django_capture_on_commit_callbacks):
    sent = []
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(sent)
        again = jobs.ask_for(
            kind=CHECK, about="abc", school=job.school, by=job.by, now=NOW, send=sent.append
        )
        assert sent == []
    assert (again, sent) == (job, [job.ref])


def test_done_once_however_often_it_is_delivered(job):
    assert run(job, work_in_one_transaction) == "Done"
    assert run(job, work_in_one_transaction) == "not ours to do"
    job.refresh_from_db()
    assert (job.state, job.attempt, job.finished_at, marks()) == ("done", 1, NOW, 1)


def test_an_unknown_ref_is_nobodys(db):
    assert jobs.run("0123456789", runners={}, clock=lambda: NOW) == "not ours to do"


def test_a_worker_that_works_keeps_its_job_and_a_silent_one_loses_it(job):
    assert jobs.claim(job.ref, now=NOW).attempt == 1
    assert jobs.claim(job.ref, now=NOW + timedelta(minutes=2)) is None
    later = NOW + timedelta(minutes=2, seconds=1)
    assert jobs.claim(job.ref, now=later).attempt == 2


def test_a_worker_that_lost_its_job_leaves_nothing_behind(job):
    def fall_silent_and_go_on(mine, progress):
        assert jobs.claim(job.ref, now=NOW + timedelta(minutes=3)).attempt == 2
        work_in_one_transaction(mine, progress)

    assert run(job, fall_silent_and_go_on) == "taken over by another worker"
    job.refresh_from_db()
    assert (job.state, job.attempt, marks()) == ("running", 2, 0)


def test_cancelled_while_it_works(job):
    def be_cancelled(mine, progress):
        jobs.cancel(job=mine, now=NOW)
        work_in_one_transaction(mine, progress)

    assert run(job, be_cancelled) == "Cancelled"
    job.refresh_from_db()
    assert (job.state, job.finished_at, marks()) == ("cancelled", NOW, 0)


def test_cancelled_before_it_began_or_after_its_worker_died(job):
    jobs.cancel(job=job, now=NOW)
    assert run(job, work_in_one_transaction) == "not ours to do"
    Job.objects.update(state="running", heard_at=NOW - timedelta(minutes=3))
    jobs.cancel(job=job, now=NOW)
    job.refresh_from_db()
    assert (job.state, marks()) == ("cancelled", 0)


def test_what_cannot_be_done_is_told_in_words(job):
    def refuse(mine, progress):
        raise jobs.JobRefusedError("The file is gone. Choose it again.")

    assert run(job, refuse) == "Did not finish"
    job.refresh_from_db()
    assert (job.state, job.messages) == ("failed", ["The file is gone. Choose it again."])


def test_a_mistake_of_ours_is_told_and_raised_and_can_be_tried_again(job):
    def break_down(mine, progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(job, break_down)
    job.refresh_from_db()
    assert (job.state, job.messages) == ("failed", [jobs.OUR_FAULT])
    assert jobs.ask_again(job=job, now=NOW, send=print)
    assert run(job, work_in_one_transaction) == "Done"
    assert not jobs.ask_again(job=job, now=NOW, send=print)
    assert marks() == 1


def test_a_job_that_nobody_takes_can_be_sent_again_after_a_minute(job):
    assert not job.is_stuck(NOW + timedelta(seconds=60))
    assert not jobs.ask_again(job=job, now=NOW + timedelta(seconds=60), send=print)
    late = NOW + timedelta(seconds=61)
    assert job.is_stuck(late)
    assert jobs.ask_again(job=job, now=late, send=print)


def test_the_first_problems_are_kept_and_all_are_counted(job):
    progress = jobs.Progress(job, lambda: NOW)
    for number in range(12):
        progress.problem(f"Row {number}")
    assert (progress.problems, len(progress.messages)) == (12, 10)


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_outside_and_a_cancel_from_inside():
    """With a thread for the worker, and this one for the page that somebody looks at."""
    job, seen, ended = ask(), threading.Event(), []

    def work(mine, progress):
        progress.begin("rows read", 10)
        progress.problem("Row 2 is not right")
        while True:
            progress.tick(4)
            seen.wait(0.05)

    def worker():
        ended.append(run(job, work))
        connections.close_all()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        from tests.home.test_tidy_worker import wait_until

        assert wait_until(lambda: Job.objects.get().done == 4, 30)
        found = Job.objects.get()
        assert (found.total, found.noun, found.problems) == (10, "rows read", 1)
        assert found.messages == ["Row 2 is not right"]
    finally:
        jobs.cancel(job=job, now=NOW)
        thread.join(30)
    assert ended == ["Cancelled"]
