"""What may be said to home this week, on one card, good news first; and who spoke already.

Read in five queries, whatever there is; who may see it is for the caller to decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects
from django.utils.timezone import localtime

from contacts import rules
from contacts.models import AnsweredRecord, Channel, ContactLogEntry, Outcome
from keywork.dates import day_in_words
from keywork.home.student_facts import TargetNow, targets_now
from keywork.prepared import prepared
from keywork.term_dates import SchoolCalendar
from students.attendance_few import attendance_of_few
from students.models import BehaviourRecord, Level, Student
from students.models.behaviour import moments_of
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
    """The card beside the form: what is since Monday, and what still waits to be told.

    points: of the week's rewards.
    """

    rewards: list[Line]
    slips: list[Line]
    points: int
    targets: list[TargetNow]
    attendance: str

    @property
    def is_quiet(self) -> bool:
        """Say whether the week brought neither slips nor rewards."""
        return not (self.rewards or self.slips)


@dataclass(frozen=True, slots=True)
class BeforeCalling:
    """All that the page knows. records: what a call may be about, newest first.

    untold: refs of those that ask for a call and that no conversation names; owed: those of them
    that no conversation answers either, and the one asked about; spoken: those that home was told
    of; today: what was tried today; unnamed: conversations of today that name no slip.
    """

    card: CallCard
    records: list[BehaviourRecord]
    untold: list[str]
    owed: list[str]
    spoken: list[SpokeAbout]
    today: list[ContactLogEntry]

    @property
    def unnamed(self) -> list[ContactLogEntry]:
        """Give the conversations of today that name no slip."""
        return [each for each in self.today if each.spoke and not list(each.answers.all())]

    @property
    def talks(self) -> list[str]:
        """Say of each conversation that told of slips, once, what it was about; latest first."""
        about: dict[str, list[str]] = {}
        for each in self.spoken:
            what = each.record.category or each.record.get_level_display()
            about.setdefault(each.words, []).append(what)
        return [f"{words}: {', '.join(dict.fromkeys(of))}" for words, of in about.items()]

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
) -> BeforeCalling:
    """Read what is good to know before ringing home about a student seen in full.

    about: the ref of the slip one came from.
    """
    monday = calendar.week_of(on).start
    since = min(rules.first_day_not_lapsed(calendar, on) or monday, monday)
    records = _records(student, since, on, about)
    entries = _entries(student, since, on)
    targets = targets_now(student, on, calendar)
    spoken = [localtime(each.made_at) for each in entries if each.spoke]
    triggers = [each for each in _triggers(student, records) if not each.named]
    asked = [each.ref for each in records if each.ref == about]
    untold = asked + [key for each in triggers for key in each.keys]
    owed = asked + [
        key for each in triggers if not rules.is_answered(each, spoken) for key in each.keys
    ]
    shown = [each for each in records if each.occurred_on >= monday or each.ref in owed]
    return BeforeCalling(
        card=_card(student, on, monday, shown, targets),
        records=_offered(records, set(untold), on),
        untold=list(dict.fromkeys(untold)),
        owed=list(dict.fromkeys(owed)),
        spoken=_spoken(records),
        today=[each for each in entries if each.made_on == on],
    )


def _triggers(student: Student, records: Iterable[BehaviourRecord]) -> list[rules.Trigger]:
    """What asks for a call on its own day, as the student's model says."""
    model = student.model_in_force()
    if model is None:
        return []
    return rules.same_day_triggers(model.parameters(), [_happening(each) for each in records], [])


def _records(student: Student, first: date, on: date, about: str) -> list[BehaviourRecord]:
    """The slips and rewards since a day, and the one asked about; told: home knows of it."""
    begins, ends = moments_of(first, on)
    return _record_rows(student=student.pk, begins=begins, ends=ends, about=about)


@prepared
def _record_rows(
    *, student: int, begins: datetime, ends: datetime, about: str
) -> QuerySet[BehaviourRecord]:
    told = AnsweredRecord.objects.filter(
        record=OuterRef("pk"), entry__outcome=Outcome.SPOKE, entry__withdrawn_at=None
    )
    own = BehaviourRecord.objects.standing().filter(student=student)
    wanted = own.within(begins, ends) | own.filter(ref=about)
    return wanted.annotate(told=Exists(told)).select_related("staff").newest_first()


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


def _entries(student: Student, first: date, on: date) -> list[ContactLogEntry]:
    begins, ends = moments_of(first, on)
    entries = _entry_rows(student=student.pk, begins=begins, ends=ends)
    # Whether a slip is named counts here, and its key, not what it says.
    prefetch_related_objects(entries, "answers")
    return entries


@prepared
def _entry_rows(*, student: int, begins: datetime, ends: datetime) -> QuerySet[ContactLogEntry]:
    own = ContactLogEntry.objects.standing().filter(student=student)
    made = own.before(ends).filter(made_at__gte=begins)
    return made.for_list().prefetch_related(None).order_by("made_at", "pk")


def tried_words(entry: ContactLogEntry) -> str:
    """Say what somebody did today: "Mr Osei 12:40 voicemail"."""
    who = entry.made_by.full_name if entry.made_by else "Somebody"
    sent = entry.outcome == Outcome.SENT
    how = Channel(entry.channel).label if sent else Outcome(entry.outcome).label
    again = localtime(entry.try_again_at) if entry.try_again_at else None
    later = f", to try again at {again:%H:%M}" if again else ""
    return f"{who} {localtime(entry.made_at):%H:%M} {how.lower()}{later}"


def hours_words(window: tuple[time, time] | None) -> str:
    """Say when the school makes calls home; empty where it does not say."""
    return (
        f"Calls home are made between {window[0]:%H:%M} and {window[1]:%H:%M}." if window else ""
    )


def _card(
    student: Student,
    on: date,
    monday: date,
    records: list[BehaviourRecord],
    targets: list[TargetNow],
) -> CallCard:
    aims = [each.target for each in targets]
    texts = [_openly(each) for each in records] + [target.text for target in aims]
    shown = hide_others(texts, student.school_id, shown=[student.pk]) if any(texts) else texts
    for target, text in zip(aims, shown[len(records) :], strict=True):
        target.text = text  # of this page alone: nobody saves it
    lines = [_line(each, text, on) for each, text in zip(records, shown, strict=False)]
    pairs = list(zip(records, lines, strict=True))
    week = [each for each in records if each.occurred_on >= monday]
    return CallCard(
        rewards=[line for each, line in pairs if each.level == Level.REWARD],
        slips=[line for each, line in pairs if each.level != Level.REWARD],
        points=sum(each.points or 0 for each in week if each.level == Level.REWARD),
        targets=targets,
        attendance=_attendance(student, on),
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
    table = attendance_of_few((student.pk,), on)
    found = table.figures.get(student.pk)
    if found is None or not found.possible:
        return ""
    late = f", late {found.late} times" if found.late else ""
    return f"{found.percent}%, {found.attended} of {found.possible} sessions{late}"
