"""The office: a folder imported in the browser, a student given a key worker, a teacher's view."""

import pytest

from students.models import Assignment, Student, TimetableEntry
from tests import factories as make
from tests.home.import_folders import BASIC, UPN_1, UPN_2
from tests.journeys.conftest import a_student

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def school(transactional_db):
    school = make.make_school(urn="999201")
    make.make_staff(school, "admin", username="office")
    return school


def files_of(folder):
    return [
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
        for name, text in folder.items()
    ]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_folder_is_looked_over_then_imported(script, school, new_context, sign_in):
    folder = {**BASIC}
    folder["students.csv"] += "X000,Wrong,Upn,2014-01-01,2026-09-02,,\n"
    page = new_context(java_script_enabled=script, accept_downloads=True).new_page()
    sign_in(page, "office")
    page.goto("/imports/")
    page.get_by_role("link", name="Import files").first.click()
    page.locator("input[type=file]").set_input_files(files_of(folder))
    page.locator("main form button.btn-primary").click()

    page.wait_for_url("**/preview/")
    assert "1 problem" in page.locator("h1").inner_text()
    assert "Nothing is imported yet." in page.inner_text("main")
    assert not Student.objects.exists()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    problems = download.value.path().read_text()
    assert "Wrong" in problems
    assert UPN_1 not in problems

    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/result/")
    assert set(Student.objects.values_list("upn", flat=True)) == {UPN_1, UPN_2}
    assert Assignment.objects.count() == 2


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_student_without_a_key_worker_gets_one(script, school, new_context, sign_in):
    priya = make.make_staff(school, "key_worker", first_name="Priya", last_name="Raman")
    kit = a_student(school, None, "Kit", "Moss")
    page = new_context(java_script_enabled=script).new_page()
    sign_in(page, "office")
    page.goto("/assignments/")
    assert "1 student has" in page.inner_text("main")
    page.get_by_role("link", name="Show them").click()
    page.get_by_label("Kit Moss").check()
    page.get_by_role("button", name="Change the ticked ones").click()
    page.locator(f"[name=new_{kit.ref}]").select_option(priya.ref)
    page.locator("[name=reason]").select_option("first")
    page.get_by_role("button", name="Preview").click()
    assert "Priya Raman" in page.inner_text("main")
    assert not Assignment.objects.exists()
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url("**/assignments/")
    assigned = Assignment.objects.get()
    assert (assigned.student, assigned.key_worker, assigned.role) == (kit, priya, "primary")
    assert "Every student has a key worker." in page.inner_text("main")


def test_a_teacher_sees_names_alone(school, new_context, sign_in):
    teacher = make.make_staff(school, "teacher", username="tess")
    kit = a_student(school, None, "Kit", "Moss", medical_alert="Hearing aid")
    a_student(school, None, "Ana", "Brook")
    TimetableEntry(student=kit, teacher=teacher, subject="Maths").save()
    make.SessionFactory(student=kit, details="Said in confidence")
    page = new_context().new_page()
    sign_in(page, "tess")
    page.wait_for_url("**/students/")
    assert "Kit Moss" in page.inner_text("main")
    assert "Ana Brook" not in page.inner_text("main")
    page.get_by_role("link", name="Kit Moss").click()
    content = page.content()
    assert "Kit Moss" in content
    assert "Said in confidence" not in content
    assert "Hearing aid" not in content
    assert page.locator("main a", has_text="Prepare").count() == 0
    assert page.goto(f"/students/{kit.ref}/targets/").status == 403
