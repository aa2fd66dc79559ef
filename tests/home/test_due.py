"""The one list of what is due, and the command: against the samples, and by hand."""

import json
import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from keywork.duties import DutyKind
from keywork.home.duties import duties_of, standing_of
from keywork.school_calendar import calendar_of
from students.models import Student
from tests.factories import (
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
)
from tests.home.import_folders import EDGES, HILLSIDE, HILLSIDE_EXPECT, run_import

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "session", "session_quota", "unassigned", "target_review", "weekly_targets", "teacher_checkup",
}  # fmt: skip
EDGES_WITH_DUTIES = [
    folder for folder in EDGES if json.loads((folder / "expect.json").read_text()).get("due")
]


def due(on, **options):
    out = StringIO()
    call_command("due", on=str(on), stdout=out, **{"format": "json", **options})
    return out.getvalue()


def answer(on, school, **options):
    return json.loads(due(on, school=school, **options))


def without_reason(duties, kinds=KINDS):
    return [
        {name: value for name, value in duty.items() if name != "reason"}
        for duty in duties
        if duty["kind"] in kinds
    ]


# The samples


def test_hillside_is_owed_what_its_expected_answers_say():
    run_import(HILLSIDE)
    expected = sorted(HILLSIDE_EXPECT.glob("due-*.json"))
    assert len(expected) == 4

    for file in expected:
        wanted = json.loads(file.read_text())
        got = answer(wanted["on"], "999001")
        assert (got["on"], got["school"]) == (wanted["on"], "999001")
        assert without_reason(got["duties"]) == without_reason(wanted["duties"]), file.name


@pytest.mark.parametrize("folder", EDGES_WITH_DUTIES, ids=lambda folder: folder.name)
def test_each_edge_school_is_owed_what_was_reasoned_out(folder):
    run_import(folder)
    urn = (folder / "school.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]

    for on, wanted in json.loads((folder / "expect.json").read_text())["due"].items():
        got = answer(on, urn)["duties"]
        assert without_reason(got) == without_reason(wanted), f"{folder.name} on {on}"
        assert all(duty["reason"] for duty in got)


# The list


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker", username="priya")


@pytest.fixture
def two_students(school, priya):
    """Priya's, last seen 3 November, and one without a key worker since 1 September."""
    mine = StudentFactory(school=school, upn="J999910121101")
    assign(mine, priya)
    SessionFactory(student=mine, held_on=date(2026, 11, 3))
    return mine, StudentFactory(school=school, upn="M999910121103")


def kinds(duties):
    return [(duty.kind, duty.student) for duty in duties]


def test_the_list_is_sorted_and_cut_at_the_horizon(school, two_students):
    calendar = calendar_of(school)

    near = duties_of(school, TODAY, calendar=calendar)
    far = duties_of(school, TODAY, calendar=calendar, horizon=36)

    session = (DutyKind.SESSION, "J999910121101")
    unassigned = (DutyKind.UNASSIGNED, "M999910121103")
    # 18 December is 36 days on.
    assert kinds(near) == [unassigned, session]
    assert kinds(far) == [unassigned, session, (DutyKind.SESSION_QUOTA, "J999910121101")]


def test_the_list_can_be_one_persons_nobodys_or_some_students(school, priya, two_students):
    calendar = calendar_of(school)
    mine = Student.objects.caseload_of(priya, TODAY)

    owned = duties_of(school, TODAY, calendar=calendar, owner="priya")
    nobodys = duties_of(school, TODAY, calendar=calendar, owner="")
    of_mine = duties_of(school, TODAY, calendar=calendar, students=mine)

    assert kinds(owned) == kinds(of_mine) == [(DutyKind.SESSION, "J999910121101")]
    assert kinds(nobodys) == [(DutyKind.UNASSIGNED, "M999910121103")]


def test_another_schools_students_are_never_in_the_list(school, two_students):
    elsewhere = make_school("Elsewhere School", "999102")
    StudentFactory(school=elsewhere)
    calendar = calendar_of(school)

    duties = duties_of(school, TODAY, calendar=calendar, students=Student.objects.all())

    assert {duty.school_id for duty in duties} == {school.pk}
    assert len(duties) == 2


def test_five_queries_however_many_students(school, priya, django_assert_num_queries):
    calendar = calendar_of(school)
    for _ in range(3):
        student = StudentFactory(school=school)
        assign(student, priya)
        SessionFactory(student=student)
        TargetFactory(student=student)
        with django_assert_num_queries(5):
            standing = standing_of(school, TODAY, calendar=calendar)
    assert len(standing.duties) == 6


# The command


def test_one_object_a_school_where_no_school_is_named(school, two_students):
    make_school("Elsewhere School", "999102")

    document = json.loads(due(TODAY))

    assert list(document) == ["schools"]
    assert [(each["school"], len(each["duties"])) for each in document["schools"]] == [
        ("999101", 2),
        ("999102", 0),
    ]


def test_no_school_at_all_is_still_one_document():
    assert json.loads(due(TODAY)) == {"schools": []}


def test_a_duty_has_every_field(school, two_students):
    assert answer(TODAY, "999101", owner="priya")["duties"] == [
        {
            "kind": "session",
            "student": "J999910121101",
            "owner": "priya",
            "due_on": "2026-11-17",
            "act_by": "2026-11-17",
            "status": "upcoming",
            "reason": "Last seen 3 November, 7 school days ago.",
        }
    ]


def test_the_horizon_and_the_owner_narrow_the_answer(school, two_students):
    def listed(**options):
        return [duty["kind"] for duty in answer(TODAY, "999101", **options)["duties"]]

    assert listed(horizon="4") == ["unassigned"]
    assert listed(horizon="5") == ["unassigned", "session"]
    assert listed(owner="priya", horizon="0") == []
    assert listed(owner="senco") == listed(owner="la") == []


def test_the_text_is_for_reading(school, two_students):
    lines = due(TODAY, format="text").splitlines()

    assert lines[0] == "Fold School (999101), 2026-11-12: 2 due or coming"
    assert " ".join(lines[2].split()) == (
        "2026-11-17 upcoming session J999910121101 priya Last seen 3 November, 7 school days ago."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on": "12/11/2026"}, "--on: write a date like 2026-11-20, not 12/11/2026."),
        ({"school": "123456"}, "--school: there is no school with the URN 123456."),
        ({"owner": "nobody"}, "--owner: nobody has the username nobody."),
        ({"horizon": "-1"}, "--horizon: write a number of days like 14, not -1."),
        ({"horizon": "99999"}, "--horizon: write a number of days like 14, not 99999."),
    ],
)
def test_what_cannot_be_answered_is_refused(options, message):
    with pytest.raises(CommandError, match=message):
        due(**{"on": TODAY, **options})


@pytest.mark.parametrize("arguments", [[], ["--on", "soon"], ["--on", "2026-11-12", "--what"]])
def test_errors_are_on_standard_error_with_status_1(arguments, tmp_path):
    environment = {**os.environ, "KEYWORK_DATA_DIR": str(tmp_path)}
    environment.pop("DATABASE_URL", None)
    ended = subprocess.run(
        [sys.executable, "manage.py", "due", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr
