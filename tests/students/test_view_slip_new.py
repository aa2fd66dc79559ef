"""Writing a slip or reward."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork.models import Draft
from keywork.parked_forms import form_token
from students.models import BehaviourChoice, BehaviourRecord, Incident, TimetableEntry
from tests import factories as make
from tests.factories import NOW, StudentFactory
from tests.students.slips_of_fold import Fold, a_slip, at

pytestmark = pytest.mark.django_db
URL = "/slips/new/"


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return Fold()


@pytest.fixture
def priya(client, fold):
    client.force_login(fold.priya)
    return client


def posted(*students, **more):
    values = {
        "ref": "abcdefgh12",
        "kind": "low",
        "students": [student.ref for student in students],
        "category_low": "Calling out",
        "day": "12/11/2026",
        "at": "09:20",
        "action": "save",
    }
    return values | more


def test_a_low_slip_in_few_taps(priya, fold):
    answer = priya.post(URL, posted(fold.kit, responses=["Reminder", "Moved seat"]), follow=True)
    record = BehaviourRecord.objects.get()
    assert (record.student, record.level, record.category) == (fold.kit, "low", "Calling out")
    assert record.response == "Reminder, moved seat"
    assert record.occurred_at == datetime(2026, 11, 12, 9, 20, tzinfo=UTC)
    assert (record.staff, record.recorded_by, record.recorded_at) == (fold.priya, fold.priya, NOW)
    assert record.incident is None
    assert answer.redirect_chain == [(f"/slips/{record.ref}/", 302)]
    assert "Slip saved: Calling out, Kit Sample." in answer.content.decode()
    assert record.history.get().history_user == fold.priya


def test_nothing_is_chosen_but_the_student_one_came_from(priya, fold):
    page = priya.get(URL, {"student": fold.kit.ref})
    html = page.content.decode()
    assert html.count(" checked") == 1
    assert [ref for ref, _, ticked in page.context["first"] if ticked] == [fold.kit.ref]
    assert page.context["form"].when_words == "Today 10:00"
    assert priya.get(URL).content.decode().count(" checked") == 0


def test_place_and_lesson_are_offered(client, fold):
    TimetableEntry(student=fold.kit, teacher=fold.tom, subject="Science").save()
    a_slip(fold.noah, at(11, 9), recorded_by=fold.tom, location="Corridor")
    client.force_login(fold.tom)
    page = client.get(URL, {"student": fold.kit.ref})
    assert page.context["form"].when_words == "Today 10:00, Science, Corridor"


def test_several_students_are_one_incident_with_a_record_each(priya, fold):
    text = "Noah Patel pushed Kit at the door. Amelia saw Noah’s push."
    values = posted(
        fold.kit,
        fold.amelia,
        fold.noah,
        description=text,
        **{f"part_{fold.noah.ref}": "aggressor", f"part_{fold.kit.ref}": "target"},
    )
    priya.post(URL, values)
    incident = Incident.objects.get()
    records = {each.student: each for each in incident.records.all()}
    assert {each.legal_first_name: r.part for each, r in records.items()} == {
        "Kit": "target",
        "Amelia": "involved",
        "Noah": "aggressor",
    }
    # Each record names its own student alone.
    assert records[fold.kit].description == "NP pushed Kit at the door. AF saw NP’s push."
    assert (
        records[fold.noah].description == "Noah Patel pushed KS at the door. AF saw Noah’s push."
    )
    assert records[fold.amelia].description == "NP pushed KS at the door. Amelia saw NP’s push."


def test_the_name_of_somebody_else_is_asked_for(priya, fold):
    values = posted(fold.kit, description="He called noah patel names.")
    page = priya.post(URL, values)
    assert "Noah Patel is a student here: tick them above, or write initials" in (
        page.content.decode()
    )
    assert "He called noah patel names." in page.content.decode()
    assert not BehaviourRecord.objects.exists()
    priya.post(URL, values | {"names_meant": "on"})
    assert BehaviourRecord.objects.count() == 1


def test_a_name_with_a_comma_between_is_asked_for_too(priya, fold):
    values = posted(fold.kit, response="I spoke to Noah, Patel and Lee.")
    page = priya.post(URL, values).content.decode()
    assert "Noah Patel is a student here" in page
    assert "I spoke to Noah, Patel and Lee." in page
    priya.post(URL, values | {"names_meant": "on"})
    assert BehaviourRecord.objects.count() == 1


def test_a_high_level_slip_says_more_and_makes_a_call_due(priya, fold):
    values = posted(fold.kit, kind="high", category_high="Bullying")
    page = priya.post(URL, values)
    form = page.context["form"]
    assert set(form.errors) == {"description", "response", "consequence"}
    assert "There are 3 things to fix" in page.content.decode()
    full = values | {
        "description": "Words at lunch.",
        "responses": "Time out",
        "consequence": "Detention",
    }
    answer = priya.post(URL, full, follow=True)
    assert "Call home is now due today: Kit." in answer.content.decode()
    record = BehaviourRecord.objects.get()
    assert (record.level, record.response, record.consequence) == ("high", "Time out", "Detention")


def test_no_call_is_announced_where_the_model_asks_for_none(priya, fold):
    model = fold.school.key_work_model
    model.same_day_high_incident = False
    model.save()
    fold.school.high_slip_parts = []
    fold.school.save()
    answer = priya.post(URL, posted(fold.kit, kind="high", category_high="Bullying"), follow=True)
    assert "Slip saved" in answer.content.decode()
    assert "Call home" not in answer.content.decode()


def test_which_parts_are_asked_for_is_the_schools_matter(priya, fold):
    fold.school.low_slip_parts = ["location"]
    fold.school.save()
    page = priya.post(URL, posted(fold.kit))
    assert set(page.context["form"].errors) == {"location"}
    priya.post(URL, posted(fold.kit, location="Corridor"))
    assert BehaviourRecord.objects.get().location == "Corridor"


@pytest.mark.parametrize(
    ("kind", "more", "category", "points"),
    [
        ("green", {}, "Green points", 1),
        ("green", {"category_green": "Effort"}, "Effort", 2),
        ("green", {"category_green": "Effort", "points": "5"}, "Effort", 5),
        ("growth", {}, "Growth mindset", 1),
    ],
)
def test_rewards(priya, fold, kind, more, category, points):
    BehaviourChoice(
        school=fold.school, kind="category", level="reward", name="Effort", points=2
    ).save()
    values = posted(fold.kit, kind=kind, call_home="on", **more)
    answer = priya.post(URL, values, follow=True)
    record = BehaviourRecord.objects.get()
    assert (record.level, record.category, record.points) == ("reward", category, points)
    assert record.call_home
    assert f"Reward saved: {category}, Kit Sample." in answer.content.decode()


def test_a_form_sent_twice_is_one_slip(priya, fold):
    first = priya.post(URL, posted(fold.kit, fold.noah))
    second = priya.post(URL, posted(fold.kit, fold.noah))
    assert first.url == second.url
    assert BehaviourRecord.objects.count() == 2
    # Back, changed and sent again: another slip, nothing is lost.
    priya.post(URL, posted(fold.kit, category_low="Phone"))
    assert BehaviourRecord.objects.count() == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "Threw a pen"},
        {"at": "09:25"},
        {"responses": "Reminder"},
        {"location": "Corridor"},
        "part",
    ],
)
def test_a_form_changed_after_going_back_is_another_slip(priya, fold, changed):
    if changed == "part":
        changed = {f"part_{fold.noah.ref}": "aggressor"}
    priya.post(URL, posted(fold.kit, fold.noah))
    answer = priya.post(URL, posted(fold.kit, fold.noah, **changed), follow=True)
    assert BehaviourRecord.objects.count() == 4
    assert Incident.objects.count() == 2
    assert "Slip saved" in answer.content.decode()
    # It, too, is written once.
    ref = answer.redirect_chain[-1][0].split("/")[2]
    assert ref != "abcdefgh12"


def test_a_name_left_to_initials_is_no_change(priya, fold):
    text = "Noah Patel pushed Kit at the door."
    for _ in range(2):
        priya.post(URL, posted(fold.kit, fold.noah, description=text))
    assert BehaviourRecord.objects.count() == 2


def test_a_slip_undone_and_saved_again_is_written(priya, fold):
    answer = priya.post(URL, posted(fold.kit), follow=True)
    priya.post(next(iter(answer.context["messages"])).extra_tags.split()[0])
    again = priya.post(URL, posted(fold.kit), follow=True)
    assert again.status_code == 200
    standing = BehaviourRecord.objects.get(withdrawn_at=None)
    assert again.redirect_chain == [(f"/slips/{standing.ref}/", 302)]


def test_text_kept_in_another_tab_since_stays_when_this_one_is_saved(priya, fold):
    page = priya.get(URL)
    drafted(priya, page, students=[fold.kit.ref], description="Threw a pen")
    ref = page.context["form"]["ref"].value()
    sent = posted(fold.kit, ref=ref, version=0)
    priya.post(URL, sent)
    draft = Draft.objects.get()
    assert draft.data["description"] == ["Threw a pen"]
    # And it can be saved, as another slip.
    priya.post(draft.url, sent | {"description": "Threw a pen", "version": 1})
    assert BehaviourRecord.objects.count() == 2
    assert not Draft.objects.exists()


def test_a_ref_that_is_taken_is_not_used(client, priya, fold):
    theirs = a_slip(fold.noah, at(11, 9), recorded_by=fold.tom)
    answer = priya.post(URL, posted(fold.kit, ref=theirs.ref))
    assert answer.status_code == 302
    assert BehaviourRecord.objects.get(student=fold.kit).ref != theirs.ref


def test_save_and_add_another_opens_an_empty_form(priya, fold):
    answer = priya.post(f"{URL}?student={fold.kit.ref}", posted(fold.kit, action="another"))
    assert answer.url == URL


def test_undo_takes_back_the_whole_event(priya, fold):
    answer = priya.post(URL, posted(fold.kit, fold.noah), follow=True)
    undo = next(iter(answer.context["messages"])).extra_tags
    priya.post(undo.split()[0])
    assert [each.withdrawn_reason for each in BehaviourRecord.objects.all()] == [
        "Undone by its author within ten minutes"
    ] * 2


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"kind": ""}, "kind", "Say what it is"),
        ({"students": []}, "students", "Say who it is about"),
        ({"category_low": ""}, "category_low", "Say what happened"),
        ({"day": "31/02/2026"}, "day", None),
        ({"at": "noon"}, "at", "Enter a time, like 11:20"),
        ({"day": "13/11/2026"}, "at", "This lies ahead: give the time when it happened"),
        ({"at": "10:01"}, "at", "This lies ahead: give the time when it happened"),
        ({"category_low": "Made up"}, "category_low", None),
        ({"ref": "not-a-ref"}, "ref", None),
    ],
)
def test_bad_input_is_said_and_kept(priya, fold, wrong, field, message):
    values = posted(fold.kit, description="What I saw") | wrong
    page = priya.post(URL, values)
    assert page.status_code == 200
    errors = page.context["form"].errors[field]
    assert message is None or errors == [message]
    assert "What I saw" in page.content.decode()
    assert not BehaviourRecord.objects.exists()


def test_a_student_of_another_school_cannot_be_chosen(priya, fold):
    other = make.make_school(name="Other", urn="999102")
    stranger = StudentFactory(school=other)
    page = priya.post(URL, posted(stranger))
    assert "students" in page.context["form"].errors
    assert stranger.name not in page.content.decode()
    assert priya.get(URL, {"student": stranger.ref}).status_code == 404
    found = priya.get("/slips/new/students/", {"who": stranger.legal_last_name})
    assert stranger.name not in found.content.decode()


@pytest.mark.parametrize(
    "role",
    ["key_worker", "teacher", "senco", "head_of_care", "slt", "head", "moderator", "dsl", "admin"],
)
def test_any_member_of_staff_writes_of_any_student(client, fold, role):
    client.force_login(make.make_staff(fold.school, role))
    client.post(URL, posted(fold.noah))
    assert BehaviourRecord.objects.get().student == fold.noah


@pytest.mark.parametrize("role", ["system_admin", "trust_lead"])
def test_others_do_not(client, fold, role):
    client.force_login(make.make_staff(fold.school, role))
    assert client.get(URL).status_code == 403
    assert client.post(URL, posted(fold.noah)).status_code == 403


def test_somebody_else_is_found_without_javascript(priya, fold):
    values = posted(fold.kit, action="find", who="noah", description="Half a sentence")
    page = priya.post(URL, values)
    html = page.content.decode()
    assert "Noah Patel" in html
    assert "Half a sentence" in html
    assert "things to fix" not in html
    assert not BehaviourRecord.objects.exists()


def test_the_search_answers_with_a_part_of_the_page(priya, fold):
    left = fold.pupil("Noah Gone")
    left.left_on = date(2026, 10, 1)
    left.save()
    found = priya.get("/slips/new/students/", {"who": "noah", "students": [fold.kit.ref]})
    html = found.content.decode()
    assert fold.noah.ref in html
    assert left.ref not in html
    assert "<html" not in html
    two = priya.get("/slips/new/students/", {"students": [fold.kit.ref, fold.noah.ref]})
    assert f'name="part_{fold.noah.ref}"' in two.content.decode()


def test_a_post_after_the_session_expired_is_not_lost(client, fold):
    token = form_token(fold.priya, URL)
    client.post(URL, posted(fold.kit, description="Kept words", form_token=token))
    client.force_login(fold.priya)
    from keywork.models import ParkedForm
    from keywork.parked_forms import parked_url

    page = client.get(parked_url(ParkedForm.objects.get()))
    assert "Kept words" in page.content.decode()
    assert not BehaviourRecord.objects.exists()


def drafted(client, answer, **typed):
    """Save the form that was answered, as the page does while one types."""
    shown = answer.context
    sent = posted(**typed) | {"draft_token": shown["draft_token"], "version": shown["version"]}
    sent["ref"] = shown["form"]["ref"].value()
    return sent, client.post(f"/drafts/{shown['draft_key']}/", sent)


def test_what_is_typed_is_kept_and_gone_once_saved(priya, fold):
    page = priya.get(URL, {"student": fold.kit.ref})
    sent, saved = drafted(
        priya, page, students=[fold.kit.ref, fold.noah.ref], description="Threw a pen"
    )
    assert saved.json() == {"saved_at": "10:00", "version": 1}
    draft = Draft.objects.get(owner=fold.priya)
    assert draft.title == "Slip or reward, Kit Sample"
    assert "Slip or reward, Kit Sample" in priya.get("/drafts/").content.decode()
    again = priya.get(draft.url)
    assert (again.context["form"]["ref"].value(), again.context["version"]) == (sent["ref"], 1)
    words = again.content.decode()
    assert "Threw a pen" in words
    assert words.count("checked") >= 3  # the level and two students
    priya.post(draft.url, sent | {"version": 1})
    assert BehaviourRecord.objects.count() == 2
    assert not Draft.objects.exists()


def test_a_draft_is_its_authors_alone(client, priya, fold):
    page = priya.get(URL)
    drafted(priya, page, students=[fold.kit.ref], description="Threw a pen")
    address = Draft.objects.get().url
    client.force_login(fold.tom)
    assert "Threw a pen" not in client.get(address).content.decode()
    assert client.get("/slips/new/?draft=../..").status_code == 200


def test_queries_do_not_grow_with_students(priya, fold):
    def count():
        priya.get(URL)
        with CaptureQueriesContext(connection) as seen:
            assert priya.get(URL).status_code == 200
        return len(seen)

    few = count()
    for number in range(5):
        make.assign(fold.pupil(f"More{number} Pupils"), fold.priya)
    assert count() == few
    assert few <= 12


def test_without_javascript_a_slip_can_be_left_and_two_texts_compared(priya, fold):
    priya.post(URL, posted(fold.kit, description="Threw a pen", action="draft"))
    assert not BehaviourRecord.objects.exists()
    draft = Draft.objects.get(owner=fold.priya)
    assert 'value="abcdefgh12"' in priya.get(draft.url).content.decode()

    other = posted(fold.kit, kind="high", description="Threw a chair", action="draft")
    answer = priya.post(URL, other, follow=True)
    assert answer.redirect_chain == [(f"/drafts/{draft.key}/compare/", 302)]
    shown = {(each.label, each.mine, each.other) for each in answer.context["differences"]}
    assert shown == {
        ("What is it?", "Low level", "High level"),
        ("What happened", "Threw a pen", "Threw a chair"),
    }
