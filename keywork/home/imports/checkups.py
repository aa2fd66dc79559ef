"""checkups.csv: which week's check-up with the teachers was sent when."""

from __future__ import annotations

from contacts.models import Checkup
from keywork.dates import week_of
from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import CHECKUPS
from keywork.home.imports.importer import BadRowError, Draft, Importer


class CheckupImporter(Importer):
    """Check-ups, by student and week; any day of a week names the week."""

    format = CHECKUPS

    def match(self, drafts: list[Draft]) -> None:
        """Find the check-ups of these students."""
        for draft in drafts:
            draft.values["week_starting"] = week_of(draft.cells["week_starting"]).start
        ids = [draft.key[0] for draft in drafts]
        there = in_chunks(Checkup.objects.all(), "student_id", ids)
        known = {(each.student_id, each.week_starting): each for each in there}
        for draft in drafts:
            draft.record = known.get((draft.key[0], draft.values["week_starting"]))

    def check(self, draft: Draft) -> None:
        """Leave alone what Keywork sent itself: its teachers were asked on that day."""
        record = draft.record
        if record is None or not self.differences(record, draft.values):
            return
        if record.answers.exists():
            raise BadRowError("sent_on", "This check-up was sent from here. Its day stands.")

    def new(self, draft: Draft) -> Checkup:
        """Give an empty check-up."""
        return Checkup()
