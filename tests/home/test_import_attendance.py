"""attendance.csv: exact counts, rejected rows, corrections kept, tallies right."""

from datetime import date

import pytest

from students.models import AttendanceCorrection, AttendanceImport, AttendanceMark, AttendanceTally
from tests.home.hillside import A, B, counts, import_school, small_school, write

HEAD = "upn,date,session,code,minutes_late"
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def marks():
    return list(AttendanceMark.objects.values_list("date__day", "session", "code", "minutes_late"))


def load(folder, *lines, **options):
    write(folder, attendance=[HEAD, *lines])
    return import_school(folder, **options)["attendance.csv"]


@pytest.fixture
def folder(tmp_path):
    return small_school(tmp_path)


def test_twice_changes_nothing(folder):
    lines = [f"{A},2026-09-02,AM,/,", f"{A},2026-09-02,PM,L,7", f"{B},2026-09-02,AM,Y1,"]
    assert counts(load(folder, *lines)) == (3, 3, 0, 0, 0)
    assert counts(load(folder, *lines)) == (3, 0, 0, 3, 0)
    assert AttendanceImport.objects.count() == 1


def test_a_correction_is_kept_before_and_after(folder):
    load(folder, f"{A},2026-09-02,AM,N,", f"{A},2026-09-02,PM,L,7")
    report = load(folder, f"{A},2026-09-02,AM,I,", f"{A},2026-09-02,PM,L,9")
    assert counts(report) == (2, 0, 2, 0, 0)
    kept = AttendanceCorrection.objects.values_list(
        "session", "code_before", "minutes_before", "code_after", "minutes_after"
    )
    assert sorted(kept) == [("AM", "N", None, "I", None), ("PM", "L", 7, "L", 9)]
    assert marks() == [(2, "AM", "I", None), (2, "PM", "L", 9)]


def test_a_file_without_minutes_leaves_them(folder):
    load(folder, f"{A},2026-09-02,PM,L,7")
    write(folder, attendance=["upn,date,session,code", f"{A},2026-09-02,PM,L"])
    assert counts(import_school(folder)["attendance.csv"]) == (1, 0, 0, 1, 0)
    load(folder, f"{A},2026-09-02,PM,L,")
    assert marks() == [(2, "PM", "L", None)]  # an empty cell says: not known


def test_rejected_rows(folder):
    report = load(
        folder,
        f"{A},2026-09-02,AM,I01,",
        f"{A},2026-09-02,PM,-,",
        f"{A},2026-09-03,AM,/,",
        f"{A},2026-09-03,AM,I,",  # differs from the row above
        f"{A},2026-09-03,AM,/,",  # the same again
        f"{A},2026-09-02,AM,/,",  # differs from a rejected row
        "X999999926014,2026-09-03,AM,/,",
        f"{A},03/09/2026,AM,/,",
        f"{A},2026-09-04,am,/,",
        f"{A},2026-09-04,AM,,",
        f"{A},2026-09-04,AM,L,soon",
    )
    assert counts(report) == (11, 1, 0, 1, 9)
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [
        *((2, "code"), (3, "code"), (5, "code"), (7, "code"), (8, "upn"), (9, "date")),
        *((10, "session"), (11, "code"), (12, "minutes_late")),
    ]
    assert marks() == [(3, "AM", "/", None)]


def test_a_dry_run_keeps_nothing(folder):
    assert counts(load(folder, f"{A},2026-09-02,AM,/,", dry_run=True)) == (1, 1, 0, 0, 0)
    assert not AttendanceMark.objects.exists()


def test_tallies_follow_the_marks_and_the_academic_year(folder):
    load(folder, f"{A},2026-08-31,AM,I,", f"{A},2026-09-01,AM,I,", f"{A},2026-09-02,AM,I,")
    load(folder, f"{A},2026-09-02,AM,/,")
    tallies = AttendanceTally.objects.values_list("year", "code", "marks", "latest")
    assert sorted(tallies) == [
        (2025, "I", 1, date(2026, 8, 31)),
        (2026, "/", 1, date(2026, 9, 2)),
        (2026, "I", 1, date(2026, 9, 1)),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"upn,date,session,kode\n", "unknown column"),
        (b"", "has no header"),
        (b"upn,date,session,code\nB,2026-09-02,AM,\xe9\n", "UTF-8"),
        (b'upn,date,session,code\n"B,2026-09-02,AM,/\n', "cannot be read as CSV"),
    ],
)
def test_a_file_that_cannot_be_read_stops_everything(folder, data, said):
    from django.core.management import CommandError

    from keywork.models import School

    (folder / "attendance.csv").write_bytes(data)
    with pytest.raises(CommandError, match=said):
        import_school(folder)
    assert not School.objects.exists()
