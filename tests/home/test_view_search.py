import pytest
from django.urls import reverse

from keywork import clock
from tests.factories import NOW, StudentFactory, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIVE = {"HX-Request": "true"}


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def find(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def ask(person, q, **headers):
        client.force_login(person)
        return client.get("/search/", {"q": q}, headers=headers)

    return ask


def student(school, first="Jayden", last="Thorne", **more):
    return StudentFactory(school=school, legal_first_name=first, legal_last_name=last, **more)


def test_a_sole_match_opens_at_once(find, school):
    jayden = student(school)
    student(school, last="Moss")
    response = find(make_staff(school, "senco"), "jayden t")
    assert response["Location"] == reverse("student", args=[jayden.ref])


def test_several_matches_are_listed(find, school):
    student(school)
    student(school, last="Moss")
    page = find(make_staff(school, "senco"), "jayden").content.decode()
    assert "Jayden Moss" in page
    assert "Jayden Thorne" in page


def test_while_typing_comes_the_bare_list_of_eight_at_most(find, school):
    for number in range(10):
        student(school, last=f"Moss{number}")
    page = find(make_staff(school, "senco"), "moss", **LIVE).content.decode()
    assert page.count("<li>") == 8
    assert "<html" not in page
    assert find(make_staff(school, "senco"), "m", **LIVE).content.strip() == b""


def test_a_sole_match_while_typing_does_not_jump(find, school):
    student(school)
    assert find(make_staff(school, "senco"), "jayden", **LIVE).status_code == 200


def test_pages_of_the_rail_come_after_students(find, school):
    student(school, first="Stuart", last="Ash")
    page = find(make_staff(school, "senco"), "stu").content.decode()
    found = page[page.index('aria-label="Found"') :]
    assert found.index("Stuart Ash") < found.index("Students")
    assert find(make_staff(school, "senco"), "students")["Location"] == "/students/"


def test_what_is_out_of_sight_looks_like_nothing(find, school):
    other = make_school("Other School", urn="999102")
    student(other)
    nobody = make_staff(school, "senco")
    hidden = find(nobody, "jayden").content.decode().replace("jayden", "")
    nothing = find(nobody, "zzyzx").content.decode().replace("zzyzx", "")
    strip = lambda page: [line for line in page.splitlines() if "csrf" not in line.lower()]  # noqa: E731
    assert strip(hidden) == strip(nothing)


def test_too_short_says_so(find, school):
    assert "Type two letters at least" in find(make_staff(school, "senco"), "j").content.decode()


def test_signed_out_goes_to_sign_in(client):
    assert client.get("/search/", {"q": "jayden"}).status_code == 302


@pytest.mark.parametrize(
    ("url", "typed", "said"),
    [
        ("/dates/coming/", "fri", "Friday 13 November 2026"),
        ("/dates/past/", "fri", "Friday 6 November 2026"),
        ("/dates/past/", "12/11", "Thursday 12 November 2026"),
        ("/dates/past/", "soon", "Enter a date, like 12/11/2026"),
        ("/dates/past/", " ", ""),
    ],
)
def test_a_typed_date_is_read_back(client, find, school, url, typed, said):
    client.force_login(make_staff(school, "senco"))
    assert client.get(url, {"value": typed}).content.decode() == said
