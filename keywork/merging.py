"""Two people with the same form open: what each changed is kept, nothing overwritten unseen.

A form carries a hidden `seen`: a mark of each value as it was shown. Whoever saves writes only the
fields that differ from what was shown; where somebody else changed such a field meanwhile, the
save is refused with the other's value, and what was typed stays in the form.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.timezone import localtime

from keywork.forms import day_echo

MARK_LENGTH = 12
Marks = Mapping[str, str]


class ChangedMeanwhileError(Exception):
    """Somebody else changed these fields since the form was shown; now: field → their value."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__("Changed by somebody else meanwhile")
        self.now = now


def mark_of(value: Any) -> str:
    """Give a short mark of a value: the same for a value as stored, shown and typed."""
    written = json.dumps(_plain(value), default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:MARK_LENGTH]


def fields_to_write(
    seen: Marks | None,
    *,
    current: Mapping[str, Any],
    wanted: Mapping[str, Any],
    together: Collection[Collection[str]] = (),
) -> dict[str, Any]:
    """Give what a form changed, of `wanted`; current: as stored, read under the lock.

    seen: the marks of what the form showed; None writes all. together: fields that are checked
    against each other, so that a change of one by each of two people is a conflict too. Raises
    ChangedMeanwhileError.
    """
    if seen is None:
        return dict(wanted)
    known = wanted.keys() & seen.keys()
    mine = {name for name in known if mark_of(wanted[name]) != seen[name]}
    theirs = {name for name in known if mark_of(current[name]) != seen[name]}
    mine -= {name for name in mine if mark_of(wanted[name]) == mark_of(current[name])}
    clashes = mine & theirs
    for group in together:
        if mine & set(group) and theirs & set(group):
            clashes |= {
                n for n in theirs & set(group) if mark_of(wanted[n]) != mark_of(current[n])
            }
    if clashes:
        raise ChangedMeanwhileError({name: current[name] for name in wanted if name in clashes})
    return {name: value for name, value in wanted.items() if name in mine or name not in known}


class MergingForm(forms.BaseForm):
    """A mixin: carries `seen`, and shows what somebody else changed meanwhile.

    A form calls `remember()` at the end of its `__init__`, once its fields are settled; one that
    saves other values than its fields' calls `remember_values()`.
    """

    # A value's name → the field beside which it is told, where that is called otherwise.
    told_beside: ClassVar[Mapping[str, str]] = {}

    def remember(self, **shown: Any) -> None:
        """Add `seen`, of the initial values; shown: those that the form shows otherwise."""
        names = [name for name in self.fields if name != "seen"]
        self.remember_values(
            {
                name: shown.get(name, self.get_initial_for_field(self.fields[name], name))
                for name in names
            }
        )

    def remember_values(self, values: Mapping[str, Any]) -> None:
        """Add `seen`, of these values: what is stored, by the names that the service knows."""
        self.fields["seen"] = forms.CharField(
            required=False,
            widget=forms.HiddenInput,
            initial=_written({name: mark_of(value) for name, value in values.items()}),
        )

    @property
    def seen(self) -> Marks | None:
        """Give the marks posted; None where there are none."""
        pairs = (each.partition(":") for each in self.cleaned_data.get("seen", "").split())
        return {name: mark for name, _, mark in pairs} or None

    @property
    def typed(self) -> dict[str, Any]:
        """Give what was entered, without the form's machinery."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def show_meanwhile(self, changed: ChangedMeanwhileError) -> None:
        """Say beside each field what it is now; saving once more then puts in what stands here."""
        marks = dict(self.seen or {})
        for name, value in changed.now.items():
            marks[name] = mark_of(value)
            beside = self.told_beside.get(name, name)
            words = _words(self.fields[beside], value) if beside in self.fields else str(value)
            told = (
                f"Changed meanwhile by somebody else: “{words}”"
                if words
                else ("Cleared meanwhile by somebody else")
            )
            self.add_error(
                beside if beside in self.fields else None,
                f"{told}. Take that over, or save again to keep what stands here.",
            )
        posted: Any = self.data
        data: QueryDict = posted.copy()
        data[self.add_prefix("seen")] = _written(marks)
        self.data = data


def _written(marks: Marks) -> str:
    return " ".join(f"{name}:{mark}" for name, mark in marks.items())


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, datetime):
        return str(value.astimezone(UTC))  # the same moment, wherever it was told
    if isinstance(value, bool) or not isinstance(value, str | list | tuple | frozenset | set):
        return "" if value is None else str(value)
    if isinstance(value, str):
        return "\n".join(str(value).split("\r\n")).strip()
    parts = [_plain(each) for each in value]
    return sorted(parts) if isinstance(value, frozenset | set) else parts


def _words(field: forms.Field, value: Any) -> str:
    """Give a value as people read it."""
    if isinstance(value, datetime):
        at = localtime(value)
        return f"{day_echo(at.date())}, {at:%H:%M}"
    if isinstance(value, date):
        return day_echo(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple | set | frozenset):
        said = [_words(field, each) for each in value]
        return ", ".join(said if isinstance(value, list | tuple) else sorted(said)) or "none"
    choices = () if isinstance(field, forms.ModelChoiceField) else getattr(field, "choices", ())
    labels = {str(key): str(label) for key, label in choices}
    text = "" if value is None else str(value)
    return labels.get(text, text)
