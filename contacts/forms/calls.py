"""The form of a contact with home."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from contacts.forms.followups import staff_field
from contacts.models import (
    ATTEMPTS,
    Channel,
    Direction,
    FollowUp,
    Outcome,
    StudentContact,
)
from contacts.services.calls import NewCall, Raised
from keywork.forms import CLOCK, DayField, DayForm, day_echo
from keywork.language import language_hints
from keywork.models import User
from keywork.refs import IS_REF
from students.models import BehaviourRecord, Student
from students.names_found import NamesFoundForm

LIVE = (Channel.PHONE, Channel.IN_PERSON, Channel.VIDEO)
SOMEBODY_ELSE = "other"
ROUND_UP = "round_up"
TEXTS = ("good_news", "note", "agreed", "home_view", "asked", "student_asked")
AGAIN_AT = time(16, 0)


def _text(label: str, rows: int = 2, **more: Any) -> forms.CharField:
    box = forms.Textarea({"class": "form-control", "rows": rows, "spellcheck": "true"})
    more.setdefault("max_length", 4000)
    return forms.CharField(label=label, required=False, widget=box, **more)


@dataclass(frozen=True, slots=True)
class Choice:
    """An adult as the form offers them; why_not: why they cannot be chosen."""

    ref: str
    name: str
    note: str
    why_not: str = ""


class CallForm(DayForm, NamesFoundForm):
    """Who was told what, how, and what home said to it."""

    ref = forms.CharField(widget=forms.HiddenInput, validators=[IS_REF])
    adult = forms.ChoiceField(
        label="Who",
        widget=forms.RadioSelect,
        error_messages={"required": "Say who it was", "invalid_choice": "Choose from the list"},
    )
    channel = forms.ChoiceField(
        label="How",
        choices=Channel,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how you were in touch"},
    )
    they_rang = forms.BooleanField(
        label="They got in touch with us",
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )
    outcome = forms.ChoiceField(
        label="Result",
        choices=[(each.value, each.label) for each in Outcome if each != Outcome.SENT],
        required=False,
        widget=forms.RadioSelect,
        help_text="A voicemail or a message is not a conversation: the call stays due.",
    )
    again = forms.BooleanField(
        required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )
    about = forms.MultipleChoiceField(
        label="About", required=False, widget=forms.CheckboxSelectMultiple
    )
    good_news = _text("Good news you passed on", help_text="Say it first.")
    note = _text("Note", 3, help_text="What you said, as you saw it.")
    home_view = _text("Home’s view", help_text="What they said, in their words.")
    agreed = _text("What you agreed")
    asked = _text("What they ask for", max_length=500)
    asked_owner = staff_field("Who sees to it", required=False, empty_label="Nobody yet")
    asked_due = DayField(label="Answer by", required=False)
    student_asked = _text("What the student wants home to know or asks for", max_length=500)
    student_owner = staff_field("Who sees to it", required=False, empty_label="Nobody yet")
    student_due = DayField(label="Answer by", required=False)
    day = DayField(label="Date", past=True)
    at = forms.TimeField(
        label="Time",
        input_formats=CLOCK,
        widget=forms.TimeInput({"class": "form-control", "inputmode": "numeric"}, "%H:%M"),
        error_messages=dict.fromkeys(("invalid", "required"), "Enter a time, like 15:20"),
    )

    def __init__(
        self,
        *args: Any,
        student: Student,
        adults: Sequence[StudentContact],
        records: Sequence[BehaviourRecord],
        staff: Any,
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.student, self.now = student, timezone.localtime(now)
        self.adults = {each.ref: each for each in adults}
        self.records = {each.ref: each for each in records}
        self._offer("adult", [(each.ref, each.name) for each in self.people])
        self._offer("about", [(ref, str(each)) for ref, each in self.records.items()])
        self.fields["about"].choices += [(ROUND_UP, "Weekly round-up")]  # type: ignore[attr-defined]
        named = staff.only("ref", "username", "first_name", "last_name", "known_as")
        offered = [("", "Nobody yet"), *((each.ref, str(each)) for each in named)]
        for name in ("asked_owner", "student_owner"):
            owner: Any = self.fields[name]
            owner.queryset = staff
            owner.choices = offered  # read once for both
        self.fields["again"].label = self.again_words
        self._hint_on_blur()

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _hint_on_blur(self) -> None:
        address = reverse("contacts:language", args=[self.student.ref])
        for name in TEXTS:
            self.fields[name].widget.attrs |= {
                "hx-post": address,
                "hx-trigger": "change",
                "hx-params": name,
                "hx-target": f"#id_{name}_hints",
            }

    # What the page shows

    @property
    def people(self) -> list[Choice]:
        """Give the adults, those not to be contacted with why, and "somebody else"."""
        listed = [
            Choice(each.ref, each.contact.name, _note(each), each.why_not(self.on))
            for each in self.adults.values()
        ]
        return [*listed, Choice(SOMEBODY_ELSE, "Somebody else", "")]

    @property
    def hints(self) -> dict[str, list[str]]:
        """Give field name → language reminders about what stands in it."""
        return {name: language_hints(str(self[name].value() or "")) for name in TEXTS}

    @property
    def again_at(self) -> datetime | None:
        """Give when an attempt is offered to be made again: at four today, while that is ahead."""
        at = timezone.make_aware(datetime.combine(self.now.date(), AGAIN_AT))
        return at if at > self.now else None

    @property
    def again_words(self) -> str:
        """Say so."""
        return f"Try again at {AGAIN_AT:%H:%M}"

    @property
    def when_words(self) -> str:
        """Sum up the folded fields: "Today 11:20"."""
        day, at = self["day"].value(), self["at"].value()
        said = day_echo(day) if isinstance(day, date) and day != self.on else str(day or "")
        said = "Today" if day == self.on else said
        return f"{said} {at if isinstance(at, str) else (at and f'{at:%H:%M}') or ''}".strip()

    @property
    def more_open(self) -> bool:
        """Say whether the folded part must stand open: something is typed or wrong there."""
        texts = ("agreed", "asked", "student_asked")
        folded = (*texts, "asked_owner", "asked_due", "student_owner", "student_due")
        typed = any(self[name].value() for name in texts)
        return typed or any(self[name].errors for name in folded)

    # Checking

    def clean(self) -> dict[str, Any]:
        """Check who, result and time, and that no text names another student."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_adult(values)
        self._check_outcome(values)
        if values.get("day") and values.get("at"):
            values["made_at"] = timezone.make_aware(datetime.combine(values["day"], values["at"]))
            if values["made_at"] > self.now:
                self.add_error("at", "This lies ahead: give the time when it happened")
        for text, owner, due in (
            ("asked", "asked_owner", "asked_due"),
            ("student_asked", "student_owner", "student_due"),
        ):
            self._check_raised(values, text, owner, due)
        called = [each.contact for each in self.adults.values()]
        family = [name for each in called for name in (each.first_name, each.last_name)]
        self.refuse_names({name: values.get(name) or "" for name in TEXTS}, self.on, family=family)
        return values

    def _check_adult(self, values: dict[str, Any]) -> None:
        adult = self.adults.get(values.get("adult", ""))
        if adult and (reason := adult.why_not(self.on)):
            self.add_error("adult", f"{adult.contact.name} must not be contacted. {reason}")

    def _check_outcome(self, values: dict[str, Any]) -> None:
        channel = values.get("channel")
        if channel and channel not in LIVE:
            values["outcome"] = Outcome.SENT
        elif channel and not values.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", "Say whether you spoke")

    def _check_raised(self, values: dict[str, Any], text: str, owner: str, due: str) -> None:
        if not values.get(text) or owner in self.errors or due in self.errors:
            return
        if not values.get(owner):
            self.add_error(owner, "Choose who sees to it")
        if not values.get(due):
            self.add_error(due, "Say by when")
        elif values.get("day") and values[due] < values["day"]:
            self.add_error(due, "The answer cannot be due before it was said")

    def new_call(self) -> NewCall:
        """Give what the checked form says."""
        values = self.cleaned_data
        about = values["about"]
        attempt = values["outcome"] in ATTEMPTS
        again = self.again_at if attempt and values["again"] else None
        return NewCall(
            values={
                **{name: values[name] for name in ("made_at", "channel", "outcome")},
                **{name: values[name] for name in ("good_news", "agreed", "home_view")},
                "summary": values["note"],
                "direction": Direction.IN if values["they_rang"] else Direction.OUT,
                "round_up": ROUND_UP in about,
                "try_again_at": again,
            },
            adult=self.adults.get(values["adult"]),
            about=[self.records[ref] for ref in about if ref in self.records],
            raised=list(self._raised(values)),
        )

    @staticmethod
    def _raised(values: dict[str, Any]) -> Iterable[Raised]:
        by = FollowUp.RaisedBy
        if values["asked"]:
            yield Raised(
                text=values["asked"], owner=values["asked_owner"], due_on=values["asked_due"]
            )
        if values["student_asked"]:
            yield Raised(
                text=values["student_asked"],
                owner=values["student_owner"],
                due_on=values["student_due"],
                raised_by=by.STUDENT,
            )


def initial_values(
    *, now: datetime, on: date, ref: str, adult: str, about: list[str], owner: User, due: date
) -> dict[str, Any]:
    """Give what stands in the form before anybody types."""
    at = timezone.localtime(now).time().replace(second=0, microsecond=0)
    return {
        "ref": ref,
        "adult": adult,
        "about": about,
        "channel": Channel.PHONE,
        "day": on,
        "at": at,
        "again": True,
        "asked_owner": owner.ref,
        "student_owner": owner.ref,
        "asked_due": due,
        "student_due": due,
    }


def _note(link: StudentContact) -> str:
    person = link.contact
    reports = "reports" if link.receives_reports else ""
    language = person.language if person.language.casefold() not in ("", "english") else ""
    needs = "interpreter" if person.interpreter else ""
    return ", ".join(filter(None, (link.relationship, person.phone, language, needs, reports)))
