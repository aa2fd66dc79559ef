"""A second import brings records up to date and leaves what people did here alone."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock
from keywork.home.imports.context import Context
from keywork.home.imports.students import TimetableImporter
from keywork.home.imports.tables import Row, Table
from keywork.models import KeyWorkModel, School, StaffRole, Trust, User
from keywork.outbox import send_waiting
from sessions.models import Amendment, KeyworkSession, Target, TargetReview
from students.models import Assignment, Student, TimetableEntry
from tests import factories as make
from tests.home.import_folders import (
    ASSIGNMENTS,
    CALENDAR,
    NOW,
    ON,
    SCHOOL,
    SESSIONS,
    STAFF,
    STUDENTS,
    TARGETS,
    UPN_1,
    UPN_2,
    counts,
    rejected,
    run_import,
    write_folder,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def imported(tmp_path):
    """The basic folder, imported; give the folder to change."""
    folder = write_folder(tmp_path)
    run_import(folder)
    return folder


def only(**files):
    """School and calendar, and of the others only these files."""
    others = ("staff", "students", "assignments", "sessions", "targets")
    return {**dict.fromkeys(others), **files}


def test_what_differs_is_updated_and_nothing_else_gets_history(imported):
    text = STUDENTS.replace("Kit,Sample", "Kit,Married")

    report = run_import(write_folder(imported, students=text))

    assert counts(report)["students.csv"] == (2, 0, 1, 1, 0)
    kit, sam = Student.objects.get(upn=UPN_1), Student.objects.get(upn=UPN_2)
    assert kit.legal_last_name == "Married"
    assert (kit.history.count(), sam.history.count()) == (2, 1)
    [example] = report.files["students.csv"].examples
    [change] = example.changes
    assert (example.row, example.key) == (2, "Kit Married")
    assert (change.label, change.before, change.after) == (
        *("Legal last name", "Sample", "Married"),
    )


def test_examples_read_as_people_do(imported):
    text = (
        "upn,dob,sen_status,model,post16_transfer,on_roll_from\n"
        f"{UPN_1},2014-03-11,K,residential,yes,2026-09-02\n"
    )

    report = run_import(write_folder(imported, students=text))

    [example] = report.files["students.csv"].examples
    assert [(c.label, c.before, c.after) for c in example.changes] == [
        ("Date of birth", "10/03/2014", "11/03/2014"),
        ("SEN status", "empty", "SEN support"),
        ("Moves to post-16", "empty", "yes"),
        ("Key work model", "empty", "Residential"),
    ]


def test_an_empty_cell_clears_and_an_absent_column_leaves_alone(imported):
    kit = Student.objects.get(upn=UPN_1)
    kit.interests, kit.residence = "Trains", "Oak House"
    kit.save()
    text = f"upn,legal_first_name,on_roll_from,dob\n{UPN_1},Kit,2026-09-02,\n"

    report = run_import(write_folder(imported, students=text))

    kit.refresh_from_db()
    assert counts(report)["students.csv"] == (1, 0, 1, 0, 0)
    assert (kit.dob, kit.legal_last_name, kit.residence, kit.interests) == (
        *(None, "Sample", "Oak House", "Trains"),
    )


def test_what_is_planned_follows_to_an_imported_key_worker(imported):
    kit = Student.objects.get(upn=UPN_1)
    ann, bob = (User.objects.get(username=name) for name in ("asmith", "bjones"))
    for day in (1, 8):
        make.SessionFactory(
            student=kit, key_worker=bob, status="planned", held_on=ON + timedelta(days=day)
        )
    start = ON + timedelta(days=7)
    text = (
        "upn,username,role,start,end\n"
        f"{UPN_1},bjones,primary,2026-10-24,{start - timedelta(days=1)}\n"
        f"{UPN_1},asmith,primary,{start},\n"
    )

    report = run_import(write_folder(imported, **only(assignments=text)))

    assert counts(report)["assignments.csv"] == (2, 1, 1, 0, 0)
    planned = KeyworkSession.objects.planned().order_by("held_on")
    assert [each.key_worker for each in planned] == [bob, ann]
    last = planned[1].history.first()
    assert last.history_change_reason == "Key worker imported from assignments.csv"
    again = run_import(imported)
    assert counts(again)["assignments.csv"] == (2, 0, 0, 2, 0)


def test_what_somebody_planned_who_had_the_student_long_ago_stays_theirs(imported):
    """Ann's time ended before this file, which corrects her last day; she plans on as SENCo."""
    kit = Student.objects.get(upn=UPN_1)
    ann, bob = (User.objects.get(username=name) for name in ("asmith", "bjones"))
    cat = make.make_staff(kit.school, "key_worker", username="cat")
    for person in (ann, bob, None):
        make.SessionFactory(
            student=kit, key_worker=person, status="planned", held_on=ON + timedelta(days=8)
        )
    text = (
        "upn,username,role,start,end\n"
        f"{UPN_1},asmith,primary,2026-09-02,2026-10-22\n"
        f"{UPN_1},bjones,primary,2026-10-24,{ON + timedelta(days=6)}\n"
        f"{UPN_1},cat,primary,{ON + timedelta(days=7)},\n"
    )

    report = run_import(write_folder(imported, **only(assignments=text)))

    assert counts(report)["assignments.csv"] == (3, 1, 2, 0, 0)
    planned = KeyworkSession.objects.planned().order_by("pk")
    assert [each.key_worker for each in planned] == [ann, cat, cat]


def test_an_absent_required_column_is_needed_for_new_records_only(imported):
    text = f"upn,legal_first_name\n{UPN_1},Christopher\nG80120000101A,New\n"

    report = run_import(write_folder(imported, students=text))

    assert counts(report)["students.csv"] == (2, 0, 1, 0, 1)
    assert rejected(report, "students.csv") == [(3, "on_roll_from", "")]


def test_dates_are_checked_against_what_is_there(imported):
    text = f"upn,left_on\n{UPN_1},2026-09-01\n"

    report = run_import(write_folder(imported, students=text))

    assert rejected(report, "students.csv") == [(2, "left_on", "2026-09-01")]


def test_rows_missing_from_the_file_stay(imported):
    report = run_import(write_folder(imported, **only()))

    assert report.rejected == 0
    assert (Student.objects.count(), Assignment.objects.count()) == (2, 2)


def test_roles_are_given_and_taken_with_history(imported):
    text = STAFF.replace("key_worker|teacher", "teacher|slt")

    report = run_import(write_folder(imported, **only(staff=text)))

    assert counts(report)["staff.csv"] == (2, 0, 1, 1, 0)
    held = StaffRole.objects.filter(staff_member__user__username="asmith")
    assert sorted(held.values_list("role", flat=True)) == ["slt", "teacher"]
    taken = StaffRole.history.get(history_type="-")
    assert (taken.role, taken.history_change_reason) == ("key_worker", "Imported from staff.csv")
    [example] = report.files["staff.csv"].examples
    assert [(c.label, c.before, c.after) for c in example.changes] == [
        ("Roles", "Key worker, Teacher", "Senior leader, Teacher")
    ]


def test_a_file_without_roles_leaves_them(imported):
    run_import(write_folder(imported, **only(staff="username,job_title\nasmith,Mentor\n")))

    assert StaffRole.objects.filter(staff_member__user__username="asmith").count() == 2
    assert User.objects.get(username="asmith").email == "asmith@fold.example.org"


def test_an_email_that_an_import_changes_is_told_to_the_old_address(
    imported, django_capture_on_commit_callbacks
):
    changed = "username,email\nasmith,new@fold.example.org\n"
    with django_capture_on_commit_callbacks(execute=True):
        run_import(write_folder(imported, **only(staff=changed)))
    assert User.objects.get(username="asmith").email == "new@fold.example.org"
    send_waiting(clock=clock.now)
    [message] = mail.outbox
    assert message.to == ["asmith@fold.example.org"]
    assert message.subject == "Your sign-in e-mail was changed"


def test_somebodys_post_is_ended_and_opened_again(imported):
    ended = "username,starts_on,ends_on\nasmith,2025-09-01,2026-10-23\n"
    run_import(write_folder(imported, **only(staff=ended)))

    wrong = "username,ends_on\nasmith,2025-08-31\n"
    report = run_import(write_folder(imported, **only(staff=wrong)))

    assert rejected(report, "staff.csv") == [(2, "ends_on", "2025-08-31")]


def test_the_school_is_brought_up_to_date(imported):
    text = SCHOOL.replace("Fold School,,special_day", "Fold Academy,Becks Trust,community")

    first = run_import(write_folder(imported, **only(school=text)))
    second = run_import(write_folder(imported, **only(school=text)))

    school = School.objects.get()
    assert (school.name, school.trust.name, school.key_work_model.code) == (
        *("Fold Academy", "Becks Trust", "community"),
    )
    assert counts(first)["school.csv"] == (1, 0, 1, 0, 0)
    assert counts(second)["school.csv"] == (1, 0, 0, 1, 0)
    assert Trust.objects.count() == 1

    run_import(write_folder(imported, **only(school=SCHOOL)))
    assert School.objects.get().trust is None


def test_a_model_of_the_schools_own_can_be_named(imported):
    school = School.objects.get()
    own = KeyWorkModel.objects.get(school=school, code="community")
    own.pk, own.ref, own.code = None, "ownmodel01", "our_own"
    own.save()

    report = run_import(
        write_folder(
            imported,
            **only(
                school=SCHOOL.replace("special_day", "our_own"),
                students=f"upn,model\n{UPN_1},our_own\n",
            ),
        )
    )

    assert report.rejected == 0
    assert Student.objects.get(upn=UPN_1).key_work_model == own
    assert School.objects.get().key_work_model == own


def test_a_closed_day_keeps_its_end_where_the_file_has_no_such_column(imported):
    longer = CALENDAR.replace("2026-09-01,\n", "2026-09-01,2026-09-02\n")
    run_import(write_folder(imported, **only(calendar=longer)))

    report = run_import(write_folder(imported, **only(calendar="kind,start\ninset,2026-09-01\n")))
    assert counts(report)["calendar.csv"] == (1, 0, 0, 1, 0)

    report = run_import(
        write_folder(imported, **only(calendar="kind,start,end\ninset,2026-09-01,\n"))
    )
    assert counts(report)["calendar.csv"] == (1, 0, 1, 0, 0)


def test_a_session_signed_here_is_no_longer_the_files(imported):
    session = KeyworkSession.objects.get(import_ref="S1")
    session.signed_at, session.signed_by = NOW, session.key_worker
    session.save()

    same = run_import(imported)
    changed = run_import(write_folder(imported, sessions=SESSIONS.replace(",20,", ",25,")))

    assert same.rejected == 0
    assert rejected(changed, "sessions.csv") == [(2, "minutes", "25")]
    assert "signed here" in changed.files["sessions.csv"].rejected[0].error


def test_a_session_cancelled_here_is_no_longer_the_files(imported):
    session = KeyworkSession.objects.get(import_ref="S2")
    session.withdrawn_at, session.withdrawn_by = NOW, session.key_worker
    session.save()

    report = run_import(write_folder(imported, sessions=SESSIONS.replace("declined", "no_time")))

    assert rejected(report, "sessions.csv") == [(3, "missed_reason", "no_time")]
    assert "cancelled here" in report.files["sessions.csv"].rejected[0].error


def test_a_session_corrected_here_is_no_longer_the_files(imported):
    session = KeyworkSession.objects.get(import_ref="S1")
    session.details = "Talked about the bus"
    session.save()
    Amendment(
        keywork_session=session, reason="It was the bus", changes=[], made_at=NOW,
        made_by=session.key_worker,
    ).save()  # fmt: skip

    same = run_import(imported)
    more = run_import(
        write_folder(
            imported, sessions=SESSIONS.replace('"Talked\nabout\nlunch"', session.details)
        )
    )
    changed = SESSIONS.replace('"Talked\nabout\nlunch"', session.details).replace(",20,", ",25,")
    other = run_import(write_folder(imported, sessions=changed))

    assert rejected(same, "sessions.csv") == [(2, "details", "Talked\nabout\nlunch")]
    assert "corrected here" in same.files["sessions.csv"].rejected[0].error
    assert more.rejected == 0
    assert rejected(other, "sessions.csv") == [(2, "minutes", "25")]
    session.refresh_from_db()
    assert (session.details, session.minutes) == ("Talked about the bus", 20)


def test_a_planned_session_moved_here_stays_where_it_was_moved(imported):
    planned = SESSIONS + f"S3,{UPN_1},bjones,2026-11-19,planned,,20,one_to_one,,,\n"
    run_import(write_folder(imported, sessions=planned))
    session = KeyworkSession.objects.get(import_ref="S3")
    session.held_on = date(2026, 11, 26)
    session.save()

    report = run_import(imported)

    assert rejected(report, "sessions.csv") == [(4, "held_on", "2026-11-19")]
    assert "changed here" in report.files["sessions.csv"].rejected[0].error
    session.refresh_from_db()
    assert session.held_on == date(2026, 11, 26)


def handed_over(imported):
    """S3, which bjones planned, goes to asmith by the assignments of the next folder."""
    planned = f"{SESSIONS}S3,{UPN_1},bjones,2026-11-19,planned,,20,one_to_one,,,\n"
    run_import(write_folder(imported, sessions=planned))
    assignments = (
        "upn,username,role,start,end\n"
        f"{UPN_1},bjones,primary,2026-10-24,2026-11-15\n"
        f"{UPN_1},asmith,primary,2026-11-16,\n"
    )
    return write_folder(imported, assignments=assignments, sessions=planned)


def test_a_planned_session_that_a_file_handed_over_stays_the_files(imported):
    folder = handed_over(imported)

    for _ in range(2):
        report = run_import(folder)
        assert counts(report)["sessions.csv"] == (3, 0, 0, 3, 0)
        session = KeyworkSession.objects.get(import_ref="S3")
        assert (session.key_worker.username, session.status) == ("asmith", "planned")

    moved = "bjones,2026-11-19,planned,,20", "bjones,2026-11-20,planned,,30"
    text = (folder / "sessions.csv").read_text().replace(*moved)
    report = run_import(write_folder(folder, **only(sessions=text)))
    assert counts(report)["sessions.csv"] == (3, 0, 1, 2, 0)
    session.refresh_from_db()
    assert (session.key_worker.username, session.held_on, session.minutes) == (
        *("asmith", date(2026, 11, 20), 30),
    )


def test_who_held_a_session_after_a_hand_over_is_as_the_file_says(imported):
    run_import(handed_over(imported))
    text = (imported / "sessions.csv").read_text()
    held = text.replace(
        "2026-11-19,planned,,20,one_to_one,,", "2026-11-12,held,,20,one_to_one,iep,"
    )
    report = run_import(write_folder(imported, **only(sessions=held)))
    assert counts(report)["sessions.csv"] == (3, 0, 1, 2, 0)
    session = KeyworkSession.objects.get(import_ref="S3")
    assert (session.key_worker.username, session.status) == ("bjones", "held")


def test_what_people_changed_before_a_hand_over_stands(imported):
    folder = handed_over(imported)
    session = KeyworkSession.objects.get(import_ref="S3")
    session.minutes = 45
    session.save()

    report = run_import(folder)

    assert rejected(report, "sessions.csv") == [(4, "minutes", "20")]
    session.refresh_from_db()
    assert (session.key_worker.username, session.minutes) == ("asmith", 45)


def test_a_briefing_read_leaves_a_planned_session_the_files(imported):
    planned = SESSIONS + f"S3,{UPN_1},bjones,2026-11-10,planned,,20,one_to_one,,,\n"
    run_import(write_folder(imported, sessions=planned))
    session = KeyworkSession.objects.get(import_ref="S3")
    session.briefed_at = NOW
    session.save()

    held = planned.replace("planned,,20,one_to_one,,,", "held,,20,one_to_one,,Went well,")
    report = run_import(write_folder(imported, sessions=held))
    again = run_import(
        write_folder(imported, sessions=held.replace("Went well", "Went very well"))
    )

    assert counts(report)["sessions.csv"] == (3, 0, 1, 2, 0)
    assert counts(again)["sessions.csv"] == (3, 0, 1, 2, 0)


def test_an_assignment_ended_here_stays_ended(imported):
    assignment = Assignment.objects.get(key_worker__username="bjones")
    assignment.end = date(2026, 11, 6)
    assignment.save()

    report = run_import(imported)

    assert rejected(report, "assignments.csv") == [(3, "end", "")]
    assignment.refresh_from_db()
    assert assignment.end == date(2026, 11, 6)


def test_a_preview_shows_no_handover_note(imported):
    text = ASSIGNMENTS.replace("2026-10-23,first,", "2026-10-22,first,Other words")
    text = text.replace("Asked for a change", "More words")

    report = run_import(write_folder(imported, assignments=text), dry_run=True)

    shown = [
        (change.label, change.before, change.after)
        for example in report.files["assignments.csv"].examples
        for change in example.changes
    ]
    assert sorted(shown) == [
        ("Last day", "23/10/2026", "22/10/2026"),
        ("Note", "not shown", "as in the file"),
        ("Note", "not shown", "as in the file"),
    ]


def test_an_assignment_made_here_can_be_ended_by_a_file(imported):
    kit = Student.objects.get(upn=UPN_2)
    ann = User.objects.get(username="asmith")
    made = Assignment(student=kit, key_worker=ann, role="secondary", start=date(2026, 9, 2))
    made.save()
    row = f"{UPN_2},asmith,secondary,2026-09-02,2026-10-23,,\n"

    report = run_import(write_folder(imported, add_assignments=row))

    assert counts(report)["assignments.csv"] == (3, 0, 1, 2, 0)


def test_a_target_changed_here_is_no_longer_the_files(imported):
    target = Target.objects.get()
    target.text = "Show the green card"
    target.save()

    report = run_import(imported)

    assert rejected(report, "targets.csv") == [(2, "text", "Show the card")]
    assert "changed here" in report.files["targets.csv"].rejected[0].error


def test_a_target_reviewed_here_is_no_longer_the_files(imported):
    target = Target.objects.get()
    TargetReview(
        target=target,
        reviewed_on=ON,
        reviewed_by=User.objects.get(username="asmith"),
        outcome="achieved",
    ).save()
    target.status, target.closed_on = "achieved", ON
    target.save()

    report = run_import(imported)

    assert rejected(report, "targets.csv") == [(2, "status", "active")]
    target.refresh_from_db()
    assert target.status == "achieved"


def test_targets_nobody_touched_follow_the_file(imported):
    text = TARGETS.replace("active,", "partly,2026-09-24")

    report = run_import(write_folder(imported, targets=text))

    assert counts(report)["targets.csv"] == (1, 0, 1, 0, 0)
    assert str(Target.objects.get().closed_on) == "2026-09-24"


def test_what_only_the_database_can_refuse_rejects_that_row_alone(imported):
    """Another import wrote the same entry between the look and the write."""

    class Blind(TimetableImporter):
        def match(self, drafts):
            """See nothing of what is there."""

    def rows(*subjects):
        cells = [{"upn": UPN_1, "username": "asmith", "subject": name} for name in subjects]
        return [Row(number, each) for number, each in enumerate(cells, 2)]

    def importer(kind):
        return kind(Context(on=ON, now=NOW, school=School.objects.get()), "timetable.csv")

    form = TimetableImporter.format
    columns = form.key
    importer(TimetableImporter).run(Table("timetable.csv", form, columns, rows("Maths")))
    report = importer(Blind).run(Table("timetable.csv", form, columns, rows("Maths", "Art")))

    assert [(each.row, each.column) for each in report.rejected] == [(2, "upn")]
    assert (report.created, TimetableEntry.objects.count()) == (1, 2)


def test_the_number_of_queries_does_not_grow_with_unchanged_rows(tmp_path):
    def session_rows(count):
        return "ref,upn,held_on,status\n" + "".join(
            f"S{n},{UPN_1},2026-09-10,held\n" for n in range(count)
        )

    def queries(count):
        folder = write_folder(tmp_path, **only(students=STUDENTS, sessions=session_rows(count)))
        run_import(folder)
        with CaptureQueriesContext(connection) as captured:
            run_import(folder)
        return len([q for q in captured if "SAVEPOINT" not in q["sql"]])

    assert queries(1) == queries(40)
