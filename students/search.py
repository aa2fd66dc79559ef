"""Finding students by what somebody remembers of their name, and only those in sight."""

import re
import unicodedata

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
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
# The first name that is shown to everybody: the one the student goes by, else the legal one.
SHOWN_FIRST_NAME = Case(
    When(preferred_first_name="", then=F("legal_first_name")), default=F("preferred_first_name")
)
SHOWN = (SHOWN_FIRST_NAME, F("legal_last_name"), F("reg_form"))


def named_like(students: StudentQuerySet, q: str, viewer: Viewer) -> StudentQuerySet:
    """Keep those of whose names and form each word of `q` begins a part: "jayden t", "8c".

    A legal first name that the student does not go by counts only where the viewer may see
    identity: else a search would tell whose it is.
    Case, accents and apostrophes do not matter. Give students of few schools: the words are
    compared row by row, after the index on schools has chosen the rows.
    """
    words = q.split()[:WORDS_READ]
    patterns = [pattern for word in words if (pattern := _pattern(word))]
    if not patterns:
        return students.none()
    shown = [part for name in SHOWN for part in (name, Value(" "))]
    found = students.alias(
        shown_names=Concat(*shown),
        all_names=Concat(F("legal_first_name"), Value(" "), *shown),
    )
    by_shown, by_all = Q(), Q()
    for pattern in patterns:
        by_shown &= Q(shown_names__iregex=pattern)
        by_all &= Q(all_names__iregex=pattern)
    known = Student.objects.identity_for(viewer).order_by().values("pk")
    return found.filter(by_shown | (by_all & Q(pk__in=known)))


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
    named = named_like(near, q, viewer)
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
