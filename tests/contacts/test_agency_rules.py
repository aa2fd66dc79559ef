"""What may be told to an agency, and when it should hear again."""

from datetime import date

import pytest

from contacts.agency_rules import (
    Consent,
    ConsentFacts,
    Verdict,
    may_tell,
    not_informed_since,
    update_due_on,
)

ON = date(2026, 11, 12)
GIVEN = {"state": Consent.GIVEN, "since": date(2026, 9, 1), "covers": frozenset({"attendance"})}


@pytest.mark.parametrize(
    ("consent", "about", "verdict", "why"),
    [
        ({"state": Consent.NOT_NEEDED}, ["health"], Verdict.COVERED, ""),
        ({"state": Consent.REFUSED}, ["health"], Verdict.REFUSED, "Consent to share was refused"),
        (
            {"state": Consent.NOT_ASKED},
            ["health"],
            Verdict.REASON,
            "Nobody has asked for consent to share yet",
        ),
        (GIVEN, ["attendance"], Verdict.COVERED, ""),
        (GIVEN, ["attendance", "family"], Verdict.REASON, "Consent does not cover"),
        ({**GIVEN, "until": ON}, ["attendance"], Verdict.COVERED, ""),
        (
            {**GIVEN, "until": date(2026, 11, 11)},
            ["attendance"],
            Verdict.REASON,
            "Consent ended on 11 November 2026",
        ),
        (
            {**GIVEN, "since": date(2026, 11, 13)},
            ["attendance"],
            Verdict.REASON,
            "Consent begins on 13 November 2026",
        ),
    ],
)
def test_what_may_be_told(consent, about, verdict, why):
    answer = may_tell(ConsentFacts(**consent), about, ON)
    assert (answer.verdict, answer.why) == (verdict, why)


def test_what_goes_beyond_is_named():
    answer = may_tell(ConsentFacts(**GIVEN), ["attendance", "family", "health"], ON)
    assert answer.beyond == ("family", "health")


def test_six_weeks_on_an_update_is_still_in_time_and_the_day_after_it_is_late():
    told = date(2026, 10, 1)
    assert update_due_on(told, 6) == ON
    assert not told < not_informed_since(ON, 6)
    assert told < not_informed_since(date(2026, 11, 13), 6)
