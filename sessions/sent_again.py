"""A form that comes twice: by a double press, another tab, or the way back in the browser."""

from typing import Any

from django.http import QueryDict

from sessions.models import KeyworkSession

# The texts of a session, and the last words of the names of all texts in its form.
WRITTEN = (*("pupil_voice", "details", "strategies_agreed"), "missed_note", "no_target_reason")
TYPED = frozenset(
    {*WRITTEN, "text", "help", "baseline", "measure", "linked_outcome", "evidence", "reason"}
)


def holds_all(signed: KeyworkSession, posted: QueryDict) -> bool:
    """Say whether a signed session holds every text of a form: then the form was sent twice."""
    kept = {_plain(getattr(signed, name)) for name in WRITTEN}
    for parts, names in (
        (signed.targets, ("text", "help", "baseline", "measure", "linked_outcome")),
        (signed.target_reviews, ("evidence", "reason")),
        (signed.actions, ("text",)),
    ):
        kept |= {_plain(text) for row in parts.values_list(*names) for text in row}
    typed = {_plain(posted.get(name, "")) for name in posted if name.rpartition("-")[2] in TYPED}
    return typed - {""} <= kept


def _plain(text: Any) -> str:
    return " ".join(str(text).split())
