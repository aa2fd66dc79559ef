"""What the students app adds to a student's timeline: people and strategies.

Callers hand in a student whose sight is settled: see students.policies.
"""

from datetime import date

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from keywork.timeline import Event, Row, Strand, full_name_of
from students.models import Assignment, Level, Observation, Strategy, Student

PEOPLE = "people"
BEHAVIOUR = "behaviour"
NOTICES = "notices"
NOTICED = "noticed"
MAY_UPSET = "may upset"
NOTICED_ABOUT = dict(Observation.Kind.choices)
ROLES = dict(Assignment.Role.choices)
REASONS = dict(Assignment.Reason.choices)
KINDS: dict[str, str] = {
    Strategy.Kind.HELPS: "Helps",
    Strategy.Kind.DOES_NOT_HELP: "Does not help",
}


def people_strands(student: Student, on: date, *, notes: bool) -> list[Strand]:
    """Give the events of a student's key workers, up to a day inclusive.

    notes: with the handover notes, which only those who see the student in full read.
    """
    assignments = student.assignments.all()
    searched = ("note", "key_worker__first_name", "key_worker__last_name")
    columns = {"code": "role", "who": full_name_of("key_worker")}
    return [
        Strand(
            rank=50,
            group=PEOPLE,
            rows=assignments.filter(start__lte=on),
            day="start",
            columns={**columns, "detail": "reason", **({"text": "note"} if notes else {})},
            searched=searched if notes else searched[1:],
            present=_assignment_started,
        ),
        Strand(
            rank=51,
            group=PEOPLE,
            rows=assignments.filter(end__lt=on),
            day="end",
            columns=columns,
            searched=searched[1:],
            present=_assignment_ended,
        ),
    ]


def strategy_strands(student: Student) -> list[Strand]:
    """Give the events of a student's strategies; for those who see the student in full."""
    strategies = student.strategies.all()
    columns = {"code": "kind", "text": "text"}
    return [
        Strand(
            rank=40,
            group=PEOPLE,
            rows=strategies,
            day="added_on",
            columns=columns,
            searched=("text",),
            present=_strategy_added,
        ),
        Strand(
            rank=41,
            group=PEOPLE,
            rows=strategies.filter(~Q(withdrawn_at=None)),
            moment="withdrawn_at",
            columns={**columns, "who": full_name_of("withdrawn_by")},
            searched=("text",),
            present=_strategy_withdrawn,
        ),
    ]


def behaviour_strands(student: Student) -> list[Strand]:
    """Give a student's slips and rewards; for those who see the student in full."""
    standing = student.behaviour.filter(withdrawn_at=None)
    return [
        Strand(
            rank=30,
            group=BEHAVIOUR,
            rows=standing,
            moment="occurred_at",
            columns={
                "ref": "ref",
                "code": "level",
                "title": "category",
                "detail": Case(When(contentious=True, then=Value(MAY_UPSET)), default=Value("")),
                "text": "description",
                "note": "location",
                "who": Coalesce(NullIf(full_name_of("staff"), Value("")), "staff_name"),
            },
            searched=("category", "description", "location"),
            present=_slip,
        )
    ]


def notice_strands(student: Student) -> list[Strand]:
    """Give what colleagues were told of a student; for those who see the student in full."""
    return [
        Strand(
            rank=42,
            group=NOTICES,
            rows=student.change_notices.filter(withdrawn_at=None),
            moment="written_at",
            columns={
                "ref": "ref",
                "text": "text",
                "who": full_name_of("written_by"),
            },
            searched=("text",),
            present=_notice,
        )
    ]


def noticed_strands(student: Student) -> list[Strand]:
    """Give what was noticed of a student's wellbeing; for those who see the student in full."""
    return [
        Strand(
            rank=43,
            group=NOTICED,
            rows=student.observations.filter(withdrawn_at=None),
            day="noticed_on",
            columns={
                "ref": "ref",
                "code": "kind",
                "text": "text",
                "who": full_name_of("noticed_by"),
            },
            searched=("text",),
            present=_noticed,
        )
    ]


def _noticed(row: Row) -> Event:
    return Event(
        day=row.day,
        icon="eye",
        title=f"Noticed: {NOTICED_ABOUT[row.code].lower()}",
        text=row.text,
        note=row.who,
        url=reverse("students:observation", args=[row.ref]),
        link="Open",
        link_for=f"what was noticed on {row.day:%-d %B %Y}",
    )


def _notice(row: Row) -> Event:
    return Event(
        day=row.day,
        at=row.at,
        icon="mail",
        title="Colleagues told of a change",
        text=row.text,
        note=row.who,
        url=reverse("students:change_notice", args=[row.ref]),
        link="Open",
        link_for=f"what colleagues were told on {row.day:%-d %B %Y}",
    )


def _slip(row: Row) -> Event:
    upsets = row.detail == MAY_UPSET
    chip = ("at_risk", "May upset") if upsets else None
    if chip is None and row.code == Level.REWARD:
        chip = ("praise", "Reward")
    level = Level(row.code).label
    return Event(
        day=row.day,
        at=row.at,
        icon="star" if row.code == Level.REWARD else "slip",
        title=": ".join(part for part in (level, row.title) if part),
        text="" if upsets else row.text,
        note=" · ".join(part for part in (row.note, row.who) if part),
        chip=chip,
        url=reverse("students:slip", args=[row.ref]),
        link="Open",
        link_for=f"{level.lower()} of {row.day:%-d %B %Y}",
    )


def _assignment_started(row: Row) -> Event:
    reason = REASONS.get(row.detail, "")
    title = f"{row.who} became {ROLES[row.code].lower()}"
    return Event(day=row.day, icon="people", title=title, text=row.text, note=reason)


def _assignment_ended(row: Row) -> Event:
    title = f"Last day of {row.who} as {ROLES[row.code].lower()}"
    return Event(day=row.day, icon="people", title=title)


def _strategy_added(row: Row) -> Event:
    return Event(
        day=row.day,
        icon="heart",
        title=f"Strategy added: {KINDS[row.code].lower()}",
        text=row.text,
    )


def _strategy_withdrawn(row: Row) -> Event:
    note = f"Withdrawn by {row.who}"
    return Event(
        day=row.day, at=row.at, icon="heart", title="Strategy withdrawn", text=row.text, note=note
    )  # fmt: skip
