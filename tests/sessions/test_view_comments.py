"""A reviewer's comment on a session, and how much of the record is written."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from keywork.models import OutboxMessage
from sessions.models import SessionComment
from tests import factories as make
from tests.sessions.fold import asks_to_sign_in, make_fold, statuses

pytestmark = pytest.mark.django_db
TEXT = "Say how often: “less” cannot be measured."


@pytest.fixture
def fold(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: make.NOW)
    return make_fold()


@pytest.fixture
def record(fold):
    return make.SessionFactory(
        student=fold.student,
        key_worker=fold.key_worker,
        signed_by=fold.key_worker,
        signed_at=make.NOW,
        details="Seats.",
    )


@pytest.fixture
def comment(fold, record):
    comment = SessionComment(
        keywork_session=record, text=TEXT, written_at=make.NOW, written_by=fold.moderator
    )
    comment.save()
    return comment


def new_url(record):
    return reverse("sessions:comment_new", args=[record.ref])


def act_url(name, comment):
    return reverse(f"sessions:comment_{name}", args=[comment.ref])


def page_of(client, person, record):
    client.force_login(person)
    return client.get(record.get_absolute_url()).content.decode()


def test_who_comments(client, fold, record):
    expected = {
        "key_worker": 403,
        "senco": 200,
        "colleague": 403,
        "moderator": 200,
        "admin": 403,
        "teacher": 403,
        "stranger": 403,
    }
    assert statuses(client, fold, new_url(record)) == expected
    assert asks_to_sign_in(client, new_url(record))
    client.force_login(make.make_staff(fold.foreign.school, "senco"))
    assert client.get(new_url(record)).status_code == 404


def test_nobody_comments_on_their_own_record_or_on_what_is_planned(client, fold):
    own = make.SessionFactory(student=fold.student, key_worker=fold.senco, signed_by=fold.senco,
                              signed_at=make.NOW)  # fmt: skip
    planned = make.SessionFactory(student=fold.student, status="planned", held_on=make.TODAY)
    client.force_login(fold.senco)
    for session in (own, planned):
        assert client.get(new_url(session)).status_code == 403
        assert new_url(session) not in client.get(session.get_absolute_url()).content.decode()


def test_a_comment_is_told_to_the_author_who_ticks_it(client, fold, record):
    client.force_login(fold.moderator)
    assert new_url(record) in client.get(record.get_absolute_url()).content.decode()
    page = client.post(new_url(record), {"text": TEXT}, follow=True)
    assert "Comment saved. Priya Raman is told." in page.content.decode()
    client.post(new_url(record), {"text": TEXT})  # sent twice
    comment = SessionComment.objects.get()
    assert (comment.text, comment.written_by) == (TEXT, fold.moderator)
    told = OutboxMessage.objects.get()
    assert (told.user, told.kind, told.state) == (fold.key_worker, "session_comment", "notice")
    assert TEXT not in str(told.data)
    client.force_login(fold.key_worker)
    notices = client.get(reverse("notices")).content.decode()
    assert "A comment on a session you recorded" in notices
    assert client.get(reverse("today")).context["unread_notices"] == 1
    assert TEXT in page_of(client, fold.key_worker, record)
    page = client.post(act_url("done", comment), follow=True)
    assert page.redirect_chain[-1][0] == f"{record.get_absolute_url()}#comments"
    client.post(act_url("done", comment))
    comment.refresh_from_db()
    assert (comment.done_by, comment.done_at) == (fold.key_worker, make.NOW)
    told.refresh_from_db()
    assert told.read_at == make.NOW
    assert [row.history_user for row in comment.history.all()] == [fold.key_worker, fold.moderator]
    assert act_url("done", comment) not in page_of(client, fold.moderator, record)


def test_what_was_ticked_may_be_said_again(client, fold, record, comment):
    comment.done_at, comment.done_by = make.NOW, fold.key_worker
    comment.save()
    client.force_login(fold.moderator)
    for _ in range(2):
        client.post(new_url(record), {"text": TEXT})
    assert [each.done_at for each in SessionComment.objects.all()] == [make.NOW, None]
    assert OutboxMessage.objects.get().user == fold.key_worker


def hand_over(fold, to):
    """The student had another key worker up to yesterday, and has this one from today on."""
    fold.student.assignments.update_or_create(
        key_worker=fold.key_worker, defaults={"end": make.TODAY - timedelta(days=1)}
    )
    make.assign(fold.student, to, start=make.TODAY)


def test_a_comment_is_told_to_who_has_the_student_now(client, fold, record):
    hand_over(fold, fold.colleague)
    client.force_login(fold.moderator)
    who = f"{fold.colleague.full_name} is told."
    assert who in client.get(new_url(record)).content.decode()
    page = client.post(new_url(record), {"text": TEXT}, follow=True)
    assert f"Comment saved. {who}" in page.content.decode()
    told = OutboxMessage.objects.get()
    assert (told.user, told.title) == (
        fold.colleague,
        "A comment on a session with a student of yours",
    )
    done = act_url("done", SessionComment.objects.get())
    assert client.post(done).status_code == 403
    assert done in page_of(client, fold.colleague, record)
    client.post(done)
    assert SessionComment.objects.get().done_by == fold.colleague


def test_the_author_who_still_sees_the_student_reads_the_comment(client, fold, comment):
    """The SENCo recorded it: the student's key worker has nothing to tick."""
    record = comment.keywork_session
    record.signed_by = fold.senco
    record.save()
    done = act_url("done", comment)
    assert done not in page_of(client, fold.key_worker, record)
    assert client.post(done).status_code == 403
    assert done in page_of(client, fold.senco, record)


def test_a_comment_nobody_can_read_says_so(client, fold, record):
    fold.key_worker.is_active = False
    fold.key_worker.save()
    client.force_login(fold.moderator)
    page = client.post(new_url(record), {"text": TEXT}, follow=True)
    assert "Nobody is told: whoever recorded it no longer sees" in page.content.decode()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write the comment"), ("x" * 601, "at most 600 characters")]
)
def test_what_cannot_be_a_comment_is_refused_and_kept(client, fold, record, text, said):
    client.force_login(fold.moderator)
    page = client.post(new_url(record), {"text": text})
    assert said in page.content.decode()
    assert page.context["form"]["text"].value() == text
    assert not SessionComment.objects.exists()


def test_only_the_author_of_the_record_ticks(client, fold, comment):
    expected = {
        "key_worker": 302,
        "senco": 403,
        "colleague": 404,
        "moderator": 403,
        "admin": 403,
        "teacher": 403,
        "stranger": 404,
    }
    assert statuses(client, fold, act_url("done", comment), method="post") == expected
    assert client.get(act_url("done", comment)).status_code == 405


def test_only_who_wrote_it_takes_it_back(client, fold, record, comment):
    url = act_url("withdrawal", comment)
    assert url in page_of(client, fold.moderator, record)
    assert url not in page_of(client, fold.senco, record)
    expected = {
        "key_worker": 403,
        "senco": 403,
        "colleague": 403,
        "moderator": 302,
        "admin": 403,
        "teacher": 403,
        "stranger": 403,
    }
    assert statuses(client, fold, url, method="post") == expected
    comment.refresh_from_db()
    assert comment.withdrawn_by == fold.moderator
    assert TEXT not in page_of(client, fold.key_worker, record)
    history = reverse("history", args=["session", record.ref])
    assert "Taken back" in client.get(history).content.decode()
    client.post(act_url("done", comment))
    comment.refresh_from_db()
    assert comment.done_at is None


def test_a_comment_taken_back_before_it_was_read_is_no_notice(client, fold, record):
    client.force_login(fold.moderator)
    client.post(new_url(record), {"text": TEXT})
    client.post(act_url("withdrawal", SessionComment.objects.get()))
    assert not OutboxMessage.objects.exists()


def test_a_comment_is_no_part_of_what_is_told_of_the_student(client, fold, record, comment):
    client.force_login(fold.key_worker)
    for url in (
        reverse("student", args=[fold.student.ref]),
        reverse("sessions:briefing", args=[fold.student.ref]),
        reverse("sessions:new", args=[fold.student.ref]),
    ):
        page = client.get(url)
        assert page.status_code == 200
        assert TEXT not in page.content.decode(), url


def test_another_students_name_in_a_comment_is_initials(client, fold, record, comment):
    make.StudentFactory(school=fold.school, legal_first_name="Marta", legal_last_name="Quill")
    comment.text = "Leave out Marta Quill."
    comment.save()
    text = page_of(client, fold.key_worker, record)
    assert "Leave out MQ." in text
    assert "Marta" not in text


def test_what_is_missing_of_a_record_is_said_after_finishing(client, fold, record):
    make.TargetFactory(student=fold.student, area="attendance", set_on=date(2026, 10, 12))
    client.force_login(fold.key_worker)
    page = client.get(f"{record.get_absolute_url()}?read=1").content.decode()
    missing = (
        "2 of 7 parts written. Missing: Jayden’s own words, how school feels, how Jayden took"
        " part, strategies or themes, a word on an open target."
    )
    assert missing in page
    link = reverse("sessions:correction", args=[record.ref])
    assert f'<a href="{link}">Write it while it is fresh</a>' in page
    assert "No open target is about behaviour or learning" in page
    later = client.get(record.get_absolute_url()).content.decode()
    assert missing in later
    assert "No open target is about" not in later


def test_a_whole_record_says_so(client, fold, record):
    record.pupil_voice, record.feeling, record.engagement = "Fine.", 4, 3
    record.themes, record.no_target_reason = ["coping"], "Exams"
    record.save()
    client.force_login(fold.key_worker)
    page = client.get(f"{record.get_absolute_url()}?read=1").content.decode()
    assert "All 7 parts written." in page
    assert "Write it while it is fresh" not in page


def test_a_missed_or_imported_session_is_not_counted(client, fold, record):
    record.signed_at = record.signed_by = None
    record.save()
    missed = make.SessionFactory(
        student=fold.student, key_worker=fold.key_worker, status="missed", missed_reason="other",
        signed_by=fold.key_worker, signed_at=make.NOW,
    )  # fmt: skip
    for session in (record, missed):
        assert "parts written" not in page_of(client, fold.key_worker, session)
