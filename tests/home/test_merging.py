"""Two people save one form: what each changed is kept; a clash is told; nothing comes back."""

from datetime import date

import pytest

from keywork.calendar_services import CalendarError, HalfTermValues, save_half_term
from keywork.models import HalfTerm, KeyWorkModel, StaffMember
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def admin(client, school):
    person = make.make_staff(school, "admin", first_name="Ola", last_name="Office")
    client.force_login(person)
    return person


def as_shown(response):
    """What a browser would post of the form as the page shows it, untouched."""
    form = response.context["form"]
    values = {bound.name: bound.value() for bound in form}
    shown = {name: value for name, value in values.items() if value not in (None, False)}
    assert f'value="{form["seen"].value()}"' in response.content.decode()
    return {
        name: f"{value:%d/%m/%Y}" if isinstance(value, date) else value
        for name, value in shown.items()
    }


@pytest.fixture
def student_form(client, school, admin):
    kit = make.StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")
    kit.key_work_model = KeyWorkModel.objects.filter(school=school).first()
    kit.save()
    path = f"/students/{kit.ref}/edit/"
    return kit, path, as_shown(client.get(path))


def test_two_who_change_different_fields_of_a_student_both_keep_theirs(client, student_form):
    kit, path, shown = student_form
    assert client.post(path, {**shown, "pronouns": "they/them"}).status_code == 302
    assert client.post(path, {**shown, "reg_form": "9C"}).status_code == 302
    kit.refresh_from_db()
    assert (kit.pronouns, kit.reg_form) == ("they/them", "9C")


def test_the_same_field_changed_by_both_is_told_and_the_typed_text_stays(client, student_form):
    kit, path, shown = student_form
    client.post(path, {**shown, "reg_form": "9A"})
    refused = client.post(path, {**shown, "reg_form": "9C"})
    kit.refresh_from_db()
    assert (refused.status_code, kit.reg_form) == (200, "9A")
    assert "Changed meanwhile by somebody else: “9A”" in refused.content.decode()
    assert refused.context["form"]["reg_form"].value() == "9C"
    assert client.post(path, as_shown(refused)).status_code == 302  # having seen it
    kit.refresh_from_db()
    assert kit.reg_form == "9C"


def test_one_end_of_the_dates_changed_by_each_is_a_clash(client, student_form):
    _, path, shown = student_form
    client.post(path, {**shown, "on_roll_from": "9/11/2026"})
    refused = client.post(path, {**shown, "left_on": "6/11/2026"})
    assert "on_roll_from" in refused.context["form"].errors


def test_the_profile_is_merged_too(client, school):
    grace = make.make_staff(school, "key_worker")
    kit = make.StudentFactory(school=school)
    make.assign(kit, grace)
    client.force_login(grace)
    path = f"/students/{kit.ref}/profile/edit/"
    shown = as_shown(client.get(path))
    client.post(path, {**shown, "interests": "Trains"})
    client.post(path, {**shown, "learning_style": "By doing"})
    refused = client.post(path, {**shown, "interests": "Frogs"})
    kit.refresh_from_db()
    assert (kit.interests, kit.learning_style) == ("Trains", "By doing")
    assert "“Trains”" in refused.content.decode()


def test_staff_roles_and_post_are_merged(client, school, admin):
    grace = make.make_staff(school, "teacher", first_name="Grace", email="g@school.example")
    record = StaffMember.objects.get(user=grace)
    path = f"/staff/{record.ref}/"
    shown = as_shown(client.get(path))
    assert client.post(path, {**shown, "roles": ["teacher", "key_worker"]}).status_code == 302
    assert client.post(path, {**shown, "job_title": "Tutor"}).status_code == 302
    record = StaffMember.objects.get(user=grace)
    assert record.job_title == "Tutor"
    assert {role.role for role in record.roles.all()} == {"teacher", "key_worker"}
    refused = client.post(path, {**shown, "job_title": "Coach"})
    assert "“Tutor”" in refused.content.decode()


def test_a_models_parameters_are_merged(client, school, admin):
    model = KeyWorkModel.objects.filter(school=school).first()
    path = f"/settings/models/{model.ref}/"
    shown = as_shown(client.get(path))
    shown["session_minutes"] = ", ".join(map(str, model.session_minutes))
    shown["focus_rotation"] = "EHC plan, IEP, Student voice"
    client.post(path, {**shown, "name": "Ours"})
    client.post(path, {**shown, "caseload_max": "7"})
    model.refresh_from_db()
    assert (model.name, model.caseload_max) == ("Ours", 7)
    refused = client.post(path, {**shown, "caseload_max": "9"})
    assert "“7”" in refused.content.decode()
    client.post(path, {**shown, "focus_rotation": "Student voice, IEP"})
    refused = client.post(path, {**shown, "focus_rotation": "IEP"})
    assert "“Student voice, IEP”" in refused.content.decode()


def test_half_terms_are_merged(client, school, admin):
    half = HalfTerm.objects.filter(school=school).order_by("start").first()
    path = f"/settings/calendar/half-terms/{half.ref}/"
    shown = as_shown(client.get(path))
    client.post(path, {**shown, "name": "First half"})
    client.post(path, {**shown, "start": "3/9/2026"})
    half.refresh_from_db()
    assert (half.name, half.start) == ("First half", date(2026, 9, 3))


def test_a_half_term_removed_meanwhile_does_not_come_back(school):
    admin = make.make_staff(school, "admin")
    half = HalfTerm.objects.filter(school=school).order_by("start").first()
    stale = HalfTerm.objects.get(pk=half.pk)
    half.delete()
    values = HalfTermValues(term=stale.term, name="New", start=stale.start, end=stale.end)
    with pytest.raises(CalendarError, match="removed meanwhile"):
        save_half_term(school=school, values=values, by=admin, record=stale)
    assert not HalfTerm.objects.filter(ref=stale.ref).exists()
