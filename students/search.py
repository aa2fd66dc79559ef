"""Finding students by what somebody remembers of their name, and only those in sight."""

import re
import unicodedata

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat

from keywork.access import Viewer
from students.models import Student
from students.models.student import StudentQuerySet

SHORTEST = 2
WORDS_READ = 6
VARIANTS = {
    "a": "aàáâãäåā",
    "c": "cçć",
    "e": "eèéêëē",
    "i": "iìíîïī",
    "l": "lł",
    "n": "nñń",
    "o": "oòóôõöøō",
    "s": "sśš",
    "u": "uùúûüū",
    "y": "yýÿ",
    "z": "zżźž",
}
APOSTROPHES = "'’‘`´"
SEARCHED = ("preferred_first_name", "legal_first_name", "legal_last_name", "reg_form")


def named_like(students: StudentQuerySet, q: str) -> StudentQuerySet:
    """Keep those of whose names and form each word of `q` begins a part: "jayden t", "8c".

    Case, accents and apostrophes do not matter. Give students of few schools: the words are
    compared row by row, after the index on schools has chosen the rows.
    """
    words = q.split()[:WORDS_READ]
    patterns = [pattern for word in words if (pattern := _pattern(word))]
    if not patterns:
        return students.none()
    parts = [part for name in SEARCHED for part in (F(name), Value(" "))]
    found = students.alias(all_names=Concat(*parts))
    for pattern in patterns:
        found = found.filter(all_names__iregex=pattern)
    return found


def search_students(viewer: Viewer, q: str, *, limit: int) -> list[Student]:
    """Give the students in sight whom `q` names, by name, those on roll first; one query.

    A whole UPN finds its student for those who may see identity, and so does the name of somebody
    who has left or not come yet. Under two letters: nobody.
    """
    q = q.strip()[:100]
    if len(q) < SHORTEST:
        return []
    # The schools first, so that the index narrows the rows before words are compared.
    near = Student.objects.filter(school__in=list(viewer.roles_at))
    named = named_like(near, q)
    numbered = near.filter(upn=q.upper()).identity_for(viewer)
    seen = near.visible_to(viewer).filter(
        Q(pk__in=named.order_by().values("pk")) | Q(pk__in=numbered.order_by().values("pk"))
    )
    here = Student.objects.on_roll(viewer.on).filter(pk=OuterRef("pk"))
    known = near.identity_for(viewer).order_by().values("pk")
    ordered = seen.annotate(here=Exists(here)).filter(Q(here=True) | Q(pk__in=known))
    ordered = ordered.select_related("school")
    return list(ordered.order_by("-here", "legal_last_name", "legal_first_name", "pk")[:limit])


def _pattern(word: str) -> str:
    """Give the regular expression of a word's beginning, the same for every database."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    letters = [each for each in plain if each.isalnum() or each == "-"]
    if not letters:
        return ""
    shapes = [f"[{VARIANTS[each]}]" if each in VARIANTS else re.escape(each) for each in letters]
    return rf"(^|[ {APOSTROPHES}-])" + f"[{APOSTROPHES}]?".join(shapes)
