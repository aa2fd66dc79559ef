"""Imports in the browser: upload, preview, import, result, problem rows, history."""

import io
import random
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from keywork.home.imports import services, uploads
from keywork.home.imports.uploads import folder_of
from keywork.home.models import ImportRun
from keywork.home.tasks import run_job
from keywork.models import HalfTerm, Job, StaffMember, StaffRole, User
from keywork.roles import Role
from students.models import Assignment, Student
from tests.factories import add_roles, make_school, make_staff
from tests.home.import_folders import BASIC, CALENDAR, HILLSIDE, SCHOOL, STAFF, STUDENTS, UPN_1

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def school():
    return make_school(urn="999201")


@pytest.fixture
def admin(school, client):
    person = make_staff(school, "admin", username="office")
    client.force_login(person)
    return person


def upload(client, **files):
    """Post files of these names; give the response."""
    made = [
        SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())
        for name, data in files.items()
    ]
    return client.post(reverse("import_new"), {"kind": "folder", "uploads": made})


def upload_csv(client, **texts):
    return upload(client, **{f"{name}.csv": text for name, text in texts.items()})


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def cut_short(data):
    """A zip whose only member lies at its very end, and ends too early."""
    directory = data.rindex(b"PK\x01\x02")
    member = data[: directory - 100]
    # The member stands again as the zip's comment; there its entry now points.
    pointing = bytearray(data + member)
    pointing[directory + 42 : directory + 46] = len(data).to_bytes(4, "little")
    pointing[len(data) - 2 : len(data)] = len(member).to_bytes(2, "little")
    return bytes(pointing)


def page(response):
    return " ".join(response.content.decode().split())


def address(run, name="import_preview"):
    return reverse(name, args=[run.ref])


def bad_student(**changes):
    return STUDENTS + "X999999926015,=SUM(A1),Bad,,2026-09-02,,\n"


# --- the whole way -----------------------------------------------------------


def test_upload_preview_import_result(client, admin, school, django_capture_on_commit_callbacks):
    response = upload_csv(client, students=bad_student(), staff=STAFF)
    run = ImportRun.objects.get()
    assert response.url == address(run)
    assert Student.objects.count() == 0

    preview = page(client.get(address(run)))
    assert "4 new, 0 changed, 0 same, 1 problem" in preview
    assert "Import 4 good rows" in preview
    assert "The check letter is wrong: these figures give L. Check it." in preview
    assert "Download 1 problem row<" in preview

    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(address(run))
    assert done.url == address(run, "import_result")
    assert Student.objects.count() == 2

    result = page(client.get(done.url))
    assert "4 rows imported, 1 left out" in result
    assert reverse("students:students") in result
    run.refresh_from_db()
    assert (run.status, run.applied_by, run.good, run.rejected) == ("applied", admin, 4, 1)
    assert [path.name for path in folder_of(run.ref).iterdir()] == ["problems"]


def test_history_names_the_admin_and_the_file(client, admin, school):
    upload_csv(client, students=STUDENTS)
    client.post(address(ImportRun.objects.get()))

    row = Student.objects.get(upn=UPN_1).history.get()
    assert (row.history_user, row.history_change_reason) == (admin, "Imported from students.csv")


def test_the_preview_shows_changes_before_and_after(client, admin, school):
    Student(school=school, upn=UPN_1, legal_first_name="Kit", on_roll_from="2026-09-01").save()
    upload_csv(client, students=f"upn,on_roll_from\n{UPN_1},2026-09-02\n")

    preview = page(client.get(address(ImportRun.objects.get())))

    assert "0 new, 1 changed, 0 same, 0 problems" in preview
    assert '<td role="cell" data-l="What">On roll from</td>' in preview
    assert '<td role="cell" data-l="Before">01/09/2026</td>' in preview
    assert '<td role="cell" data-l="After">02/09/2026</td>' in preview


def test_the_preview_tells_the_office_nothing_of_what_was_said(client, admin, school):
    upload(client, **BASIC)
    client.post(address(ImportRun.objects.get()))
    upload_csv(
        client,
        sessions=f"ref,upn,held_on,status,details\nS1,{UPN_1},2026-09-10,held,New\n",
        targets=f"ref,upn,set_on,status,text\nT1,{UPN_1},2026-09-10,active,New\n",
    )
    run = ImportRun.objects.first()

    preview = page(client.get(address(run)))

    assert "0 new, 2 changed" in preview
    assert "What you talked about" in preview
    assert "not shown" in preview
    for said in ("Talked", "lunch", "Show the card"):
        assert said not in preview
        assert said not in str(run.report)


def test_nothing_to_change_offers_nothing_to_import(client, admin, school):
    upload_csv(client, students=STUDENTS)
    client.post(address(ImportRun.objects.get()))
    upload_csv(client, students=STUDENTS)

    preview = page(client.get(address(ImportRun.objects.first())))

    assert "Everything is here already. Nothing would change." in preview
    assert "good row" not in preview


def test_a_second_click_imports_once(client, admin, school):
    upload_csv(client, students=STUDENTS)
    run = ImportRun.objects.get()
    client.post(address(run))
    again = client.post(address(run))

    assert again.url == address(run, "import_result")
    assert Student.history.count() == 2


def test_two_people_decide_once(admin, school):
    run = services.prepare_import(**_preparation(school, admin))
    services.apply_import(run=run, **_deciding(admin))

    with pytest.raises(services.AlreadyDecidedError):
        services.apply_import(run=run, **_deciding(admin))
    with pytest.raises(services.AlreadyDecidedError):
        services.cancel_import(run=run)


def test_cancel_removes_the_files_and_what_the_rows_said(
    client, admin, school, django_capture_on_commit_callbacks
):
    upload_csv(client, students=STUDENTS)
    run = ImportRun.objects.get()
    assert folder_of(run.ref).is_dir()

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address(run, "import_cancel"))

    run.refresh_from_db()
    assert response.url == reverse("imports")
    assert (run.status, run.report) == ("cancelled", {})
    assert not folder_of(run.ref).exists()
    assert "Import cancelled" in page(client.get(address(run, "import_result")))
    assert client.post(address(run, "import_cancel")).url == reverse("imports")


def test_an_undecided_import_has_no_result_yet(client, admin, school):
    upload_csv(client, students=STUDENTS)
    run = ImportRun.objects.get()

    assert client.get(address(run, "import_result")).url == address(run)


def test_problem_rows_come_as_a_file_that_no_spreadsheet_runs(client, admin, school):
    upload_csv(client, students=bad_student())
    run = ImportRun.objects.get()

    response = client.get(reverse("import_problems", args=[run.ref, "students"]))

    assert response["Content-Disposition"] == 'attachment; filename="students-problems.csv"'
    lines = response.content.decode("utf-8-sig").splitlines()
    columns = "upn,legal_first_name,legal_last_name,dob,on_roll_from,left_on,model"
    assert lines[0] == f"{columns},row,error_column,error"
    assert lines[1] == (
        "X999999926015,'=SUM(A1),Bad,,2026-09-02,,,4,upn,"
        "The check letter is wrong: these figures give L. Check it."
    )
    assert len(lines) == 2
    missing = client.get(reverse("import_problems", args=[run.ref, "staff"]))
    unknown = client.get(reverse("import_problems", args=[run.ref, "passwd"]))
    assert (missing.status_code, unknown.status_code) == (404, 404)


def test_problem_rows_mended_are_sent_again_as_they_are(client, admin, school):
    upload_csv(client, students=bad_student())
    run = ImportRun.objects.get()
    rows = client.get(reverse("import_problems", args=[run.ref, "students"])).content
    mended = rows.replace(b"X999999926015", UPN_1.encode()).replace(b"'=SUM(A1)", b"Ann")

    upload(client, **{"students-problems (1).csv": mended})
    client.post(address(ImportRun.objects.exclude(pk=run.pk).get()))

    assert Student.objects.get().name == "Ann Bad"


def test_hillside_as_a_zip_of_its_folder(client, school):
    own = make_school(urn="999001", name="Hillside Fold School", calendar=False)
    client.force_login(make_staff(own, "admin"))
    # These have tests of their own, and are long; calls name the slips left out.
    left_out = {"attendance.csv", "behaviour.csv", "contact_log.csv"}
    names = {path.name for path in HILLSIDE.glob("*.csv")} - left_out
    members = {f"hillside/{name}": (HILLSIDE / name).read_bytes() for name in names}

    upload(client, **{"hillside.zip": zipped(**members)})
    run = ImportRun.objects.get()

    assert (run.good, run.rejected) == (2469, 0)
    assert "Not imported: documents.csv" in page(client.get(address(run)))
    client.post(address(run))
    run_job(Job.objects.get().ref)  # a worker does what is long
    assert Student.objects.filter(school=own).count() == 48


def test_a_workbook_can_be_uploaded(client, admin, school):
    book, out = Workbook(), io.BytesIO()
    book.active.append(["upn", "on_roll_from"])
    book.active.append([UPN_1, datetime(2026, 9, 2)])
    book.save(out)

    upload(client, **{"students.xlsx": out.getvalue()})
    client.post(address(ImportRun.objects.get()))

    assert str(Student.objects.get().on_roll_from) == "2026-09-02"


# --- what is refused ---------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "Choose at least one file"),
        ({"students.csv": ""}, "A file is empty. Choose one with a header and rows"),
        ({"students.csv": "upn,colour\n"}, "students.csv: unknown column “colour”"),
        ({"students.csv": b"upn,dob\n\xe9\n"}, "students.csv: not in UTF-8 (line 2)"),
        ({"pupils.csv": STUDENTS}, "pupils.csv: is not a name Keywork knows. Rename it to one"),
        ({"reviews.csv": "upn\n"}, "reviews.csv: cannot be imported yet"),
        ({"school.zip": b"PK not one"}, "school.zip: cannot be opened"),
        (
            {"school.zip": cut_short(zipped(**{"students.csv": random.Random(1).randbytes(900)}))},
            "school.zip: cannot be opened",
        ),
        ({"school.zip": zipped(**{"notes.txt": "x"})}, "The zip: holds none of"),
        (
            {"school.zip": zipped(**{"students.csv": STUDENTS, "a/students.csv": STUDENTS})},
            "students.csv: is there twice",
        ),
        (
            {"school.zip": zipped(**{"students.csv": b"0" * (2 * 1024 * 1024)})},
            "school.zip: unpacks to more than 25 MB",
        ),
        (
            {"school.zip": zipped(**{f"{n}.txt": "x" for n in range(41)})},
            "school.zip: holds more than 40 files",
        ),
        (
            {"school.csv": SCHOOL.replace("999201", "999202")},
            "is about URN 999202. You can import",
        ),
        ({"school.csv": SCHOOL + "999202,,B,,community\n"}, "names several schools"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_kept(client, admin, school, files, text):
    response = upload(client, **files)

    assert response.status_code == 200
    assert text in page(response).replace("&#x27;", "'")
    assert "There is 1 thing to fix" in page(response)
    assert ImportRun.objects.count() == 0
    folder = folder_of("x").parent
    assert not folder.exists() or list(folder.iterdir()) == []


def test_files_above_the_limits_are_refused(client, admin, school, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_FILE", 40)
    assert "students.csv: is larger than" in page(upload_csv(client, students=STUDENTS))
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD", 10)
    assert "These files together: are larger" in page(upload(client, **{"a.csv": "x" * 11}))


def test_a_members_size_is_counted_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_FILE", 1000)
    packed = SimpleUploadedFile("a.zip", zipped(**{"students.csv": "x" * 1001}))

    with pytest.raises(uploads.UnreadableFilesError, match="holds a file larger than"):
        uploads.keep_uploads([packed], tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_the_schools_own_file_and_calendar_can_come_along(client, admin, school):
    upload_csv(client, school=SCHOOL, calendar=CALENDAR.replace("Autumn 1", "First half"))
    run = ImportRun.objects.get()

    assert run.rejected == 0
    client.post(address(run))
    assert HalfTerm.objects.filter(school=school, name="First half").count() == 1


# --- what a school's admin may not reach -------------------------------------


def rejections(client, **texts):
    upload_csv(client, **texts)
    report = ImportRun.objects.first().report["files"]
    return {
        name: [(each["row"], each["column"]) for each in found["rejected"]]
        for name, found in report.items()
    }


def test_somebody_of_another_school_cannot_be_taken_in(client, admin, school):
    other = make_school(name="Other School", urn="999202")
    make_staff(other, "head", username="hhead", email="head@other.example.org")

    found = rejections(client, staff="username,email,roles\nhhead,mine@fold.example.org,admin\n")

    assert found == {"staff.csv": [(2, "username")]}
    assert User.objects.get(username="hhead").email == "head@other.example.org"


def test_the_account_of_somebody_at_two_schools_cannot_be_changed(client, admin, school):
    other = make_school(name="Other School", urn="999202")
    person = make_staff(other, "head", username="hhead", email="head@other.example.org")
    add_roles(person, school, "teacher")

    changed = rejections(client, staff="username,email\nhhead,mine@fold.example.org\n")
    job = rejections(client, staff="username,job_title\nhhead,Visiting head\n")

    assert changed == {"staff.csv": [(2, "email")]}
    assert job == {"staff.csv": []}


def test_an_import_does_not_take_over_the_account_of_somebody_who_reads_records(client, school):
    make_staff(school, "senco", username="senco", email="senco@fold.example.org")
    client.force_login(make_staff(school, "admin"))
    found = rejections(client, staff="username,email\nsenco,mine@fold.example.org\n")
    assert found == {"staff.csv": [(2, "email")]}


def test_the_account_of_a_system_admin_cannot_be_changed_by_an_office_admin(client, admin, school):
    make_staff(school, "system_admin", username="root", email="root@fold.example.org")

    found = rejections(client, staff="username,email\nroot,mine@fold.example.org\n")

    assert found == {"staff.csv": [(2, "email")]}


def test_elevated_roles_are_neither_given_nor_taken(client, admin, school):
    make_staff(school, "system_admin", username="root")

    found = rejections(
        client, staff="username,roles\noffice,admin|trust_lead\nroot,teacher\nnew,teacher\n"
    )

    assert found == {"staff.csv": [(2, "roles"), (3, "roles")]}


def test_a_system_admin_who_is_admin_too_may_give_them(client, school):
    client.force_login(make_staff(school, "admin", "system_admin", username="both"))

    assert rejections(client, staff="username,roles\nnew,trust_lead\n") == {"staff.csv": []}


def test_nobody_locks_themselves_out(client, admin, school):
    assert rejections(client, staff="username,roles\noffice,\n") == {"staff.csv": [(2, "roles")]}


def test_nobody_but_a_system_admin_gives_themselves_a_role(client, admin, school):
    rows = "username,roles\noffice,admin|senco\nnew,senco\n"
    assert rejections(client, staff=rows) == {"staff.csv": [(2, "roles")]}
    client.force_login(make_staff(school, "admin", "system_admin", username="both"))
    assert rejections(client, staff="username,roles\nboth,admin|system_admin|senco\n") == {
        "staff.csv": []
    }


def test_a_student_of_another_school_cannot_be_taken_over(client, admin, school):
    other = make_school(name="Other School", urn="999202")
    Student(school=other, upn=UPN_1, legal_first_name="Theirs", on_roll_from="2026-09-01").save()

    upload_csv(
        client,
        students=f"upn,on_roll_from\n{UPN_1},2026-09-02\n",
        assignments=f"upn,username,role,start\n{UPN_1},office,primary,2026-09-02\n",
    )
    run = ImportRun.objects.get()
    client.post(address(run))

    run.refresh_from_db()
    assert (run.good, run.rejected) == (0, 2)
    assert Student.objects.get().school == other
    assert Assignment.objects.count() == 0


# --- who sees what -----------------------------------------------------------

PAGES = ("import_preview", "import_result")


@pytest.fixture
def run(school, admin):
    return services.prepare_import(**_preparation(school, admin))


def _preparation(school, by):
    return {
        "school": school,
        "by": by,
        "grantable": frozenset(Role),
        "uploads": [SimpleUploadedFile("students.csv", bad_student().encode())],
        "on": datetime(2026, 11, 12, tzinfo=UTC).date(),
        "now": datetime(2026, 11, 12, 10, 0, tzinfo=UTC),
    }


def _deciding(by):
    kept = _preparation(None, by)
    return {name: kept[name] for name in ("by", "grantable", "on", "now")}


def every_address(run):
    yield from (
        reverse("imports"),
        reverse("import_new"),
        reverse("import_template", args=["staff"]),
    )
    yield from (address(run, name) for name in PAGES)
    yield reverse("import_problems", args=[run.ref, "students"])


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_other_roles_may_not_import(client, school, run, role):
    client.force_login(make_staff(school, role))

    assert {client.get(url).status_code for url in every_address(run)} == {403}
    assert client.post(address(run)).status_code == 403
    assert client.post(address(run, "import_cancel")).status_code == 403


def test_the_admin_of_another_school_finds_nothing(client, run):
    other = make_school(name="Other School", urn="999202")
    client.force_login(make_staff(other, "admin"))
    problems = reverse("import_problems", args=[run.ref, "students"])

    assert [client.get(address(run, name)).status_code for name in PAGES] == [404, 404]
    assert client.get(problems).status_code == 404
    assert client.post(address(run)).status_code == 404
    assert client.post(address(run, "import_cancel")).status_code == 404
    assert "Nothing imported yet" in page(client.get(reverse("imports")))
    assert Student.objects.count() == 0


def test_strangers_sign_in_first(client, run):
    client.logout()

    assert {client.get(url).status_code for url in every_address(run)} == {302}


def test_reading_changes_nothing(client, admin, run):
    assert client.get(address(run, "import_cancel")).status_code == 405
    assert client.post(address(run, "import_result")).status_code == 405
    run.refresh_from_db()
    assert run.status == "previewed"


# --- list, templates, tidying ------------------------------------------------


def test_an_empty_list_says_where_to_begin(client, admin, school):
    found = page(client.get(reverse("imports")))

    assert "Nothing imported yet. Start with the staff and students of your school." in found


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_whatever_its_length(
    client, admin, school, count, django_assert_num_queries
):
    for _ in range(count):
        services.prepare_import(**_preparation(school, admin))
    client.get(reverse("imports"))

    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("imports"))


LIST_QUERIES = 5


def test_the_list_has_pages(client, admin, school):
    now = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
    for minutes in range(21):
        ImportRun(
            school=school,
            files=[f"file {minutes}"],
            created_by=admin,
            created_at=now + timedelta(minutes=minutes),
        ).save()

    first, second = (page(client.get(reverse("imports") + q)) for q in ("", "?page=2"))

    assert "file 20<" in first
    assert "file 0<" not in first
    assert "Page 1 of 2, 21 in all" in first
    assert "file 0<" in second


def test_templates_hold_the_header(client, admin, school):
    response = client.get(reverse("import_template", args=["timetable"]))

    assert response["Content-Disposition"] == 'attachment; filename="timetable.csv"'
    assert response.content == b"upn,username,subject\r\n"
    assert client.get(reverse("import_template", args=["reviews"])).status_code == 404


def test_old_imports_are_forgotten_once(admin, school, django_capture_on_commit_callbacks):
    now = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
    undecided = services.prepare_import(**_preparation(school, admin))
    applied = services.prepare_import(**_preparation(school, admin))
    services.apply_import(run=applied, **_deciding(admin))

    with django_capture_on_commit_callbacks(execute=True):
        assert services.forget_old_imports(now=now + timedelta(hours=24)) == 0
        assert services.forget_old_imports(now=now + timedelta(hours=24, seconds=1)) == 1
        assert services.forget_old_imports(now=now + timedelta(days=61)) == 1
        assert services.forget_old_imports(now=now + timedelta(days=61)) == 0

    undecided.refresh_from_db()
    applied.refresh_from_db()
    assert (undecided.status, applied.status) == ("cancelled", "applied")
    assert (undecided.report, applied.report, applied.good) == ({}, {}, 2)
    assert not folder_of(undecided.ref).exists()
    assert not folder_of(applied.ref).exists()


def test_an_old_import_still_tells_who_and_how_many(client, admin, school, run):
    run = services.apply_import(run=run, **_deciding(admin))
    services.forget_old_imports(now=run.applied_at + timedelta(days=61))

    found = page(client.get(address(run, "import_result")))

    assert "2 rows imported, 1 left out" in found
    assert "What their rows said is kept for 60 days only." in found


def test_the_basic_folder_of_the_other_tests_fits_this_school(client, admin, school):
    upload(client, **BASIC)
    client.post(address(ImportRun.objects.get()))

    assert StaffMember.objects.filter(school=school).count() == 3
    assert StaffRole.objects.filter(staff_member__school=school).count() == 4
