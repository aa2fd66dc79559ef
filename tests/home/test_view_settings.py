from datetime import date

import pytest

from keywork.key_work_presets import presets
from keywork.models import ClosedDay, HalfTerm, KeyWorkModel
from keywork.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
MANAGERS = {"admin", "system_admin"}


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def other_school():
    return make.make_school("Elsewhere School", "999102")


@pytest.fixture
def admin(client, school):
    person = make.make_staff(school, "admin", first_name="Ola", last_name="Office")
    client.force_login(person)
    return person


def half(**changes):
    return {
        "term": "Summer 2027",
        "name": "Summer 1",
        "start": "12/4/2027",
        "end": "28/5/2027",
    } | changes


def closed(**changes):
    return {"kind": "inset", "name": "Training", "start": "4/1/2027", "end": ""} | changes


@pytest.mark.parametrize("path", ["/settings/", "/settings/calendar/", "/settings/models/"])
@pytest.mark.parametrize("role", Role)
def test_settings_are_for_those_who_manage_the_school(client, school, role, path):
    client.force_login(make.make_staff(school, role))
    assert client.get(path).status_code == (200 if role in MANAGERS else 403)


def test_the_year_counts_its_school_days_by_hand_counted_terms(client, admin, school):
    # Autumn: 39 days to 23 October and 35 from 2 November. Spring: 30 and 24.
    count = client.get("/settings/calendar/?year=2026").context["count"]
    assert count.per_term == [("Autumn 2026", 74), ("Spring 2027", 54)]
    assert (count.pupil_days, count.staff_days) == (128, 128)
    assert "128 school days are fewer than the usual 190 to 195." in count.problem


def test_the_year_of_pattern_a_of_the_domain_reference_has_190_days(client, admin, school):
    for term, name, start, end in [
        ("Summer 2027", "Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
        ("Summer 2027", "Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
    ]:
        HalfTerm(school=school, term=term, name=name, start=start, end=end).save()
    for day in [
        date(2026, 9, 1),
        date(2026, 9, 2),
        date(2026, 11, 2),
        date(2027, 1, 4),
        date(2027, 7, 21),
    ]:
        ClosedDay(school=school, kind="inset", start=day, end=day).save()
    count = client.get("/settings/calendar/?year=2026").context["count"]
    assert (count.pupil_days, count.inset_days, count.staff_days) == (190, 5, 195)
    assert count.problem == ""


def test_the_grid_marks_each_day(client, admin, school):
    ClosedDay(school=school, kind="closure", start=date(2027, 1, 5), end=date(2027, 1, 5)).save()
    months = client.get("/settings/calendar/?year=2026").context["months"]
    assert [months[0].name, months[-1].name] == ["September 2026", "August 2027"]
    december = [day for week in months[3].weeks for day in week if day]
    assert [day.number for day in december if day.kind == "bank_holiday"] == [25, 28]
    january = {day.number: day.kind for week in months[4].weeks for day in week if day}
    assert (january[4], january[5], january[9]) == ("term", "closure", "weekend")
    october = {day.number: day.kind for week in months[1].weeks for day in week if day}
    assert (october[23], october[26]) == ("term", "half_term")


@pytest.mark.parametrize("year", ["", "x", "99999", "2026'"])
def test_a_year_that_makes_no_sense_shows_this_one(client, admin, year):
    assert client.get("/settings/calendar/", {"year": year}).status_code == 200


def test_a_half_term_is_added_changed_and_removed_with_history(client, admin, school):
    answer = client.post("/settings/calendar/half-terms/new/", half())
    assert answer["Location"] == "/settings/calendar/?year=2026"
    added = HalfTerm.objects.get(name="Summer 1")
    assert (added.start, added.end) == (date(2027, 4, 12), date(2027, 5, 28))
    client.post(f"/settings/calendar/half-terms/{added.ref}/", half(end="27/5/2027"))
    added.refresh_from_db()
    assert added.end == date(2027, 5, 27)
    client.post(f"/settings/calendar/half-terms/{added.ref}/removal/")
    assert not HalfTerm.objects.filter(pk=added.pk).exists()
    kinds = HalfTerm.history.filter(id=added.pk).order_by("history_id")
    assert [(row.history_type, row.history_user) for row in kinds] == [
        ("+", admin),
        ("~", admin),
        ("-", admin),
    ]


def test_what_was_typed_of_a_half_term_removed_meanwhile_is_kept(client, admin, school):
    client.post("/settings/calendar/half-terms/new/", half())
    ref = HalfTerm.objects.get(name="Summer 1").ref
    client.post(f"/settings/calendar/half-terms/{ref}/removal/")
    page = client.post(f"/settings/calendar/half-terms/{ref}/", half(end="27/5/2027"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "This was removed meanwhile. Save adds it again as you typed it." in text
    assert page.context["form"]["end"].value() == "27/5/2027"
    assert 'action="/settings/calendar/half-terms/new/"' in text
    assert client.get(f"/settings/calendar/half-terms/{ref}/").status_code == 404
    elsewhere = make.make_staff(make.make_school("Elsewhere", "999102"), "admin")
    client.force_login(elsewhere)
    assert client.post(f"/settings/calendar/half-terms/{ref}/", half()).status_code == 404


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        (half(start="25/3/2027"), "This overlaps Spring 2"),
        (half(end="1/4/2027"), "The last day is before the first day."),
        (half(start="31/2/2027"), "start"),
        (half(term=""), "Enter the term, such as Autumn 2026"),
        (half(term="Autumn 2026"), "of Spring 2027 lies between the half terms of Autumn 2026."),
        (
            half(start="26/10/2026", end="30/10/2026"),
            "This lies between the half terms of Autumn 2026.",
        ),
    ],
)
def test_dates_that_cannot_be_are_refused_and_kept_on_screen(client, admin, entered, said):
    answer = client.post("/settings/calendar/half-terms/new/", entered)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "thing" in page
    assert said in page
    assert HalfTerm.objects.count() == 4
    assert 'value="Summer 1"' in page


def test_an_inset_day_is_one_day_unless_told_otherwise(client, admin):
    client.post("/settings/calendar/closed-days/new/", closed())
    day = ClosedDay.objects.get()
    assert (day.kind, day.start, day.end) == ("inset", date(2027, 1, 4), date(2027, 1, 4))
    again = client.post(
        "/settings/calendar/closed-days/new/", closed(start="1/1/27", end="8/1/27")
    )
    assert "This overlaps Training (4 January 2027)." in again.content.decode()


def test_another_schools_dates_are_a_404(client, admin, other_school):
    record = HalfTerm.objects.filter(school=other_school).first()
    path = f"/settings/calendar/half-terms/{record.ref}/"
    assert client.get(path).status_code == 404
    assert client.post(f"{path}removal/").status_code == 404
    assert client.get(f"{path}removal/").status_code == 405
    assert client.get("/settings/calendar/closed-days/0000000000/").status_code == 404


def entered_model(model, **changes):
    from keywork.home.forms.settings import ModelForm

    values = ModelForm.initial_of(model)
    posted = {name: "" if value is None else value for name, value in values.items()}
    posted["session_minutes"] = ", ".join(map(str, values["session_minutes"]))
    posted["focus_rotation"] = "EHC plan, IEP, Student voice"
    posted = {name: value for name, value in posted.items() if value is not False}
    return posted | changes


def test_the_schools_five_models_are_listed(client, admin, school):
    names = {model.name for model, _, _ in client.get("/settings/models/").context["models"]}
    assert names == {preset.name for preset in presets().values()}
    chosen = [m for m, chosen, _ in client.get("/settings/models/").context["models"] if chosen]
    assert chosen == [school.key_work_model]


def test_a_parameter_is_changed_with_history_and_shown(client, admin, school):
    model = school.key_work_model
    answer = client.post(
        f"/settings/models/{model.ref}/", entered_model(model, caseload_max="7", name="Ours")
    )
    assert answer["Location"] == "/settings/models/"
    model.refresh_from_db()
    assert (model.name, model.caseload_max) == ("Ours", 7)
    page = client.get(f"/settings/models/{model.ref}/")
    [change] = [c for c in page.context["entries"][0].changes if c.label == "caseload max"]
    assert (page.context["entries"][0].by, change.after) == ("Ola Office", "7")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session_minutes": ""}, "Enter at least one length, like 20"),
        ({"session_minutes": "twenty"}, "Enter whole minutes, like 20 or 20, 30"),
        ({"session_minutes": "45", "session_minutes_max": "20"}, "No length may exceed"),
        ({"sessions_per_half_term": "3", "sessions_per_term": "6"}, "Leave empty where"),
        ({"caseload_max": "0"}, "greater than or equal to 1"),
        ({"caseload_max": ""}, "Enter a number"),
        ({"name": ""}, "Give the model a name"),
        ({"focus_rotation": "IEP, lunch"}, "“lunch” is no focus. Choose from: EHC plan, IEP"),
        ({"focus_rotation": "IEP, iep"}, "Name each focus once"),
    ],
)
def test_parameters_that_cannot_be_are_refused_in_words(client, admin, school, changes, said):
    model = school.key_work_model
    answer = client.post(f"/settings/models/{model.ref}/", entered_model(model, **changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert model.history.count() == 1


def test_the_focuses_in_turn_are_the_models_own_with_history(client, admin, school):
    model = school.key_work_model
    page = client.get(f"/settings/models/{model.ref}/").content.decode()
    assert 'value="EHC plan, IEP, Student voice"' in page
    entered = entered_model(model, focus_rotation=" wellbeing,  student voice , EHCP ")
    client.post(f"/settings/models/{model.ref}/", entered)
    model.refresh_from_db()
    assert model.focus_rotation == ["wellbeing", "student_voice", "ehcp"]
    assert model.parameters().focus_rotation == ("wellbeing", "student_voice", "ehcp")
    page = client.get(f"/settings/models/{model.ref}/")
    assert 'value="Wellbeing, Student voice, EHC plan"' in page.content.decode()
    [change] = page.context["entries"][0].changes
    assert change.label == "focuses in turn"
    client.post(f"/settings/models/{model.ref}/", entered_model(model, focus_rotation=""))
    model.refresh_from_db()
    assert model.focus_rotation == []


def test_a_copy_is_the_schools_own_and_a_preset_can_be_set_back(client, admin, school):
    model = school.key_work_model
    preset = presets()[model.code]
    client.post(f"/settings/models/{model.ref}/copy/")
    client.post(f"/settings/models/{model.ref}/copy/")
    own = KeyWorkModel.objects.filter(school=school, name__contains=", own").order_by("pk")
    assert [each.name for each in own] == [f"{preset.name}, own", f"{preset.name}, own 2"]
    assert own[0].parameters() == preset.parameters
    assert client.post(f"/settings/models/{own[0].ref}/reset/").status_code == 404
    client.post(f"/settings/models/{model.ref}/", entered_model(model, caseload_max="9"))
    client.post(f"/settings/models/{model.ref}/reset/")
    model.refresh_from_db()
    assert model.parameters() == preset.parameters


def test_the_school_works_under_the_model_it_chooses(client, admin, school):
    other = KeyWorkModel.objects.filter(school=school).exclude(pk=school.key_work_model_id).first()
    client.post(f"/settings/models/{other.ref}/choice/")
    school.refresh_from_db()
    assert school.key_work_model == other
    assert school.history.latest().history_user == admin


def test_another_schools_model_is_a_404(client, admin, other_school):
    ref = other_school.key_work_model.ref
    assert client.get(f"/settings/models/{ref}/").status_code == 404
    for act in ("copy", "reset", "choice"):
        assert client.post(f"/settings/models/{ref}/{act}/").status_code == 404
        assert client.get(f"/settings/models/{ref}/{act}/").status_code == 405


def test_students_with_a_model_of_their_own_are_named_to_those_who_may_read_it(
    client, admin, school
):
    make.StudentFactory(
        school=school,
        legal_first_name="Kit",
        legal_last_name="Own",
        key_work_model=KeyWorkModel.objects.filter(school=school).first(),
    )
    make.StudentFactory(school=school)
    page = client.get("/settings/models/")
    assert [student.name for student in page.context["students"]] == ["Kit Own"]
    assert page.context["others"] == 1
    client.force_login(make.make_staff(school, "system_admin"))
    assert client.get("/settings/models/").context["students"] == []


@pytest.mark.parametrize(
    ("path", "expected"), [("/settings/calendar/?year=2026", 6), ("/settings/models/", 7)]
)
def test_lists_ask_the_same_number_of_queries_for_more_rows(
    client, admin, school, path, expected, django_assert_num_queries
):
    client.get(path)
    with django_assert_num_queries(expected):
        client.get(path)
    for month in (4, 5, 6):
        day = date(2027, month, 20)
        HalfTerm(school=school, term="Summer 2027", name=f"S{month}", start=day, end=day).save()
        ClosedDay(school=school, kind="inset", start=day, end=day).save()
    for _ in range(3):
        make.StudentFactory(school=school, key_work_model=school.key_work_model)
    with django_assert_num_queries(expected):
        client.get(path)
