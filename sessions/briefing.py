"""The briefing beside the log form: what to know of a student before talking (S2-27, S2-28).

Read in a fixed number of queries; nothing here decides who may see it.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Any, NamedTuple

from django.db.models import (
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.http import Http404

from keywork.access import Viewer
from keywork.key_work_presets import FOCUS_ROTATION, KeyWorkParameters
from keywork.prepared import prepared
from keywork.term_dates import HalfTermDates, SchoolCalendar
from sessions import rules
from sessions.briefing_words import Words, read_words
from sessions.models import KeyworkSession, SessionAction, Target, TargetEvidence, TargetReview
from sessions.models.target import TargetQuerySet
from sessions.next_due import usual_day
from students.briefing import DateAhead, RecordBriefing, dates_ahead, read_record
from students.models import Assignment, Student

MOST_OPEN_PLANS = 4  # offered beside a form; all of them stand on Today
OUTCOMES: dict[str, str] = {each.value: str(each.label) for each in TargetReview.Outcome}

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
    oldest first, each with its last review and its evidence (see `open_targets`). planned: the
    next planned session other than the one being logged. open_plans: those planned for today or
    earlier that nobody has logged, again without that one, the newest first. suggested_focus: see
    `rules.suggest_focus`. next_on: the day offered for the next session and for reviews; None
    where the calendar ends before it. record: what slips and marks say. ahead: dates to come.
    """

    student: Student
    parameters: KeyWorkParameters | None
    last: KeyworkSession | None
    targets: list[Target]
    words: Words
    half_term: HalfTermStanding
    planned: KeyworkSession | None
    open_plans: list[KeyworkSession]
    suggested_focus: str
    next_on: date | None
    next_at: time | None
    record: RecordBriefing
    ahead: list[DateAhead]


def student_to_brief(viewer: Viewer, ref: str) -> Student:
    """Give a student with what the briefing needs; out of sight is 404.

    Loaded are the models and the sight, and by the viewer's day `first_assigned` and `open_plan`:
    the ref of the viewer's own session planned for then or earlier and not logged, or None.
    """
    found = _to_brief(viewer=viewer, ref=ref)
    if not found:
        raise Http404
    student: Student = found[0]
    return student


@prepared
def _to_brief(*, viewer: Viewer, ref: str) -> QuerySet[Student]:
    primary = Assignment.objects.primary().filter(student=OuterRef("pk"), start__lte=viewer.on)
    first = primary.order_by().values("student").annotate(first=Min("start")).values("first")
    plans = KeyworkSession.objects.planned().filter(student=OuterRef("pk"), held_on__lte=viewer.on)
    # What nobody in particular is to hold is anybody's own who comes to hold it.
    own = plans.filter(Q(key_worker=viewer.user) | Q(key_worker=None))
    own = own.order_by("-held_on", "starts_at", "pk")
    seen = Student.objects.with_sight(viewer).visible_to(viewer).filter(ref=ref)
    return seen.select_related("school__key_work_model", "key_work_model").annotate(
        first_assigned=Subquery(first), open_plan=Subquery(own.values("ref")[:1])
    )


def read_briefing(
    student: Student,
    calendar: SchoolCalendar,
    on: date,
    *,
    reader: int,
    logging: KeyworkSession | None = None,
    day: date | None = None,
    missed: bool = False,
) -> Briefing:
    """Read a student's briefing in seven queries; `logging` is the planned session at hand.

    The student comes from `student_to_brief`. reader: id of the user whose usual places count.
    day: of the session at hand, where that is not `on`; missed: it did not happen.
    """
    model = student.model_in_force()
    parameters = model.parameters() if model else None
    half_term = calendar.half_term_of(on)
    sessions = _sessions(student, half_term, on)
    held = [each for each in sessions if each.status == KeyworkSession.Status.HELD]
    this_half_term = [each for each in held if half_term and each.held_on >= half_term.start]
    standing = _standing(student, calendar, parameters, this_half_term, on)
    has_plan = student.sen_status == Student.SenStatus.PLAN
    rotation = parameters.focus_rotation if parameters else FOCUS_ROTATION
    suggested = rules.suggest_focus(standing.focuses, has_ehcp=has_plan, rotation=rotation) or ""
    planned, open_plans = _next_planned(sessions, on, logging), _open_plans(sessions, on, logging)
    last = held[0] if held else None
    targets, words = (
        open_targets(student, on),
        read_words(student, reader, on, last.held_on if last else None),
    )
    record = read_record(
        student,
        calendar,
        on,
        last_held=last.held_on if last else None,
        texts=_texts(last, targets, words),
    )
    seen_on = max([day or on, *([last.held_on] if last else [])])
    known = _Known(student, calendar, parameters, standing, last, on)
    return Briefing(
        student=student,
        parameters=parameters,
        last=last,
        targets=targets,
        words=words,
        half_term=standing,
        planned=planned,
        open_plans=open_plans,
        suggested_focus=suggested,
        next_on=planned.held_on if planned else _next_on(known, None if missed else seen_on),
        next_at=logging.starts_at if logging else (last.starts_at if last else None),
        record=record,
        ahead=_ahead(student, targets, words, planned, on),
    )


@prepared
def open_now(*, student: int, on: date) -> QuerySet[Target]:
    """Give a student's active targets, oldest first."""
    return _open(student, on)


def _open(student: int, on: date) -> TargetQuerySet:
    return Target.objects.filter(student=student).active(on).order_by("set_on", "pk")


def open_targets(student: Student, on: date) -> list[Target]:
    """Give a student's active targets, oldest first, in one query.

    Annotated: last_outcome (and in words), last_reviewed_on, last_said of the last standing
    review; met and last_seen of the evidence (how often, and the newest words).
    """
    found = _annotated(student=student.pk, on=on)
    for each in found:
        each.last_outcome_words = OUTCOMES.get(each.last_outcome, "")
    return found


@prepared
def _annotated(*, student: int, on: date) -> QuerySet:
    reviews = TargetReview.objects.standing().filter(target=OuterRef("pk"))
    review = reviews.order_by("-reviewed_on", "-pk")
    evidence = TargetEvidence.objects.filter(target=OuterRef("pk"), withdrawn_at=None)
    met = evidence.order_by().values("target").annotate(met=Sum("count")).values("met")
    seen = evidence.exclude(text="").order_by("-noted_on", "-pk")
    return _open(student, on).annotate(
        last_outcome=Subquery(review.values("outcome")[:1]),
        last_reviewed_on=Subquery(review.values("reviewed_on")[:1]),
        last_said=Subquery(review.values("evidence")[:1]),
        met=Subquery(met),
        last_seen=Subquery(seen.values("text")[:1]),
    )


def _texts(last: KeyworkSession | None, targets: list[Target], words: Words) -> list[str]:
    """All that people wrote and the page shows, for the names in it."""
    texts = [line.text for line in words.strategies]
    texts += [text for line in words.barriers for text in (line.text, line.follow_up)]
    texts += [line.text for line in (*words.home, *words.noticed)]
    for target in targets:
        annotated: Any = target
        texts += [target.text, target.measure, target.help]
        texts += [annotated.last_said or "", annotated.last_seen or ""]
    if last:
        agreed: Any = last  # `agreed` comes from `_sessions`
        texts += [last.pupil_voice, last.details, last.strategies_agreed]
        texts += [action.text for action in agreed.agreed]
        texts += [last.group.shared_details] if last.group else []
    return texts


def _ahead(
    student: Student,
    targets: list[Target],
    words: Words,
    planned: KeyworkSession | None,
    on: date,
) -> list[DateAhead]:
    """Dates to come, the next first; a target's review also when it is late."""
    found = dates_ahead(student, on)
    found += [DateAhead(each.review_on, "Target review") for each in targets if each.review_on]
    found += [
        DateAhead(line.follow_up_on, "Look again at what stands in the way")
        for line in words.barriers
        if line.follow_up_on
    ]
    found += [DateAhead(planned.held_on, "Session planned")] if planned else []
    return sorted(set(found), key=lambda each: (each.on, each.what))


def _sessions(student: Student, half_term: HalfTermDates | None, on: date) -> list[KeyworkSession]:
    """The last held session, those of the half term, and what is planned; newest first."""
    start = half_term.start if half_term else None
    found: list[Any] = _session_rows(student=student.pk, start=start, on=on)
    agreed: dict[int, list[SessionAction]] = {each.pk: [] for each in found}
    for action in _agreed_in(sessions=tuple(agreed)):
        agreed[action.keywork_session_id].append(action)
    for each in found:
        each.agreed = agreed[each.pk]
    return found


@prepared
def _session_rows(*, student: int, start: date | None, on: date) -> QuerySet[KeyworkSession]:
    standing = KeyworkSession.objects.standing().filter(student=student)
    last = standing.held(on).newest_first().values("pk")[:1]
    wanted = Q(pk__in=Subquery(last)) | Q(status=KeyworkSession.Status.PLANNED)
    if start:
        wanted |= Q(held_on__gte=start, held_on__lte=on)
    return standing.filter(wanted).newest_first().select_related("key_worker", "group")


@prepared
def _agreed_in(*, sessions: tuple[int, ...]) -> QuerySet[SessionAction]:
    return SessionAction.objects.filter(keywork_session__in=sessions).select_related("owner")


def _standing(
    student: Student,
    calendar: SchoolCalendar,
    parameters: KeyWorkParameters | None,
    held: list[KeyworkSession],
    on: date,
) -> HalfTermStanding:
    focuses = [each.focus for each in held]
    annotated: Any = student  # `first_assigned` comes from `student_to_brief`
    starts = rules.counts_from(student.on_roll_from, annotated.first_assigned)
    found = rules.quota_period(calendar, parameters, on) if parameters else None
    if parameters is None or not parameters.sessions_per_half_term or not found or not starts:
        return HalfTermStanding(len(held), None, focuses)
    quota, period = found
    wanted = rules.quota_wanted(calendar, period, quota, starts)
    return HalfTermStanding(len(held), wanted, focuses)


class _Known(NamedTuple):
    """What the day of the next session depends on."""

    student: Student
    calendar: SchoolCalendar
    parameters: KeyWorkParameters | None
    standing: HalfTermStanding
    last: KeyworkSession | None
    on: date


def _next_on(known: _Known, seen_on: date | None) -> date | None:
    """The day to offer for the next session once one was held on `seen_on`; None: it was missed.

    By the rules of the duties, from what the briefing has read. What the form says in the end is
    known only when it is signed: then `sessions.next_due` gives the day.
    """
    student, calendar, parameters, standing, last, on = known
    annotated: Any = student  # `first_assigned` comes from `student_to_brief`
    counted_from = seen_on or rules.session_anchor(
        last.held_on if last else None, student.on_roll_from, annotated.first_assigned
    )
    every = parameters and parameters.session_every_school_days
    due = rules.session_due_on(calendar, counted_from, every) if every else None
    half_term = calendar.half_term_of(on)
    held = standing.held + bool(seen_on and half_term and seen_on >= half_term.start)
    if half_term and held < (standing.wanted or 0):
        last_day = calendar.last_school_day_of(half_term)
        due = min((day for day in (due, last_day) if day), default=None)
    return rules.next_session_day(
        calendar, on, due, usual_day(calendar, parameters, seen_on or on)
    )


def _next_planned(
    sessions: list[KeyworkSession], on: date, logging: KeyworkSession | None
) -> KeyworkSession | None:
    ahead = [
        each
        for each in sessions
        if each.is_planned and each.held_on > on and (not logging or each.pk != logging.pk)
    ]
    return min(ahead, key=lambda each: (each.held_on, each.starts_at or time()), default=None)


def _open_plans(
    sessions: list[KeyworkSession], on: date, logging: KeyworkSession | None
) -> list[KeyworkSession]:
    found = [each for each in sessions if each.is_planned and each.held_on <= on]
    found = [each for each in found if not logging or each.pk != logging.pk]
    found.sort(key=lambda each: (-each.held_on.toordinal(), each.starts_at or time.max))
    return found[:MOST_OPEN_PLANS]
