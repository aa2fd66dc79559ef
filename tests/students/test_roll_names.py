"""Other students' names in what is told to one family."""

import pytest

from students.roll_names import RollNames, others_in

NAMES = RollNames()
NAMES.add({"Benjamin", ""}, "Okoro")
NAMES.add({"Femi"}, "Ade")
NAMES.add({"Margaret", "Peggy"}, "Green")
NAMES.add({"William"}, "Frost")
NAMES.add({"June"}, "Pogson")
NAMES.add({"Zoë"}, "Hall")
FAMILY = ("Jayden", "Thorne", "Dawn")


def found(text):
    return others_in({"note": text}, NAMES, family=FAMILY).get("note", [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He hit Femi at break.", ["Femi"]),
        ("He hit femi ade at break.", ["femi ade"]),  # small letters, both names
        ("Ben’s bag was taken.", ["Ben"]),  # a short form
        ("Benny Okoro saw it.", ["Benny Okoro"]),
        ("He sat with Peggy and Maggie.", ["Peggy", "Maggie"]),  # preferred, and short
        ("The Okoro boys were there.", ["Okoro"]),
        ("He sat with Will at lunch.", ["Will"]),
        ("Will call again. Green slips: two.", []),  # ordinary words that begin a sentence
        ("I will ring. The green card helps.", []),
        ("Mr Okoro and Ms Green saw it.", []),  # after a title: adults
        ("Dawn was pleased. Jayden smiled.", []),  # the family's own
        ("Back in June.", []),  # a month
        ("We met June Pogson.", ["June Pogson"]),
        ("With Zoe\N{COMBINING DIAERESIS} in art.", ["Zoë"]),
        ("Femi, Femi and FEMI ADE", ["Femi", "FEMI ADE"]),
        ("", []),
    ],
)
def test_names_of_other_students_are_found(text, words):
    assert found(text) == words
