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


def test_days_that_follow_and_days_between(folder):
    load(folder, f"{A},2026-09-02,AM,/,", f"{A},2026-09-04,AM,/,")
    # Later than all marks there: nothing to compare with.
    assert counts(load(folder, f"{A},2026-09-07,AM,I,", f"{B},2026-09-02,AM,/,")) == (
        2,
        2,
        0,
        0,
        0,
    )
    # Around marks that are there: one new, one the same, one corrected.
    lines = (f"{A},2026-09-03,AM,M,", f"{A},2026-09-02,AM,/,", f"{A},2026-09-07,AM,M,")
    assert counts(load(folder, *lines)) == (3, 1, 1, 1, 0)
    own = AttendanceMark.objects.filter(student__upn=A).order_by("date")
    assert list(own.values_list("date__day", "code")) == [(2, "/"), (3, "M"), (4, "/"), (7, "M")]
    tallies = AttendanceTally.objects.filter(student__upn=A).values_list("code", "marks")
    assert sorted(tallies) == [("/", 2), ("M", 2)]


def test_a_session_twice_among_new_marks(folder):
    lines = (f"{A},2026-09-03,PM,/,", f"{A},2026-09-03,AM,/,", f"{A},2026-09-03,PM,/,")
    assert counts(load(folder, *lines)) == (3, 2, 0, 1, 0)
    report = load(folder, f"{B},2026-09-03,AM,I,", f"{B},2026-09-03,AM,M,")
    assert counts(report) == (2, 1, 0, 0, 1)
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(3, "code")]
    assert AttendanceMark.objects.get(student__upn=B).code == "I"


def test_spaces_minutes_and_empty_rows_among_rows_seen_before(folder):
    lines = (
        f"{A},2026-09-02,AM,L,7",
        f" {A} , 2026-09-02, PM ,L,7 ",
        "",
        f"{B},2026-09-02,AM,L,7",
    )
    report = load(folder, *lines, f"{B},2026-09-02,PM,L,7,more", f"{B},2026-09-03,PM")
    assert counts(report) == (5, 3, 0, 0, 2)
    assert [each["row"] for each in report["rejected"]] == [6, 7]
    assert set(AttendanceMark.objects.values_list("code", "minutes_late")) == {("L", 7)}


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
