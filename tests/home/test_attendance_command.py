"""`attendance`: what the samples expect, whatever the number of students."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.home.import_folders import HILLSIDE

DATA = Path(__file__).parent.parent / "data"
EDGE = sorted(path.parent.name for path in (DATA / "edge").glob("*/attendance.csv"))


def load(folder):
    call_command("import_school", str(folder), format="json", stdout=StringIO())


def attendance(on, school, **options):
    out = StringIO()
    call_command("attendance", on=on, school=school, format="json", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_hillside_as_expected():
    load(HILLSIDE)
    expected = json.loads((DATA / "hillside-expect/attendance-2026-11-20.json").read_text())
    assert attendance("2026-11-20", "999001") == expected


@pytest.mark.django_db
@pytest.mark.parametrize("name", EDGE)
def test_edges_as_expected(name):
    load(DATA / "edge" / name)
    urn = (DATA / "edge" / name / "school.csv").read_text().splitlines()[1].split(",")[0]
    expected = json.loads((DATA / "edge" / name / "expect.json").read_text())["attendance"]
    assert expected
    for on, lines in expected.items():
        assert attendance(on, urn)["students"] == lines, on


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    load(DATA / "edge/05_roll_and_unassigned")
    load(HILLSIDE)
    with django_assert_num_queries(7):
        few = attendance("2026-11-20", "999105")
    with django_assert_num_queries(7):
        many = attendance("2026-11-20", "999001")
    assert (len(few["students"]), len(many["students"])) == (3, 46)


@pytest.mark.django_db
def test_all_schools_and_text():
    load(DATA / "edge/03_attendance_codes")
    load(DATA / "edge/05_roll_and_unassigned")
    both = attendance("2026-09-25", None)
    assert [each["school"] for each in both["schools"]] == ["999103", "999105"]
    out = StringIO()
    call_command("attendance", on="2026-09-25", school="999103", stdout=out)
    assert "36.4 %    8 of 22, late 2, unauthorised 4 (4 in ten weeks), severe" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on", "school", "said"), [("25/09/2026", None, "--on"), ("2026-09-25", "1", "--school")]
)
def test_what_cannot_be_answered(on, school, said):
    with pytest.raises(CommandError, match=said):
        attendance(on, school)
