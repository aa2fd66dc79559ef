"""A small school, seen by everybody who might open a page about one of its students."""

from types import SimpleNamespace

from tests import factories as make

# Who asks for a page that only somebody who holds sessions with the student may open.
RECORDING = {
    "key_worker": 200,
    "senco": 200,
    "colleague": 403,
    "moderator": 403,
    "admin": 403,
    "teacher": 403,
    "stranger": 404,
}
# Who asks for a page of what was said about the student.
READING = {**RECORDING, "moderator": 200}


def make_fold():
    """A school with one student of one key worker, and a key worker of another school."""
    school = make.make_school()
    elsewhere = make.make_school("Elsewhere School", "999102")
    people = {
        "key_worker": make.make_staff(school, "key_worker", first_name="Priya", last_name="Raman"),
        "colleague": make.make_staff(school, "key_worker"),
        "senco": make.make_staff(school, "senco"),
        "moderator": make.make_staff(school, "moderator"),
        "admin": make.make_staff(school, "admin"),
        "teacher": make.make_staff(school, "teacher"),
        "stranger": make.make_staff(elsewhere, "key_worker"),
    }
    student = make.StudentFactory(
        school=school,
        legal_first_name="Jayden",
        legal_last_name="Thorne",
        reg_form="9B",
    )
    make.assign(student, people["key_worker"])
    foreign = make.StudentFactory(school=elsewhere, legal_first_name="Zed", legal_last_name="Far")
    make.assign(foreign, people["stranger"])
    return SimpleNamespace(school=school, student=student, foreign=foreign, **people)


def statuses(client, fold, url, method="get", **data):
    """What each person's request for a page is answered with."""
    found = {}
    for name in RECORDING:
        client.force_login(getattr(fold, name))
        found[name] = getattr(client, method)(url, data).status_code
    return found


def asks_to_sign_in(client, url):
    """Whether somebody signed out is sent to sign in."""
    client.logout()
    response = client.get(url)
    return response.status_code == 302 and response["Location"].startswith("/account/login/")


def queries_of(client, url, django_assert_max_num_queries):
    """How many queries a page takes once signed in and warm."""
    client.get(url)
    with django_assert_max_num_queries(100) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
