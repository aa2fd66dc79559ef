from datetime import date

import pytest
from django.urls import reverse

from keywork import clock
from students.models import Strategy, Student, TimetableEntry
from tests.factories import NOW, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


@pytest.fixture
def grace(school, kit):
    person = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    assign(kit, person)
    return person


@pytest.fixture
def strategy(kit):
    strategy = Strategy(student=kit, text="Warn before changes", added_on=date(2026, 9, 4))
    strategy.save()
    return strategy


def url(name, *args):
    return reverse(f"students:{name}", args=args)


def addresses(kit, strategy):
    return [
        ("get", url("profile", kit.ref)),
        ("get", url("profile_edit", kit.ref)),
        ("post", url("strategy_new", kit.ref)),
        ("post", url("strategy_withdrawal", strategy.ref)),
        ("post", url("lesson_new", kit.ref)),
        ("post", url("lesson_removal", kit.ref)),
    ]


def answers(client, person, kit, strategy):
    client.force_login(person)
    return [getattr(client, verb)(to).status_code for verb, to in addresses(kit, strategy)]


def test_strangers_get_404_and_wrong_roles_403(client, school, kit, grace, strategy):
    outsider = make_staff(make_school("Other School", urn="999102"), "senco")
    assert answers(client, outsider, kit, strategy) == [404] * 6
    for role in ("key_worker", "admin"):  # by name; identity only
        assert answers(client, make_staff(school, role), kit, strategy) == [403] * 6
    readers = make_staff(school, "dsl")  # reads all, changes nothing
    assert answers(client, readers, kit, strategy) == [200, 403, 403, 403, 403, 403]


def test_acts_are_posts(client, kit, grace, strategy):
    client.force_login(grace)
    for _, to in addresses(kit, strategy)[2:]:
        assert client.get(to).status_code == 405


def test_the_key_worker_writes_down_how_to_work_with_the_student(client, kit, grace):
    client.force_login(grace)
    typed = {
        "learning_style": "By doing",
        "teaching_arrangement": "mixed",
        "trusted_adult": "Mr Osei",
        "considering_ehc_assessment_on": "3 nov",
    }
    assert client.post(url("profile_edit", kit.ref), typed).status_code == 302
    kit.refresh_from_db()
    assert kit.considering_ehc_assessment_on == date(2026, 11, 3)
    assert (kit.learning_style, kit.trusted_adult) == ("By doing", "Mr Osei")
    assert kit.history.first().history_user == grace
    page = client.get(url("profile", kit.ref)).content.decode()
    assert "By doing" in page
    assert "since 3 November 2026" in page


def test_a_wrong_date_says_what_to_type_and_keeps_all(client, kit, grace):
    client.force_login(grace)
    typed = {"learning_style": "By doing", "considering_ehc_assessment_on": "31/2/2026"}
    page = client.post(url("profile_edit", kit.ref), typed).content.decode()
    assert "There is 1 thing to fix" in page
    assert "Enter a date, like 12/11/2026" in page
    assert "By doing" in page
    assert "31/2/2026" in page
    assert Student.objects.get().learning_style == ""


def test_the_box_of_a_date_echoes_what_it_holds(client, kit, grace):
    kit.considering_ehc_assessment_on = date(2026, 11, 3)
    kit.save()
    client.force_login(grace)
    page = client.get(url("profile_edit", kit.ref)).content.decode()
    assert 'value="03/11/2026"' in page
    assert "Tuesday 3 November 2026</output>" in page


def test_strategies_are_added_withdrawn_and_put_back(client, kit, grace):
    client.force_login(grace)
    typed = {"kind": "helps", "text": "A quiet start"}
    assert client.post(url("strategy_new", kit.ref), typed).status_code == 302
    added = kit.strategies.get()
    assert (added.text, added.added_on) == ("A quiet start", NOW.date())
    client.post(url("strategy_withdrawal", added.ref))
    added.refresh_from_db()
    assert (added.withdrawn_at, added.withdrawn_by) == (NOW, grace)
    assert "Withdrawn: 1" in client.get(url("profile", kit.ref)).content.decode()
    client.post(url("strategy_withdrawal", added.ref), {"back": "1"})
    added.refresh_from_db()
    assert (added.withdrawn_at, added.withdrawn_by) == (None, None)
    reasons = [each.history_change_reason for each in added.history.all()]
    assert reasons == ["Put back", "Withdrawn", None]


def test_a_strategy_twice_or_empty_is_refused_with_what_was_typed(client, kit, grace, strategy):
    client.force_login(grace)
    typed = {"kind": "helps", "text": "warn before changes"}
    page = client.post(url("strategy_new", kit.ref), typed).content.decode()
    assert "This is written down already" in page
    assert 'value="warn before changes"' in page
    assert "Say what helps" in client.post(url("strategy_new", kit.ref)).content.decode()
    assert kit.strategies.count() == 1


def test_the_key_worker_keeps_the_timetable(client, school, kit, grace):
    teacher = make_staff(school, "teacher")
    outsider = make_staff(make_school("Other School", urn="999102"), "teacher")
    client.force_login(grace)
    typed = {"teacher": teacher.ref, "subject": "Art"}
    client.post(url("lesson_new", kit.ref), typed)
    assert [(each.teacher, each.subject) for each in kit.timetable.all()] == [(teacher, "Art")]
    again = client.post(url("lesson_new", kit.ref), typed).content.decode()
    assert "is there for Art already" in again
    client.post(url("lesson_new", kit.ref), {"teacher": outsider.ref, "subject": "Art"})
    assert kit.timetable.count() == 1
    client.post(url("lesson_removal", kit.ref), typed)
    assert not kit.timetable.exists()
    assert TimetableEntry.history.first().history_type == "-"
    assert TimetableEntry.history.first().history_user == grace
