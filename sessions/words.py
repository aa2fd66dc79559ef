"""What a school offers for its sessions: places, and themes beside the usual ones (S1-12, S1-20).

A session keeps the words it was written with: one taken off offer stays readable.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, DateField, F, QuerySet, Value, When
from django.db.models.functions import Cast

from sessions.models import KeyworkSession
from students.models import BehaviourChoice, Student
from students.slip_log.words import OF_SESSIONS

PLACE, THEME = (BehaviourChoice.Kind.SESSION_PLACE.value, BehaviourChoice.Kind.SESSION_THEME.value)
RECENT_VENUES = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """A school's words, in its order. known_themes: with those no longer on offer."""

    places: list[str]
    themes: list[str]
    known_themes: list[str]

    def venues(self, own: Iterable[str]) -> list[str]:
        """Give the places to offer: the school's, then one's own that are not among them."""
        there = {place.casefold() for place in self.places}
        return [*self.places, *(venue for venue in own if venue.casefold() not in there)]

    def theme_choices(self, kept: Iterable[str]) -> list[tuple[str, str]]:
        """Give the themes to choose from: the usual ones, the school's, and those kept."""
        usual: list[tuple[str, str]] = [*KeyworkSession.Theme.choices]
        more = dict.fromkeys([*self.themes, *kept])
        known = {value for value, _ in usual}
        return [*usual, *((theme, theme) for theme in more if theme not in known)]


def word_rows(school: int) -> QuerySet:
    """Give a school's words for sessions, to be read alone or among other short texts.

    As (kind, word, place in the order, no day); a word no longer on offer has no place.
    """
    place = Case(When(active=True, then=Cast("position", CharField())), default=Value(""))
    return (
        BehaviourChoice.objects.filter(school=school, kind__in=[PLACE, THEME])
        .order_by()
        .annotate(line_kind=Cast(F("kind"), CharField()), line=Cast(F("name"), CharField()))
        .annotate(line_more=Cast(place, CharField()), no_day=Cast(Value(None), DateField()))
        .values_list("line_kind", "line", "line_more", "no_day")
    )


def offered_among(rows: Iterable[tuple[str, str, str, Any]]) -> Offered:
    """Give what is offered, from rows among which are those of `word_rows`."""
    found = [row for row in rows if row[0] in (PLACE, THEME)]
    on_offer = sorted((int(place), word, kind) for kind, word, place, _ in found if place)
    places = [word for _, word, kind in on_offer if kind == PLACE]
    if not any(kind == PLACE for kind, *_ in found):
        places = [*OF_SESSIONS[PLACE, ""]]
    return Offered(
        places=places,
        themes=[word for _, word, kind in on_offer if kind == THEME],
        known_themes=[word for kind, word, *_ in found if kind == THEME],
    )


def offered_at(school: int) -> Offered:
    """Give what a school offers, in one query."""
    return offered_among(word_rows(school))


def venues_offered(student: Student, user: int) -> list[str]:
    """Give the school's places, then those where this person last held sessions (two queries)."""
    return offered_at(student.school_id).venues(recent_venues(student, user))


def recent_venues(student: Student, user: int) -> list[str]:
    """Give the places where this person last held sessions at the school, newest first."""
    rows = (
        KeyworkSession.objects.standing()
        .filter(school=student.school_id, key_worker=user)
        .exclude(venue="")
        .order_by("-held_on", "-pk")
        .values_list("venue", flat=True)[: RECENT_VENUES * RECENT_VENUES]
    )
    return list(dict.fromkeys(rows))[:RECENT_VENUES]
