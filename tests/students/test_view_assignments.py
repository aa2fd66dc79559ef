from datetime import date

import pytest
from django.urls import reverse

from keywork import clock
from keywork.models import Draft, StaffMember
from students.models import Assignment
from students.queries import key_worker_loads, suggest_key_workers
from tests.factories import NOW, TODAY, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "/assignments/"
CHANGE = "/assignments/changes/new/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def office(school):
    return make_staff(school, "admin")


def key_worker(school, first, inducted=True, capacity=None):
    person = make_staff(school, "key_worker", first_name=first, last_name="Worker")
    record = StaffMember.objects.get(user=person)
    record.induction_completed_on = date(2025, 9, 1) if inducted else None
    record.capacity = capacity
    record.save()
    return person


@pytest.fixture
def grace(school):
    return key_worker(school, "Grace")


@pytest.fixture
def tom(school):
    return key_worker(school, "Tom")


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


def typed(students, step="preview", **more):
    return {
        "student": [each.ref for each in students],
        "role": "primary",
        "start": "16/11/26",
        "reason": "staff_request",
        "note": "Both met.",
        "step": step,
        **more,
    }


def test_only_those_who_manage_assignments(client, school, kit, grace):
    given = assign(kit, grace)
    ways = [("get", LIST), ("get", CHANGE), ("get", reverse("assignment_end", args=[given.ref]))]
    ways.append(("post", reverse("assignment_undo", args=[given.ref])))
    for role in ("key_worker", "senco", "teacher"):
        client.force_login(make_staff(school, role))
        assert [getattr(client, verb)(url).status_code for verb, url in ways] == [403] * 4
    client.force_login(make_staff(make_school("Other School", urn="999102"), "admin"))
    assert [getattr(client, verb)(url).status_code for verb, url in ways[2:]] == [404] * 2


def test_those_with_nobody_come_first(client, school, office, grace, kit):
    ash = StudentFactory(school=school, legal_last_name="Ash")
    assign(ash, grace)
    StudentFactory(school=make_school("Other School", urn="999102"), legal_last_name="Elsewhere")
    client.force_login(office)
    response = client.get(LIST)
    assert response.context["students"] == [kit, ash]
    assert "1 student has no key worker." in response.content.decode()
    assert client.get(LIST, {"no_key_worker": "on"}).context["students"] == [kit]


def test_the_form_suggests_and_says_why(client, office, kit, grace):
    client.force_login(office)
    page = client.get(CHANGE, {"student": kit.ref}).content.decode()
    assert "Grace Worker, 0 of 5" in page
    assert "Suggested: Grace Worker has the fewest students." in page


@pytest.mark.parametrize("sent", ["\0", "abcdefghj\0", "nobody", ""])
def test_what_is_no_student_is_not_looked_for(client, office, kit, sent):
    client.force_login(office)
    assert (
        "Tick the students first."
        in client.post(CHANGE, {"student": sent}, follow=True).content.decode()
    )
    answer = client.post(CHANGE, {"student": [sent, kit.ref], "step": "edit"})
    assert answer.context["form"].students == [kit]


def test_without_students_one_is_told_to_tick(client, office):
    client.force_login(office)
    assert client.get(CHANGE)["Location"] == LIST
    assert client.get(CHANGE, {"student": "0000000000"})["Location"] == LIST


@pytest.mark.parametrize("count", [2, 30])
def test_what_is_typed_is_kept_for_as_many_students_as_a_page_has(
    client, school, office, grace, count
):
    students = [StudentFactory(school=school) for _ in range(count)]
    client.force_login(office)
    page = client.get(CHANGE, {"student": [each.ref for each in students]})
    kept = page.context["form"].kept
    values = typed(students, note="They asked for it")
    values |= {f"new_{each.ref}": grace.ref for each in students}
    values |= {"draft_token": kept.token, "version": kept.version}
    answer = client.post(kept.save_url, values, headers={"accept": "application/json"})
    assert answer.status_code == 200
    draft = Draft.objects.get()
    assert len(draft.url) <= 300  # what PostgreSQL keeps
    again = client.get(draft.url)
    assert len(again.context["rows"]) == count
    assert "They asked for it" in again.content.decode()
    form = again.context["form"].kept
    client.post(CHANGE, {**values, "step": "save", "version": form.version})
    assert Assignment.objects.count() == count
    assert not Draft.objects.exists()
    # An address whose draft is gone, or is somebody else's.
    assert client.get("/assignments/changes/new/?kept=abc").url == LIST


def test_the_preview_changes_nothing_and_saving_does(client, office, school, kit, grace, tom):
    assign(kit, grace)
    other = StudentFactory(school=school)
    client.force_login(office)
    chosen = {f"new_{kit.ref}": tom.ref, f"new_{other.ref}": tom.ref}
    response = client.post(CHANGE, typed([kit, other], **chosen))
    assert "Make 2 changes from Monday 16 November 2026?" in response.content.decode()
    lines = {line.student: line for line in response.context["lines"]}
    assert (lines[kit].now, lines[kit].new, lines[kit].load_after) == (
        *("Grace Worker", "Tom Worker", 2),
    )
    assert Assignment.objects.count() == 1
    fields = {}
    for name, value in response.context["fields"]:
        fields.setdefault(name, []).append(value)
    saved = client.post(CHANGE, {**fields, "step": "save"}, follow=True)
    assert "2 changes saved, starting on 16 November 2026." in saved.content.decode()
    assert kit.assignments.get(key_worker=tom).note == "Both met."
    assert kit.assignments.get(key_worker=grace).end == date(2026, 11, 15)
    # the second of two presses finds the change made
    again = client.post(CHANGE, {**fields, "step": "save"})
    assert "already" in again.content.decode()
    assert Assignment.objects.count() == 3


def test_going_back_keeps_what_was_typed(client, office, kit, tom):
    client.force_login(office)
    sent = typed([kit], step="edit", **{f"new_{kit.ref}": tom.ref})
    page = client.post(CHANGE, sent).content.decode()
    assert "Both met." in page
    assert f'value="{tom.ref}" selected' in page


def test_the_preview_warns_above_the_limit_and_before_the_induction(client, school, office, kit):
    new = key_worker(school, "Nia", inducted=False, capacity=0)
    client.force_login(office)
    page = client.post(CHANGE, typed([kit], **{f"new_{kit.ref}": new.ref})).content.decode()
    assert "Nia Worker would have 1 student; the limit is 0." in page
    assert "Nia Worker has not finished the induction." in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reason": ""}, "Choose a reason"),
        ({"start": "31/11/26"}, "Enter a date, like 12/11/2026"),
        ({"start": ""}, "Enter a date, like 12/11/2026"),
        ({}, "Choose a new key worker for one student at least"),
    ],
)
def test_what_is_wrong_is_said(client, office, kit, more, said):
    client.force_login(office)
    page = client.post(CHANGE, typed([kit], **more)).content.decode()
    assert "thing" in page
    assert said in page
    assert not Assignment.objects.exists()


def test_a_change_ahead_can_be_undone(client, office, kit, grace, tom):
    old = assign(kit, grace)
    client.force_login(office)
    client.post(CHANGE, typed([kit], step="save", **{f"new_{kit.ref}": tom.ref}))
    new = kit.assignments.get(key_worker=tom)
    page = client.get(LIST)
    assert page.context["coming"] == [new]
    client.post(reverse("assignment_undo", args=[new.ref]))
    old.refresh_from_db()
    assert (old.end, kit.assignments.count()) == (None, 1)


def test_an_assignment_is_ended_with_a_reason(client, office, kit, grace):
    given = assign(kit, grace)
    client.force_login(office)
    url = reverse("assignment_end", args=[given.ref])
    bad = client.post(url, {"end": "1/8/26", "reason": "other"}).content.decode()
    assert "It starts on 1 September 2026" in bad
    client.post(url, {"end": "fri", "reason": "left_employment"})
    given.refresh_from_db()
    assert given.end == date(2026, 11, 13)
    assert given.history.first().history_change_reason == "Left employment"


def test_suggestions_prefer_somebody_known_then_the_fewest_students(school, kit, grace, tom):
    busy = StudentFactory(school=school)
    assign(busy, grace)
    assign(kit, grace, start=date(2026, 9, 1), end=date(2026, 9, 30))
    key_worker(school, "New", inducted=False)
    strangers = [StudentFactory(school=school), StudentFactory(school=school)]
    loads = key_worker_loads(school, TODAY)
    found = suggest_key_workers([kit, *strangers], loads, TODAY)
    assert (found[kit.pk].load.staff.user, found[kit.pk].why) == (
        *(grace, "was the key worker before"),
    )
    assert [found[each.pk].load.staff.user for each in strangers] == [tom, tom]


def test_nobody_is_suggested_where_nobody_has_room(school, kit):
    key_worker(school, "Full", capacity=0)
    loads = key_worker_loads(school, TODAY)
    assert suggest_key_workers([kit], loads, TODAY) == {}
