from datetime import date
from decimal import Decimal

import pytest

from students.rules.progress import Graded, age_in_words, behind, gap_in, gap_words, value_of

NOVEMBER = date(2026, 11, 12)


@pytest.mark.parametrize(
    ("kind", "score", "value"),
    [
        ("reading_age", "9:04", 112),
        ("reading_age", "9y 4m", 112),
        ("spelling_age", "9 years 4 months", 112),
        ("reading_age", " 10 ", 120),
        ("baseline", "97", 97),
        ("numeracy", "62.5%", Decimal("62.5")),
        ("other", "Level 3", None),
        ("other", "NaN", None),
        ("other", "1e99", None),
    ],
)
def test_what_can_be_charted(kind, score, value):
    assert value_of(kind, score) == value


@pytest.mark.parametrize("score", ["nine", "9:12", "", "-3"])
def test_an_age_that_is_none(score):
    with pytest.raises(ValueError, match="years and months"):
        value_of("reading_age", score)


def test_an_age_in_words():
    assert age_in_words(112) == "9:04"


def test_only_whole_numbers_compare():
    assert behind("4", "5") is True
    assert behind("5", "5") is False
    assert behind("B", "A") is None
    assert behind("4", "") is None


@pytest.mark.parametrize("pair", [("45", "50"), ("4", "50"), ("4+", "5"), ("0", "5"), ("٤", "5")])
def test_what_is_not_of_nine_to_one_says_nothing(pair):
    assert behind(*pair) is None


def drops(*grades, expected="5"):
    """Grades of Summer 2, Autumn 1 and Autumn 2, or the last so many of them."""
    named = [
        (date(2026, 7, 10), "Summer 2"),
        (date(2026, 10, 16), "Autumn 1"),
        (date(2026, 11, 11), "Autumn 2"),
    ][-len(grades) :]
    return [Graded(*drop, grade, expected) for drop, grade in zip(named, grades, strict=True)]


@pytest.mark.parametrize(
    ("grades", "expected", "words"),
    [
        (["4"], "5", "4 in Autumn 2, expected 5"),
        (["5"], "5", None),
        (["6"], "5", None),
        (["6", "5"], "5", "fell from 6 in Autumn 1 to 5 in Autumn 2"),
        (["5", "4"], "5", "4 in Autumn 2, expected 5; fell from 5 in Autumn 1"),
        (["3", "4"], "5", "4 in Autumn 2, expected 5"),  # rising, and still below
        (["4", "4"], "4", None),
        (["6", "5"], "", "fell from 6 in Autumn 1 to 5 in Autumn 2"),
        (["7", "5", "5"], "5", None),  # since the drop before it did not fall
        (["6", "B", "5"], "5", None),  # the drop before is of another scale
        (["5", "B"], "5", None),  # and so is the latest
        (["6", "", "5"], "5", None),  # Summer 2 is of another school year
        (["62", "58"], "65", None),
        ([""], "5", None),
        ([], "5", None),
    ],
)
def test_a_subject_is_behind_below_what_is_expected_or_after_a_fall(grades, expected, words):
    found = gap_in(drops(*grades, expected=expected) if grades else [], NOVEMBER)
    assert (gap_words(found) if found else None) == words


def test_the_order_of_the_sheets_says_nothing():
    found = gap_in(drops("6", "5")[::-1], NOVEMBER)
    assert found.fell_from.drop == "Autumn 1"
    assert not found.below


def test_across_the_summer_a_grade_does_not_fall():
    july, october = date(2026, 7, 10), date(2026, 10, 16)
    grades = [Graded(july, "Summer 2", "6", "5"), Graded(october, "Autumn 1", "5", "5")]
    assert gap_in(grades, NOVEMBER) is None
    assert gap_in([Graded(july, "Summer 2", "4", "5")], NOVEMBER).below  # but still counts


def test_a_grade_counts_for_a_year_and_from_its_day_on():
    old = [Graded(date(2025, 11, 12), "Autumn 2", "4", "5")]
    assert gap_in(old, date(2026, 11, 11)).below
    assert gap_in(old, date(2026, 11, 12)) is None
    assert gap_in(old, date(2025, 11, 11)) is None
