"""The words of slips, mandatory parts and the points target, as admins set them."""

import pytest

from students.models import BehaviourChoice
from students.slip_log.words import words_of
from tests import factories as make
from tests.students.slips_of_fold import Fold, a_slip

pytestmark = pytest.mark.django_db
URL = "/settings/catalogues/"


@pytest.fixture
def fold():
    return Fold()


@pytest.fixture
def office(client, fold):
    client.force_login(fold.office)
    return client


def a_word(school, name="Phone", kind="category", level="low", **more):
    word = BehaviourChoice(school=school, kind=kind, level=level, name=name, **more)
    word.save()
    return word


def offered(fold):
    return [word.name for word in words_of(fold.school).categories("low")]


def test_who_may(client, fold):
    for role, status in {"admin": 200, "system_admin": 200, "key_worker": 403, "slt": 403}.items():
        client.force_login(make.make_staff(fold.school, role))
        assert client.get(URL).status_code == status


def test_usual_words_are_offered_until_there_are_own(office, fold):
    assert "Calling out" in office.get(URL).content.decode()
    office.post(f"{URL}words/usual/", {"group": "response"})
    office.post(f"{URL}words/usual/", {"group": "response"})
    names = BehaviourChoice.objects.values_list("name", flat=True)
    assert list(names) == [
        *("Reminder", "Offered a choice", "Moved seat", "Time out", "Called for help")
    ]


def test_adding_renaming_and_switching_off(office, fold):
    slip = a_slip(fold.kit, category="Phone")
    office.post(
        f"{URL}words/new/",
        {"group": "category-low", "category-low-name": "Phone", "category-low-points": "-1"},
    )
    word = BehaviourChoice.objects.get()
    assert (word.kind, word.level, word.points) == ("category", "low", -1)
    office.post(f"{URL}words/{word.ref}/", {f"{word.ref}-name": "Mobile phone"})
    word.refresh_from_db()
    assert word.name == "Mobile phone"
    assert word.history.count() == 2
    slip.refresh_from_db()
    assert slip.category == "Phone"
    office.post(f"{URL}words/{word.ref}/", {"action": "off"})
    assert offered(fold) == []
    office.post(f"{URL}words/{word.ref}/", {"action": "on"})
    assert offered(fold) == ["Mobile phone"]


@pytest.mark.parametrize(
    ("name", "message"), [("", "Enter a word"), ("phone", "“phone” is there already")]
)
def test_bad_words_are_refused(office, fold, name, message):
    a_word(fold.school)
    values = {"group": "category-low", "category-low-name": name}
    page = office.post(f"{URL}words/new/", values)
    assert message in page.content.decode()
    assert BehaviourChoice.objects.count() == 1
    assert office.post(f"{URL}words/new/", {"group": "made-up"}).status_code == 404


def test_words_for_sessions_are_kept_beside_those_of_slips(office, fold):
    page = office.get(URL).content.decode()
    assert "Offered meanwhile: Academic Support Centre, Library." in page
    assert "Always offered: Coping strategies, Motivation" in page
    values = {"group": "session_theme", "session_theme-name": "Travel training"}
    office.post(f"{URL}words/new/", values)
    office.post(f"{URL}words/usual/", {"group": "session_place"})
    found = BehaviourChoice.objects.order_by("kind", "position").values_list("kind", "name")
    assert list(found) == [
        ("session_place", "Academic Support Centre"),
        ("session_place", "Library"),
        ("session_theme", "Travel training"),
    ]
    # neither stands on a slip's form
    assert set(words_of(fold.school).offered) == {
        *(("category", level) for level in ("low", "high", "reward")),
        *((kind, "") for kind in ("location", "consequence", "response")),
    }


@pytest.mark.parametrize(
    ("group", "name", "message"),
    [
        ("session_theme", "literacy", "“literacy” is there already"),
        ("session_theme", "coping", "“coping” is there already"),
        ("session_place", "x" * 81, "Use 80 characters at most"),
    ],
)
def test_bad_words_for_sessions_are_refused(office, group, name, message):
    page = office.post(f"{URL}words/new/", {"group": group, f"{group}-name": name})
    assert message in page.content.decode()
    assert not BehaviourChoice.objects.exists()


def test_another_schools_words_are_out_of_sight(office, fold):
    other = make.make_school(name="Other", urn="999102")
    word = a_word(other, "Elsewhere")
    assert "Elsewhere" not in office.get(URL).content.decode()
    assert office.post(f"{URL}words/{word.ref}/", {"action": "off"}).status_code == 404


def test_points_target_and_mandatory_parts(office, fold):
    values = {"points_target": "80", "high": ["description", "injury"], "low": ["response"]}
    office.post(f"{URL}rules/", values)
    fold.school.refresh_from_db()
    assert fold.school.points_target == 80
    assert fold.school.high_slip_parts == ["description", "injury"]
    assert fold.school.low_slip_parts == ["response"]
    page = office.post(f"{URL}rules/", {"points_target": "many"})
    assert "Enter a whole number, like 100" in page.content.decode()
