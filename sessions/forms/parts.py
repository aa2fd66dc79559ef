"""The repeated parts of the log form: a target judged, a target set, an action."""

from datetime import date
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from keywork.forms import DayField, DayForm, LongSelect, QuickCheckbox, QuickInput, QuickTextarea
from sessions.models import Target, TargetReview
from sessions.services.log import Judgement
from sessions.services.targets import TargetValues
from sessions.smart import SmartPoint, TargetDraft, smart_check

Outcome = TargetReview.Outcome
CARRIES_ON = (Outcome.PARTLY, Outcome.NOT_YET)


class Unchecked(forms.BaseForm):
    """A mixin: with `checked=False` a form shows what it is given and finds nothing wrong yet."""

    def __init__(self, *args: Any, checked: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            if isinstance(each, DayField):
                each.widget.attrs["class"] = "form-control date-box"
        if not checked:
            self._errors = ErrorDict()
            self.cleaned_data = {}


class Part(Unchecked, DayForm, forms.Form):
    """A part of the page with an error of its own kind."""

    def refuse(self, message: str, field: str = "text") -> None:
        """Add an error that only the page as a whole can find."""
        self.add_error(field, message)

    def offered(self, name: str) -> Any:
        """Give what a field was filled with before anybody typed."""
        return self.get_initial_for_field(self.fields[name], name)


def box(**attrs: Any) -> forms.TextInput:
    """Give a one-line text box."""
    return QuickInput({"class": "form-control", **attrs})


class JudgementForm(Part):
    """An open target: how it went, what shows it, and whether it carries on."""

    # Without the last choice, one tapped by mistake could not be taken back.
    outcome = forms.ChoiceField(
        choices=[*Outcome.choices, ("", "Not looked at")], widget=forms.RadioSelect, required=False
    )
    evidence = forms.CharField(
        label="What shows it?",
        required=False,
        widget=QuickTextarea({"class": "form-control", "rows": 2, "spellcheck": "true"}),
    )
    carry_on = forms.BooleanField(
        label="Carry on",
        required=False,
        widget=QuickCheckbox,
    )
    review_on = DayField(label="Look at it again on", required=False)
    reason = forms.CharField(
        label="Why carry on, or withdraw?", required=False, widget=box(spellcheck="true")
    )

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"judge-{target.ref}", **kwargs)
        self.target = target
        self.fields["outcome"].label = self.words

    @property
    def words(self) -> str:
        """Give the target with its measure, as one heading."""
        text, measure = self.target.text.rstrip(". "), self.target.measure
        return f"{text}: {measure}" if measure else text

    @property
    def chosen(self) -> str:
        """Give the outcome chosen, or nothing."""
        return str(self["outcome"].value() or "")

    @property
    def carries_on(self) -> bool:
        """Say whether the target stays open with a new review date."""
        return self.chosen in CARRIES_ON and bool(self["carry_on"].value())

    @property
    def closes(self) -> bool:
        """Say whether the target is finished by this judgement."""
        return bool(self.chosen) and not self.carries_on

    def clean(self) -> dict[str, Any]:
        """Ask for an outcome where anything else is said, and for a reason where withdrawn.

        Without an outcome nothing is judged, and what was typed beside it would be lost.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        outcome = cleaned.get("outcome")
        if cleaned.get("carry_on") and not outcome:
            self.add_error("outcome", "Say how it went, then carry on")
        elif (cleaned.get("evidence") or cleaned.get("reason")) and not outcome:
            self.add_error("outcome", "Say how it went, or clear what you wrote beside it")
        if outcome == Outcome.WITHDRAWN and not cleaned.get("reason"):
            self.add_error("reason", "Say why the target is withdrawn")
        return cleaned

    def check_review_date(self, *, after: date) -> None:
        """Ask for a review date after the day of the session where the target carries on."""
        if self.carries_on and not (self.review_date and self.review_date > after):
            self.refuse("Choose a review date after the session", "review_on")

    @property
    def review_date(self) -> date | None:
        """Give the date typed, else the one offered."""
        typed: date | None = self.cleaned_data.get("review_on")
        return typed or self.offered("review_on")

    def judgement(self) -> Judgement:
        """Give what was judged."""
        cleaned = self.cleaned_data
        return Judgement(
            target=self.target,
            outcome=cleaned["outcome"],
            evidence=cleaned["evidence"],
            carry_on_to=self.review_date if self.carries_on else None,
            reason=cleaned["reason"],
        )


class ClosedJudgementForm(Part):
    """What was typed about a target that was closed in another tab: shown until it is moved."""

    evidence = forms.CharField(
        required=False,
        widget=QuickTextarea({"class": "form-control", "rows": 2, "spellcheck": "true"}),
    )
    reason = forms.CharField(
        label="Why carry on, or withdraw?", required=False, widget=box(spellcheck="true")
    )

    def __init__(self, data: Any, *, target: Target, **kwargs: Any) -> None:
        super().__init__(data, prefix=f"judge-{target.ref}", **kwargs)
        self.target = target
        self.fields["evidence"].label = f"What you wrote about “{target.text.rstrip('. ')}”"

    def clean(self) -> dict[str, Any]:
        """Say that the target is closed; an outcome is told once, a text until it is moved."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        judged = self.data.get(self.add_prefix("outcome"))
        if cleaned.get("evidence") or cleaned.get("reason"):
            self.refuse(
                "This target was closed meanwhile, so this is not saved with it. Move the text to"
                " “What you talked about”, then clear it here",
                "evidence",
            )
        elif judged:
            self.refuse(
                "This target was closed meanwhile: how you judged it here is not saved",
                "evidence",
            )
        return cleaned


def judged_refs(data: Any) -> set[str]:
    """Give the refs of the targets about which a posted form says anything."""
    names = (name.split("-") for name, value in data.items() if value and name[:6] == "judge-")
    return {parts[1] for parts in names if parts[2:] in (["evidence"], ["reason"], ["outcome"])}


class TargetForm(Part):
    """One new target, with the SMART check beside it."""

    text = forms.CharField(
        max_length=300, required=False, widget=box(spellcheck="true", autocomplete="off")
    )
    goal_count = forms.IntegerField(
        label="How many?",
        required=False,
        min_value=1,
        max_value=999,
        widget=box(inputmode="numeric", autocomplete="off"),
        error_messages={"invalid": "Enter a number, like 4"},
    )
    goal_unit = forms.CharField(
        label="Out of",
        max_length=60,
        required=False,
        widget=box(list="units", placeholder="5 lessons"),
    )
    review_on = DayField(label="Review on", required=False)
    help = forms.CharField(
        label="What will help?",
        max_length=300,
        required=False,
        widget=box(placeholder="Who does what, where", spellcheck="true"),
    )
    baseline = forms.CharField(
        label="Where is it now?", max_length=200, required=False, widget=box()
    )
    measure = forms.CharField(
        label="How will you know, if not by counting?",
        max_length=200,
        required=False,
        widget=box(),
    )
    area = forms.ChoiceField(
        label="Area",
        choices=[("", "Choose"), *Target.Area.choices],
        required=False,
        widget=LongSelect({"class": "form-select"}),
    )
    linked_outcome = forms.CharField(
        label="Outcome of the plan it serves", max_length=200, required=False, widget=box()
    )
    student_agreed = forms.BooleanField(required=False, widget=QuickCheckbox)
    TYPED = ("text", "goal_count", "goal_unit", "help", "baseline", "measure", "linked_outcome")
    FOLDED = ("baseline", "measure", "area", "linked_outcome")

    def __init__(self, *args: Any, student: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = f"What will {student.first_name} do?"
        self.fields["student_agreed"].label = f"{student.first_name} agreed to it"

    @property
    def is_filled(self) -> bool:
        """Say whether anything was typed; the review date is filled in beforehand."""
        return any(str(self[name].value() or "").strip() for name in self.TYPED)

    @property
    def folded_filled(self) -> bool:
        """Say whether the folded fields hold anything, so that they stand open."""
        return any(self[name].value() or self[name].errors for name in self.FOLDED)

    def clean(self) -> dict[str, Any]:
        """Ask what the student will do, once anything else of the target is said."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_filled and not cleaned.get("text") and "text" not in self.errors:
            self.refuse("Say what the student will do")
        return cleaned

    def check_review_date(self, *, after: date) -> None:
        """Refuse a review date that is not after the day of the session."""
        typed = self.cleaned_data.get("review_on")
        if typed and typed <= after:
            self.refuse("Choose a review date after the session", "review_on")

    def values(self) -> TargetValues:
        """Give the target as written; its review date is the one offered where none was typed."""
        cleaned = self.cleaned_data
        return TargetValues(
            text=cleaned["text"],
            review_on=cleaned["review_on"] or self.offered("review_on"),
            area=cleaned["area"],
            measure=cleaned["measure"]
            or goal_in_words(cleaned["goal_count"], cleaned["goal_unit"]),
            goal_count=cleaned["goal_count"],
            goal_unit=cleaned["goal_unit"],
            baseline=cleaned["baseline"],
            help=cleaned["help"],
            linked_outcome=cleaned["linked_outcome"],
            student_agreed=cleaned["student_agreed"] or None,
        )

    def check(self) -> list[SmartPoint]:
        """Give the five SMART points of what is typed so far; none before anything is."""
        if not self.is_filled:
            return []
        typed = {name: str(self[name].value() or "") for name in (*self.TYPED, "area")}
        draft = TargetDraft(
            text=typed["text"],
            measure=typed["measure"] or goal_in_words(typed["goal_count"], typed["goal_unit"]),
            baseline=typed["baseline"],
            helps=typed["help"],
            linked_to=typed["linked_outcome"] or typed["area"],
            review_on=self._review_date(),
        )
        return smart_check(draft, self.on)

    def _review_date(self) -> date | None:
        try:
            day: date | None = self.fields["review_on"].to_python(self["review_on"].value())
        except forms.ValidationError:
            return None
        return day


def goal_in_words(count: int | str | None, unit: str) -> str:
    """Say a goal: 4 and "5 lessons" are "4 of 5 lessons"; 3 and "a week" are "3 a week"."""
    if not count:
        return ""
    return f"{count} of {unit}" if unit[:1].isdecimal() else f"{count} {unit}".strip()
