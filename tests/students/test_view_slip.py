"""Reading a slip, correcting it, asking for a correction, withdrawing it."""

import pytest
import time_machine

from students.models import BehaviourRecord, SlipCorrection
from tests import factories as make
from tests.factories import NOW
from tests.students.slips_of_fold import Fold, a_slip, an_incident

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return Fold()


@pytest.fixture
def slip(fold):
    return a_slip(
        fold.kit, staff=fold.tom, recorded_by=fold.tom, description="Rang twice.", location="Lab"
    )


def url(slip, page=""):
    return f"/slips/{slip.ref}/{page}"


def corrected(**more):
    values = {
        "level": "low",
        "category": "Phone",
        "day": "10/11/2026",
        "at": "11:20",
        "location": "Lab",
        "description": "Rang once.",
        "part": "involved",
        "reason": "The clock was wrong",
    }
    return values | more


def test_who_reads_a_slip(client, fold, slip):
    stranger = make.make_staff(make.make_school(name="Other", urn="999102"), "head")
    expected = {
        fold.priya: 200,
        fold.tom: 200,  # its author
        fold.sana: 200,
        fold.office: 404,
        make.make_staff(fold.school, "key_worker"): 404,
        make.make_staff(fold.school, "teacher"): 404,
        stranger: 404,
        make.make_staff(fold.school, "system_admin"): 403,
    }
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(url(slip)).status_code == status, person.username


def test_nobody_changes_a_slip_in_a_session(client, fold, slip):
    for person in (fold.priya, fold.tom):  # key worker, author
        client.force_login(person)
        html = client.get(url(slip)).content.decode()
        assert "Ask for a correction" in html
        assert url(slip, "correction/") not in html
        assert client.get(url(slip, "correction/")).status_code == 403
        assert client.post(url(slip, "correction/"), corrected()).status_code == 403
        assert client.post(url(slip, "withdrawal/"), {"text": "No"}).status_code == 403
    slip.refresh_from_db()
    assert slip.description == "Rang twice."


@pytest.mark.parametrize("role", ["senco", "slt", "head", "moderator", "dsl"])
def test_those_permitted_correct_with_a_reason_and_history(client, fold, slip, role):
    person = make.make_staff(fold.school, role)
    client.force_login(person)
    assert client.get(url(slip, "correction/")).status_code == 200
    answer = client.post(url(slip, "correction/"), corrected())
    assert answer.url == url(slip)
    slip.refresh_from_db()
    assert (slip.category, slip.description) == ("Phone", "Rang once.")
    newest, first = slip.history.all()
    assert (newest.history_user, newest.history_change_reason) == (person, "The clock was wrong")
    assert first.description == "Rang twice."
    # Kept, so that an import leaves the slip alone from now on.
    kept = SlipCorrection.objects.get()
    assert (kept.status, kept.answered_by) == ("changed", person)
    history = client.get(f"/history/slip/{slip.ref}/").content.decode()
    assert "Rang twice." in history
    assert "The clock was wrong" in history


def test_a_correction_needs_a_reason_and_changes_nothing_without_a_change(client, fold, slip):
    client.force_login(fold.sana)
    page = client.post(url(slip, "correction/"), corrected(reason=""))
    assert page.context["form"].errors["reason"] == ["Say why you change it"]
    same = corrected(category="Disruption", description="Rang twice.")
    client.post(url(slip, "correction/"), same)
    assert slip.history.count() == 1
    assert not SlipCorrection.objects.exists()


def test_two_who_correct_a_slip_see_each_other(client, fold, slip):
    client.force_login(fold.sana)
    seen = client.get(url(slip, "correction/")).context["form"]["seen"].value()
    stands = corrected(category="Disruption", description="Rang twice.", seen=seen)
    client.force_login(make.make_staff(fold.school, "slt"))
    theirs = stands | {"description": "Rang three times.", "at": "11:25"}
    assert client.post(url(slip, "correction/"), theirs).status_code == 302

    client.force_login(fold.sana)
    elsewhere = stands | {"response": "Sat beside him."}
    assert client.post(url(slip, "correction/"), elsewhere).status_code == 302
    slip.refresh_from_db()
    assert (slip.response, slip.description) == ("Sat beside him.", "Rang three times.")

    mine = stands | {"description": "Rang once.", "at": "11:30"}
    page = client.post(url(slip, "correction/"), mine)
    told = page.context["form"].errors
    assert "“Rang three times.”" in told["description"][0]
    assert "“Tuesday 10 November 2026, 11:25”" in told["at"][0]
    again = mine | {"seen": page.context["form"]["seen"].value()}
    assert client.post(url(slip, "correction/"), again).status_code == 302
    slip.refresh_from_db()
    assert (slip.response, slip.description) == ("Sat beside him.", "Rang once.")


def test_a_correction_names_nobody_else(client, fold, slip):
    client.force_login(fold.sana)
    page = client.post(url(slip, "correction/"), corrected(description="With Noah Patel"))
    assert "description" in page.context["form"].errors


def test_a_correction_is_asked_for_and_answered(client, fold, slip):
    client.force_login(fold.priya)
    for _ in range(2):  # sent twice
        client.post(url(slip, "correction-request/"), {"text": "It was not Kit’s phone"})
    asked = SlipCorrection.objects.get()
    assert (asked.status, asked.asked_by, asked.asked_at) == ("open", fold.priya, NOW)
    assert "It was not Kit’s phone" in client.get(url(slip)).content.decode()
    stands = f"/slips/corrections/{asked.ref}/answer/"
    assert client.post(stands, {f"{asked.ref}-text": "I say so"}).status_code == 403
    client.force_login(fold.sana)
    assert "Corrections asked for" in client.get("/slips/").content.decode()
    client.post(stands, {f"{asked.ref}-text": ""})
    asked.refresh_from_db()
    assert asked.is_open
    client.post(stands, {f"{asked.ref}-text": "Two adults saw it"})
    asked.refresh_from_db()
    assert (asked.status, asked.answer, asked.answered_by) == (
        "stands",
        "Two adults saw it",
        fold.sana,
    )
    client.force_login(fold.priya)
    assert "Two adults saw it" in client.get(url(slip)).content.decode()


def test_a_correction_made_answers_what_was_asked(client, fold, slip):
    client.force_login(fold.priya)
    client.post(url(slip, "correction-request/"), {"text": "It rang once"})
    client.force_login(fold.sana)
    client.post(url(slip, "correction/"), corrected())
    asked = SlipCorrection.objects.get()
    assert (asked.status, asked.answered_by) == ("changed", fold.sana)


def test_strangers_ask_nothing(client, fold, slip):
    client.force_login(make.make_staff(fold.school, "key_worker"))
    answer = client.post(url(slip, "correction-request/"), {"text": "Hm"})
    assert answer.status_code == 404
    assert not SlipCorrection.objects.exists()


def test_withdrawing_takes_a_reason_and_hides_the_slip(client, fold, slip):
    client.force_login(fold.sana)
    page = client.post(url(slip, "withdrawal/"), {"text": ""})
    assert page.context["form"].errors["text"] == ["Say why you withdraw it"]
    client.post(url(slip, "withdrawal/"), {"text": "Another student"})
    slip.refresh_from_db()
    assert (slip.withdrawn_by, slip.withdrawn_reason) == (fold.sana, "Another student")
    assert client.get(url(slip)).status_code == 404
    assert client.get(f"/history/slip/{slip.ref}/").status_code == 200
    assert BehaviourRecord.objects.count() == 1


def test_others_of_an_event_stand_as_initials(client, fold):
    kit, noah = an_incident(fold.kit, fold.noah, by=fold.tom)
    client.force_login(fold.priya)
    html = client.get(url(kit)).content.decode()
    assert "NP" in html
    assert "Noah" not in html
    assert noah.ref not in html
    client.force_login(fold.sana)
    html = client.get(url(kit)).content.decode()
    assert "Noah" not in html
    assert noah.ref in html


def test_a_contentious_slip_warns(client, fold):
    slip = a_slip(fold.kit, contentious=True, contentious_note="About his father")
    client.force_login(fold.priya)
    html = client.get(url(slip)).content.decode()
    assert "May upset. Read it before you show it. About his father" in html
