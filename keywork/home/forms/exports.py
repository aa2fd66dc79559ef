"""What is asked about an export of an MIS: its columns, its dates, its unknown words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from keywork.forms import LongSelect
from keywork.home.imports.report import BadFileError
from keywork.home.mis.columns import match_headings, missing_from, read_sessions
from keywork.home.mis.files import Glance
from keywork.home.mis.labels import WORDS, choices_of, label_of
from keywork.home.mis.values import Order, squeeze

# What one page asks; columns to the right of these are left out.
MOST_ASKED = 150
ORDERS = [
    (Order.DAY, "Day first, such as 31/12/2026"),
    (Order.MONTH, "Month first, such as 12/31/2026"),
]


@dataclass(frozen=True)
class Line:
    """One heading of the file, what stands below it, and what it is taken as.

    known: it was recognised, not mapped by hand.
    """

    heading: str
    examples: list[str]
    field: BoundField
    known: bool


class MappingForm(forms.Form):
    order = forms.ChoiceField(
        label="Dates are written", choices=ORDERS, widget=forms.RadioSelect, initial=Order.DAY
    )
    name = forms.CharField(
        label="Remember these columns as",
        required=False,
        max_length=60,
        help_text="The next file like it is matched by itself. Empty: not remembered.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        kind: str,
        glance: Glance,
        mapped: Mapping[str, str],
        order: str,
        name: str,
    ) -> None:
        super().__init__(data, initial={"order": order, "name": name})
        self.kind, self.glance, self.mapped = kind, glance, mapped
        self.found = {
            position: our for our, position in match_headings(kind, glance.header, mapped).items()
        }
        self.sessions: dict[int, Any] = {}
        self.sessions_problem = ""
        said = self["order"].value()
        self._read_sessions(Order(said) if said in set(Order) else Order.DAY)
        for position in self._asked():
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=glance.header[position],
                choices=choices_of(kind),
                required=False,
                initial=self.found.get(position, ""),
                widget=LongSelect(attrs={"class": "form-select"}),
            )

    def _read_sessions(self, order: Order) -> None:
        """Find the headings that are sessions; dates in them may need a person's word."""
        if self.kind != "attendance" or "code" in self.found.values():
            return
        try:
            self.sessions = read_sessions(self.glance.header, order)
        except BadFileError as bad:
            self.sessions_problem = str(bad)

    def _asked(self) -> list[int]:
        seen: set[str] = set()
        asked = []
        for position, heading in enumerate(self.glance.header):
            if position in self.sessions or not squeeze(heading) or squeeze(heading) in seen:
                continue
            seen.add(squeeze(heading))
            asked.append(position)
        return asked[:MOST_ASKED]

    def lines(self) -> list[Line]:
        """Give the headings to show."""
        return [
            Line(
                self.glance.header[position],
                self.glance.examples(position),
                self[f"column_{position}"],
                position in self.found and not self.mapped,
            )
            for position in self._asked()
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a meaning given twice, and a mapping without what this kind needs."""
        chosen: dict[str, str] = {}
        for position in self._asked():
            field, our = f"column_{position}", self.cleaned_data.get(f"column_{position}", "")
            if our and our in chosen:
                self.add_error(field, f"{label_of(self.kind, our)} is chosen twice. Choose one")
            elif our:
                chosen[our] = field
        if self.sessions_problem and "code" not in chosen:
            self.add_error("order", f"The file {self.sessions_problem}")
        missing = missing_from(self.kind, chosen, wide=bool(self.sessions))
        if missing and not (self.sessions_problem and "code" not in chosen):
            names = ", ".join(label_of(self.kind, name) for name in missing)
            self.add_error(None, f"Choose the column of: {names}")
        return self.cleaned_data

    def columns(self) -> dict[str, str]:
        """Give heading → our name, "" for what is left out."""
        return {
            self.glance.header[position]: self.cleaned_data[f"column_{position}"]
            for position in self._asked()
        }


class DecisionsForm(forms.Form):
    """Answers to the questions of a check, and meanings of unknown words.

    mis: the part of the report that the check kept of them.
    """

    def __init__(self, data: Mapping[str, Any] | None, *, mis: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.words: dict[str, tuple[str, str]] = {}
        for ask in mis.get("asks", []):
            if ask["key"]:
                self.fields[f"ask_{ask['key']}"] = forms.ChoiceField(
                    label=ask["question"],
                    required=False,
                    choices=[("same", "The same student"), ("other", "A different one")],
                    widget=forms.RadioSelect,
                )
        for column, words in mis.get("words", {}).items():
            for number, word in enumerate(words):
                name = f"word_{column}_{number}"
                self.words[name] = (column, word)
                self.fields[name] = forms.ChoiceField(
                    label=f"“{word}” means",
                    required=False,
                    choices=[("", "Not known: leave the rows out"), *WORDS[column]],
                    widget=LongSelect(attrs={"class": "form-select"}),
                )

    def answers(self) -> dict[str, str]:
        """Give key → answer, of the questions that were answered."""
        return {
            name.removeprefix("ask_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("ask_") and value
        }

    def meanings(self) -> dict[str, dict[str, str]]:
        """Give our name → {word: what it means}, of the words that are known now."""
        found: dict[str, dict[str, str]] = {}
        for name, (column, word) in self.words.items():
            if self.cleaned_data.get(name):
                found.setdefault(column, {})[word] = self.cleaned_data[name]
        return found
