"""Each rule by which a row is rejected: row, column and value, and that the others are taken."""

from datetime import date

import pytest

from keywork.models import HalfTerm, School, StaffMember, User
from sessions.models import KeyworkSession, Target
from students.models import Assignment, Student
from tests.home.import_folders import (
    ASSIGNMENTS,
    CALENDAR,
    SCHOOL,
    SESSIONS,
    STUDENTS,
    UPN_1,
    UPN_2,
    counts,
    rejected,
    run_import,
    write_folder,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# A temporary UPN of domain.md (check letter G) and its figures under another letter.
TEMPORARY, WRONG = "G80120000101A", "H80120000101A"


@pytest.mark.parametrize(
    ("file", "row", "column", "value"),
    [
        ("students", "X999999926015,A,B,,2026-09-02,,", "upn", "X999999926015"),
        ("students", f"{WRONG},A,B,,2026-09-02,,", "upn", WRONG),
        ("students", "x999999926014,A,B,,2026-09-02,,", "upn", "x999999926014"),
        ("students", "X99999992601,A,B,,2026-09-02,,", "upn", "X99999992601"),
        ("students", ",A,B,,2026-09-02,,", "upn", ""),
        ("students", f"{TEMPORARY},A,B,2026-11-13,2026-09-02,,", "dob", "2026-11-13"),
        ("students", f"{TEMPORARY},A,B,31/02/2014,2026-09-02,,", "dob", "31/02/2014"),
        ("students", f"{TEMPORARY},A,B,20140310,2026-09-02,,", "dob", "20140310"),
        ("students", f"{TEMPORARY},A,B,2014-02-31,2026-09-02,,", "dob", "2014-02-31"),
        ("students", f"{TEMPORARY},A,B,0001-01-01,2026-09-02,,", "dob", "0001-01-01"),
        ("students", f"{TEMPORARY},A,B,,,,", "on_roll_from", ""),
        ("students", f"{TEMPORARY},A,B,,2026-09-02,2026-09-01,", "left_on", "2026-09-01"),
        ("students", f"{TEMPORARY},A,B,,2026-09-02,,weekly", "model", "weekly"),
        ("students", f"{TEMPORARY},{'A' * 81},B,,2026-09-02,,", "legal_first_name", "A" * 81),
        ("calendar", "holiday,,,2026-11-03,", "kind", "holiday"),
        ("calendar", "inset,,,,", "start", ""),
        ("calendar", "inset,,,2026-11-03,2026-11-02", "end", "2026-11-02"),
        ("calendar", "half_term,Spring 2027,,2027-01-04,", "end", ""),
        ("calendar", "half_term,Spring 2027,,2027-01-04,2027-01-03", "end", "2027-01-03"),
        ("calendar", "half_term,Autumn 2026,,2026-12-18,2027-01-03", "start", "2026-12-18"),
        ("staff", "cdoe,c@example.org,C,Doe,teacher|wizard", "roles", "teacher|wizard"),
        ("staff", "cdoe,not an address,C,Doe,", "email", "not an address"),
        ("staff", "c doe,,C,Doe,", "username", "c doe"),
        ("staff", ",,C,Doe,", "username", ""),
        ("assignments", f"{UPN_2},asmith,first,2026-09-02,,,", "role", "first"),
        ("assignments", f"{UPN_2},asmith,primary,,,,", "start", ""),
        ("assignments", f"{UPN_2},asmith,primary,2026-09-02,2026-09-01,,", "end", "2026-09-01"),
        ("assignments", f"{UPN_2},asmith,primary,2026-09-02,,because,", "reason", "because"),
        ("assignments", f"{TEMPORARY},asmith,primary,2026-09-02,,,", "upn", TEMPORARY),
        ("assignments", f"{UPN_2},nobody,primary,2026-09-02,,,", "username", "nobody"),
        ("assignments", f"{UPN_1},asmith,primary,2026-11-03,,,", "start", "2026-11-03"),
        ("sessions", f",{UPN_1},asmith,2026-09-10,held,,,,,,", "ref", ""),
        ("sessions", "S3,,asmith,2026-09-10,held,,,,,,", "upn", ""),
        ("sessions", f"S3,{UPN_1},asmith,,held,,,,,,", "held_on", ""),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,,,,,,,", "status", ""),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,done,,,,,,", "status", "done"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,missed,ill,,,,,", "missed_reason", "ill"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,other,,,,,", "missed_reason", "other"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,twenty,,,,", "minutes", "twenty"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,-1,,,,", "minutes", "-1"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,99999,,,,", "minutes", "99999"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,,email,,,", "method", "email"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,,,maths,,", "focus", "maths"),
        ("sessions", f"S3,{UPN_1},asmith,2026-09-10,held,,,,,\x00,", "details", "\x00"),
        ("targets", f"T2,{UPN_1},S9,2026-09-10,,,,,active,", "session_ref", "S9"),
        ("targets", f"T2,{UPN_2},S1,2026-09-10,,,,,active,", "session_ref", "S1"),
        ("targets", f"T2,{UPN_1},,,,,,,active,", "set_on", ""),
        ("targets", f"T2,{UPN_1},,2026-09-10,sport,,,,active,", "area", "sport"),
        ("targets", f"T2,{UPN_1},,2026-09-10,,,,,open,", "status", "open"),
        ("targets", f"T2,{UPN_1},,2026-09-10,,,,,,", "status", ""),
    ],
)
def test_a_row_is_rejected_and_the_others_taken(tmp_path, file, row, column, value):
    folder = write_folder(tmp_path, **{f"add_{file}": row + "\n"})
    good = run_import(write_folder(tmp_path / "good"), dry_run=True).files[f"{file}.csv"].rows

    report = run_import(folder)

    assert rejected(report, f"{file}.csv") == [(good + 2, column, value)]
    assert report.rejected == 1
    assert report.files[f"{file}.csv"].created == good


def test_a_temporary_upn_is_taken(tmp_path):
    folder = write_folder(tmp_path, add_students=f"{TEMPORARY},A,B,2026-11-12,2026-09-02,,\n")

    assert run_import(folder).rejected == 0
    assert Student.objects.filter(upn=TEMPORARY).exists()


def test_leaving_on_the_joining_day_and_ending_on_the_first_are_taken(tmp_path):
    folder = write_folder(
        tmp_path,
        add_students=f"{TEMPORARY},A,B,,2026-09-02,2026-09-02,\n",
        add_assignments=f"{TEMPORARY},asmith,primary,2026-09-02,2026-09-02,,\n",
    )

    assert run_import(folder).rejected == 0


# --- keys seen before --------------------------------------------------------


def test_an_identical_row_is_unchanged_and_a_different_one_rejected(tmp_path):
    same = STUDENTS.splitlines()[1]
    folder = write_folder(
        tmp_path, add_students=f"{same}\n{UPN_2},Sam,Changed,2014-04-11,2026-09-02,,community\n"
    )

    report = run_import(folder)

    assert counts(report)["students.csv"] == (4, 2, 0, 1, 1)
    assert rejected(report, "students.csv") == [(5, "upn", UPN_2)]
    assert Student.objects.get(upn=UPN_2).legal_last_name == "Other"
    assert rejected(report, "assignments.csv") == []


def test_an_identical_copy_of_a_rejected_row_is_rejected_for_the_same_reason(tmp_path):
    row = f"{UPN_1},asmith,primary,2026-11-03,,,\n"
    report = run_import(write_folder(tmp_path, add_assignments=row + row))

    assert rejected(report, "assignments.csv") == [
        (4, "start", "2026-11-03"),
        (5, "start", "2026-11-03"),
    ]


def test_a_key_seen_in_a_rejected_row_is_seen(tmp_path):
    rows = f"{TEMPORARY},A,B,2027-01-01,2026-09-02,,\n{TEMPORARY},A,B,,2026-09-02,,\n"
    report = run_import(write_folder(tmp_path, add_students=rows))

    assert rejected(report, "students.csv") == [(4, "dob", "2027-01-01"), (5, "upn", TEMPORARY)]


# --- references --------------------------------------------------------------


def test_what_refers_to_a_rejected_row_is_rejected_all_the_way_down(tmp_path):
    folder = write_folder(
        tmp_path,
        students=STUDENTS.replace("2014-03-10", "2034-03-10"),
    )

    report = run_import(folder)

    assert rejected(report, "students.csv") == [(2, "dob", "2034-03-10")]
    assert rejected(report, "assignments.csv") == [(2, "upn", UPN_1), (3, "upn", UPN_1)]
    assert rejected(report, "sessions.csv") == [(2, "upn", UPN_1), (3, "upn", UPN_1)]
    assert rejected(report, "targets.csv") == [(2, "upn", UPN_1)]
    assert "rejected" in report.files["targets.csv"].rejected[0].error


def test_a_target_of_a_rejected_session_and_work_of_rejected_staff_are_rejected(tmp_path):
    folder = write_folder(
        tmp_path,
        add_staff="cdoe,,C,Doe,wizard\n",
        sessions=SESSIONS.replace(",20,", ",many,").replace("S2,", "S2,", 1),
        add_assignments=f"{UPN_2},cdoe,primary,2026-09-02,,,\n",
    )

    report = run_import(folder)

    assert rejected(report, "sessions.csv") == [(2, "minutes", "many")]
    assert rejected(report, "targets.csv") == [(2, "session_ref", "S1")]
    assert rejected(report, "assignments.csv") == [(4, "username", "cdoe")]


def test_a_reference_to_the_database_is_as_good_as_one_to_the_folder(tmp_path):
    run_import(write_folder(tmp_path))

    report = run_import(
        write_folder(
            tmp_path,
            staff=None,
            students=None,
            assignments=None,
            sessions=None,
            targets=f"ref,upn,session_ref,set_on,status\nT9,{UPN_1},S1,2026-09-10,active\n",
        )
    )

    assert counts(report)["targets.csv"] == (1, 1, 0, 0, 0)


def test_a_known_student_whose_row_is_rejected_is_no_reference(tmp_path):
    run_import(write_folder(tmp_path))
    folder = write_folder(tmp_path, students=STUDENTS.replace("2014-03-10", "2034-03-10"))

    report = run_import(folder)

    assert rejected(report, "targets.csv") == [(2, "upn", UPN_1)]
    assert Target.objects.count() == 1


def test_people_and_students_of_another_school_are_no_reference(tmp_path):
    run_import(write_folder(tmp_path))
    other = write_folder(
        tmp_path,
        school=SCHOOL.replace("999201", "999202"),
        staff="username\ncdoe\n",
        students=STUDENTS.splitlines()[0] + f"\n{TEMPORARY},A,B,,2026-09-02,,\n",
        assignments=ASSIGNMENTS.splitlines()[0]
        + f"\n{TEMPORARY},asmith,primary,2026-09-02,,,\n{UPN_1},cdoe,primary,2026-09-02,,,\n",
        sessions=None,
        targets=None,
    )

    report = run_import(other)

    assert rejected(report, "assignments.csv") == [(2, "username", "asmith"), (3, "upn", UPN_1)]


def test_a_student_of_another_school_is_not_taken_over(tmp_path):
    run_import(write_folder(tmp_path))

    report = run_import(write_folder(tmp_path, school=SCHOOL.replace("999201", "999202")))

    assert rejected(report, "students.csv") == [(2, "upn", UPN_1), (3, "upn", UPN_2)]
    assert Student.objects.get(upn=UPN_1).school.urn == "999201"


def test_the_command_may_give_somebody_a_post_at_a_second_school(tmp_path):
    run_import(write_folder(tmp_path))
    other = write_folder(
        tmp_path,
        school=SCHOOL.replace("999201", "999202"),
        **dict.fromkeys(("students", "assignments", "sessions", "targets")),
    )

    report = run_import(other)

    assert counts(report)["staff.csv"] == (2, 2, 0, 0, 0)
    assert User.objects.count() == 2
    assert StaffMember.objects.filter(user__username="asmith").count() == 2


def test_refs_belong_to_one_school(tmp_path):
    run_import(write_folder(tmp_path))
    third = "K80120000101C"
    swap = {
        name: text.replace(UPN_1, third)
        for name, text in (("students", STUDENTS), ("sessions", SESSIONS))
    }
    swap["students"] = "\n".join(swap["students"].splitlines()[:2]) + "\n"
    other = write_folder(
        tmp_path,
        school=SCHOOL.replace("999201", "999202"),
        assignments=None,
        targets=None,
        **swap,
    )

    report = run_import(other)

    assert report.rejected == 0
    assert KeyworkSession.objects.filter(import_ref="S1").count() == 2


# --- overlaps ----------------------------------------------------------------


def test_of_two_primaries_that_overlap_the_later_row_is_rejected(tmp_path):
    # the later row of the file, though it starts first
    rows = f"{UPN_2},bjones,primary,2026-10-01,,,\n{UPN_2},asmith,primary,2026-09-02,,,\n"

    report = run_import(write_folder(tmp_path, add_assignments=rows))

    assert rejected(report, "assignments.csv") == [(5, "start", "2026-09-02")]
    assert Assignment.objects.get(student__upn=UPN_2).key_worker.username == "bjones"


def test_the_day_one_ends_another_cannot_begin_but_the_next_it_can(tmp_path):
    text = (
        "upn,username,role,start,end\n"
        f"{UPN_1},asmith,primary,2026-09-02,2026-10-02\n"
        f"{UPN_1},bjones,primary,2026-10-02,2026-10-09\n"
        f"{UPN_1},bjones,primary,2026-10-03,\n"
    )

    report = run_import(write_folder(tmp_path, assignments=text))

    assert rejected(report, "assignments.csv") == [(3, "start", "2026-10-02")]
    assert report.files["assignments.csv"].created == 2


def test_secondary_assignments_may_overlap(tmp_path):
    rows = f"{UPN_1},bjones,secondary,2026-09-02,,,\n{UPN_1},asmith,secondary,2026-09-02,,,\n"

    assert run_import(write_folder(tmp_path, add_assignments=rows)).rejected == 0


def test_an_overlap_with_what_is_in_the_database_is_rejected(tmp_path):
    run_import(write_folder(tmp_path))
    folder = write_folder(
        tmp_path,
        assignments=f"upn,username,role,start\n{UPN_1},asmith,primary,2026-12-01\n",
    )

    report = run_import(folder)

    assert rejected(report, "assignments.csv") == [(2, "start", "2026-12-01")]


def test_a_hand_over_moves_in_one_file_whatever_the_order_of_its_rows(tmp_path):
    run_import(write_folder(tmp_path))
    # bjones's time ends, asmith's first time grows up to where it always ended, a third begins
    folder = write_folder(
        tmp_path,
        assignments=(
            "upn,username,role,start,end\n"
            f"{UPN_1},asmith,primary,2026-11-02,\n"
            f"{UPN_1},asmith,primary,2026-09-02,2026-10-21\n"
            f"{UPN_1},bjones,primary,2026-10-24,2026-11-01\n"
        ),
    )

    report = run_import(folder)

    assert counts(report)["assignments.csv"] == (3, 1, 2, 0, 0)
    spans = Assignment.objects.order_by("start").values_list(
        "key_worker__username", "start", "end"
    )
    assert [(name, str(start), str(end)) for name, start, end in spans] == [
        ("asmith", "2026-09-02", "2026-10-21"),
        ("bjones", "2026-10-24", "2026-11-01"),
        ("asmith", "2026-11-02", "None"),
    ]


def test_a_rejected_end_keeps_the_old_one_and_with_it_the_overlap(tmp_path):
    run_import(write_folder(tmp_path))
    folder = write_folder(
        tmp_path,
        assignments=(
            "upn,username,role,start,end\n"
            f"{UPN_1},asmith,primary,2026-11-02,\n"
            f"{UPN_1},bjones,primary,2026-10-24,2026-11-31\n"
        ),
    )

    report = run_import(folder)

    assert rejected(report, "assignments.csv") == [
        (2, "start", "2026-11-02"),
        (3, "end", "2026-11-31"),
    ]


def test_half_terms_shift_in_one_file(tmp_path):
    run_import(write_folder(tmp_path))
    calendar = (
        "kind,term,name,start,end\n"
        "half_term,Autumn 2026,Autumn 2,2026-10-19,2026-10-31\n"
        "half_term,Autumn 2026,Autumn 1,2026-09-01,2026-10-16\n"
    )

    report = run_import(write_folder(tmp_path, calendar=calendar))

    assert counts(report)["calendar.csv"] == (2, 1, 1, 0, 0)


# --- the school's own row ----------------------------------------------------


@pytest.mark.parametrize(
    ("school", "column", "value"),
    [
        ("urn,name,model\n999201,Fold School,weekly\n", "model", "weekly"),
        ("urn,name,model\n999201,Fold School,\n", "model", ""),
        ("urn,name\n999201,Fold School\n", "model", ""),
        ("urn,name,model\n,Fold School,community\n", "urn", ""),
        ("urn,name,model\n9992010,Fold School,community\n", "urn", "9992010"),
    ],
)
def test_without_its_school_no_row_is_taken(tmp_path, school, column, value):
    report = run_import(write_folder(tmp_path, school=school))

    assert rejected(report, "school.csv") == [(2, column, value)]
    assert {name: f.good for name, f in report.files.items()} == dict.fromkeys(report.files, 0)
    assert [each.error for each in report.files["students.csv"].rejected] == [
        *["The school's row in school.csv was rejected."] * 2
    ]
    assert School.objects.count() == 0


YEARS = "kind,term,name,start,end\n" + "".join(
    f"half_term,{term},,{year}-{start},{year}-{end}\n"
    for year in (2025, 2026)
    for term, start, end in (
        ("Spring", "01-05", "02-13"),
        ("Spring", "02-23", "03-27"),
        ("Autumn", "09-01", "10-23"),
        ("Autumn", "11-02", "12-18"),
    )
)


def test_a_term_that_begins_again_after_another_is_rejected(tmp_path):
    report = run_import(write_folder(tmp_path, calendar=YEARS))

    assert rejected(report, "calendar.csv") == [
        *((6, "term", "Spring"), (7, "term", "Spring"), (8, "term", "Autumn")),
        (9, "term", "Autumn"),
    ]
    assert "Autumn lies between the half terms of Spring." in (
        report.files["calendar.csv"].rejected[0].error
    )


def test_a_half_term_between_those_of_another_term_is_rejected(tmp_path):
    write_folder(tmp_path)
    run_import(tmp_path)
    wrong = "half_term,Winter,,2026-10-26,2026-10-30\n"

    report = run_import(write_folder(tmp_path, add_calendar=wrong))

    assert rejected(report, "calendar.csv") == [(5, "term", "Winter")]
    assert "Lies between the half terms of Autumn 2026." in (
        report.files["calendar.csv"].rejected[0].error
    )


def test_terms_may_change_their_names_together(tmp_path):
    run_import(write_folder(tmp_path))

    renamed = CALENDAR.replace("Autumn 2026", "Michaelmas")
    report = run_import(write_folder(tmp_path, calendar=renamed))

    assert counts(report)["calendar.csv"] == (3, 0, 2, 1, 0)


def test_what_the_school_has_already_is_not_judged(tmp_path):
    run_import(write_folder(tmp_path))
    school = School.objects.get()
    HalfTerm(
        school=school, term="Autumn 2026", start=date(2027, 9, 1), end=date(2027, 10, 1)
    ).save()
    HalfTerm(
        school=school, term="Spring 2027", start=date(2027, 1, 4), end=date(2027, 2, 1)
    ).save()

    same = run_import(tmp_path)
    longer = CALENDAR.replace("2026-12-18", "2026-12-17")
    changed = run_import(write_folder(tmp_path, calendar=longer))

    assert same.rejected == 0
    assert counts(changed)["calendar.csv"] == (3, 0, 1, 2, 0)
