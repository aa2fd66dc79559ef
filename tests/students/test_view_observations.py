"""Something noticed of a student's wellbeing: written, read, corrected, taken back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.models import Draft
from students.models import Observation
from tests import factories as make
from tests.factories import NOW, TODAY
from tests.sessions.fold import READING, RECORDING, asks_to_sign_in, make_fold, statuses

pytestmark = pytest.mark.django_db
TEXT = "Ate alone on Monday and Tuesday."
NOTED = {"kind": "isolation", "text": TEXT, "noticed_on": "12/11/2026"}


@pytest.fixture
def fold(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)
    return make_fold()


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


@pytest.fixture
def observation(fold):
    found = Observation(
        student=fold.student,
        kind="isolation",
        text=TEXT,
        noticed_on=TODAY,
        noticed_by=fold.key_worker,
    )
    found.save()
    return found


def new_url(fold):
    return reverse("students:observation_new", args=[fold.student.ref])


def act_url(name, found):
    return reverse(f"students:observation_{name}", args=[found.ref])


def text_of(answer):
    return answer.content.decode()


def test_who_may_write_and_read(client, fold, observation):
    assert statuses(client, fold, new_url(fold)) == RECORDING
    assert asks_to_sign_in(client, new_url(fold))
    unseen = {**READING, "colleague": 404}
    assert statuses(client, fold, observation.get_absolute_url()) == unseen


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        (("moderator",), False),
        (("moderator", "teacher"), False),
        *(((role,), True) for role in ("dsl", "slt", "head", "senco")),
        (("moderator", "senco"), True),
    ],
)
def test_who_only_reads_the_records_is_not_asked_to_write(client, fold, roles, may):
    client.force_login(make.make_staff(fold.school, *roles))
    page = text_of(client.get(reverse("student", args=[fold.student.ref])))
    assert (new_url(fold) in page) == may
    client.post(new_url(fold), NOTED)
    assert Observation.objects.exists() == may


def test_what_was_noticed_stands_in_timeline_briefing_and_paper(signed_in, fold):
    student = reverse("student", args=[fold.student.ref])
    assert new_url(fold) in text_of(signed_in.get(student))
    page = signed_in.post(new_url(fold), NOTED, follow=True)
    signed_in.post(new_url(fold), NOTED)  # sent twice
    found = Observation.objects.get()
    assert (found.kind, found.noticed_on, found.noticed_by) == (
        "isolation",
        TODAY,
        fold.key_worker,
    )
    assert "Noticed: social isolation" in text_of(page)
    assert TEXT in text_of(signed_in.get(student, {"show": "noticed"}))
    for url in ("sessions:new", "sessions:briefing"):
        words = " ".join(text_of(signed_in.get(reverse(url, args=[fold.student.ref]))).split())
        assert f"<strong>Social isolation:</strong> {TEXT}" in words
    assert found.history.get().history_user == fold.key_worker


def test_the_briefing_tells_what_was_noticed_since_the_last_session(signed_in, fold, observation):
    observation.noticed_on = date(2026, 11, 2)
    observation.save()
    log = reverse("sessions:new", args=[fold.student.ref])
    assert TEXT in text_of(signed_in.get(log))
    make.SessionFactory(student=fold.student, held_on=date(2026, 11, 3))
    assert TEXT not in text_of(signed_in.get(log))
    observation.noticed_on = date(2026, 11, 3)
    observation.save()
    assert TEXT in text_of(signed_in.get(log))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": ""}, "Choose what it is about"),
        ({"kind": "hunch"}, "Select a valid choice"),
        ({"text": ""}, "Write what you noticed"),
        ({"text": "x" * 1001}, "at most 1000 characters"),
        ({"noticed_on": "13/11/2026"}, "Choose today or an earlier day"),
        ({"text": "Alone since Marta Quill left."}, "a student here? Take it out"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_on_screen(signed_in, fold, changes, said):
    make.StudentFactory(school=fold.school, legal_first_name="Marta", legal_last_name="Quill")
    page = signed_in.post(new_url(fold), {**NOTED, **changes})
    assert page.status_code == 200
    assert said in text_of(page)
    assert page.context["form"]["text"].value() == {**NOTED, **changes}["text"]
    assert not Observation.objects.exists()


def test_a_word_that_is_no_student_is_said_so(signed_in, fold):
    make.StudentFactory(school=fold.school, legal_first_name="Marta", legal_last_name="Quill")
    text = "Reads about Marta all day."
    page = signed_in.post(new_url(fold), {**NOTED, "text": text})
    assert [word for word, _ in page.context["form"].words_to_confirm] == ["Marta"]
    signed_in.post(new_url(fold), {**NOTED, "text": text, "not_students": ["Marta"]})
    assert Observation.objects.get().text == text


def test_it_is_kept_as_a_draft(signed_in, fold):
    page = signed_in.get(new_url(fold))
    kept = page.context["form"].kept
    answer = signed_in.post(
        kept.save_url, {**NOTED, "draft_token": kept.token, "version": kept.version}
    )
    assert answer.status_code in (200, 204)
    assert Draft.objects.get().title == "Something noticed of Jayden Thorne"
    assert signed_in.get(new_url(fold)).context["form"]["text"].value() == TEXT
    signed_in.post(new_url(fold), {**NOTED, "version": "1"})
    assert not Draft.objects.exists()


def test_its_author_corrects_it(client, fold, observation):
    url = act_url("correction", observation)
    only_author = dict.fromkeys(READING, 403) | {"key_worker": 200, "colleague": 404}
    assert statuses(client, fold, url) == {**only_author, "stranger": 404}
    client.force_login(fold.key_worker)
    shown = client.get(url).context["form"]
    values = {**NOTED, "text": "Ate alone all week.", "seen": shown["seen"].value()}
    assert client.post(url, values)["Location"] == observation.get_absolute_url()
    assert "Ate alone all week." in text_of(client.get(observation.get_absolute_url()))
    history = reverse("history", args=["observation", observation.ref])
    assert TEXT in text_of(client.get(history))
    # the form shown before that change: told, and what was typed stays
    values["text"] = "Ate with nobody."
    refused = client.post(url, values)
    assert "Changed meanwhile by somebody else" in text_of(refused)
    assert refused.context["form"]["text"].value() == "Ate with nobody."


def test_it_is_taken_back_with_a_reason(client, fold, observation):
    url = act_url("withdrawal", observation)
    may = dict.fromkeys(READING, 403)
    may |= {"key_worker": 200, "senco": 200, "colleague": 404, "stranger": 404}
    assert statuses(client, fold, url) == may
    client.force_login(fold.senco)
    assert "Say why you take it back" in text_of(client.post(url, {"text": ""}))
    client.post(url, {"text": "It was his brother"})
    observation.refresh_from_db()
    assert (observation.withdrawn_by, observation.withdrawn_reason) == (
        fold.senco,
        "It was his brother",
    )
    assert client.get(observation.get_absolute_url()).status_code == 404
    assert client.get(url).status_code == 404
    for page in ("student", "sessions:briefing"):
        assert TEXT not in text_of(client.get(reverse(page, args=[fold.student.ref])))
    history = reverse("history", args=["observation", observation.ref])
    assert "It was his brother" in text_of(client.get(history))


def test_another_students_name_is_initials_where_it_is_read(signed_in, fold, observation):
    make.StudentFactory(school=fold.school, legal_first_name="Marta", legal_last_name="Quill")
    observation.text = "Alone since Marta Quill left."
    observation.save()
    pages = [observation.get_absolute_url(), reverse("student", args=[fold.student.ref])]
    pages.append(reverse("sessions:new", args=[fold.student.ref]))
    for url in pages:
        text = text_of(signed_in.get(url))
        assert "Alone since MQ left." in text, url
        assert "Marta" not in text, url


def test_pages_cost_the_same_with_many_observations(signed_in, fold, observation):
    pages = [reverse("student", args=[fold.student.ref])]
    pages.append(reverse("sessions:new", args=[fold.student.ref]))

    def queries():
        counted = []
        for url in pages:
            signed_in.get(url)
            with CaptureQueriesContext(connection) as found:
                signed_in.get(url)
            counted.append(len(found))
        return counted

    one = queries()
    for day in (3, 4):
        Observation(
            student=fold.student,
            kind="other",
            text=f"Seen on {day}",
            noticed_on=date(2026, 11, day),
            noticed_by=fold.senco,
        ).save()
    assert queries() == one
    assert max(one) <= 15
