import re

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import IntegrityError, transaction

from keywork import clock
from keywork.models import StaffMember, User
from keywork.outbox import send_waiting
from keywork.roles import Role
from keywork.staff_services import StaffError, _save_account
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def other_school():
    return make.make_school("Elsewhere School", "999102")


@pytest.fixture
def admin(school):
    return make.make_staff(school, "admin", first_name="Ola", last_name="Office")


@pytest.fixture
def signed_in(client, admin):
    client.force_login(admin)
    return client


def record_of(person, school):
    return StaffMember.objects.get(user=person, school=school)


def entered(**changes):
    return {
        "first_name": "Grace",
        "last_name": "Amoah",
        "username": "g.amoah",
        "email": "g.amoah@fold.example.org",
        "roles": ["key_worker"],
        "job_title": "TA3",
        "starts_on": "1/9/2026",
        "ends_on": "",
        "capacity": "4",
        "induction_completed_on": "5/9/2026",
        "qualification": "Level 3",
        "dbs_checked_on": "",
    } | changes


def roles(person, school):
    return set(record_of(person, school).roles.values_list("role", flat=True))


def test_the_list_shows_the_schools_own_staff_in_post(signed_in, school, other_school, admin):
    make.make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    make.make_staff(other_school, "key_worker", first_name="Else", last_name="Where")
    left = make.make_staff(school, "teacher", first_name="Len", last_name="Leaver")
    record = record_of(left, school)
    record.ends_on = make.date(2020, 7, 20)
    record.save()
    names = [row.name for row in signed_in.get("/staff/").context["rows"]]
    assert names == ["Grace Amoah", "Ola Office"]
    names = [row.name for row in signed_in.get("/staff/?left=on").context["rows"]]
    assert names == ["Grace Amoah", "Len Leaver", "Ola Office"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=amo", ["Grace Amoah"]),
        ("q=grace+amo", ["Grace Amoah"]),
        ("role=admin", ["Ola Office"]),
        ("role=nonsense", ["Grace Amoah", "Ola Office"]),
        ("q=zzz", []),
    ],
)
def test_the_list_is_filtered(signed_in, school, query, names):
    make.make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    page = signed_in.get(f"/staff/?{query}")
    assert [row.name for row in page.context["rows"]] == names


def test_the_list_asks_the_same_number_of_queries_for_one_and_three(
    signed_in, school, django_assert_num_queries
):
    signed_in.get("/staff/")
    with django_assert_num_queries(6):
        signed_in.get("/staff/")
    for _ in range(2):
        make.make_staff(school, "key_worker", "teacher")
    with django_assert_num_queries(6):
        signed_in.get("/staff/")


@pytest.mark.parametrize("role", [r for r in Role if r not in {"admin", "system_admin"}])
@pytest.mark.parametrize("path", ["/staff/", "/staff/new/", "/staff/{ref}/"])
def test_other_roles_get_403(client, school, admin, role, path):
    client.force_login(make.make_staff(school, role))
    assert client.get(path.format(ref=record_of(admin, school).ref)).status_code == 403


def test_another_schools_record_is_a_404(signed_in, other_school):
    ref = record_of(make.make_staff(other_school, "teacher"), other_school).ref
    assert signed_in.get(f"/staff/{ref}/").status_code == 404
    assert signed_in.post(f"/staff/{ref}/invitation/").status_code == 404
    assert signed_in.get("/staff/0000000000/").status_code == 404


def test_a_new_person_gets_an_account_without_password_a_post_and_roles(signed_in, school, admin):
    answer = signed_in.post("/staff/new/", entered())
    person = User.objects.get(username="g.amoah")
    record = record_of(person, school)
    assert answer["Location"] == f"/staff/{record.ref}/"
    assert not person.has_usable_password()
    assert (record.job_title, record.capacity, record.starts_on) == (
        "TA3",
        4,
        make.date(2026, 9, 1),
    )
    assert roles(person, school) == {"key_worker"}
    assert record.history.get().history_user == admin


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(signed_in):
    answer = signed_in.post(
        "/staff/new/", entered(username="", email="grace", ends_on="1/8/2026", job_title="TA 3")
    )
    page = answer.content.decode()
    assert "There are 3 things to fix" in page
    assert "The last day is before the first day." in page
    assert 'value="TA 3"' in page
    assert not User.objects.filter(last_name="Amoah").exists()


def test_somebody_from_another_school_is_added_by_exact_username_and_email(
    signed_in, school, other_school
):
    person = make.make_staff(
        other_school, "teacher", username="t.hall", email="t@else.example.org", first_name="Tom"
    )
    wrong = signed_in.post("/staff/new/", entered(username="t.hall", email="guess@else.example"))
    assert "An account with this username or e-mail exists" in wrong.content.decode()
    assert "Tom" not in wrong.content.decode()
    assert not StaffMember.objects.filter(user=person, school=school).exists()
    signed_in.post("/staff/new/", entered(username="T.Hall", email="T@else.example.org"))
    assert roles(person, school) == {"key_worker"}
    assert roles(person, other_school) == {"teacher"}
    person.refresh_from_db()
    assert person.first_name == "Tom"  # the account stays as it was


def test_somebody_already_on_the_list_is_not_added_twice(signed_in, school):
    make.make_staff(school, "teacher", username="t.hall", email="t@fold.example.org")
    answer = signed_in.post("/staff/new/", entered(username="t.hall", email="t@fold.example.org"))
    assert "This person is on your list of staff already." in answer.content.decode()


def test_post_roles_and_account_are_changed_with_history(signed_in, school, admin):
    person = make.make_staff(school, "teacher")
    record = record_of(person, school)
    signed_in.post(f"/staff/{record.ref}/", entered(roles=["key_worker", "senco"]))
    person.refresh_from_db()
    assert (person.full_name, person.username) == ("Grace Amoah", "g.amoah")
    assert roles(person, school) == {"key_worker", "senco"}
    assert record.history.latest().history_user == admin
    assert person.history.latest().history_user == admin


def test_an_account_shared_with_another_school_is_not_changed_here(
    signed_in, school, other_school
):
    person = make.make_staff(school, "teacher", email="keep@fold.example.org")
    make.add_roles(person, other_school, "admin")
    ref = record_of(person, school).ref
    assert "email" not in signed_in.get(f"/staff/{ref}/").context["form"].fields
    signed_in.post(f"/staff/{ref}/", entered(email="mine@fold.example.org"))
    person.refresh_from_db()
    assert person.email == "keep@fold.example.org"
    assert roles(person, school) == {"key_worker"}  # the post here is


@pytest.mark.parametrize("role", ["trust_lead", "system_admin"])
def test_only_a_system_admin_gives_and_takes_the_roles_beyond_a_school(
    client, signed_in, school, role
):
    person = make.make_staff(school, "teacher")
    ref = record_of(person, school).ref
    answer = signed_in.post(f"/staff/{ref}/", entered(roles=["teacher", role]))
    assert answer.status_code == 200
    assert roles(person, school) == {"teacher"}
    client.force_login(make.make_staff(school, "system_admin"))
    client.post(f"/staff/{ref}/", entered(roles=["teacher", role]))
    assert roles(person, school) == {"teacher", role}


@pytest.mark.parametrize(
    "role", ["moderator", "senco", "head_of_care", "dsl", "slt", "head", "system_admin"]
)
def test_the_office_does_not_take_over_the_account_of_somebody_who_reads_records(
    client, signed_in, school, role
):
    person = make.make_staff(school, role, email="keep@fold.example.org")
    url = f"/staff/{record_of(person, school).ref}/"
    assert not {"email", "username"} & signed_in.get(url).context["form"].fields.keys()
    signed_in.post(url, entered(roles=[role], email="mine@fold.example.org"))
    person.refresh_from_db()
    assert person.email == "keep@fold.example.org"
    client.force_login(make.make_staff(school, "system_admin"))
    client.post(url, entered(roles=[role], email="new@fold.example.org"))
    person.refresh_from_db()
    assert person.email == "new@fold.example.org"


def test_an_admin_who_is_also_a_senior_leader_keeps_their_own_account(client, school):
    both = make.make_staff(school, "admin", "slt")
    client.force_login(both)
    url = f"/staff/{record_of(both, school).ref}/"
    client.post(url, entered(roles=["admin", "slt"], email="own@fold.example.org"))
    both.refresh_from_db()
    assert both.email == "own@fold.example.org"


def sent():
    """What the outbox sends when it is next asked to."""
    send_waiting(clock=clock.now)
    return mail.outbox


def test_a_changed_email_is_told_to_the_old_address(signed_in, school):
    person = make.make_staff(school, "teacher", email="old@fold.example.org")
    url = f"/staff/{record_of(person, school).ref}/"
    signed_in.post(url, entered(roles=["teacher"], email="new@fold.example.org"))
    signed_in.post(url, entered(roles=["teacher"], email="New@fold.example.org"))
    [message] = sent()
    assert message.to == ["old@fold.example.org"]
    assert message.subject == "Your sign-in e-mail was changed"
    assert "was changed by a colleague (OO)" in message.body
    assert "Office" not in message.body
    assert "If that is wrong, tell your head" in message.body


def test_an_office_admin_neither_takes_nor_takes_over_what_a_system_admin_gave(signed_in, school):
    person = make.make_staff(school, "system_admin", email="root@fold.example.org")
    ref = record_of(person, school).ref
    signed_in.post(f"/staff/{ref}/", entered(roles=["teacher"]))
    person.refresh_from_db()
    assert roles(person, school) == {"system_admin", "teacher"}
    assert person.email == "root@fold.example.org"


@pytest.mark.parametrize(
    "change", [{"roles": ["teacher"]}, {"ends_on": "1/9/2026"}, {"starts_on": "1/9/2090"}]
)
def test_nobody_takes_their_own_access_away(signed_in, school, admin, change):
    ref = record_of(admin, school).ref
    answer = signed_in.post(f"/staff/{ref}/", entered(**({"roles": ["admin"]} | change)))
    assert "You cannot take your own access away." in answer.content.decode()
    assert roles(admin, school) == {"admin"}
    admin.refresh_from_db()
    assert admin.first_name == "Ola"


def test_nobody_but_a_system_admin_gives_themselves_a_role(signed_in, client, school, admin):
    """The office would read what was said one tick later."""
    url = f"/staff/{record_of(admin, school).ref}/"
    answer = signed_in.post(url, entered(roles=["admin", "senco"]))
    assert "Nobody gives themselves a role." in answer.content.decode()
    assert roles(admin, school) == {"admin"}
    root = make.make_staff(school, "system_admin")
    client.force_login(root)
    url = f"/staff/{record_of(root, school).ref}/"
    assert client.post(url, entered(roles=["system_admin", "senco"])).status_code == 302
    assert roles(root, school) == {"system_admin", "senco"}


def test_the_end_of_a_post_signs_the_person_out_everywhere(client, admin, school):
    from django.test import Client

    person = make.make_staff(school, "teacher", username="t.hall")
    theirs = Client()
    theirs.post("/account/login/", {"login": "t.hall", "password": make.PASSWORD})
    assert theirs.get("/me/").status_code == 200
    client.force_login(admin)
    client.post(f"/staff/{record_of(person, school).ref}/", entered(ends_on="today"))
    assert not UserSession.objects.filter(user=person).exists()
    assert theirs.get("/me/").status_code == 302


def test_the_sign_in_email_lets_a_new_person_choose_their_password(signed_in, school, client):
    make.UserFactory(pk=5000)  # numbers beyond 9 are written otherwise in the address
    signed_in.post("/staff/new/", entered())
    person = User.objects.get(username="g.amoah")
    answer = signed_in.post(f"/staff/{record_of(person, school).ref}/invitation/", follow=True)
    assert (
        "The sign-in e-mail is on its way to g.amoah@fold.example.org." in answer.content.decode()
    )
    [message] = sent()
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", message.body)
    client.logout()
    page = client.get(link[1], follow=True)
    new = "a river runs through it 7"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)


def test_without_an_address_no_email_goes_out(signed_in, school):
    person = make.make_staff(school, "teacher", email="")
    signed_in.post(f"/staff/{record_of(person, school).ref}/invitation/")
    assert sent() == []
    assert signed_in.get(f"/staff/{record_of(person, school).ref}/invitation/").status_code == 405


@pytest.mark.both_databases
def test_two_accounts_cannot_have_one_email_address(school):
    make.make_staff(school, "teacher", email="t.hall@fold.example.org")
    for _ in range(2):
        make.make_staff(school, "teacher", email="")
    with pytest.raises(IntegrityError, match="email"), transaction.atomic():
        make.make_staff(school, "teacher", email="T.Hall@fold.example.org")


@pytest.mark.both_databases
@pytest.mark.parametrize(("taken", "field"), [("email", "email"), ("username", "username")])
def test_an_account_made_by_somebody_else_meanwhile_is_said_to_be_taken(
    school, admin, taken, field
):
    """Both looked before either saved."""
    first = make.make_staff(school, "teacher", username="t.hall", email="t@fold.example.org")
    second = User(username="other", email="other@fold.example.org")
    setattr(second, taken, getattr(first, taken))
    with pytest.raises(StaffError) as refused:
        _save_account(second, admin)
    assert refused.value.field == field
