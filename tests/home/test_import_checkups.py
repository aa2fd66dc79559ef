"""checkups.csv: which week's check-up was sent when."""

from datetime import date

import pytest

from contacts.models import Checkup, CheckupAnswer
from tests.factories import UserFactory
from tests.home.hillside import A, B, counts, import_school, small_school, write

HEAD = "upn,week_starting,sent_on"
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def folder(tmp_path):
    return small_school(
        tmp_path, checkups=[HEAD, f"{A},2026-11-02,2026-11-03", f"{A},2026-11-09,"]
    )


def load(folder, *lines):
    return import_school(write(folder, checkups=[HEAD, *lines]))["checkups.csv"]


def test_check_ups_are_taken_and_twice_changes_nothing(folder):
    assert counts(import_school(folder)["checkups.csv"]) == (2, 2, 0, 0, 0)
    assert counts(import_school(folder)["checkups.csv"]) == (2, 0, 0, 2, 0)
    rows = Checkup.objects.order_by("week_starting").values_list("week_starting", "sent_on")
    assert list(rows) == [
        (date(2026, 11, 2), date(2026, 11, 3)),
        (date(2026, 11, 9), None),
    ]


def test_any_day_names_its_week(folder):
    import_school(folder)
    assert counts(load(folder, f"{A},2026-11-12,2026-11-13")) == (1, 0, 1, 0, 0)
    assert Checkup.objects.get(week_starting=date(2026, 11, 9)).sent_on == date(2026, 11, 13)


def test_rejected_rows(folder):
    report = load(
        folder,
        f"{A},,2026-11-03",
        f"{A},soon,2026-11-03",
        f"{B},2026-11-02,never",
        "H999910521102,2026-11-02,2026-11-02",
        f"{B},2026-11-09,2026-11-09",
        f"{B},2026-11-09,2026-11-10",
    )
    assert [each["column"] for each in report["rejected"]] == [
        *("week_starting", "week_starting", "sent_on", "upn", "upn"),
    ]


def test_what_was_sent_from_here_is_no_longer_the_files(folder):
    import_school(folder)
    checkup = Checkup.objects.get(week_starting=date(2026, 11, 2))
    CheckupAnswer(checkup=checkup, teacher=UserFactory(), asked_on=date(2026, 11, 3)).save()

    report = load(folder, f"{A},2026-11-02,2026-11-04", f"{A},2026-11-09,2026-11-09")

    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(2, "sent_on")]
    checkup.refresh_from_db()
    assert checkup.sent_on == date(2026, 11, 3)
