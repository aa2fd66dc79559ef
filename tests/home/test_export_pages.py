"""An export of an MIS in the browser: match columns, preview, decide, import, mend, send again."""

import csv
import io
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from keywork import clock, jobs
from keywork.home.imports import services as folder_services
from keywork.home.imports.uploads import folder_of
from keywork.home.mis import files, services
from keywork.home.mis.values import Order
from keywork.home.models import ImportRun
from keywork.home.tasks import run_job
from keywork.models import ImportMapping, Job
from students.models import AttendanceMark, BehaviourRecord, Student
from tests.factories import NOW, StudentFactory, make_school, make_staff
from tests.home.hillside import EXPORTS
from tests.home.test_import_pages import zipped

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

UPN_1, UPN_2 = "X999999926014", "J999910121101"
HEAD = "Adno,UPN,Legal Forename,Legal Surname,DOB,Year Group,Reg Group"
STUDENTS = f"{HEAD}\n001,{UPN_1},Kit,Moss,10/03/2014,Year 8,8A\n"
MARKS = "UPN,Date,Session,Mark\n"


@pytest.fixture(autouse=True)
def _on_the_day(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school(urn="999201")


@pytest.fixture
def admin(school, client):
    person = make_staff(school, "admin", username="office")
    client.force_login(person)
    return person


def upload(client, kind, text, name="export.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(
        reverse("import_new"), {"kind": kind, "uploads": [SimpleUploadedFile(name, data)]}
    )


def taken(client, kind, text, name="export.csv"):
    """Upload a file that is taken; give its import."""
    response = upload(client, kind, text, name)
    run = ImportRun.objects.first()
    assert response.status_code == 302, page(response)
    assert response.url == reverse("import_mapping", args=[run.ref])
    return run


def match(client, run, order="day", remember="", **columns):
    """Send the columns as they are recognised, but for those given by heading."""
    form = client.get(reverse("import_mapping", args=[run.ref])).context["form"]
    data = {"order": order, "name": remember}
    for line in form.lines():
        data[line.field.html_name] = columns.get(line.heading, line.field.value() or "")
    return client.post(reverse("import_mapping", args=[run.ref]), data)


def previewed(client, kind, text, name="export.csv", **more):
    """Upload and match a file; give its import, checked."""
    run = taken(client, kind, text, name)
    response = match(client, run, **more)
    assert response.status_code == 302, page(response)
    assert response.url == reverse("import_preview", args=[run.ref])
    run.refresh_from_db()
    return run


def imported(client, run):
    """Ask for the import and be the worker; give the import, and the job."""
    response = client.post(reverse("import_preview", args=[run.ref]))
    job = Job.objects.get(kind="export_import", about=run.ref)
    assert response.url == reverse("job", args=[job.ref])
    run_job(job.ref)
    run.refresh_from_db()
    job.refresh_from_db()
    return run, job


def page(response):
    return " ".join(unescape(response.content.decode()).split())


def preview(client, run):
    return page(client.get(reverse("import_preview", args=[run.ref])))


# --- the whole way -------------------------------------------------------------------------


def test_students_from_choosing_the_file_to_the_result(client, admin, school):
    run = taken(client, "students", STUDENTS + "002,X000,Bad,Upn,31/02/2014,Year 8,8A\n")
    shown = page(client.get(reverse("import_mapping", args=[run.ref])))
    assert "Legal Forename" in shown
    assert "10/03/2014 · 31/02/2014" in shown
    match(client, run)
    run.refresh_from_db()
    told = preview(client, run)
    assert "1 new, 0 changed, 0 same, 1 problem" in told
    assert "Row 3" in told
    assert "“31/02/2014”" in told
    assert "No such date. Use dd/mm/yyyy." in told
    assert not Student.objects.exists()

    run, job = imported(client, run)

    assert (run.status, run.applied_by, run.good, run.rejected) == ("applied", admin, 1, 1)
    kit = Student.objects.get()
    assert (kit.name, kit.upn, str(kit.dob), kit.nc_year) == ("Kit Moss", UPN_1, "2014-03-10", "8")
    assert kit.history.get().history_user == admin
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    gone = client.get(reverse("job", args=[job.ref]))
    assert gone.url == reverse("import_result", args=[run.ref])
    result = page(client.get(gone.url))
    assert "1 row imported, 1 left out" in result
    assert reverse("students:students") in result
    assert [path.name for path in folder_of(run.ref).iterdir()] == ["problems"]


@pytest.mark.parametrize(
    ("kind", "file", "created"),
    [("students", "arbor-students.csv", 47), ("behaviour", "bromcom-behaviour.xlsx", 0)],
)
def test_known_headings_need_nobody(client, admin, school, kind, file, created):
    """As SIMS, Arbor and Bromcom export them: only `Look at what changes` is pressed."""
    run = taken(client, kind, (EXPORTS / file).read_bytes(), file)
    response = match(client, run)
    if response.url.startswith("/jobs/"):
        run_job(Job.objects.get().ref)
    run.refresh_from_db()
    assert run.status == "previewed"
    assert run.report["files"][file]["created"] == created


def test_a_wide_register_asks_for_no_column_of_a_day(client, admin, school):
    StudentFactory(school=school, upn=UPN_1)
    text = f"Student,UPN,11/11/2026 AM,11/11/2026 PM\nKit,{UPN_1},/,I\n"
    run = taken(client, "attendance", text)
    shown = page(client.get(reverse("import_mapping", args=[run.ref])))
    assert "2 more are days of the register" in shown
    match(client, run)
    run.refresh_from_db()
    imported(client, run)
    assert sorted(AttendanceMark.objects.values_list("session", "code")) == [
        ("AM", "/"), ("PM", "I"),
    ]  # fmt: skip


# --- columns -------------------------------------------------------------------------------

OWN = "Kind ID,Vorname,Nachname,Geboren\n"


def test_unknown_headings_are_matched_by_hand_and_remembered(client, admin, school):
    by_hand = {"Kind ID": "upn", "Vorname": "first_name", "Nachname": "last_name"}
    run = taken(client, "students", f"{OWN}{UPN_1},Kit,Moss,10/03/2014\n")
    match(client, run, remember="Our system", **by_hand)
    run.refresh_from_db()
    assert run.status == "previewed"
    assert "Left out: Geboren" in preview(client, run)
    kept = ImportMapping.objects.get(school=school, kind="students", name="Our system")
    assert kept.columns == {**by_hand, "Geboren": ""}
    assert kept.history.get().history_user == admin
    imported(client, run)

    later = taken(client, "students", f"{OWN}{UPN_2},Ana,Brook,10/03/2014\n")
    assert "Matched as you matched “Our system”" in page(
        client.get(reverse("import_mapping", args=[later.ref]))
    )
    match(client, later)
    later.refresh_from_db()
    imported(client, later)
    assert set(Student.objects.values_list("upn", "dob")) == {(UPN_1, None), (UPN_2, None)}


def test_a_sensitive_column_stays_out_unless_somebody_maps_it(client, admin, school):
    text = "UPN,Surname,Safeguarding note\n" + f"{UPN_1},Moss,never to be seen\n"
    run = previewed(client, "students", text)
    run, _ = imported(client, run)
    student = Student.objects.get()
    assert "never to be seen" not in str(vars(student))
    assert "never to be seen" not in str(run.report)


def test_what_a_kind_needs_is_asked_for(client, admin, school):
    run = taken(client, "attendance", f"UPN,Kind,Wert\n{UPN_1},a,b\n")
    told = page(match(client, run))
    assert "There is 1 thing to fix" in told
    assert "Choose the column of: Date, Session (AM or PM), Mark" in told
    twice = page(match(client, run, Kind="date", Wert="date"))
    assert "Date is chosen twice. Choose one" in twice


def test_another_mapping_of_the_command_is_the_same_store(client, admin, school, tmp_path):
    from tests.home.hillside import import_mis

    run = taken(client, "students", f"{OWN}{UPN_1},Kit,Moss,\n")
    match(client, run, remember="By hand", **{"Kind ID": "upn", "Nachname": "last_name"})
    (tmp_path / "x.csv").write_text(f"{OWN}{UPN_1},Kit,Moss,\n")
    report = import_mis(tmp_path / "x.csv", "students", urn="999201", mapping="By hand")
    assert report["created"] == 1


# --- dates ---------------------------------------------------------------------------------


def test_ambiguous_dates_are_refused_until_somebody_says(client, admin, school):
    for upn in (UPN_1, UPN_2):
        StudentFactory(school=school, upn=upn)
    text = f"{MARKS}{UPN_1},11/05/2026,AM,/\n{UPN_2},11/20/2026,AM,/\n"
    run = previewed(client, "attendance", text)
    told = preview(client, run)
    assert "0 new, 0 changed, 0 same, 2 problems" in told
    assert "Could be either of two dates" in told
    assert "Which is it?" in told

    match(client, run, order="month", remember="American")
    run.refresh_from_db()
    assert "2 new, 0 changed, 0 same, 0 problems" in preview(client, run)
    imported(client, run)
    days = sorted(str(day) for day in AttendanceMark.objects.values_list("date", flat=True))
    assert days == ["2026-11-05", "2026-11-20"]
    assert ImportMapping.objects.get().values == {"date_order": {"order": "month"}}


def test_headings_of_days_with_the_month_first_are_asked_about(client, admin, school):
    StudentFactory(school=school, upn=UPN_1)
    run = taken(client, "attendance", f"UPN,11/05/2026 AM,11/20/2026 AM\n{UPN_1},/,/\n")
    told = page(match(client, run))
    assert "The file has a column “11/05/2026 AM”: Could be either of two dates" in told
    match(client, run, order="month")
    run.refresh_from_db()
    imported(client, run)
    days = sorted(str(day) for day in AttendanceMark.objects.values_list("date", flat=True))
    assert days == ["2026-11-05", "2026-11-20"]


# --- decisions -----------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "students"), [("same", 1), ("other", 2), ("", 1)])
def test_a_possible_duplicate_needs_a_person(client, admin, school, answer, students):
    StudentFactory(
        school=school, upn=UPN_2, legal_first_name="Kit", legal_last_name="Moss",
        dob="2014-03-10", reg_form="8C",
    )  # fmt: skip
    text = "Legal Forename,Legal Surname,DOB,Reg Group\nKit,Moss,10/03/2014,9C\n"
    run = previewed(client, "students", text)
    told = preview(client, run)
    assert "Is it the same student?" in told
    assert "A different one" in told
    (ask,) = run.report["mis"]["asks"]
    response = client.post(
        reverse("import_answers", args=[run.ref]), {f"ask_{ask['key']}": answer}
    )
    assert response.url == reverse("import_preview", args=[run.ref])
    run.refresh_from_db()
    run, _ = imported(client, run)
    assert Student.objects.count() == students
    forms = set(Student.objects.values_list("reg_form", flat=True))
    assert forms == {"same": {"9C"}, "other": {"8C", "9C"}, "": {"8C"}}[answer]


def test_an_answer_counts_for_the_question_asked_alone(client, admin, school):
    run = previewed(client, "students", STUDENTS)
    client.post(reverse("import_answers", args=[run.ref]), {"ask_0123456789abcdef0123": "same"})
    run.refresh_from_db()
    assert run.answers == {}


def test_unknown_words_get_a_meaning_that_is_remembered(client, admin, school):
    StudentFactory(school=school, upn=UPN_1)
    text = f"Incident Date/Time,UPN,Severity\n02/11/2026 09:30,{UPN_1},Amber\n"
    run = previewed(client, "behaviour", text, remember="Ours")
    assert "“Amber” means" in preview(client, run)
    client.post(reverse("import_answers", args=[run.ref]), {"word_level_0": "low"})
    run.refresh_from_db()
    assert "1 new, 0 changed, 0 same, 0 problems" in preview(client, run)
    imported(client, run)
    assert BehaviourRecord.objects.get().level == "low"
    assert ImportMapping.objects.get(name="Ours").values["level"] == {"Amber": "low"}


# --- problem rows --------------------------------------------------------------------------


def test_problem_rows_can_be_mended_and_sent_again(client, admin, school):
    """Cells that a spreadsheet would calculate are marked, and come back as they were."""
    StudentFactory(school=school, upn=UPN_1)
    text = (
        "Incident Date/Time,UPN,Severity,Narrative\n"
        f"02/11/2026 09:30,{UPN_1},Mauve,=SUM(A1)\n"
        f"03/11/2026 09:30,{UPN_1},Low,-shouted\n"
    )
    run = previewed(client, "behaviour", text)
    response = client.get(reverse("import_problems", args=[run.ref, "behaviour"]))
    assert response["Content-Disposition"] == 'attachment; filename="behaviour-problems.csv"'
    header, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert header[-3:] == ["Keywork: row", "Keywork: column", "Keywork: problem"]
    assert row[:4] == ["02/11/2026 09:30", UPN_1, "Mauve", "'=SUM(A1)"]
    assert row[4:6] == ["2", "Severity"]

    mended = response.content.decode("utf-8-sig").replace("Mauve", "High")
    again = previewed(client, "behaviour", mended)
    imported(client, again)
    slip = BehaviourRecord.objects.get()
    assert (slip.level, slip.description) == ("high", "=SUM(A1)")


def test_a_row_of_a_wide_register_comes_once_with_all_that_is_wrong(client, admin, school):
    StudentFactory(school=school, upn=UPN_1)
    text = f"UPN,11/11/2026 AM,11/11/2026 PM,12/11/2026 AM\n{UPN_1},??,!!,/\n"
    run = previewed(client, "attendance", text)
    content = client.get(reverse("import_problems", args=[run.ref, "attendance"])).content
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert len(rows) == 1
    assert rows[0][5] == "11/11/2026 AM; 11/11/2026 PM"


# --- what is refused -----------------------------------------------------------------------


def workbook(*rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", "UPN,Surname\n\x00\x00,a\n", "holds bytes that are no text"),
        ("a.csv", b"\xff\xfe\x00\xd8\x00", "is in an encoding that cannot be read"),
        ("a.csv", 'UPN,Surname\n"a,b\n', "cannot be read as CSV"),
        ("a.csv", "UPN,Surname\n", "has headings and no row below them"),
        ("a.csv", "\n\n", "has no row of known headings"),
        ("a.pdf", "%PDF", "is neither CSV nor XLSX"),
        ("a.xlsx", "not a workbook", "is not an XLSX workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "is neither CSV nor XLSX"),
        ("a.csv", b"\xd0\xcf\x11\xe0rest", "is an old XLS workbook, or has a password"),
        ("a.xlsx", zipped(**{"xl/big.xml": b"0" * 3_000_000}), "unpacks to more than a school's"),
        ("a.csv", "UPN,Surname\n" + ",".join("x" * 2001) + "\n", "has more than 2000 columns"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_kept(client, admin, school, name, data, words):
    response = upload(client, "students", data, name)
    assert response.status_code == 200
    assert f"{name}: {words}" in page(response)
    assert "There is 1 thing to fix" in page(response)
    assert not ImportRun.objects.exists()
    folder = folder_of("x").parent
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_file_above_the_limit_is_refused(client, admin, school, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_EXPORT", 10)
    assert "is larger than 0 MB. Split it" in page(upload(client, "students", STUDENTS))
    monkeypatch.setattr(files, "LARGEST_EXPORT", 10_000_000)
    monkeypatch.setattr(files, "LARGEST_WORKBOOK", 100)
    book = workbook(["UPN", "Surname"], [UPN_1, "Moss"])
    assert "unpacks to more than" in page(upload(client, "students", book, "a.xlsx"))


def test_one_export_at_a_time(client, admin, school):
    two = [SimpleUploadedFile(name, STUDENTS.encode()) for name in ("a.csv", "b.csv")]
    response = client.post(reverse("import_new"), {"kind": "students", "uploads": two})
    assert "Choose one file: each export is imported by itself" in page(response)


def test_a_formula_is_text_and_never_calculated(client, admin, school):
    book = workbook(["UPN", "Surname", "Forename"], [UPN_1, "=1+1", "Kit"])
    run = previewed(client, "students", book, "a.xlsx")
    told = preview(client, run)
    assert "1 new" in told or "1 problem" in told
    text = f"UPN,Surname,Forename\n{UPN_2},=1+1,Kit\n"
    imported(client, previewed(client, "students", text))
    assert Student.objects.get(upn=UPN_2).legal_last_name == "=1+1"


def test_hardly_a_row_right_is_another_file(client, admin, school, monkeypatch):
    from keywork.home import import_jobs

    monkeypatch.setattr(import_jobs, "MOST_PROBLEMS", 2)
    monkeypatch.setattr(services, "CHECKED_AT_ONCE", {".csv": 0, ".xlsx": 0})
    run = taken(client, "students", STUDENTS + "".join(f"{n},X{n},A,B,,8,\n" for n in range(4)))
    response = match(client, run)
    job = Job.objects.get()
    assert response.url == reverse("job", args=[job.ref])
    run_job(job.ref)
    told = page(client.get(response.url))
    assert "It did not finish" in told
    assert "has more than 2 rows with a problem, the first of them: Row 3" in told
    run.refresh_from_db()
    assert run.status == "matching"


# --- the job -------------------------------------------------------------------------------


@pytest.fixture
def run(client, admin, school):
    return previewed(client, "students", STUDENTS)


@pytest.fixture
def job(client, run):
    client.post(reverse("import_preview", args=[run.ref]))
    return Job.objects.get()


def test_asking_twice_gives_one_job_and_running_it_twice_one_import(client, run, job):
    client.post(reverse("import_preview", args=[run.ref]))
    assert Job.objects.count() == 1
    run_job(job.ref)
    run_job(job.ref)
    assert Student.history.count() == 1
    again = client.post(reverse("import_preview", args=[run.ref]))
    assert again.url == reverse("import_result", args=[run.ref])


def test_the_page_waits_polls_and_reloads_without_script(client, run, job):
    told = page(client.get(reverse("job", args=[job.ref])))
    assert "Waiting for its turn" in told
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in told
    assert 'hx-trigger="every 2s"' in told
    assert client.get(reverse("import_preview", args=[run.ref])).url.startswith("/jobs/")
    assert client.get(reverse("import_mapping", args=[run.ref])).url.startswith("/jobs/")
    assert client.post(reverse("import_cancel", args=[run.ref])).url.startswith("/jobs/")
    Job.objects.update(state="running", heard_at=NOW, done=31, total=47, noun="rows written")
    part = page(client.get(reverse("job", args=[job.ref]), headers={"HX-Request": "true"}))
    assert '<progress value="31" max="47"' in part
    assert "31 of 47 rows written" in part
    assert "60 % of rows written" in part
    assert "<html" not in part
    said = {"said": "60-of-rows-written"}
    quiet = page(client.get(reverse("job", args=[job.ref]), said, headers={"HX-Request": "true"}))
    assert "60 % of rows written" not in quiet
    run_job_to_its_end(job)
    done = client.get(reverse("job", args=[job.ref]), headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == reverse("import_result", args=[run.ref])


def run_job_to_its_end(job):
    Job.objects.update(state="waiting")
    run_job(job.ref)


def test_cancel_before_it_begins(client, run, job):
    client.post(reverse("job_cancel", args=[job.ref]))
    run_job(job.ref)
    assert "Stopped. Nothing was changed." in page(
        client.get(reverse("job", args=[job.ref]))
    ).replace("</strong>", "").replace("<strong>", "")
    assert not Student.objects.exists()
    run.refresh_from_db()
    assert (run.status, run.is_busy) == ("previewed", False)


def test_a_silent_worker_is_told_and_the_job_started_again(client, run, job):
    Job.objects.update(state="running", attempt=1, heard_at=NOW - timedelta(minutes=3))
    told = page(client.get(reverse("job", args=[job.ref])))
    assert "It stopped before it was done" in told
    assert "Start it again" in told
    client.post(reverse("job_again", args=[job.ref]))
    run_job(job.ref)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)
    assert Student.objects.count() == 1


def test_a_long_folder_goes_to_the_worker(client, admin, school, monkeypatch):
    monkeypatch.setattr(folder_services, "IN_A_MOMENT", 0)
    text = f"upn,on_roll_from\n{UPN_1},2026-09-02\n"
    files = [SimpleUploadedFile("students.csv", text.encode())]
    client.post(reverse("import_new"), {"kind": "folder", "uploads": files})
    run = ImportRun.objects.get()
    response = client.post(reverse("import_preview", args=[run.ref]))
    job = Job.objects.get(kind="folder_import")
    assert response.url == reverse("job", args=[job.ref])
    run_job(job.ref)
    run.refresh_from_db()
    assert (run.status, Student.objects.count()) == ("applied", 1)


def test_an_export_that_was_tidied_away_says_so(client, run, job):
    for path in folder_of(run.ref).glob("export.*"):
        path.unlink()
    run_job(job.ref)
    told = page(client.get(reverse("job", args=[job.ref])))
    assert "Nothing was imported. export.csv is gone: files are kept for a day." in told


def test_the_tidy_up_takes_undecided_exports_after_a_day(
    client, run, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert folder_services.forget_old_imports(now=NOW + timedelta(hours=24)) == 0
        assert folder_services.forget_old_imports(now=NOW + timedelta(hours=25)) == 1
    assert not folder_of(run.ref).exists()


def test_old_jobs_are_forgotten(client, run, job):
    assert jobs.forget_old_jobs(before=NOW) == 0
    assert jobs.forget_old_jobs(before=NOW + timedelta(seconds=1)) == 1
    run.refresh_from_db()
    assert run.job is None


def test_what_a_worker_has_is_not_changed_beneath_it(client, admin, run, job):
    run.refresh_from_db()
    with pytest.raises(services.BusyError):
        services.match_columns(run=run, by=admin, columns={}, order=Order.DAY, name="")
    with pytest.raises(services.BusyError):
        services.answer(run=run, by=admin, answers={}, words={})
    assert services.ask_for_import(run=run, by=admin, now=NOW, send=print) == job
    assert folder_services.ask_for_import(run=run, by=admin, now=NOW, send=print) == job
    decided = client.post(reverse("import_answers", args=[run.ref]), {})
    assert decided.url == reverse("import_preview", args=[run.ref])
    assert ImportRun.objects.get().status == "previewed"


def test_an_import_matched_anew_meanwhile_is_not_done(client, admin, run, job):
    ImportRun.objects.update(status="matching")
    run_job(job.ref)
    told = page(client.get(reverse("job", args=[job.ref])))
    assert "Somebody imported or cancelled this meanwhile. Nothing was done twice." in told
    assert not Student.objects.exists()


def test_a_check_of_what_was_decided_changes_nothing(client, admin, run):
    ImportRun.objects.update(status="cancelled")
    with pytest.raises(folder_services.AlreadyDecidedError):
        services.check(run=run, now=NOW)
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_the_same_matching_is_remembered_once(client, admin, school):
    run = previewed(client, "students", STUDENTS, remember="SIMS")
    match(client, run, remember="SIMS")
    assert ImportMapping.history.count() == 1


def test_a_file_that_outlived_its_import_goes_in_the_night(client, run, job):
    run_job(job.ref)
    left = folder_of(run.ref) / "export.csv"
    left.write_text("UPN")
    folder_services.forget_old_imports(now=NOW + timedelta(hours=25))
    assert not left.exists()


# --- who -----------------------------------------------------------------------------------

RUN_PAGES = ("import_mapping", "import_preview", "import_answers")
JOB_PAGES = ("job", "job_cancel", "job_again")


def addresses(run, job):
    yield from (reverse(name, args=[run.ref]) for name in RUN_PAGES)
    yield from (reverse(name, args=[job.ref]) for name in JOB_PAGES)


def test_the_office_of_another_school_finds_nothing(client, run, job):
    client.force_login(make_staff(make_school("Other", "999202"), "admin"))
    for url in addresses(run, job):
        method = client.get if url.endswith(("/mapping/", "/preview/", f"{job.ref}/")) else None
        assert (method or client.post)(url).status_code == 404, url
    assert Job.objects.get().state == "waiting"


def test_other_roles_have_no_business_here(client, school, run, job):
    client.force_login(make_staff(school, "head"))
    for name in RUN_PAGES:
        assert client.post(reverse(name, args=[run.ref])).status_code == 403
    assert client.get(reverse("job", args=[job.ref])).status_code == 404
    for name in JOB_PAGES[1:]:
        assert client.post(reverse(name, args=[job.ref])).status_code == 404
    client.logout()
    assert {client.get(url).status_code for url in addresses(run, job)} == {302, 405}
