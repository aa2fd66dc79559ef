"""The briefing beside the log form: what to know of a student before talking (S2-27, S2-28).

Read in a fixed number of queries; nothing here decides who may see it.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import Min, OuterRef, Prefetch, Q, Subquery

from keywork.key_work_presets import KeyWorkParameters
from keywork.term_dates import HalfTermDates, SchoolCalendar
from sessions import rules
from sessions.models import KeyworkSession, SessionAction, Target, TargetReview
from students.models import Assignment, Strategy, Student
from students.models.student import StudentQuerySet

NEXT_AFTER_SCHOOL_DAYS = 10  # offered where the model counts by half term or term only
RECENT_VENUES = 8


ABBREVIATED = {KeyworkSession.Focus.EHCP: "EHC plan", KeyworkSession.Focus.IEP: "IEP"}


def focus_words(focus: str) -> str:
    """Name a focus within a sentence: "student voice", but "EHC plan"; empty where none is set."""
    if focus not in KeyworkSession.Focus.values:
        return ""
    known = KeyworkSession.Focus(focus)
    return ABBREVIATED.get(known) or str(known.label).lower()


@dataclass(frozen=True, slots=True)
class HalfTermStanding:
    """Sessions of this half term: how many of how many (None: no quota), and their focuses."""

    held: int
    wanted: int | None
    focuses: list[str]

    @property
    def number_words(self) -> str:
        """Number the session now held: "2 of 3"; beyond the quota, or without one, "4"."""
        number = self.held + 1
        return f"{number} of {self.wanted}" if number <= (self.wanted or 0) else str(number)


@dataclass(frozen=True, slots=True)
class Briefing:
    """What stands beside the form.

    last: the last held session with its actions, or None before the first. targets: open ones,
    oldest first, their standing reviews in `judged`. planned: the next planned session other than
    the one being logged. suggested_focus: see `rules.suggest_focus`. next_on: the day offered for
    the next session and for reviews; None where the calendar ends before it.
    """

    student: Student
    parameters: KeyWorkParameters | None
    last: KeyworkSession | None
    targets: list[Target]
    strategies: list[Strategy]
    half_term: HalfTermStanding
    planned: KeyworkSession | None
    suggested_focus: str
    next_on: date | None
    next_at: time | None


def for_briefing(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Load with a student what the briefing needs: models, and `first_assigned` by a day."""
    primary = Assignment.objects.primary().filter(student=OuterRef("pk"), start__lte=on)
    first = primary.order_by().values("student").annotate(first=Min("start")).values("first")
    return students.select_related("school__key_work_model", "key_work_model").annotate(
        first_assigned=Subquery(first)
    )


def read_briefing(
    student: Student, calendar: SchoolCalendar, on: date, *, logging: KeyworkSession | None = None
) -> Briefing:
    """Read a student's briefing in five queries; `logging` is the planned session at hand.

    The student comes from `for_briefing`.
    """
    model = student.model_in_force()
    parameters = model.parameters() if model else None
    half_term = calendar.half_term_of(on)
    sessions = _sessions(student, half_term, on)
    held = [each for each in sessions if each.status == KeyworkSession.Status.HELD]
    this_half_term = [each for each in held if half_term and each.held_on >= half_term.start]
    standing = _standing(student, calendar, parameters, this_half_term, on)
    has_plan = student.sen_status == Student.SenStatus.PLAN
    suggested = rules.suggest_focus(standing.focuses, has_ehcp=has_plan) or ""
    planned = _next_planned(sessions, on, logging)
    every = (parameters and parameters.session_every_school_days) or NEXT_AFTER_SCHOOL_DAYS
    return Briefing(
        student=student,
        parameters=parameters,
        last=held[0] if held else None,
        targets=open_targets(student, on),
        strategies=list(Strategy.objects.filter(student=student, withdrawn_at=None)),
        half_term=standing,
        planned=planned,
        suggested_focus=suggested,
        next_on=planned.held_on if planned else calendar.add_school_days(on, every),
        next_at=logging.starts_at if logging else (held[0].starts_at if held else None),
    )


def open_targets(student: Student, on: date) -> list[Target]:
    """Give a student's active targets, oldest first, with their standing reviews in `judged`."""
    reviews = TargetReview.objects.standing().select_related("reviewed_by")
    active = Target.objects.filter(student=student).active(on).order_by("set_on", "pk")
    return list(active.prefetch_related(Prefetch("reviews", reviews, to_attr="judged")))


def recent_venues(student: Student, user_id: int) -> list[str]:
    """Give the places where this person last held sessions at the school, newest first."""
    rows = (
        KeyworkSession.objects.standing()
        .filter(school=student.school_id, key_worker=user_id)
        .exclude(venue="")
        .order_by("-held_on", "-pk")
        .values_list("venue", flat=True)[: RECENT_VENUES * RECENT_VENUES]
    )
    return list(dict.fromkeys(rows))[:RECENT_VENUES]


def _sessions(student: Student, half_term: HalfTermDates | None, on: date) -> list[KeyworkSession]:
    """The last held session, those of the half term, and what is planned; newest first."""
    standing = KeyworkSession.objects.standing().filter(student=student)
    last = standing.held(on).newest_first().values("pk")[:1]
    wanted = Q(pk__in=Subquery(last)) | Q(status=KeyworkSession.Status.PLANNED)
    if half_term:
        wanted |= Q(held_on__gte=half_term.start, held_on__lte=on)
    actions = SessionAction.objects.select_related("owner")
    found = standing.filter(wanted).newest_first().select_related("key_worker", "group")
    return list(found.prefetch_related(Prefetch("actions", actions, to_attr="agreed")))


def _standing(
    student: Student,
    calendar: SchoolCalendar,
    parameters: KeyWorkParameters | None,
    held: list[KeyworkSession],
    on: date,
) -> HalfTermStanding:
    focuses = [each.focus for each in held]
    annotated: Any = student  # `first_assigned` comes from `for_briefing`
    starts = rules.counts_from(student.on_roll_from, annotated.first_assigned)
    found = rules.quota_period(calendar, parameters, on) if parameters else None
    if parameters is None or not parameters.sessions_per_half_term or not found or not starts:
        return HalfTermStanding(len(held), None, focuses)
    quota, period = found
    wanted = rules.quota_wanted(calendar, period, quota, starts)
    return HalfTermStanding(len(held), wanted, focuses)


def _next_planned(
    sessions: list[KeyworkSession], on: date, logging: KeyworkSession | None
) -> KeyworkSession | None:
    ahead = [
        each
        for each in sessions
        if each.is_planned and each.held_on > on and (not logging or each.pk != logging.pk)
    ]
    return min(ahead, key=lambda each: (each.held_on, each.starts_at or time()), default=None)
