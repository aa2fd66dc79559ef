"""The forms of a slip or reward: writing it, correcting it, asking for a correction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from keywork.forms import CLOCK, DayField, DayForm, day_echo
from keywork.merging import MergingForm
from keywork.models import School
from keywork.refs import CROCKFORD, REF_LENGTH, is_ref
from students.models import BehaviourChoice, BehaviourRecord, Level, Student
from students.models.student import StudentQuerySet
from students.other_names import initials_for_names, named, named_in
from students.services.slips import CORRECTABLE, NewSlip
from students.slip_log.words import GREEN_POINTS, GROWTH_MINDSET, Words, level_of, names_of

Kind = BehaviourChoice.Kind
Part = BehaviourRecord.Part
KINDS = [
    ("low", "Low level"),
    ("high", "High level"),
    ("green", "Green points"),
    ("growth", "Growth mindset"),
]
ICONS = {"low": "slip", "high": "late", "green": "star", "growth": "heart"}
MOST_STUDENTS = 12
MISSING = {
    "description": "Say what happened",
    "response": "Say what you did to help",
    "consequence": "Say what followed",
    "antecedent": "Say what came before",
    "location": "Say where it happened",
    "injury": "Say who was hurt, or that nobody was",
    "property_damage": "Say what was damaged, or that nothing was",
}
PART_LABELS = {
    "description": "What happened",
    "response": "What staff did",
    "consequence": "Consequence",
    "antecedent": "What came before",
    "location": "Place",
    "injury": "Injuries",
    "property_damage": "Damage to property",
}


def text_box(rows: int = 2, **attrs: Any) -> forms.Textarea:
    """Give a text area that the browser checks for spelling."""
    return forms.Textarea({"class": "form-control", "rows": rows, "spellcheck": "true", **attrs})


def _line(**attrs: Any) -> forms.TextInput:
    return forms.TextInput({"class": "form-control", "autocomplete": "off", **attrs})


def _text(label: str, *, length: int = 4000, **more: Any) -> forms.CharField:
    more.setdefault("widget", text_box())
    return forms.CharField(label=label, required=False, max_length=length, **more)


def _tick(label: str) -> forms.BooleanField:
    box = forms.CheckboxInput({"class": "form-check-input"})
    return forms.BooleanField(label=label, required=False, widget=box)


def _one_of(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, widget=forms.RadioSelect)


def offer(form: forms.BaseForm, name: str, choices: Sequence[tuple[str, str]]) -> None:
    """Set what a field of choices offers."""
    field: Any = form.fields[name]
    field.choices = choices


class WhatHappened(DayForm, forms.Form):
    """What a new slip and a corrected one have in common: when, where, and the texts."""

    day = DayField(label="Date", past=True)
    at = forms.TimeField(
        label="Time",
        input_formats=CLOCK,
        widget=forms.TimeInput({"class": "form-control", "inputmode": "numeric"}, "%H:%M"),
        error_messages={
            "invalid": "Enter a time, like 11:20",
            "required": "Enter a time, like 11:20",
        },
    )
    lesson = _text("Lesson or period", length=60, widget=_line())
    location = forms.ChoiceField(
        label="Place", required=False, widget=forms.Select({"class": "form-select"})
    )
    description = _text(
        "What happened",
        widget=text_box(3),
        help_text="What you saw and heard. Other students by their initials.",
    )
    consequence = forms.ChoiceField(
        label="Consequence", required=False, widget=forms.Select({"class": "form-select"})
    )
    antecedent = _text("What came before")
    response = _text("What staff did")
    injury = _text("Injuries")
    property_damage = _text("Damage to property")
    points = forms.IntegerField(
        label="Points",
        required=False,
        min_value=-100,
        max_value=100,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter a whole number"},
    )
    call_home = _tick("Worth a call home")
    contentious = _tick("May upset: warn before it is shown")
    contentious_note = _text("Why", length=200, widget=_line())
    names_meant = _tick("The name I wrote is not a student’s here")

    def __init__(
        self, *args: Any, school: School, words: Words, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.school, self.words, self.now = school, words, now
        for name, kind in (("location", Kind.LOCATION), ("consequence", Kind.CONSEQUENCE)):
            offered = names_of(words.of(kind))
            before = self.initial.get(name)
            if before and (before, before) not in offered:
                offered = [(before, before), *offered]
            offer(self, name, [("", "Not said"), *offered])

    def clean(self) -> dict[str, Any]:
        """Join day and time, and refuse what lies ahead."""
        values = super().clean() or self.cleaned_data
        if values.get("day") and values.get("at"):
            happened = datetime.combine(values["day"], values["at"])
            values["occurred_at"] = timezone.make_aware(happened)
            if values["occurred_at"] > self.now:
                self.add_error("at", "This lies ahead: give the time when it happened")
        return values

    def require_parts(self, level: str, values: dict[str, Any]) -> None:
        """Ask for what the school's procedure makes part of a slip of this level."""
        parts = {Level.HIGH: self.school.high_slip_parts, Level.LOW: self.school.low_slip_parts}
        for name in parts.get(Level(level), []):
            if name in MISSING and not values.get(name) and name not in self.errors:
                self.add_error(name, MISSING[name])

    def refuse_names(
        self, students: StudentQuerySet, values: dict[str, Any], *, apart_from: Iterable[int]
    ) -> None:
        """Refuse the names of students whom the slip is not about (one query, or two)."""
        if values.get("names_meant"):
            return
        texts = ("description", "antecedent", "response", "injury", "property_damage")
        said = {name: values.get(name) or "" for name in (*texts, "contentious_note")}
        found = named_in(said.values(), self.school.pk, apart_from=apart_from)
        here = students.filter(pk__in=[each.pk for each in found]) if found else ()
        for other in here[:3]:
            field = next((name for name in said if named_in_text(other, said[name])), texts[0])
            self.add_error(
                field, f"{other.name} is a student here: tick them above, or write initials"
            )

    @property
    def names_refused(self) -> bool:
        """Say whether a name was refused: then the page offers to say that it is meant."""
        found = " is a student here"
        return any(found in each for errors in self.errors.values() for each in errors)


def named_in_text(student: Student, text: str) -> bool:
    """Say whether a text has a student's first and last name."""
    return initials_for_names(text, named([student])) != text


class SlipForm(WhatHappened):
    """A new slip or reward."""

    ref = forms.CharField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(rf"\A[{CROCKFORD}]{{{REF_LENGTH}}}\Z")],
    )
    kind = forms.ChoiceField(
        label="What is it?",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what it is"},
    )
    students = forms.ModelMultipleChoiceField(
        Student.objects.none(),
        label="Who?",
        to_field_name="ref",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Say who it is about",
            "invalid_choice": "Choose students of this school",
            "invalid_pk_value": "Choose students of this school",
        },
    )
    category_low = _one_of("What happened?")
    category_high = _one_of("What happened?")
    category_green = _one_of("What for?")
    responses = forms.MultipleChoiceField(
        label="What did you do?", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, students: StudentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = students
        chosen: Any = self.fields["students"]
        chosen.queryset = students
        for name in ("low", "high", "green"):
            offered = names_of(self.words.categories(level_of(name)))
            if name == "green":
                offered = [each for each in offered if each[0] != GROWTH_MINDSET]
            offer(self, f"category_{name}", offered)
        offer(self, "responses", names_of(self.words.of(Kind.RESPONSE)))
        self.fields["description"].label = "What you saw and heard"
        self.fields["description"].help_text = "Other students by their initials."
        self.fields["response"].label = "More about what you did"

    def clean(self) -> dict[str, Any]:
        """Check the parts against the level, and that the texts name nobody else."""
        values = super().clean()
        kind = values.get("kind")
        values["response"] = _joined(values.get("responses") or [], values.get("response") or "")
        if kind:
            self._take_category(kind, values)
            self.require_parts(level_of(kind), values)
        chosen = list(values.get("students") or [])
        if len(chosen) > MOST_STUDENTS:
            self.add_error("students", f"{MOST_STUDENTS} at most in one slip")
        elif chosen:
            self.refuse_names(self.people, values, apart_from=[each.pk for each in chosen])
        return values

    def _take_category(self, kind: str, values: dict[str, Any]) -> None:
        if kind == "growth":
            values["category"] = GROWTH_MINDSET
            return
        values["category"] = values.get(f"category_{kind}") or ""
        if kind == "green":
            values["category"] = values["category"] or GREEN_POINTS
        elif not values["category"] and f"category_{kind}" not in self.errors:
            self.add_error(f"category_{kind}", "Say what happened")

    def chosen_refs(self) -> list[str]:
        """Give the refs of the students ticked, also before the form is checked."""
        if self.is_bound:
            posted: Any = self.data
            return list(filter(is_ref, posted.getlist("students")))[: MOST_STUDENTS + 1]
        return list(self.initial.get("students") or [])

    def new_slip(self) -> NewSlip:
        """Give what the form says."""
        values = self.cleaned_data
        level = level_of(values["kind"])
        reward = level == Level.REWARD
        points = values["points"] if reward else None
        if points is None:
            points = self.words.points_of(level, values["category"])
        same = ("occurred_at", "location", "lesson", "description", "category")
        slip = ("consequence", "antecedent", "response", "injury", "property_damage")
        chosen = list(values["students"])
        return NewSlip(
            students=chosen,
            parts={each.pk: self._part_of(each) for each in chosen},
            values={
                **{name: values[name] for name in same},
                **{name: "" if reward else values[name] for name in slip},
                "level": level,
                "points": points,
                "call_home": reward and values["call_home"],
                "contentious": values["contentious"],
                "contentious_note": values["contentious_note"] if values["contentious"] else "",
            },
        )

    def _part_of(self, student: Student) -> str:
        said = self.data.get(f"part_{student.ref}", "")
        return said if said in Part.values else Part.INVOLVED

    @property
    def when_words(self) -> str:
        """Sum up the folded fields: "Today 11:20, period 3, Lab 3"."""
        day, at = self["day"].value(), self["at"].value()
        day = _day_words(self.fields["day"], day, self.on)
        at = at if isinstance(at, str) else at and f"{at:%H:%M}"
        parts = [f"{day} {at or ''}".strip(), self["lesson"].value(), self["location"].value()]
        return ", ".join(str(part) for part in parts if part)

    @property
    def when_open(self) -> bool:
        """Say whether the folded fields must stand open: an error is there."""
        return any(self[name].errors for name in ("day", "at", "lesson", "location"))

    @property
    def more_open(self) -> bool:
        """Say whether the folded detail must stand open."""
        folded = ("antecedent", "response", "injury", "property_damage", "contentious_note")
        return any(self[name].errors for name in folded)


class CorrectionForm(MergingForm, WhatHappened):
    """A slip as it stands, and why it is changed."""

    told_beside: ClassVar = {"occurred_at": "at"}
    level = forms.ChoiceField(label="Level", choices=Level.choices, widget=forms.RadioSelect)
    category = forms.CharField(
        max_length=100,
        widget=_line(list="categories"),
        error_messages={"required": "Say what happened"},
    )
    part = forms.ChoiceField(
        label="Part in it", choices=Part.choices, widget=forms.Select({"class": "form-select"})
    )
    reason = forms.CharField(
        label="Why do you change it?",
        max_length=500,
        widget=text_box(),
        help_text="Stands beside the old text, which stays readable.",
        error_messages={"required": "Say why you change it"},
    )

    def __init__(
        self, *args: Any, record: BehaviourRecord, students: StudentQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.people = record, students
        self.remember_values({name: getattr(record, name) for name in CORRECTABLE})

    def clean(self) -> dict[str, Any]:
        """Ask for the parts of the level, and for initials in place of names."""
        values = super().clean()
        if "level" in values:
            self.require_parts(values["level"], values)
        self.refuse_names(self.people, values, apart_from=[self.record.student_id])
        return values

    def slip_values(self) -> dict[str, Any]:
        """Give the fields of the record."""
        extra = ("day", "at", "reason", "names_meant")
        values = {name: v for name, v in self.typed.items() if name not in extra}
        if not values["contentious"]:
            values["contentious_note"] = ""
        before = timezone.localtime(self.record.occurred_at)
        if values["occurred_at"] == before.replace(second=0, microsecond=0):
            values["occurred_at"] = self.record.occurred_at
        return values


def recorded_values(record: BehaviourRecord) -> dict[str, Any]:
    """Give a record's values as the correction shows them."""
    happened = timezone.localtime(record.occurred_at)
    names = (
        *("level", "category", "part", "lesson", "location", "description", "consequence"),
        *("antecedent", "response", "injury", "property_damage", "points", "call_home"),
        *("contentious", "contentious_note"),
    )
    values = {name: getattr(record, name) for name in names}
    return values | {"day": happened.date(), "at": happened.time()}


class ReasonForm(forms.Form):
    """One text: what to correct, why to withdraw, why a slip stands."""

    def __init__(self, *args: Any, label: str, missing: str, longest: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"] = forms.CharField(
            label=label,
            widget=text_box(3),
            max_length=longest,
            error_messages={"required": missing},
        )


def _joined(ticked: Sequence[str], more: str) -> str:
    said = ", ".join(each if at == 0 else each.lower() for at, each in enumerate(ticked))
    return ". ".join(part for part in (said, more.strip()) if part)


def _day_words(field: Any, value: Any, on: date) -> str:
    try:
        day = field.to_python(value)
    except forms.ValidationError:
        return str(value)
    if day is None:
        return "No date"
    return "Today" if day == on else day_echo(day)
