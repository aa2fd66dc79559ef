import json
from datetime import date
from itertools import groupby, pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stdnum.gb import upn as upns

from keywork.home.demo.people import PASSWORD
from keywork.home.management.commands.make_scale_data import Command
from keywork.home.scale import make_schools
from keywork.home.scale.terms import half_terms, history_of
from keywork.models import ClosedDay, HalfTerm, School, StaffRole, User
from keywork.roles import Role
from sessions.models import KeyworkSession, SessionAction, Target, TargetEvidence, TargetReview
from students.models import (
    Assignment,
    AttendanceMark,
    AttendanceTally,
    BehaviourRecord,
    Incident,
    Strategy,
    Student,
    TimetableEntry,
)
from students.rules.attendance import CODES
from students.services.mark_stage import MarkStage
from tests.factories import make_school

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
THURSDAY = date(2026, 11, 12)


def make(schools=1, students=20, years=1, on=THURSDAY):
    return make_schools(
        schools=schools, students=students, years=years, on=on, tell=lambda line: None
    )


def test_each_school_has_the_students_and_years_asked_for():
    made = make(schools=2, students=30, years=2)
    assert made.urns == ["999501", "999502"]
    assert list(School.objects.order_by("urn").values_list("urn", flat=True)) == made.urns
    # Two whole years before this one, and this one, are in the calendar: three times six.
    assert [school.half_terms.count() for school in School.objects.all()] == [18, 18]
    assert [school.closed_days.count() for school in School.objects.all()] == [15, 15]
    assert [school.students.count() for school in School.objects.all()] == [30, 30]
    # Of 30 students one joined only lately: 29 with three sessions in each of twelve half terms;
    # the one has only what is still planned.
    assert made.rows["sessions"] == KeyworkSession.objects.count()
    assert 2 * 29 * 36 <= made.rows["sessions"] <= 2 * 29 * 36 + 2 * 3
    for name, model in {
        "users": User,
        "roles": StaffRole,
        "students": Student,
        "assignments": Assignment,
        "timetable": TimetableEntry,
        "strategies": Strategy,
        "targets": Target,
        "reviews": TargetReview,
        "evidence": TargetEvidence,
        "actions": SessionAction,
        "incidents": Incident,
        "slips": BehaviourRecord,
        "marks": AttendanceMark,
        "tallies": AttendanceTally,
    }.items():
        assert made.rows[name] == model.objects.count() > 0, name


def test_every_upn_is_valid_and_every_ref_its_own():
    make(schools=2, students=50)
    numbers = Student.objects.values_list("upn", flat=True)
    # 999 is nobody's authority, which the library would refuse; the rest of its rule holds.
    assert all(number[0] == upns.calc_check_digit(number[1:]) for number in numbers)
    assert {(number[1:4], len(number)) for number in numbers} == {("999", 13)}
    refs = set(KeyworkSession.objects.values_list("ref", flat=True))
    assert len(refs) == KeyworkSession.objects.count()
    assert {len(ref) for ref in refs} == {10}


def test_every_role_has_somebody_and_five_students_a_key_worker():
    make(students=50)
    assert set(StaffRole.objects.values_list("role", flat=True)) == set(Role.values)
    caseloads = [
        Student.objects.caseload_of(user, THURSDAY).count()
        for user in User.objects.filter(staff_records__roles__role=Role.KEY_WORKER)
    ]
    # The fiftieth has no key worker at the moment.
    assert sorted(caseloads) == [4] + [5] * 9


def test_accounts_work_in_the_demo_alone(client, settings):
    make(students=5)
    settings.DEMO = False
    assert not client.login(username="key_worker1.999501", password=PASSWORD)
    settings.DEMO = True
    assert client.login(username="key_worker1.999501", password=PASSWORD)
    assert client.login(username="senco.999501", password=PASSWORD)


def test_records_are_of_the_past_and_hold_what_a_session_holds():
    make(students=40, years=1)
    past = KeyworkSession.objects.exclude(status="planned")
    assert not past.filter(held_on__gte=THURSDAY).exists()
    assert not KeyworkSession.objects.planned().filter(held_on__lt=THURSDAY).exists()
    assert not past.filter(signed_at=None).exists()
    held = past.filter(status="held")
    assert all(200 <= len(text) <= 400 for text in held.values_list("details", flat=True))
    assert held.first().themes == ["coping"]
    missed = past.filter(status="missed")
    assert missed.exists()
    assert not missed.filter(missed_reason="").exists()
    assert not Target.objects.filter(set_on__gte=THURSDAY).exists()
    assert not Target.objects.filter(closed_on__gt=THURSDAY).exists()
    closed = Target.objects.exclude(status="active")
    assert closed.exists()
    assert not closed.filter(closed_on=None).exists()
    assert not Target.objects.filter(status="active").exclude(closed_on=None).exists()


def test_a_student_has_three_open_targets_at_most():
    make(students=40)
    students = Target.objects.filter(status="active").order_by("student")
    counts = [len(list(rows)) for _, rows in groupby(students, key=lambda row: row.student_id)]
    assert counts
    assert max(counts) <= 3


def test_sessions_lie_on_school_days():
    make(students=20)
    half_terms_made = list(HalfTerm.objects.values_list("start", "end"))
    inset = set(ClosedDay.objects.values_list("start", flat=True))
    days = set(KeyworkSession.objects.values_list("held_on", flat=True))
    assert {day.weekday() for day in days} <= {0, 1, 2, 3, 4}
    assert not days & inset
    assert all(any(start <= day <= end for start, end in half_terms_made) for day in days)


def test_every_school_day_up_to_yesterday_has_two_marks():
    make(students=30, years=1)
    days = {
        day
        for half in history_of(half_terms(THURSDAY, 1), 1)
        for day in half.days
        if day < THURSDAY.isoformat()
    }
    joined_lately = Student.objects.order_by("pk")[26]
    first = half_terms(THURSDAY, 1)[7].start
    assert joined_lately.on_roll_from == first
    late = [day for day in days if day >= first.isoformat()]
    assert AttendanceMark.objects.count() == 29 * 2 * len(days) + 2 * len(late)
    own = AttendanceMark.objects.filter(student=Student.objects.earliest("pk"))
    assert {day.isoformat() for day in own.values_list("date", flat=True)} == days
    assert set(AttendanceMark.objects.values_list("code", flat=True)) <= set(CODES)
    assert not AttendanceMark.objects.filter(session="AM", code="\\").exists()
    late_marks = AttendanceMark.objects.filter(code="L")
    assert set(late_marks.values_list("minutes_late", flat=True)) == {8}


def test_tallies_are_those_the_import_would_make():
    make(students=30, years=1)
    columns = ("student", "year", "code", "marks", "latest")
    made = set(AttendanceTally.objects.values_list(*columns))
    with connection.cursor() as cursor:
        stage = MarkStage(cursor)
        stage.create()
        marks = AttendanceMark.objects.values_list("student", "date", "session", "code")
        stage.fill([(number, *mark, None) for number, mark in enumerate(marks)])
        stage.compare()
        stage.tally()
        stage.remove()
    assert made == set(AttendanceTally.objects.values_list(*columns))


def test_slips_lie_on_past_school_days_and_a_few_students_have_many():
    make(students=60, years=1)
    slips = BehaviourRecord.objects.all()
    assert not slips.filter(occurred_at__date__gte=THURSDAY).exists()
    assert set(slips.values_list("level", flat=True)) == {"low", "high", "reward"}
    students = list(Student.objects.order_by("pk"))
    many = [each for each in students if each.behaviour.count() > 100]
    assert many == [students[2], students[52]]
    usual = [each.behaviour.count() for each in students if each not in many]
    assert 15 <= sum(usual) / len(usual) <= 25
    assert not students[26].behaviour.exists()


def test_an_event_of_two_students_has_one_slip_each():
    make(students=40, years=1)
    events = [
        set(each.records.values_list("student", flat=True)) for each in Incident.objects.all()
    ]
    assert max(map(len, events)) == 2
    shared = Incident.objects.filter(records__student__in=max(events, key=len)).first()
    assert {each.occurred_at for each in shared.records.all()} == {shared.occurred_at}


@pytest.mark.parametrize("on", [date(2026, 11, 12), date(2026, 8, 2), date(2028, 2, 29)])
def test_today_lies_in_the_second_half_term_whatever_the_day(on):
    made = half_terms(on, 3)
    history = history_of(made, 3)
    assert len(made) == 24
    assert len(history) == 18
    # A Sunday counts to the week that it ends.
    assert history[-1].start <= on
    assert (on - history[-1].end).days <= 0
    assert made[19] == history[-1]
    assert all(before.end < after.start for before, after in pairwise(made))
    assert len({(half.term, half.name) for half in made}) == 24


def test_a_school_year_has_190_days():
    year = half_terms(THURSDAY, 1)[:6]
    assert sum(len(half.days) for half in year) == 190


def test_the_same_numbers_give_the_same_data():
    columns = ("ref", "held_on", "status", "details", "student__upn")
    make(students=10)
    first = list(KeyworkSession.objects.order_by("pk").values_list(*columns))
    clear()
    make(students=10)
    assert list(KeyworkSession.objects.order_by("pk").values_list(*columns)) == first


def clear():
    """Take everything out again; a plain queryset, because tracked ones refuse it."""
    from django.db.models import QuerySet

    from keywork.models import KeyWorkModel, StaffMember

    for model in (
        *(AttendanceMark, AttendanceTally, BehaviourRecord, Incident),
        *(SessionAction, TargetEvidence, TargetReview, Target, KeyworkSession, Strategy),
        *(TimetableEntry, Assignment, Student, StaffRole, StaffMember, User),
    ):
        QuerySet(model)._raw_delete("default")
    QuerySet(School).update(key_work_model=None)
    for model in (KeyWorkModel, HalfTerm, ClosedDay, School):
        QuerySet(model)._raw_delete("default")


def test_numbering_goes_on_afterwards():
    make(students=5)
    student = Student.objects.order_by("-pk").first()
    more = Student(school=student.school, on_roll_from=THURSDAY, legal_first_name="Kit")
    more.save()
    assert more.pk > student.pk
    assert more.history.count() == 1


def test_rows_are_written_in_blocks():
    with CaptureQueriesContext(connection) as few:
        make(students=10)
    clear()
    with CaptureQueriesContext(connection) as many:
        make(students=40)
    assert len(many) - len(few) <= 20


def test_command_makes_what_is_asked_and_says_so(capsys):
    call_command("make_scale_data", schools=1, students=10, years=1)
    said = capsys.readouterr().out
    assert "Alderbrook School (999501)" in said
    assert "10 students" in said
    assert "senco.999501" in said
    assert School.objects.count() == 1


def test_what_is_due_can_be_worked_out(capsys):
    make(students=20)
    capsys.readouterr()
    call_command("due", on=THURSDAY.isoformat(), format="json")
    (school,) = json.loads(capsys.readouterr().out)["schools"]
    assert school["school"] == "999501"
    assert {duty["kind"] for duty in school["duties"]} >= {"session", "target_review"}


def test_a_database_with_a_school_is_left_alone():
    make_school()
    with pytest.raises(CommandError, match="There is a school in this database already"):
        call_command("make_scale_data", schools=1, students=5, years=1)
    assert Student.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("schools", value) for value in ("0", "100", "two")],
        *[("students", value) for value in ("-1", "5001", "²")],
        *[("years", value) for value in ("11", "")],
    ],
)
def test_a_wrong_number_is_refused_with_status_1(capsys, name, value):
    arguments = {"schools": "1", "students": "5", "years": "1", name: value}
    argv = [f"--{key}={text}" for key, text in arguments.items()]
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "make_scale_data", *argv])
    assert ended.value.code == 1
    assert f"--{name}: write a whole number from 1" in capsys.readouterr().err
    assert not School.objects.exists()
