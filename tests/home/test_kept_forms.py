"""Every form that somebody types into comes back filled in after its sign-in expired."""

import pytest
import time_machine
from django.urls import reverse

from keywork.models import ParkedForm
from students.models import Assignment, Strategy, TimetableEntry
from tests import factories as make
from tests.sessions.fold import make_fold

pytestmark = pytest.mark.django_db
TYPED = "Jayden’s own words, 100 % of them"


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    fold = make_fold()
    fold.planned = make.SessionFactory(
        student=fold.student, status="planned", held_on=make.TODAY, key_worker=fold.key_worker
    )
    fold.target = make.TargetFactory(student=fold.student)
    return fold


def of_student(name):
    return lambda fold: reverse(name, args=[fold.student.ref])


def of_planned(name):
    return lambda fold: reverse(name, args=[fold.planned.ref])


def end_of_assignment(fold):
    return reverse("assignment_end", args=[Assignment.objects.get(student=fold.student).ref])


def changes(fold):
    return f"{reverse('assignment_changes')}?student={fold.student.ref}"


# Who types, the page, a field of its form, and where the form is sent if not to the page.
FORMS = {
    "profile": ("key_worker", of_student("students:profile_edit"), "interests", None),
    "strategy": (
        *("key_worker", of_student("students:profile"), "text"),
        of_student("students:strategy_new"),
    ),
    "lesson": (
        *("key_worker", of_student("students:profile"), "subject"),
        of_student("students:lesson_new"),
    ),
    "identity": ("admin", of_student("students:edit"), "legal_last_name", None),
    "new student": ("admin", lambda fold: reverse("students:new"), "legal_last_name", None),
    "changes": ("admin", changes, "note", lambda fold: reverse("assignment_changes")),
    "end": ("admin", end_of_assignment, "end", None),
    "target": ("key_worker", of_student("sessions:new_target"), "help", None),
    "review": (
        *("key_worker", lambda fold: reverse("sessions:target_outcome", args=[fold.target.ref])),
        *("evidence", None),
    ),
    "plan": ("key_worker", of_student("sessions:plan"), "venue", None),
    "move": ("key_worker", of_planned("sessions:move"), "venue", None),
    "cancellation": ("key_worker", of_planned("sessions:cancellation"), "reason", None),
    "talk": ("key_worker", of_student("students:talk_new"), "said", None),
    "register query": ("key_worker", of_student("students:query_new"), "text", None),
    "part-time": ("key_worker", of_student("students:part_time_new"), "agreed", None),
    "barrier": ("key_worker", of_student("students:barrier_new"), "text", None),
    "score": ("key_worker", of_student("students:score_new"), "score", None),
    "drop-in": ("key_worker", of_student("sessions:drop_in"), "venue", None),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_typed_stands_in_the_form_again(client, fold, form):
    who, page, field, sent_to = FORMS[form]
    person, path = getattr(fold, who), page(fold)
    client.force_login(person)
    shown = client.get(path)
    assert 'name="form_token"' in shown.content.decode().split("<main", 1)[1]
    posted = {"form_token": shown.context["form_token"], field: TYPED, "student": fold.student.ref}
    client.session.flush()

    client.post(sent_to(fold) if sent_to else path, posted)
    kept = ParkedForm.objects.get()
    client.force_login(person)
    joint = "&" if "?" in kept.path else "?"
    answer = client.get(f"{kept.path}{joint}parked={kept.token}")

    main = answer.content.decode().split("<main", 1)[1]
    assert answer.status_code == 200
    assert "Nothing was lost" in answer.content.decode()
    assert TYPED in main.replace("&#x27;", "'")


def test_a_complete_form_is_shown_again_and_not_saved(client, fold):
    page = reverse("students:profile", args=[fold.student.ref])
    client.force_login(fold.key_worker)
    token = client.get(page).context["form_token"]
    client.session.flush()
    whole = {"form_token": token, "kind": "helps", "text": TYPED}
    client.post(reverse("students:strategy_new", args=[fold.student.ref]), whole)
    client.force_login(fold.key_worker)
    client.get(f"{page}?parked={ParkedForm.objects.get().token}")
    assert not Strategy.objects.exists()
    assert not TimetableEntry.objects.exists()


def test_a_form_shown_with_its_errors_is_kept_for_a_page_that_can_show_it(client, fold):
    client.force_login(fold.key_worker)
    url = reverse("students:strategy_new", args=[fold.student.ref])
    refused = client.post(url, {"kind": "helps", "text": ""})
    client.session.flush()
    client.post(url, {"form_token": refused.context["form_token"], "text": TYPED})
    assert ParkedForm.objects.get().path == reverse("students:profile", args=[fold.student.ref])


def test_the_preview_of_changes_does_not_post_its_token_twice(client, fold):
    client.force_login(fold.admin)
    posted = {
        "form_token": client.get(changes(fold)).context["form_token"],
        "student": fold.student.ref,
        f"new_{fold.student.ref}": fold.colleague.ref,
        "role": "primary",
        "start": "13/11/2026",
        "reason": "other",
        "step": "preview",
    }
    answer = client.post(reverse("assignment_changes"), posted)
    assert answer.content.decode().split("<main", 1)[1].count('name="form_token"') == 1
