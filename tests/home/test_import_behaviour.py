"""behaviour.csv: slips with history, and what was done to them here stands."""

from datetime import UTC, datetime

import pytest

from students.models import BehaviourChoice, BehaviourRecord, SlipCorrection
from tests.factories import NOW, UserFactory
from tests.home.hillside import A, counts, import_school, small_school, write

HEAD = "ref,upn,occurred_at,level,category,points,call_home,location,staff,description"
SLIP = f"B1,{A},2026-09-03T09:15,low,Rudeness,-1,no,Hall,kogden,Said no."
PRAISE = f"B2,{A},2026-11-03T09:15,reward,Kindness,5,yes,,,"
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def folder(tmp_path):
    return small_school(tmp_path, behaviour=[HEAD, SLIP, PRAISE])


def load(folder, *lines):
    write(folder, behaviour=[HEAD, *lines])
    return import_school(folder)["behaviour.csv"]


def test_slips_are_taken_with_local_times(folder):
    assert counts(import_school(folder)["behaviour.csv"]) == (2, 2, 0, 0, 0)
    slip, praise = BehaviourRecord.objects.order_by("occurred_at")
    assert slip.occurred_at == datetime(2026, 9, 3, 8, 15, tzinfo=UTC)  # summer time
    assert praise.occurred_at == datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
    assert (slip.points, slip.staff.username, slip.call_home) == (-1, "kogden", False)
    assert (praise.points, praise.staff, praise.call_home) == (5, None, True)
    assert slip.history.get().history_change_reason == "Imported from behaviour.csv"


def test_twice_changes_nothing_and_offers_the_words(folder):
    import_school(folder)
    assert counts(import_school(folder)["behaviour.csv"]) == (2, 0, 0, 2, 0)
    words = BehaviourChoice.objects.values_list("kind", "level", "name")
    assert sorted(words) == [
        ("category", "low", "Rudeness"),
        ("category", "reward", "Kindness"),
        ("location", "", "Hall"),
    ]


def test_rejected_rows(folder):
    report = load(
        folder,
        SLIP.replace("low", "medium"),
        SLIP.replace("B1", "B3").replace("T09:15", ""),
        SLIP.replace("B1", "B4").replace("T09:15", "T25:15"),
        SLIP.replace("B1", "B5").replace("kogden", "nobody"),
        SLIP.replace("B1", "B6").replace("-1", "minus one"),
        SLIP.replace("B1", "B7"),
        SLIP.replace("B1", "B7").replace("Hall", "Field"),
    )
    assert counts(report) == (7, 1, 0, 0, 6)
    assert [each["column"] for each in report["rejected"]] == [
        *("level", "occurred_at", "occurred_at", "staff", "points", "ref"),
    ]


def test_a_slip_corrected_here_is_no_longer_the_files(folder):
    import_school(folder)
    slip = BehaviourRecord.objects.get(import_ref="B1")
    person = UserFactory()
    SlipCorrection(
        record=slip, text="It was the field", status="changed", asked_at=NOW, asked_by=person,
        answered_at=NOW, answered_by=person,
    ).save()  # fmt: skip
    slip.location = "Field"
    slip.save()
    report = load(folder, SLIP, PRAISE)
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(2, "location")]
    slip.refresh_from_db()
    assert slip.location == "Field"
