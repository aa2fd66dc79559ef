"""The last look before a message goes out: does it hold a student's full name?

Kinds are written so that none can; this holds it back where one does all the same.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from keywork.models import School
from students.models import Student

ADDRESS = re.compile(r"https?://\S+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
NAMES = ("legal_first_name", "preferred_first_name", "legal_last_name")


def names_of(school: School) -> Callable[[str], bool]:
    """Give what says whether a text holds a first and last name, next to each other, of a student.

    Students who have left included; one query.
    """
    rows = Student.objects.filter(school=school).order_by().values_list(*NAMES)
    pairs = {
        (first.split()[-1].casefold(), last.split()[0].casefold())
        for legal, preferred, last in rows.iterator()
        for first in (legal, preferred)
        if first.strip() and last.strip()
    }

    def holds_name(text: str) -> bool:
        words = [word.casefold() for word in WORD.findall(ADDRESS.sub(" ", text))]
        return not pairs.isdisjoint(pairwise(words))

    return holds_name
