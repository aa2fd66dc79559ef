"""behaviour.csv.

What people did in Keywork after an import stands: a slip that was corrected or withdrawn here is
changed here and no longer by a file.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import BEHAVIOUR, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import FileReport, Outcome
from keywork.home.imports.tables import Table
from students.models import BehaviourRecord, SlipCorrection
from students.services.behaviour_choices import offer_choices


class BehaviourImporter(Importer):
    """Slips and rewards, by the `ref` of the file; the school offers their words from then on."""

    format = BEHAVIOUR
    referred_to_as = Kind.SLIPS
    hides_text = True
    creates_together = True
    corrected: set[int]

    def run(self, table: Table) -> FileReport:
        """Import a table, and offer its categories, places and consequences from now on."""
        self.written: list[BehaviourRecord] = []
        with transaction.atomic():
            report = super().run(table)
            if self.written:
                offer_choices(school=self.context.the_school, slips=self.written)
        return report

    def match(self, drafts: list[Draft]) -> None:
        """Find the school's slips with these refs, and which were corrected here."""
        own = BehaviourRecord.objects.filter(school=self.context.the_school)
        refs = [draft.key[0] for draft in drafts]
        known = {slip.import_ref: slip for slip in in_chunks(own, "import_ref", refs)}
        self.find_corrected(list(known.values()))
        for draft in drafts:
            draft.record = known.get(draft.key[0])

    def find_corrected(self, slips: list[BehaviourRecord]) -> None:
        """Find which of these slips are no longer the file's to change."""
        changed = SlipCorrection.objects.filter(status=SlipCorrection.Status.CHANGED)
        ids = [slip.pk for slip in slips]
        rows = in_chunks(changed.values_list("record_id", flat=True), "record_id", ids)
        self.corrected = set(rows) | {slip.pk for slip in slips if slip.withdrawn_at}

    def check(self, draft: Draft) -> None:
        """Check that the slip is still the file's to change."""
        if draft.record is None or draft.record.pk not in self.corrected:
            return
        changed = self.differences(draft.record, draft.values)
        if changed:
            act = "withdrawn" if draft.record.withdrawn_at else "corrected"
            raise BadRowError(
                self.format.column_of(changed[0]), f"This slip was {act} here. Correct it here."
            )

    def write(self, draft: Draft) -> Outcome:
        """Write one slip, and remember its words."""
        record: Any = draft.record or self.new(draft)
        outcome = self.put(draft, record, draft.values)
        self.written.append(record)
        return outcome

    def create(self, drafts: list[Draft]) -> list[BehaviourRecord]:
        """Write new slips, and remember their words."""
        records = super().create(drafts)
        self.written += records
        return records

    def new(self, draft: Draft) -> BehaviourRecord:
        """Give an empty slip of the school."""
        return BehaviourRecord(school=self.context.the_school)
