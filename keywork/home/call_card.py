"""What may be said to home this week, on one card, good news first; and who spoke already.

Read in five queries, whatever there is; who may see it is for the caller to decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.timezone import localtime

from contacts import rules
from contacts.models import AnsweredRecord, Channel, ContactLogEntry, Outcome
from keywork.dates import day_in_words
from keywork.home.student_facts import TargetNow, targets_now
from keywork.term_dates import SchoolCalendar
from sessions.models import Target
from students.attendance_few import attendance_of_few
from students.models import BehaviourRecord, Level, Student
from students.other_names import hide_others

OFFERED = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A slip or reward of the week, other students' names hidden."""

    title: str
    text: str
    when: str
    url: str


@dataclass(frozen=True, slots=True)
class SpokeAbout:
    """Somebody told home of a slip already: "Mr Osei already spoke to Ms Thorne about this"."""

    record: BehaviourRecord
    words: str


@dataclass(frozen=True, slots=True)
class CallCard:
    """The card beside the form. week: since Monday. points: of the week's rewards."""

    rewards: list[Line]
    slips: list[Line]
    points: int
    targets: list[TargetNow]
    attendance: str
    languages: list[str]

    @property
    def is_quiet(self) -> bool:
        """Say whether the week brought neither slips nor rewards."""
        return not (self.rewards or self.slips)


@dataclass(frozen=True, slots=True)
class BeforeCalling:
    """All that the page knows. records: what a call may be about, newest first.

    untold: refs of those that wait for a call; spoken: those that home was told of; today: what
    was tried today; unnamed: conversations of today that name no slip.
    """

    card: CallCard
    records: list[BehaviourRecord]
    untold: list[str]
    spoken: list[SpokeAbout]
    today: list[ContactLogEntry]

    @property
    def unnamed(self) -> list[ContactLogEntry]:
        """Give the conversations of today that name no slip."""
        return [each for each in self.today if each.spoke and not list(each.answers.all())]

    @property
    def anybody_spoke(self) -> bool:
        """Say whether somebody spoke to home today."""
        return any(each.spoke for each in self.today)


def before_calling(
    student: Student,
    on: date,
    calendar: SchoolCalendar,
    *,
    about: str = "",
    languages: Sequence[str] = (),
) -> BeforeCalling:
    """Read what is good to know before ringing home about a student seen in full.

    about: the ref of the slip one came from.
    """
    monday = calendar.week_of(on).start
    first = rules.first_day_not_lapsed(calendar, on) or calendar.week_of(on).start
    records = _records(student, min(first, monday), on, about)
    model = student.model_in_force()
    week = [each for each in records if each.occurred_on >= monday]
    targets = targets_now(Target.objects.filter(student=student), on, calendar)
    asks = model.parameters() if model else None
    untold = [each.ref for each in records if each.ref == about]
    if asks is not None:
        happenings = [_happening(each) for each in records]
        triggers = rules.same_day_triggers(asks, happenings, [])
        untold += [key for each in triggers if not each.named for key in each.keys]
    return BeforeCalling(
        card=_card(student, on, week, targets, list(languages)),
        records=_offered(records, set(untold), on),
        untold=list(dict.fromkeys(untold)),
        spoken=_spoken(records),
        today=_today(student, on),
    )


def _records(student: Student, first: date, on: date, about: str) -> list[BehaviourRecord]:
    """The slips and rewards since a day, and the one asked about; told: home knows of it."""
    told = AnsweredRecord.objects.filter(
        record=OuterRef("pk"), entry__outcome=Outcome.SPOKE, entry__withdrawn_at=None
    )
    own = BehaviourRecord.objects.standing().filter(student=student)
    wanted = own.between(first, on) | own.filter(ref=about)
    return list(wanted.annotate(told=Exists(told)).select_related("staff").newest_first())


def _happening(record: BehaviourRecord) -> rules.Happening:
    told = bool(getattr(record, "told", False))
    return rules.Happening(
        record.ref,
        localtime(record.occurred_at),
        record.level,
        record.category,
        call_home=record.call_home,
        named=told,
    )


def _offered(records: list[BehaviourRecord], untold: set[str], on: date) -> list[BehaviourRecord]:
    """Those of today and those that wait first; then the newest, up to a dozen."""
    first = [each for each in records if each.ref in untold or each.occurred_on == on]
    rest = [each for each in records if each not in first]
    return [*first, *rest][: max(OFFERED, len(first))]


def _spoken(records: Iterable[BehaviourRecord]) -> list[SpokeAbout]:
    told = {each.pk: each for each in records if getattr(each, "told", False)}
    if not told:
        return []
    rows = (
        AnsweredRecord.objects.filter(
            record__in=list(told), entry__outcome=Outcome.SPOKE, entry__withdrawn_at=None
        )
        .select_related("entry__made_by", "entry__adult__contact")
        .order_by("-entry__made_at")
    )
    return [SpokeAbout(told[row.record_id], spoke_words(row.entry)) for row in rows]


def spoke_words(entry: ContactLogEntry) -> str:
    """Say who spoke to whom about this: "Mr Osei already spoke to Ms Thorne about this"."""
    who = entry.made_by.full_name if entry.made_by else "Somebody"
    whom = entry.adult.contact.name if entry.adult else "home"
    at = localtime(entry.made_at)
    return f"{who} already spoke to {whom} about this, {at:%-d %b} {at:%H:%M}"


def _today(student: Student, on: date) -> list[ContactLogEntry]:
    entries = ContactLogEntry.objects.standing().filter(student=student).between(on, on)
    # Whether a slip is named counts here, not which.
    shown = entries.for_list().prefetch_related(None).prefetch_related("answers")
    return list(shown.order_by("made_at", "pk"))


def tried_words(entry: ContactLogEntry) -> str:
    """Say what somebody did today: "Mr Osei 12:40 voicemail"."""
    who = entry.made_by.full_name if entry.made_by else "Somebody"
    sent = entry.outcome == Outcome.SENT
    how = Channel(entry.channel).label if sent else Outcome(entry.outcome).label
    again = localtime(entry.try_again_at) if entry.try_again_at else None
    later = f", to try again at {again:%H:%M}" if again else ""
    return f"{who} {localtime(entry.made_at):%H:%M} {how.lower()}{later}"


def _card(
    student: Student,
    on: date,
    week: list[BehaviourRecord],
    targets: list[TargetNow],
    languages: list[str],
) -> CallCard:
    aims = [each.target for each in targets]
    texts = [_openly(each) for each in week] + [target.text for target in aims]
    shown = hide_others(texts, student.school_id, shown=[student.pk]) if any(texts) else texts
    for target, text in zip(aims, shown[len(week) :], strict=True):
        target.text = text  # of this page alone: nobody saves it
    lines = [_line(each, text, on) for each, text in zip(week, shown, strict=False)]
    pairs = list(zip(week, lines, strict=True))
    return CallCard(
        rewards=[line for each, line in pairs if each.level == Level.REWARD],
        slips=[line for each, line in pairs if each.level != Level.REWARD],
        points=sum(each.points or 0 for each in week if each.level == Level.REWARD),
        targets=targets,
        attendance=_attendance(student, on),
        languages=languages,
    )


def _openly(record: BehaviourRecord) -> str:
    return "" if record.contentious else record.description


def _line(record: BehaviourRecord, text: str, on: date) -> Line:
    at: datetime = localtime(record.occurred_at)
    day = "today" if at.date() == on else day_in_words(at.date(), on)
    if at.date() == on - timedelta(days=1):
        day = "yesterday"
    return Line(
        record.category or record.get_level_display(),
        text,
        f"{day} {at:%H:%M}",
        record.get_absolute_url(),
    )


def _attendance(student: Student, on: date) -> str:
    table = attendance_of_few(Student.objects.filter(pk=student.pk), on)
    found = table.figures.get(student.pk)
    if found is None or not found.possible:
        return ""
    late = f", late {found.late} times" if found.late else ""
    return f"{found.percent}%, {found.attended} of {found.possible} sessions{late}"
