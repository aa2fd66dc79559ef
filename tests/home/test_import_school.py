"""The command on whole schools: hillside, the edge samples, dry runs, exit statuses."""

import io
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from keywork.models import ClosedDay, HalfTerm, KeyWorkModel, School, StaffMember, StaffRole, User
from sessions.models import KeyworkSession, Target
from students.models import Assignment, Student, TimetableEntry
from tests.home.import_folders import (
    EDGES,
    HILLSIDE,
    STUDENTS,
    UPN_1,
    command,
    counts,
    run_import,
    write_folder,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TABLES = (
    *(School, HalfTerm, ClosedDay, KeyWorkModel, User, StaffMember, StaffRole),
    *(Student, Assignment, TimetableEntry, KeyworkSession, Target),
)
HILLSIDE_ROWS = {
    "school.csv": 1,
    "calendar.csv": 24,
    "staff.csv": 26,
    "students.csv": 48,
    "assignments.csv": 73,
    "timetable.csv": 306,
    "attendance.csv": 18062,
    "behaviour.csv": 2323,
    "sessions.csv": 1276,
    "targets.csv": 581,
    "checkups.csv": 18,
}


def everything():
    """Every record's values and how many history rows there are."""
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}
    return rows, [table.history.count() for table in TABLES]


def test_hillside_is_taken_whole_and_a_second_run_changes_nothing():
    first = run_import(HILLSIDE)
    before = everything()
    second = run_import(HILLSIDE)

    assert counts(first) == {name: (n, n, 0, 0, 0) for name, n in HILLSIDE_ROWS.items()}
    assert counts(second) == {name: (n, 0, 0, n, 0) for name, n in HILLSIDE_ROWS.items()}
    assert everything() == before
    assert first.not_supported == [
        *("contact_log.csv", "contacts.csv", "documents.csv", "reviews.csv"),
        "supervision.csv",
    ]


def test_all_edge_schools_fit_into_one_database():
    reports = [run_import(folder) for folder in EDGES]

    assert [report.rejected for report in reports] == [0] * 6
    assert sorted(School.objects.values_list("urn", flat=True)) == [
        *("999101", "999102", "999103", "999104", "999105", "999112"),
    ]
    assert Student.objects.count() == 3 + 4 + 3 + 5 + 4 + 5


def test_what_the_files_say_is_what_is_stored(tmp_path):
    run_import(write_folder(tmp_path))

    student = Student.objects.get(upn=UPN_1)
    ann = User.objects.get(username="asmith")
    session = KeyworkSession.objects.get(import_ref="S1")
    missed = KeyworkSession.objects.get(import_ref="S2")
    target = Target.objects.get()
    assert (student.name, str(student.dob), student.school.urn) == (
        *("Kit Sample", "2014-03-10", "999201"),
    )
    assert Student.objects.get(legal_first_name="Sam").key_work_model.code == "community"
    assert ann.full_name == "Ann Smith"
    assert not ann.has_usable_password()
    assert sorted(StaffRole.objects.filter(staff_member__user=ann).values_list("role")) == [
        *(("key_worker",), ("teacher",)),
    ]
    assert (session.key_worker, session.minutes, session.focus) == (ann, 20, "iep")
    assert session.details == "Talked\nabout\nlunch"
    assert (missed.minutes, missed.missed_reason, missed.method) == (None, "declined", "")
    assert (target.keywork_session, target.student, target.status) == (session, student, "active")
    assert [str(a.end) for a in student.assignments.order_by("start")] == ["2026-10-23", "None"]
    closed = ClosedDay.objects.get()
    assert (str(closed.start), str(closed.end)) == ("2026-09-01", "2026-09-01")


def test_history_names_the_file_and_no_person(tmp_path):
    run_import(write_folder(tmp_path))

    row = Student.objects.get(upn=UPN_1).history.get()
    assert (row.history_user, row.history_change_reason) == (None, "Imported from students.csv")


def test_a_dry_run_finds_the_same_and_keeps_nothing(tmp_path):
    folder = write_folder(tmp_path, add_students="X999999926015,Bad,Upn,,2026-09-02,,\n")
    before = everything()

    status, document = command(folder, "--dry-run")

    assert everything() == before
    assert status == 0
    assert document["files"]["students.csv"] == {
        "rows": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": [
            {
                "row": 4,
                "column": "upn",
                "value": "X999999926015",
                "error": "The check letter is wrong: these figures give L. Check it.",
            }
        ],
    }
    assert document["files"]["targets.csv"]["created"] == 1


def test_rejected_rows_end_in_status_2_and_the_others_are_in(tmp_path):
    folder = write_folder(tmp_path, add_students="X999999926015,Bad,Upn,,2026-09-02,,\n")

    status, document = command(folder)

    assert status == 2
    assert [each["row"] for each in document["files"]["students.csv"]["rejected"]] == [4]
    assert Student.objects.count() == 2


def test_json_names_files_of_a_later_version_and_goes_on(tmp_path):
    folder = write_folder(tmp_path)
    (folder / "contacts.csv").write_bytes(b"\xff not even text")
    (folder / "notes.csv").write_text("anything")
    (folder / "students.csv.bak").write_text("anything")
    (folder / "attendance").mkdir()

    status, document = command(folder)

    assert status == 0
    assert document["not_supported"] == ["contacts.csv"]
    assert list(document["files"]) == [
        *("school.csv", "calendar.csv", "staff.csv", "students.csv"),
        *("assignments.csv", "sessions.csv", "targets.csv"),
    ]


def test_text_output_is_a_table_with_the_problems_below(tmp_path):
    folder = write_folder(tmp_path, add_students="X999999926015,Bad,Upn,,2026-09-02,,\n")
    out, progress = io.StringIO(), io.StringIO()

    with pytest.raises(SystemExit, match="2"):
        call_command("import_school", str(folder), stdout=out, stderr=progress)

    lines = out.getvalue().splitlines()
    assert lines[4].split() == ["students.csv", "3", "2", "0", "0", "1"]
    assert lines[-1] == (
        "students.csv row 4, upn “X999999926015”: "
        "The check letter is wrong: these figures give L. Check it."
    )
    assert progress.getvalue().splitlines()[0] == "school.csv …"


def test_help_tells_the_exit_statuses():
    done = subprocess.run(
        [sys.executable, "manage.py", "import_school", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "--dry-run" in done.stdout
    assert "Exit status" in done.stdout


# --- files that cannot be read -----------------------------------------------


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"students": STUDENTS.replace("Kit", "Zoë").encode("latin-1")}, "students.csv: not in"),
        ({"students": STUDENTS.encode("utf-16")}, "students.csv: not in UTF-8"),
        ({"students": ""}, "students.csv: has no header"),
        ({"students": "\n" + STUDENTS}, "students.csv: has no header"),
        ({"targets": "ref,upn,colour\n"}, "targets.csv: unknown column “colour”"),
        ({"targets": "ref,upn,ref\n"}, "targets.csv: column “ref” stands there twice"),
        ({"targets": "ref,,upn\n"}, "targets.csv: column 2 has no name"),
        ({"targets": 'ref,upn\nT1,"X\n'}, "targets.csv: cannot be read as CSV"),
        ({"calendar": None}, "calendar.csv: is missing"),
        ({"calendar": "kind,term,name,start,end\n"}, "calendar.csv: has a header and nothing"),
        ({"school": None}, "school.csv: is missing"),
        ({"add_school": "999202,,Another,,community\n"}, "school.csv: names several schools"),
    ],
)
def test_a_file_that_cannot_be_read_stops_everything(tmp_path, changes, named):
    folder = write_folder(tmp_path, **changes)
    before = everything()

    with pytest.raises(CommandError) as caught:
        call_command("import_school", str(folder), "--format", "json")

    assert caught.value.returncode == 1
    assert named in str(caught.value)
    assert everything() == before


def test_every_unreadable_file_is_named_at_once(tmp_path):
    folder = write_folder(tmp_path, students="nonsense\n", targets="")

    with pytest.raises(CommandError) as caught:
        call_command("import_school", str(folder))

    assert str(caught.value).splitlines()[0] == "Nothing was imported."
    assert [line.split(":")[0] for line in str(caught.value).splitlines()[1:]] == [
        *("students.csv", "targets.csv"),
    ]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="nowhere: no such folder"):
        call_command("import_school", str(tmp_path / "nowhere"))


def test_the_command_itself_exits_with_1_and_says_why_on_standard_error(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "import_school", str(tmp_path), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "school.csv: is missing" in done.stderr


# --- the shape of files ------------------------------------------------------


def test_order_of_columns_byte_order_mark_and_blank_lines_do_not_matter(tmp_path):
    text = (
        "\ufefflegal_last_name,on_roll_from,upn\r\n"
        f"  Sample ,2026-09-02,{UPN_1}\r\n"
        "\r\n"
        ",,\r\n"
        "Wrong,2026-09-02,A1\r\n"
    )
    folder = write_folder(tmp_path, students=text, assignments=None, sessions=None, targets=None)

    report = run_import(folder)

    assert Student.objects.get().legal_last_name == "Sample"
    assert [(r.row, r.column) for r in report.files["students.csv"].rejected] == [(5, "upn")]
    assert report.files["students.csv"].rows == 2


def test_a_record_of_several_lines_is_one_row(tmp_path):
    folder = write_folder(tmp_path, add_sessions=f"S3,{UPN_1},asmith,2026-02-30,held,,,,,,\n")

    report = run_import(folder)

    assert [(r.row, r.column, r.value) for r in report.files["sessions.csv"].rejected] == [
        (4, "held_on", "2026-02-30")
    ]


def test_more_cells_than_columns_are_told(tmp_path):
    folder = write_folder(
        tmp_path, add_targets=f"T2,{UPN_1},,2026-09-10,,Talk, then listen,,,active,2026-09-20\n"
    )

    [found] = run_import(folder).files["targets.csv"].rejected

    assert (found.row, found.column) == (3, "ref")
    assert "more cells than columns" in found.error


# --- XLSX --------------------------------------------------------------------


def as_workbook(path, typed):
    """Make NAME.xlsx of NAME.csv beside it, with real dates, numbers and yes/no cells."""
    import csv
    from datetime import date

    book = Workbook()
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))
    for row in rows:
        book.active.append([typed(cell, date) for cell in row])
    book.save(path.with_suffix(".xlsx"))
    path.unlink()


def typed_cell(text, date):
    if text in {"yes", "no"}:
        return text == "yes"
    if len(text) == 10 and text[4] == text[7] == "-":
        return date.fromisoformat(text)
    if text.isdigit() and not text.startswith("0"):
        return int(text)
    return text or None


def copy_of_hillside(folder):
    folder.mkdir()
    for path in HILLSIDE.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_workbooks_give_what_csv_gives(tmp_path):
    run_import(HILLSIDE)
    before = everything()
    folder = copy_of_hillside(tmp_path / "xlsx")
    for name in ("school", "calendar", "staff", "students", "assignments", "sessions"):
        as_workbook(folder / f"{name}.csv", typed_cell)

    report = run_import(folder)

    assert report.files["students.xlsx"].unchanged == 48
    assert report.files["sessions.xlsx"].unchanged == 1276
    assert everything() == before


def test_a_workbook_keeps_the_zeros_it_shows(tmp_path):
    folder = write_folder(tmp_path, students=None, assignments=None, sessions=None, targets=None)
    book = Workbook()
    book.active.append(["upn", "admission_no", "on_roll_from", "nc_year", None])
    book.active.append([UPN_1, 1200, "2026-09-02", 8.0])
    book.active["B2"].number_format = "000000"
    book.save(folder / "students.xlsx")

    run_import(folder)

    student = Student.objects.get()
    assert (student.admission_no, student.nc_year) == ("001200", "8")


def test_both_a_workbook_and_csv_of_one_name_are_refused(tmp_path):
    folder = write_folder(tmp_path)
    Workbook().save(folder / "students.xlsx")

    with pytest.raises(CommandError, match="students.csv: there is students.xlsx too"):
        call_command("import_school", str(folder))


def test_a_workbook_that_is_none_is_named(tmp_path):
    folder = write_folder(tmp_path, students=None)
    (folder / "students.xlsx").write_bytes(b"PK but not a zip")

    with pytest.raises(CommandError, match="students.xlsx: cannot be read as an XLSX workbook"):
        call_command("import_school", str(folder))


def test_an_empty_workbook_has_no_header(tmp_path):
    folder = write_folder(tmp_path, students=None)
    Workbook().save(folder / "students.xlsx")

    with pytest.raises(CommandError, match="students.xlsx: has no header"):
        call_command("import_school", str(folder))
