"""sessions.csv and targets.csv.

What people did in Keywork after an import stands: a session that was signed or cancelled here, a
target that was reviewed here, is changed here and no longer by a file.
"""

from __future__ import annotations

from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import SESSIONS, TARGETS, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from sessions.models import KeyworkSession, Target, TargetReview


class SessionImporter(Importer):
    """Sessions, by the `ref` of the file."""

    format = SESSIONS
    referred_to_as = Kind.SESSION
    hides_text = True
    creates_together = True

    def match(self, drafts: list[Draft]) -> None:
        """Find the school's sessions with these refs."""
        own = KeyworkSession.objects.filter(school=self.context.the_school)
        refs = [draft.key[0] for draft in drafts]
        known = {s.import_ref: s for s in in_chunks(own, "import_ref", refs)}
        for draft in drafts:
            draft.record = known.get(draft.key[0])

    def check(self, draft: Draft) -> None:
        """Check the reason, and that the session is still the file's to change."""
        missed = draft.final("status") == KeyworkSession.Status.MISSED
        if draft.final("missed_reason") and not missed:
            raise BadRowError("missed_reason", "Only a missed session has a reason. Clear it.")
        record = draft.record
        if record is None or not (record.signed_at or record.withdrawn_at):
            return
        changed = self.differences(record, draft.values)
        if changed:
            act = "signed" if record.signed_at else "cancelled"
            raise BadRowError(
                self.format.column_of(changed[0]), f"This session was {act} here. Correct it here."
            )

    def new(self, draft: Draft) -> KeyworkSession:
        """Give an empty session of the school."""
        return KeyworkSession(school=self.context.the_school)


class TargetImporter(Importer):
    """Targets, by the `ref` of the file."""

    format = TARGETS
    hides_text = True
    creates_together = True
    students: dict[int, int]
    reviewed: set[int]

    def match(self, drafts: list[Draft]) -> None:
        """Find the school's targets with these refs, and whose the sessions named are."""
        own = Target.objects.filter(school=self.context.the_school)
        refs = [draft.key[0] for draft in drafts]
        known = {t.import_ref: t for t in in_chunks(own, "import_ref", refs)}
        ids = [target.pk for target in known.values()]
        reviews = TargetReview.objects.values_list("target_id", flat=True)
        self.reviewed = set(in_chunks(reviews, "target_id", ids))
        named = [draft.values.get("keywork_session_id") for draft in drafts]
        sessions = KeyworkSession.objects.values_list("pk", "student_id")
        self.students = dict(in_chunks(sessions, "pk", filter(None, named)))
        for draft in drafts:
            draft.record = known.get(draft.key[0])

    def check(self, draft: Draft) -> None:
        """Check the session's student, and that the target is still the file's to change."""
        session = draft.values.get("keywork_session_id")
        if session and self.students.get(session) != draft.final("upn", "student_id"):
            raise BadRowError("session_ref", "This session is another student's. Check it.")
        if draft.record is None or draft.record.pk not in self.reviewed:
            return
        changed = self.differences(draft.record, draft.values)
        if changed:
            raise BadRowError(
                self.format.column_of(changed[0]), "This target was reviewed here. Change it here."
            )

    def new(self, draft: Draft) -> Target:
        """Give an empty target of the school."""
        return Target(school=self.context.the_school)
