from decimal import Decimal

import pytest

from students.rules.progress import age_in_words, behind, value_of


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
