"""school.csv and calendar.csv."""

from __future__ import annotations

from datetime import date
from typing import Any

from keywork.home.imports.formats import CALENDAR, SCHOOL
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.overlaps import Interval, reject_overlaps, shrinking_first
from keywork.home.imports.report import Outcome
from keywork.key_work_presets import presets
from keywork.models import ClosedDay, HalfTerm, KeyWorkModel, School, Trust
from keywork.school_setup import create_school

HALF_TERM = "half_term"


class SchoolImporter(Importer):
    """The school: made with its copies of the presets, or brought up to date."""

    format = SCHOOL

    def match(self, drafts: list[Draft]) -> None:
        """Find the school."""
        for draft in drafts:
            draft.record = School.objects.filter(urn=draft.key[0]).first()

    def check(self, draft: Draft) -> None:
        """Find the school's key-work model: a preset, or one of its own."""
        if "model" not in draft.cells:
            return
        code = draft.cells["model"]
        models = dict.fromkeys(presets()) if draft.record is None else _own(draft.record)
        if code not in models:
            raise BadRowError("model", f"Unknown. Use one of: {', '.join(models)}.")
        draft.values["key_work_model_id"] = models[code]

    def write(self, draft: Draft) -> Outcome:
        """Make the school, or change what differs."""
        cells = draft.cells
        if draft.record is None:
            texts = {name: cells.get(name, "") for name in ("name", "laestab", "trust")}
            self.context.school = create_school(urn=cells["urn"], model=cells["model"], **texts)
            return Outcome.CREATED
        outcome = self.put(draft, draft.record, {**draft.values, **_trust(cells)})
        self.context.school = draft.record
        return outcome


def _own(school: School) -> dict[str, int]:
    return dict(KeyWorkModel.objects.filter(school=school).values_list("code", "pk"))


def _trust(cells: dict[str, Any]) -> dict[str, int | None]:
    if "trust" not in cells:
        return {}
    name = cells["trust"]
    return {"trust_id": Trust.objects.get_or_create(name=name)[0].pk if name else None}


class CalendarImporter(Importer):
    """Half terms, INSET days and closures."""

    format = CALENDAR
    half_terms: list[HalfTerm]

    def match(self, drafts: list[Draft]) -> None:
        """Find the dates that the school has."""
        school = self.context.the_school
        self.half_terms = list(HalfTerm.objects.filter(school=school))
        known: dict[tuple[str, date], Any] = {(HALF_TERM, h.start): h for h in self.half_terms}
        for day in ClosedDay.objects.filter(school=school):
            known[day.kind, day.start] = day
        for draft in drafts:
            draft.record = known.get((draft.cells["kind"], draft.cells["start"]))

    def check(self, draft: Draft) -> None:
        """Check the dates; an INSET day or closure without an end ends on its first day."""
        closed = draft.cells["kind"] != HALF_TERM
        if closed:
            draft.values.pop("term", None)
        if closed and draft.final("end") in (None, ""):
            draft.cells["end"] = draft.values["end"] = draft.cells["start"]
        if draft.final("end") in (None, ""):
            raise BadRowError("end", "Needed: the last day of the half term.")
        if draft.final("end") < draft.cells["start"]:
            raise BadRowError("end", "Lies before the start. Check both dates.")

    def settle(self, drafts: list[Draft]) -> None:
        """Reject half terms that overlap, and terms that begin again after another began."""
        halves = [draft for draft in drafts if draft.cells["kind"] == HALF_TERM]
        standing = [(h.pk, Interval(0, h.start, h.end)) for h in self.half_terms]
        reject_overlaps(halves, _interval, standing, "another half term")
        self._reject_interleaved([draft for draft in halves if draft.rejection is None])

    def _reject_interleaved(self, halves: list[Draft]) -> None:
        """Reject new half terms of a term around another term's, as the settings do.

        Such a term would last from one year into the next. Where no term is named, none is
        judged; nor is what the school has already.
        """
        new = [draft for draft in halves if draft.record is None or _other_term(draft)]
        kept = {h.pk: (h.start, h.term) for h in self.half_terms}
        for draft in new:
            kept.pop(getattr(draft.record, "pk", None), None)
        years = sorted(kept.values())
        for draft in sorted(new, key=lambda draft: draft.cells["start"]):
            mine = (draft.cells["start"], draft.final("term") or "")
            if split := _term_split(years, mine):
                draft.reject("term", f"{split} Name this term otherwise, or check its dates.")
            years = sorted([*years, mine])  # rejected, it still lies between others

    def in_order(self, drafts: list[Draft]) -> list[Draft]:
        """Shorten before anything grows into the room."""
        return shrinking_first(drafts, _interval)

    def new(self, draft: Draft) -> HalfTerm | ClosedDay:
        """Give an empty half term or closed day."""
        if draft.cells["kind"] == HALF_TERM:
            return HalfTerm(school=self.context.the_school)
        return ClosedDay(school=self.context.the_school, kind=draft.cells["kind"])


def _other_term(draft: Draft) -> bool:
    return bool(draft.record.term != draft.final("term"))


def _term_split(years: list[tuple[date, str]], mine: tuple[date, str]) -> str:
    """Say which term's half terms would no longer follow each other; empty where all do."""
    start, term = mine
    spans: dict[str, tuple[date, date]] = {}
    for each, name in years:
        spans[name] = (spans.get(name, (each, each))[0], each)
    if not term:
        return ""
    for name, (first, last) in spans.items():
        if name and name != term and first < start < last:
            return f"Lies between the half terms of {name}."
    first, last = spans.get(term, (start, start))
    between = [name for each, name in years if min(first, start) < each < max(last, start)]
    others = [name for name in between if name not in ("", term)]
    return f"{others[0]} lies between the half terms of {term}." if others else ""


def _interval(draft: Draft) -> Interval:
    return Interval(0, draft.cells["start"], draft.final("end"))
