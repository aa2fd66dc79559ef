"""The form of "Prepare and log": one page, one form, its repeated parts as forms of their own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from keywork.forms import CLOCK, DayField, LongSelect, QuickCheckbox, QuickHidden, QuickTime
from keywork.key_work_presets import KeyWorkParameters
from keywork.models import User
from keywork.refs import IS_REF
from sessions import rules
from sessions.briefing import Briefing, focus_words
from sessions.forms.afterwards import ActionForm, named_so, seniors_among, user_of
from sessions.forms.aside import Aside, set_aside
from sessions.forms.offered import untouched
from sessions.forms.parts import (
    ClosedJudgementForm,
    JudgementForm,
    TargetForm,
    judged_refs,
)
from sessions.forms.session import OTHER, SessionForm
from sessions.models import KeyworkSession, Target
from sessions.queries import Colleague
from sessions.services.log import NewAction, NextSession, SessionLog
from sessions.words import Offered
from students.models import Student

ASK_SENIOR = "Ask senior staff for advice"
ORDINALS = ("a", "a second", "a third", "a fourth", "a fifth")
WHEN = ("held_on", "starts_at", "minutes", "minutes_other", "venue", "method", "focus")
MOST_PARTS = 9


class LogForm(SessionForm):
    """A session logged: its own fields, open targets judged, new targets, what follows.

    targets: the open ones. next_on: gives the day offered for reviews; colleagues: the school's
    staff. Both are called only where they are needed: a form that is signed at once needs neither.
    """

    ref = forms.CharField(widget=QuickHidden, validators=[IS_REF])
    settles = forms.CharField(
        label="Which session is this?",
        widget=forms.RadioSelect,
        validators=[IS_REF],
        required=False,
    )
    target_count = forms.IntegerField(widget=QuickHidden, required=False)
    action_count = forms.IntegerField(widget=QuickHidden, required=False)
    day_offered = forms.CharField(widget=QuickHidden, required=False)
    next_offered = forms.CharField(widget=QuickHidden, required=False)
    briefed = forms.BooleanField(
        label="I read this before the session",
        required=False,
        widget=QuickCheckbox({"form": "log"}),
    )
    keep_strategies = forms.BooleanField(
        label="Add them to what helps",
        required=False,
        widget=QuickCheckbox,
    )
    ask_senior = forms.BooleanField(
        label=ASK_SENIOR,
        required=False,
        widget=QuickCheckbox,
    )
    ask_whom = forms.CharField(
        label="Ask whom?", widget=LongSelect({"class": "form-select"}), required=False
    )
    plan_next = forms.BooleanField(
        label="Plan the next session",
        required=False,
        widget=QuickCheckbox,
    )
    next_on = DayField(label="Next session on", required=False)
    next_at = forms.TimeField(
        label="At",
        input_formats=CLOCK,
        required=False,
        widget=QuickTime,
        error_messages={"invalid": "Enter a time, like 13:40"},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        student: Student,
        parameters: KeyWorkParameters | None,
        targets: Sequence[Target],
        next_on: Callable[[], date | None],
        colleagues: Callable[[], Sequence[Colleague]],
        offered: Callable[[], Offered],
        me: User,
        checked: bool = True,
        add: str = "",
        **kwargs: Any,
    ) -> None:
        missed = data is not None and checked and data.get("happened") == "no"
        self.aside = set_aside(data, targets) if missed else Aside(data)
        data = self.aside.data
        super().__init__(
            data,
            checked=checked,
            student=student,
            parameters=parameters,
            offered=offered,
            **kwargs,
        )
        self.me, self.parameters, self.colleagues = me, parameters, colleagues
        self.told_nobody: list[str] = []
        self.day_note = ""
        self.plans: list[KeyworkSession] = []
        self.seniors: list[str] = []
        self.most_targets = parameters.targets_per_student_max if parameters else 3
        shared: dict[str, Any] = {"on": self.on, "checked": checked}
        of_targets = {**shared, "checked": checked and not missed}
        soon = {"review_on": next_on}
        self.judgements = [
            JudgementForm(data, target=target, initial=soon, **of_targets) for target in targets
        ]
        self.closed_meanwhile = self._closed_meanwhile(shared)
        self.targets = [
            TargetForm(data, prefix=f"target-{n}", student=student, initial=soon, **of_targets)
            for n in range(1, self._count("target_count", add == "add-target") + 1)
        ]
        self.actions = [
            ActionForm(data, prefix=f"action-{n}", colleagues=colleagues, me=me, **shared)
            for n in range(1, self._count("action_count", add == "add-action") + 1)
        ]

    def offer_plans(self, plans: Sequence[KeyworkSession], *, own: str) -> None:
        """Ask whether this is a session that stands as planned; `own`: ref of the person's own.

        plans: those of today and earlier. Where nothing is answered, somebody's own is meant.
        """
        self.plans = list(plans)
        widget: Any = self.fields["settles"].widget
        widget.choices = [
            ("", "Another one"),
            *((each.ref, self._plan_words(each)) for each in plans),
        ]
        if self.is_bound and "settles" not in self.data and own:
            posted: Any = self.data
            answered = posted.copy()
            answered["settles"] = own
            self.data = answered

    def _plan_words(self, plan: KeyworkSession) -> str:
        """Say which session was planned: "Planned for today, 13:40, by Grace Amoah"."""
        when = day_words(plan.held_on, self.on)
        at = f", {plan.starts_at:%H:%M}" if plan.starts_at else ""
        another = plan.key_worker if plan.key_worker_id != self.me.pk else None
        return f"Planned for {when}{at}{f', by {another}' if another else ''}"

    @property
    def settled_ref(self) -> str:
        """Give the ref of the record that the form is to become: of a plan, or one of its own."""
        return str(self.cleaned_data["settles"] or self.cleaned_data["ref"])

    def _closed_meanwhile(self, shared: dict[str, Any]) -> list[ClosedJudgementForm]:
        """What was typed about targets that are no longer open, so that it is not lost."""
        open_now = {part.target.ref for part in self.judgements}
        gone = judged_refs(self.data) - open_now
        if not gone:
            return []
        found = self.student.targets.filter(ref__in=gone).order_by("pk")
        return [ClosedJudgementForm(self.data, target=target, **shared) for target in found]

    def _count(self, name: str, one_more: bool) -> int:
        """How many of a repeated part the page holds; posted, so that it is never trusted."""
        posted = str(self.data.get(name, "1")) if self.is_bound else "1"
        count = int(posted) if posted.isdecimal() and len(posted) == 1 else 1
        return max(1, min(count + one_more, MOST_PARTS))

    def __iter__(self) -> Iterator[BoundField]:
        """Every field in the order of the page, so that the error summary lists them so."""
        yield from super().__iter__()
        for part in self.parts:
            yield from part

    @property
    def parts(self) -> list[Any]:
        """Give the repeated parts in the order of the page."""
        return [*self.judgements, *self.closed_meanwhile, *self.targets, *self.actions]

    @property
    def room(self) -> int:
        """How many new targets may be set, those judged as finished on this page not counted."""
        still_open = sum(not part.closes for part in self.judgements)
        return rules.room_for_targets(still_open, self.most_targets)

    @property
    def limit_words(self) -> str:
        """Say how many targets there may be, and how many stand open already."""
        return too_many(self.most_targets) if not self.room else f"{most(self.most_targets)}."

    @property
    def when_open(self) -> bool:
        """Say whether the folded date, place and focus must stand open: look at them."""
        return bool(self.day_note) or any(self[name].errors for name in WHEN)

    @property
    def when_words(self) -> tuple[str, str]:
        """Sum up the folded fields: "Today, 13:40", and ", 20 minutes, Library nook. Focus: IEP".

        The second part holds only for a session that happened.
        """
        at = self["starts_at"].value()
        at = at if isinstance(at, str) else at and f"{at:%H:%M}"
        minutes = self["minutes"].value()
        minutes = self["minutes_other"].value() if minutes == OTHER else minutes
        venue, focus = self["venue"].value(), focus_words(self["focus"].value())
        held = f", {minutes} minutes" if minutes else ""
        held += f", {venue}" if venue else ""
        held += f". Focus: {focus}" if focus else ""
        return f"{self._day_words()}, {at}" if at else self._day_words(), held

    def _day_words(self) -> str:
        field, value = self.fields["held_on"], self["held_on"].value()
        try:
            day = field.to_python(value)
        except forms.ValidationError:
            return str(value)
        if day is None:
            return "No date"
        words = day_words(day, self.on)
        return words[:1].upper() + words[1:]

    @property
    def can_add_target(self) -> bool:
        """Say whether there may be another target box; judging an old one makes room for it."""
        return len(self.targets) < min(self.most_targets, MOST_PARTS)

    @property
    def next_target(self) -> str:
        """Give the words of the button: "a second target"."""
        count = len(self.targets)
        return f"{ORDINALS[count] if count < len(ORDINALS) else 'another'} target"

    @property
    def can_add_action(self) -> bool:
        """Say whether another action row may be added."""
        return len(self.actions) < MOST_PARTS

    def full_clean(self) -> None:
        """Check the page's own fields, then its parts, then what concerns both."""
        super().full_clean()
        if not self.is_bound:
            return
        if not any(part.errors for part in self.parts) and "held_on" not in self._errors:
            self._check_together()
        for part in self.parts:
            if part.errors:
                self._errors[f"part {part.prefix}"] = self.error_class(["See the part"])

    def _check_together(self) -> None:
        """Check targets against the model and the day; runs once every part is in order."""
        if not self.did_happen:
            if self.aside.moved:
                message = "What you wrote about targets stands here now: check it, then finish"
                self.add_error("missed_note", message)
            return
        new = [part for part in self.targets if part.is_filled]
        judged = [part for part in self.judgements if part.chosen]
        held_on = self.cleaned_data["held_on"]
        for judgement in judged:
            if held_on < judgement.target.set_on:
                set_on = f"{judgement.target.set_on.day} {judgement.target.set_on:%B %Y}"
                words = f"“{judgement.target.text}” was set on {set_on}, after this day"
                self.add_error("held_on", f"{words}: choose “Not looked at” for it")
                return
        dated: list[JudgementForm | TargetForm] = [*judged, *new]
        for part in dated:
            part.check_review_date(after=held_on)
        still_open = sum(not part.closes for part in self.judgements)
        if len(new) > self.room:
            new[-1].refuse(too_many(self.most_targets))
        elif not (new or still_open or self.cleaned_data.get("no_target_reason")):
            self.targets[0].refuse("Set one target, or say below why there is none")

    def session_log(self) -> SessionLog:
        """Give all that the page says."""
        cleaned = self.cleaned_data
        return SessionLog(
            values=self.session_values(),
            judgements=tuple(part.judgement() for part in self.judgements if part.chosen),
            targets=tuple(part.values() for part in self.targets if part.is_filled),
            actions=self._actions(),
            next_session=self._next_session(),
            keep_strategies=cleaned["keep_strategies"],
            briefed=cleaned["briefed"],
        )

    def clean_ask_whom(self) -> str:
        """Refuse a name that is not among senior staff, so that somebody is asked."""
        name: str = self.cleaned_data["ask_whom"]
        asks = self.cleaned_data.get("ask_senior") and name
        if asks and named_so(seniors_among(self.colleagues(), self.me), name) is None:
            raise forms.ValidationError("Choose whom to ask")
        return name

    def offer_seniors(self) -> None:
        """Offer the senior staff of the school to be asked; the SENCo first, who is meant."""
        self.seniors = [each.label for each in seniors_among(self.colleagues(), self.me)]
        widget: Any = self.fields["ask_whom"].widget
        widget.choices = [(name, name) for name in self.seniors]

    def _actions(self) -> tuple[NewAction, ...]:
        made = [part.action() for part in self.actions if part.is_filled]
        self.told_nobody = [each.owner_name for each in made if each.owner is None]
        return (*made, *([self._advice()] if self.cleaned_data["ask_senior"] else []))

    def _advice(self) -> NewAction:
        """Ask a senior colleague for advice; where a school has none, note it for oneself."""
        seniors = seniors_among(self.colleagues(), self.me)
        name = self.cleaned_data["ask_whom"]
        asked = named_so(seniors, name) if name else next(iter(seniors), None)
        owner = user_of(asked)
        return NewAction(
            text=f"Give advice: {self.me.full_name} asks for it" if owner else ASK_SENIOR,
            owner=owner or self.me,
        )

    def _next_session(self) -> NextSession | None:
        cleaned = self.cleaned_data
        if not cleaned["plan_next"] or not cleaned["next_on"]:
            return None
        parameters, posted = self.parameters, cast(QueryDict, self.data)
        minutes = parameters.default_minutes if parameters else self._minutes() or 20
        return NextSession(
            held_on=cleaned["next_on"],
            follows=untouched(posted, "next_on", "next_offered") is not None,
            starts_at=cleaned["next_at"],
            minutes=minutes,
        )


def day_words(day: date, on: date) -> str:
    """Name a day inside a sentence: "today", or "Thursday 12 November"."""
    return "today" if day == on else f"{day:%A} {day.day} {day:%B}"


def most(maximum: int) -> str:
    """Say the model's limit: "Three at most"."""
    words = ("None", "One", "Two", "Three", "Four", "Five")
    return f"{words[maximum] if maximum < len(words) else maximum} at most"


def too_many(maximum: int) -> str:
    """Say that the model allows no more targets: "Three at most. Finish one first."."""
    return f"{most(maximum)}. Finish one first."


def initial_values(
    briefing: Briefing,
    *,
    day: date,
    ref: str,
    venue: str,
    missed: bool,
    planned: KeyworkSession | None = None,
) -> dict[str, Any]:
    """Give what the form offers before anybody types; `day`: of the session."""
    parameters = briefing.parameters
    minutes = planned.minutes if planned and planned.minutes else None
    offered = parameters.session_minutes if parameters else (20,)
    length = minutes or offered[0]
    return {
        "ref": ref,
        "target_count": 1,
        "action_count": 1,
        "happened": "no" if missed else "yes",
        "held_on": day,
        "day_offered": day.isoformat(),
        "starts_at": planned.starts_at if planned else None,
        "minutes": str(length) if length in offered else OTHER,
        "minutes_other": None if length in offered else length,
        "venue": planned.venue if planned and planned.venue else venue,
        "method": (planned.method if planned else "") or KeyworkSession.Method.ONE_TO_ONE,
        "focus": (planned.focus if planned else "") or briefing.suggested_focus,
        "briefed": bool(planned and planned.briefed_at),
        "plan_next": briefing.planned is None and briefing.next_on is not None,
        "next_on": briefing.next_on,
        "next_offered": briefing.next_on.isoformat() if briefing.next_on else "",
        "next_at": briefing.next_at,
    }
