"""Which students a text names, however their names are typed."""

import pytest

from students.other_names import Named, hide_others, initials_for_names
from tests import factories as make
from tests.factories import StudentFactory


@pytest.fixture
def school(db):
    found = make.make_school()
    for first, last in (
        ("Liam", "O'Brien"),
        ("Niamh", "D’Arcy"),
        ("Ben", "James"),
        ("İpek", "Kaya"),
        ("Émile", "Groß"),
        ("Ann", "Lee"),
        ("Ann-Marie", "Lee Park"),
    ):
        StudentFactory(school=found, legal_first_name=first, legal_last_name=last)
    return found


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Liam O'Brien ran.", "LO ran."),
        ("liam o’brien ran.", "LO ran."),
        ("LIAM O’BRIEN’S bag", "LO’S bag"),
        ("Niamh D'Arcy and Niamh D’Arcy", "ND and ND"),
        ("He said 'Ben James' twice.", "He said 'BJ' twice."),
        ("He said ‘Ben James’ twice.", "He said ‘BJ’ twice."),
        ("Ben James' bag; Ben James- no", "BJ' bag; BJ- no"),
        ("İpek Kaya", "İK"),
        ("Émile Groß", "ÉG"),
        ("E\N{COMBINING ACUTE ACCENT}mile Groß", "ÉG"),
        ("Ann Lee Park, Ann-Marie  Lee\nPark", "AL Park, AL"),
        ("Ben Jameson, Liam Brien", "Ben Jameson, Liam Brien"),
    ],
)
def test_a_name_is_found_however_it_is_typed(school, text, shown):
    assert hide_others([text], school.pk, shown=[]) == [shown]


def test_no_first_name_and_blanks_hide_nothing_else():
    nobody = Named((), "Frost", "F"), Named((" ",), " ", "?")
    assert initials_for_names("Frost  on the field", nobody) == "Frost  on the field"
    assert initials_for_names("Frost  on the field", nobody, also_first=True) == "F  on the field"
