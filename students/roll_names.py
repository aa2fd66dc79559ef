"""Other students' names in a text that is meant for one family.

`students.other_names` hides full names where a text is shown; this finds what must not be said
at all: first and last names, preferred ones and common short forms, each on its own, too. It may
take a word for a name that is none, so people can say that it is not a student.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from keywork.text import composed
from students.models import Student
from students.short_names import forms_of

SENTENCE_ENDED = re.compile(r"(^|[.!?:“\"\n])\s*[“\"]?$")
WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
POSSESSIVE = re.compile(r"['’]s$")
TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame", "rev", "nan", "auntie"))
MONTHS = frozenset(("april", "may", "june", "august", "summer", "autumn", "friday"))
# Words that are names as well: at the beginning of a sentence not taken for one.
_WORDS = """
will mark grace hope faith joy rose art bill sue pat jack drew chase dawn rich frank earnest ray
dale glen heath brook bob rob pop pops ant max cam green brown white black gray king bishop cook
baker butcher hall hill wood field park lane street day best long short small little young good
love strong head hand sharp winter summers church west north east moon rain snow frost bird wolf
lamb fox price cash sweet early moss stone banks marsh law page read said hard case chance pace
miles march noon
"""
ORDINARY = frozenset(_WORDS.split())


@dataclass(slots=True)
class RollNames:
    """The names of the other students of a school: first → last names that go with it."""

    last_names_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    last_names: set[str] = field(default_factory=set)

    def add(self, first_names: Iterable[str], last_name: str) -> None:
        """Add one student's names."""
        last = last_name.casefold()
        for first in filter(None, first_names):
            for form in forms_of(first):
                self.last_names_of[form].add(last)
        if last:
            self.last_names.add(last)


def read_roll_names(student: Student, on: date) -> RollNames:
    """Read the names of the other students on roll at the school, in one query."""
    rows = (
        Student.objects.filter(school=student.school_id)
        .on_roll(on)
        .exclude(pk=student.pk)
        .order_by()
        .values_list("legal_first_name", "preferred_first_name", "legal_last_name")
    )
    names = RollNames()
    for legal, preferred, last in rows:
        names.add({legal, preferred}, last)
    return names


def others_in(
    texts: Mapping[str, str], names: RollNames, *, family: Iterable[str] = ()
) -> dict[str, list[str]]:
    """Give, for each text with any, the words in it that name another student, as written.

    A first name beside its last name counts whatever its letters; a name alone where it begins
    with a capital, unless it begins a sentence and is an ordinary word as well ("Will"), is a
    month, or one of `family`: the names of the student and of the adults around them. What
    follows a title ("Mr Brown") is an adult's.
    """
    own = {part.casefold() for name in family for part in WORD.findall(name)}
    found = {key: _in_text(composed(text), names, own) for key, text in texts.items()}
    return {key: words for key, words in found.items() if words}


def _in_text(text: str, names: RollNames, own: set[str]) -> list[str]:
    matches = list(WORD.finditer(text))
    words = [POSSESSIVE.sub("", match[0]) for match in matches]
    plain = [word.casefold() for word in words]
    found: dict[str, None] = {}
    beside = False
    for at, word in enumerate(words):
        following = plain[at + 1] if at + 1 < len(words) else ""
        if following and following in names.last_names_of.get(plain[at], ()):
            found[f"{word} {words[at + 1]}"] = None
            beside = True
        elif beside:
            beside = False  # the last name, taken with the first
        elif not (at and plain[at - 1] in TITLES) and plain[at] not in own:
            begins = bool(SENTENCE_ENDED.search(text[: matches[at].start()]))
            if _names_somebody(word, plain[at], names, begins=begins):
                found[word] = None
    return list(found)


def _names_somebody(word: str, plain: str, names: RollNames, *, begins: bool) -> bool:
    if not word[0].isupper() or len(plain) < 2 or plain in MONTHS:
        return False
    if begins and plain in ORDINARY:
        return False
    return plain in names.last_names_of or plain in names.last_names
