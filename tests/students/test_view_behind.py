"""Behind: who is on the list by their grades, who sees it, and that it asks no more with more."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from students.behind import gaps_of, sheets_behind
from students.models import GradeSheet, Student
from tests import factories as make
from tests.factories import NOW, TODAY, StudentFactory

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 10, 16), date(2026, 11, 11)


@pytest.fixture(autouse=True)
def _thursday(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def grace(school):
    return make.make_staff(school, "key_worker", first_name="Grace", last_name="Osei")


@pytest.fixture
def senco(client, school):
    client.force_login(make.make_staff(school, "senco"))
    return client


def a_student(school, first, keeper=None, **more):
    student = StudentFactory(
        school=school, legal_first_name=first, legal_last_name="Sample", **more
    )
    if keeper:
        make.assign(student, keeper)
    return student


def grades(student, subject, *two, expected=""):
    """A subject's grades of the data drops Autumn 1 and Autumn 2, or of the second alone."""
    named = [(FIRST, "Autumn 1"), (SECOND, "Autumn 2")][-len(two) :]
    for (day, drop), grade in zip(named, two, strict=True):
        GradeSheet(
            student=student, drop=drop, drop_on=day, subject=subject, grade=grade,
            expected_grade=expected,
        ).save()  # fmt: skip


def listed(client, **query):
    rows = client.get(reverse("students:behind"), query).context["rows"]
    return [(row.student.first_name, list(row.gaps)) for row in rows]


def test_who_is_behind_in_most_subjects_comes_first_with_the_numbers(senco, school):
    for first in ("Amy", "Ben", "Cat", "Dan"):
        a_student(school, first, reg_form="9B")
    amy, ben, cat, dan = school.students.order_by("legal_first_name")
    grades(amy, "Maths", "5", "5", expected="5")
    grades(ben, "Art", "6", "5", expected="5")
    grades(cat, "Maths", "5", "4", expected="5")
    grades(cat, "English", "3", expected="4")
    grades(dan, "Maths", "B", "C", expected="A")
    art = ("Art", "fell from 6 in Autumn 1 to 5 in Autumn 2")
    english = ("English", "3 in Autumn 2, expected 4")
    maths = ("Maths", "4 in Autumn 2, expected 5; fell from 5 in Autumn 1")
    assert listed(senco) == [("Cat", [english, maths]), ("Ben", [art])]
    assert listed(senco, sort="name") == [("Ben", [art]), ("Cat", [english, maths])]
    assert listed(senco, only="below") == [("Cat", [english, maths])]
    assert listed(senco, only="fell") == [("Ben", [art]), ("Cat", [maths])]
    assert listed(senco, q="ben") == [("Ben", [art])]
    page = senco.get(reverse("students:behind")).content.decode()
    assert reverse("students:progress", args=[cat.ref]) in page


def test_the_tab_says_in_which_subjects_and_links_to_the_list(senco, school):
    kit = a_student(school, "Kit")
    grades(kit, "Maths", "5", "4", expected="5")
    grades(kit, "Art", "6", "7", expected="5")
    page = senco.get(reverse("students:progress", args=[kit.ref])).content.decode()
    assert (
        "<strong>Maths</strong>: 4 in Autumn 2, expected 5; fell from 5 in Autumn 1</li></ul>"
        in page
    )
    assert "1 of 2 subjects below the expected grade." in page
    assert reverse("students:behind") in page


def test_nothing_is_said_where_nobody_is_behind(senco, school):
    empty = "Nobody is behind by their grades."
    assert empty in senco.get(reverse("students:behind")).content.decode()
    filtered = senco.get(reverse("students:behind"), {"only": "fell"}).content.decode()
    assert "No student is like that." in filtered
    left = a_student(school, "Left", left_on=TODAY - timedelta(days=1))
    grades(left, "Maths", "4", expected="5")
    assert listed(senco) == []


def test_each_sees_those_they_see_in_full(client, school, grace):
    for first, keeper in (("Own", grace), ("Other", None)):
        grades(a_student(school, first, keeper), "Maths", "4", expected="5")
    elsewhere = make.make_school("Elsewhere", "999102")
    grades(a_student(elsewhere, "Foreign"), "Maths", "4", expected="5")
    seen = {}
    for role in ("slt", "head", "moderator", "teacher", "admin"):
        client.force_login(make.make_staff(school, role))
        answer = client.get(reverse("students:behind"))
        rows = answer.context["rows"] if answer.status_code == 200 else None
        seen[role] = rows and sorted(row.student.first_name for row in rows)
    whole = ["Other", "Own"]
    assert seen == {
        "slt": whole,
        "head": whole,
        "moderator": whole,
        "teacher": None,
        "admin": None,
    }
    client.force_login(grace)
    assert [name for name, _ in listed(client)] == ["Own"]


def test_as_many_queries_for_thirty_students_as_for_one(senco, school):
    counted = []
    for upto in (1, 31):
        for number in range(school.students.count(), upto):
            student = a_student(school, f"S{number}")
            grades(student, "Maths", "5", "4", expected="5")
            grades(student, "Art", "6", "4")
        senco.get(reverse("students:behind"))
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(senco)) == min(upto, 30)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15
    assert [name for name, _ in listed(senco, page=2)] == ["S9"]


def test_the_database_finds_those_whom_the_rule_names(school):
    chance = random.Random(7)
    days = [date(2025, 9, 1) + timedelta(days=37 * number) for number in range(14)]
    students = [a_student(school, f"S{number}") for number in range(25)]
    for student in students:
        for day in chance.sample(days, chance.randrange(6)):
            GradeSheet(
                student=student, drop=f"{day:%B}", drop_on=day, subject=chance.choice("AB"),
                grade=chance.choice(["", "3", "4", "5", "6", "10", "B"]),
                expected_grade=chance.choice(["", "4", "5", "A"]),
            ).save()  # fmt: skip
    for on in (date(2026, 3, 1), date(2026, 9, 1), TODAY, date(2027, 2, 28)):
        gaps = gaps_of([each.pk for each in students], on)
        named = {(pk, name): gap for pk, found in gaps.items() for name, gap in found}
        for only, wanted in {
            "": set(named),
            "below": {key for key, gap in named.items() if gap.below},
            "fell": {key for key, gap in named.items() if gap.fell_from},
        }.items():
            sheets = sheets_behind(Student.objects.all(), on, only)
            found = set(sheets.values_list("student", "subject"))
            assert found == wanted, (on, only)
    assert len(named) > 3
