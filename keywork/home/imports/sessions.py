"""sessions.csv and targets.csv.

What people did in Keywork after an import stands: a session that was signed, corrected, moved or
cancelled here, a target that was reviewed or changed here, is changed here and no longer by a
file.
"""

from __future__ import annotations

from collections import defaultdict

from keywork.home.imports.changed_here import find_changed_here
from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import SESSIONS, TARGETS, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from sessions.models import Amendment, KeyworkSession, Target, TargetReview
from students.models import Assignment
from students.rules import spans


class SessionImporter(Importer):
    """Sessions, by the `ref` of the file."""

    format = SESSIONS
    referred_to_as = Kind.SESSION
    hides_text = True
    creates_together = True
    corrected: set[int]
    changed_here: set[int]

    def match(self, drafts: list[Draft]) -> None:
        """Find the school's sessions with these refs, and which of them people changed here."""
        own = KeyworkSession.objects.filter(school=self.context.the_school)
        refs = [draft.key[0] for draft in drafts]
        known = {s.import_ref: s for s in in_chunks(own, "import_ref", refs)}
        for draft in drafts:
            draft.record = known.get(draft.key[0])
        amended = Amendment.objects.values_list("keywork_session_id", flat=True)
        ids = [session.pk for session in known.values()]
        self.corrected = set(in_chunks(amended, "keywork_session_id", ids))
        _leave_with_who_has_them(drafts)
        self.changed_here = find_changed_here(self, drafts)

    def check(self, draft: Draft) -> None:
        """Check the reason, and that the session is still the file's to change."""
        missed = draft.final("status") == KeyworkSession.Status.MISSED
        if draft.final("missed_reason") and not missed:
            raise BadRowError("missed_reason", "Only a missed session has a reason. Clear it.")
        act = self._done_here(draft.record)
        changed = self.differences(draft.record, draft.values) if act else []
        if changed:
            raise BadRowError(
                self.format.column_of(changed[0]), f"This session was {act} here. Correct it here."
            )

    def new(self, draft: Draft) -> KeyworkSession:
        """Give an empty session of the school."""
        return KeyworkSession(school=self.context.the_school)

    def _done_here(self, record: KeyworkSession | None) -> str:
        """Say what people did to a session here; empty where it is still the file's."""
        if record is None:
            return ""
        done = {
            "signed": record.signed_at is not None,
            "cancelled": record.withdrawn_at is not None,
            "corrected": record.pk in self.corrected,
            "changed": record.pk in self.changed_here,
        }
        return next((act for act, so in done.items() if so), "")


def _leave_with_who_has_them(drafts: list[Draft]) -> None:
    """Let planned sessions stay with whom a change of key worker gave them to.

    A row that names somebody whose time as the student's key worker does not reach its day does
    not know of that change. Whoever never was one, such as the SENCo, is the file's to name.
    """
    given = [draft for draft in drafts if _would_take_over(draft)]
    ids = [draft.record.student_id for draft in given]
    times: dict[tuple[int, int], list[Assignment]] = defaultdict(list)
    for each in in_chunks(Assignment.objects.all(), "student_id", ids):
        times[each.student_id, each.key_worker_id].append(each)
    for draft in given:
        held = times[draft.record.student_id, draft.values["key_worker_id"]]
        if held and not any(spans(a.start, a.end, draft.final("held_on")) for a in held):
            del draft.values["key_worker_id"]


def _would_take_over(draft: Draft) -> bool:
    planned = KeyworkSession.Status.PLANNED
    if draft.record is None or draft.record.status != planned or draft.final("status") != planned:
        return False
    named = draft.values.get("key_worker_id")
    return named is not None and named != draft.record.key_worker_id


class TargetImporter(Importer):
    """Targets, by the `ref` of the file."""

    format = TARGETS
    hides_text = True
    creates_together = True
    students: dict[int, int]
    reviewed: set[int]
    changed_here: set[int]

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
        self.changed_here = find_changed_here(self, drafts)

    def check(self, draft: Draft) -> None:
        """Check the session's student, and that the target is still the file's to change."""
        session = draft.values.get("keywork_session_id")
        if session and self.students.get(session) != draft.final("upn", "student_id"):
            raise BadRowError("session_ref", "This session is another student's. Check it.")
        if draft.record is None or draft.record.pk not in self.reviewed | self.changed_here:
            return
        changed = self.differences(draft.record, draft.values)
        if changed:
            act = "reviewed" if draft.record.pk in self.reviewed else "changed"
            raise BadRowError(
                self.format.column_of(changed[0]), f"This target was {act} here. Change it here."
            )

    def new(self, draft: Draft) -> Target:
        """Give an empty target of the school."""
        return Target(school=self.context.the_school)
