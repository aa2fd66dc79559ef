"""Slips and rewards of an export. A slip that another source brought already is the same slip."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from keywork.home.imports.behaviour import BehaviourImporter
from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import BEHAVIOUR, Column, FileFormat
from keywork.home.imports.importer import Draft
from keywork.home.mis.people import StaffFinder
from keywork.home.mis.reader import Cell
from keywork.home.mis.source import Source, without_blanks
from keywork.home.mis.values import read_level, read_moment, read_truth
from students.models import BehaviourRecord

OWN_WAY = {"ref", "upn", "staff", "call_home"}
FORMAT = FileFormat(
    "behaviour",
    ("record",),
    (
        Column("record"),
        Column("staff_id"),
        Column("staff_name", attname="staff_name", limit=100),
        *(column for column in BEHAVIOUR.columns if column.name not in OWN_WAY),
        BEHAVIOUR.by_name["call_home"],
        Column("upn"),
    ),
)
TEXTS = ("category", "points", "location", "description", "response", "consequence")
Place = tuple[int, datetime, str]


class MisBehaviourImporter(BehaviourImporter):
    """Slips, known again by student, moment and level, then by category and staff."""

    format = FORMAT
    students: dict[str, int]

    def match(self, drafts: list[Draft]) -> None:
        """Find the slips that are here already, from whatever source."""
        there: dict[Place, list[BehaviourRecord]] = defaultdict(list)
        for slip in self._slips_between(drafts):
            there[slip.student_id, slip.occurred_at, slip.level].append(slip)
        found = []
        for draft in drafts:
            self._settle_people(draft)
            place = (
                draft.values["student_id"],
                draft.values["occurred_at"],
                draft.values["level"],
            )
            draft.record = _take(there[place], draft)
            if draft.record is not None:
                found.append(draft.record)
                _keep(draft)
        self.find_corrected(found)

    def _slips_between(self, drafts: list[Draft]) -> Any:
        if not drafts:
            return []
        moments = [draft.values["occurred_at"] for draft in drafts]
        own = BehaviourRecord.objects.filter(
            school=self.context.the_school, occurred_at__range=(min(moments), max(moments))
        )
        students = [int(draft.cells["upn"]) for draft in drafts]
        return in_chunks(own.order_by("pk"), "student_id", students)

    def _settle_people(self, draft: Draft) -> None:
        draft.values["student_id"] = int(draft.cells["upn"])
        if draft.cells.get("staff_id"):
            draft.values["staff_id"] = int(draft.cells["staff_id"])


def _take(slips: list[BehaviourRecord], draft: Draft) -> BehaviourRecord | None:
    """Take the likeliest of the slips of one student, moment and level; each serves one row."""
    category, staff = draft.values.get("category"), draft.values.get("staff_id")
    likely = [s for s in slips if not (category and s.category) or s.category == category]
    likely.sort(key=lambda slip: staff is not None and slip.staff_id != staff)
    if not likely:
        return None
    slips.remove(likely[0])
    return likely[0]


def _keep(draft: Draft) -> None:
    """Leave what is the same but for a sign before it, and a member of staff who is known."""
    values, slip = draft.values, draft.record
    if _bare(values.get("description", "")) == _bare(slip.description):
        values.pop("description", None)
    if slip.staff_id:
        values.pop("staff_name", None)


def _bare(text: str) -> str:
    """Give a text without the + or - that some systems put before praise and blame."""
    return text.lstrip("+-= ").strip()


class BehaviourTranslator:
    """Puts a row into our words."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.staff = StaffFinder(source.context.the_school)

    def __call__(self, cells: list[Cell]) -> dict[str, str]:
        """Translate. Raises BadRowError, AskError."""
        source = self.source
        student = source.the_student(cells)
        clock = source.cell(cells, "clock")
        moment = source.read(cells, "occurred_at", read_moment, clock=clock)
        found = {
            "upn": str(student.pk),
            "occurred_at": moment.isoformat(timespec="seconds") if moment else "",
            "level": source.read(cells, "level", read_level),
            "call_home": source.read(cells, "call_home", read_truth),
            **{name: source.text(cells, name) for name in TEXTS},
            **self._member_of_staff(cells),
        }
        found = without_blanks(found)
        return {"record": repr(sorted(found.items())), **found}

    def _member_of_staff(self, cells: list[Cell]) -> dict[str, str]:
        name = self.source.text(cells, "staff")
        known = self.staff.find(name) if name else None
        return {"staff_id": str(known)} if known else {"staff_name": name}


def importer_of(source: Source, file: str) -> tuple[MisBehaviourImporter, BehaviourTranslator]:
    """Give the importer of a file of slips, and what puts its rows into our words."""
    return MisBehaviourImporter(source.context, file), BehaviourTranslator(source)
