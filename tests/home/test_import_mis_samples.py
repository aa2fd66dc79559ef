"""Each sample export gives the same students, marks and slips as the canonical folder."""

import shutil

import pytest

from contacts.models import Contact, StudentContact
from students.models import AttendanceMark, BehaviourRecord, Student
from tests.home.hillside import EXPORTS, counts, everything, import_mis, import_school
from tests.home.import_folders import HILLSIDE

THIS_YEAR = "2026-09-01"
pytestmark = pytest.mark.django_db

SAME = [
    ("sims-students.csv", "students", 48, 48),
    ("bromcom-students.xlsx", "students", 48, 48),
    ("sims-attendance-marks.csv", "attendance", 4402, 4400),
    ("arbor-attendance-by-date.csv", "attendance", 46, 4400),
    ("arbor-behaviour.csv", "behaviour", 533, 533),
    ("bromcom-behaviour.xlsx", "behaviour", 533, 533),
]


def test_all_of_them_after_hillside():
    """One test: importing Hillside takes seconds, and nothing here changes it."""
    import_school(HILLSIDE)
    before = everything()
    for file, kind, rows, unchanged in SAME:
        report = import_mis(EXPORTS / file, kind)
        assert counts(report) == (rows, 0, 0, unchanged, 0), file
        assert not report["ask"], file
    assert everything() == before
    contacts_are_the_same_people()
    arbor_students_bring_one_new_starter()


def arbor_students_bring_one_new_starter():
    report = import_mis(EXPORTS / "arbor-students.csv", "students")
    assert counts(report) == (49, 1, 0, 47, 0)
    (ask,) = report["ask"]
    assert ask["row"] == 13
    assert Student.objects.get(ref=ask["candidate"]).name == "Kieran Eastwood"
    renee = Student.objects.get(upn="F999400121907")
    assert (renee.name, renee.nc_year, renee.sen_status) == ("Renée O'Hara", "7", "K")
    assert (renee.primary_need, str(renee.dob), renee.sex) == ("SLCN", "2015-05-07", "F")
    assert counts(import_mis(EXPORTS / "arbor-students.csv", "students")) == (49, 0, 0, 48, 0)


def contacts_are_the_same_people():
    """The folder knows all 116 of them: the export brings their numbers there, and no more."""
    before = people()
    assert counts(import_mis(EXPORTS / "arbor-contacts.csv", "contacts")) == (123, 0, 116, 7, 0)
    assert counts(import_mis(EXPORTS / "arbor-contacts.csv", "contacts")) == (123, 0, 0, 123, 0)
    assert counts(import_mis(EXPORTS / "sims-contacts.csv", "contacts")) == (116, 0, 0, 116, 0)
    assert people() == before
    assert StudentContact.objects.count() == 116
    assert StudentContact.objects.filter(do_not_contact=True).count() == 9
    assert StudentContact.objects.filter(parental_responsibility=True).count() == 87
    assert Contact.objects.filter(phone="07700 900000").get().name == "Ms Joanne Hardcastle"


def people():
    """All that is known of the people around students, but their numbers in other systems."""
    known = ("ref", "title", "first_name", "last_name", "phone", "email", "language")
    links = [f.attname for f in StudentContact._meta.concrete_fields]
    return (
        list(Contact.objects.order_by("pk").values_list(*known)),
        list(StudentContact.objects.order_by("pk").values_list(*links)),
    )


@pytest.fixture
def folder(tmp_path):
    """Hillside as it was before this year's marks and slips."""
    shutil.copytree(HILLSIDE, tmp_path / "h")
    for name in ("attendance.csv", "behaviour.csv"):
        (tmp_path / "h" / name).unlink()
    for name in ("sessions.csv", "targets.csv", "timetable.csv", "assignments.csv"):
        (tmp_path / "h" / name).unlink()
    return tmp_path / "h"


def test_marks_alone_are_those_of_the_canonical_file(folder):
    import csv

    import_school(folder)
    with (HILLSIDE / "attendance.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["date"] >= THIS_YEAR]
    expected = sorted((r["upn"], r["date"], r["session"], r["code"]) for r in rows)
    minutes = sorted(int(r["minutes_late"]) for r in rows if r["minutes_late"])
    assert import_mis(EXPORTS / "arbor-attendance-by-date.csv", "attendance")["created"] == 4400
    sims = import_mis(EXPORTS / "sims-attendance-marks.csv", "attendance")
    assert (sims["created"], sims["updated"], sims["no_mark"]) == (0, len(minutes), 2)
    found = AttendanceMark.objects.values_list("student__upn", "date", "session", "code")
    assert sorted((upn, str(day), *rest) for upn, day, *rest in found) == expected
    late = AttendanceMark.objects.exclude(minutes_late=None)
    assert sorted(late.values_list("minutes_late", flat=True)) == minutes


def test_slips_alone_then_from_another_system(folder):
    import_school(folder)
    assert import_mis(EXPORTS / "bromcom-behaviour.xlsx", "behaviour")["created"] == 533
    assert import_mis(EXPORTS / "arbor-behaviour.csv", "behaviour")["created"] == 0
    assert BehaviourRecord.objects.count() == 533
    by_level = [BehaviourRecord.objects.filter(level=level).count() for level in ("low", "high")]
    assert by_level == [323, 19]
    assert BehaviourRecord.objects.filter(call_home=True).count() == 53
    assert not BehaviourRecord.objects.filter(staff=None).exists()
