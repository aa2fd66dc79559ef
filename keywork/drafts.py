"""Drafts: what somebody typed in a form and has not finished, kept on the server.

A form that keeps a draft carries two hidden fields: `draft_token`, signed here when the form is
shown, which says whose draft it is and where the form lives; and `version`, the draft's version
that the form was filled from. A save on an older version than the stored one is refused, and its
text kept beside the stored one (`keep_rival`), so that the author can compare both and choose.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from keywork.access import Viewer
from keywork.models import Draft, User
from keywork.prepared import prepared

SALT = "keywork.drafts"
RIVAL = "~other"
NOT_KEPT = frozenset(
    {"csrfmiddlewaretoken", "form_token", "draft_token", "version", "action", "summary"}
)
NO_DRAFT = 0
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSubject:
    """What a draft is of: key, such as `session:<ref>`; title; the path of its form; its school.

    school_id: None only in forms shown before drafts knew their school.
    """

    key: str
    title: str
    url: str
    school_id: int | None = None


class DraftConflictError(Exception):
    """The draft was saved elsewhere since, or finished there (then `stored` is None)."""

    def __init__(self, stored: Draft | None) -> None:
        super().__init__("The draft was changed elsewhere")
        self.stored = stored


def token_for(owner: User, subject: DraftSubject) -> str:
    """Give the signed value of `draft_token` for a form shown to `owner`."""
    content = [owner.pk, subject.key, subject.title, subject.url, subject.school_id]
    return signing.dumps(content, salt=SALT, compress=True)


def subject_of(token: str, owner: User) -> DraftSubject | None:
    """Read a form's `draft_token`; None where it is not ours, or somebody else's."""
    try:
        owner_id, key, title, url, *school = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    if owner_id != owner.pk:
        return None
    return DraftSubject(key=key, title=title, url=url, school_id=school[0] if school else None)


def fields_of(posted: QueryDict) -> dict[str, list[str]]:
    """Give what was typed: field name → values as posted, without the form's machinery.

    A null character, which nobody types and no database keeps, is left out.
    """
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in posted.getlist(name)]
        for name in posted
        if name not in NOT_KEPT
    }


def as_posted(data: Fields) -> QueryDict:
    """Give a draft's fields as a form takes them."""
    posted = QueryDict(mutable=True)
    for name, values in data.items():
        posted.setlist(name, list(values))
    return posted


def version_of(posted: QueryDict) -> int:
    """Give the version a form was filled from; 0 where there was no draft."""
    value = posted.get("version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else NO_DRAFT


def find_draft(owner: User, key: str) -> Draft | None:
    """Give somebody's draft of a form, or None."""
    return Draft.objects.filter(owner=owner, key=key).first()


@transaction.atomic
def save_draft(
    *, owner: User, subject: DraftSubject, data: Fields, version: int, device: str, now: datetime
) -> Draft:
    """Keep what was typed; `version` is the one the form was filled from (0: no draft yet).

    Raises DraftConflictError where the stored draft is newer, or where it is gone: finished or
    discarded in another tab. The same text once more (a form sent twice) is no conflict.
    """
    _lock(owner)
    stored = find_draft(owner, subject.key)
    if stored and stored.data == _plain(data):
        return stored
    _refuse_older(stored, version)
    draft = stored or Draft(owner=owner, key=subject.key, version=NO_DRAFT)
    draft.title, draft.url, draft.device = subject.title[:200], subject.url, device
    draft.school_id = subject.school_id
    draft.data = _plain(data)
    draft.version += 1
    draft.updated_at = now
    draft.save()
    return draft


def keep_posted(
    *, owner: User, subject: DraftSubject, posted: QueryDict, device: str, now: datetime
) -> Draft:
    """Keep a form as posted; raises DraftConflictError as `save_draft`; its text is kept too."""
    data = fields_of(posted)
    try:
        return save_draft(
            owner=owner,
            subject=subject,
            data=data,
            version=version_of(posted),
            device=device,
            now=now,
        )
    except DraftConflictError:
        keep_rival(owner=owner, subject=subject, data=data, device=device, now=now)
        raise


def settle_draft(*, owner: User, key: str, data: Fields, version: int) -> None:
    """Drop the draft of a form that is being saved; another text refused beside it stays.

    For the transaction that saves it. Raises DraftConflictError where the stored draft is newer
    than the one the form was filled from, or gone, and holds another text: as `save_draft`.
    """
    stored, same = _kept(owner, key, data)
    if not (stored and stored in same):
        _refuse_older(stored, version)
    _drop([*same, stored])


def _kept(owner: User, key: str, data: Fields) -> tuple[Draft | None, list[Draft]]:
    """Give the draft of a form, and which of it and what was refused beside it hold a text."""
    both = Draft.objects.select_for_update().filter(owner=owner, key__in=[key, rival_key(key)])
    found = list(both)
    stored = next((draft for draft in found if draft.key == key), None)
    return stored, [draft for draft in found if draft.data == _plain(data)]


def _drop(kept: Iterable[Draft | None]) -> None:
    if keys := {draft.pk for draft in kept if draft}:
        Draft.objects.filter(pk__in=keys).delete()


def _plain(data: Fields) -> dict[str, list[str]]:
    return {name: list(values) for name, values in data.items()}


def _refuse_older(stored: Draft | None, version: int) -> None:
    if (stored.version if stored else NO_DRAFT) != version:
        raise DraftConflictError(stored)


@transaction.atomic
def keep_rival(
    *, owner: User, subject: DraftSubject, data: Fields, device: str, now: datetime
) -> Draft:
    """Keep the text of a refused save beside the stored draft; the newest one counts."""
    _lock(owner)
    values = {
        "title": subject.title[:200],
        "url": subject.url,
        "school_id": subject.school_id,
        "data": _plain(data),
        "device": device,
        "updated_at": now,
    }
    rival, _ = Draft.objects.update_or_create(
        owner=owner, key=rival_key(subject.key), defaults=values
    )
    return rival


def rival_key(key: str) -> str:
    """Give the key under which a refused save is kept."""
    return f"{key}{RIVAL}"


@transaction.atomic
def merge_drafts(*, owner: User, key: str, take_other: Sequence[str], now: datetime) -> Draft:
    """Settle two texts: the stored draft, with the other's value for each field named.

    Gives the draft, at a new version. Raises Draft.DoesNotExist where either is gone.
    """
    _lock(owner)
    draft = Draft.objects.get(owner=owner, key=key)
    rival = Draft.objects.get(owner=owner, key=rival_key(key))
    for name in take_other:
        if name in rival.data:
            draft.data[name] = rival.data[name]
        else:
            draft.data.pop(name, None)
    draft.version += 1
    draft.updated_at = now
    draft.save()
    rival.delete()
    return draft


@transaction.atomic
def restore_rival(*, owner: User, key: str, now: datetime) -> Draft:
    """Make the refused text the draft, where the stored one was finished or discarded.

    Raises DraftConflictError where there is a stored one again, Draft.DoesNotExist where the
    refused one is gone: settled in another tab.
    """
    _lock(owner)
    if stored := find_draft(owner, key):
        raise DraftConflictError(stored)
    rival = Draft.objects.get(owner=owner, key=rival_key(key))
    rival.key, rival.updated_at = key, now
    rival.save()
    return rival


@transaction.atomic
def move_draft(
    *, owner: User, of: DraftSubject, to: DraftSubject, data: Fields, now: datetime
) -> Draft:
    """Make a draft of `to` of what was typed in the form of `of`; what that was of is gone.

    Gives the draft; where there is one of `to` already, the text kept beside it; where two texts
    of `to` wait to be compared, the draft of `of`, which is moved once they are. Another text
    that was refused beside it stays where it is.
    """
    _lock(owner)
    stored, same = _kept(owner, of.key, data)
    device = stored.device if stored else ""
    there, same_there = _kept(owner, to.key, data)
    beside = find_draft(owner, rival_key(to.key))
    if there and beside and not same_there:
        version = stored.version if stored else NO_DRAFT
        return save_draft(
            owner=owner, subject=of, data=data, version=version, device=device, now=now
        )
    _drop([*same, stored])
    if there and there not in same_there:
        return keep_rival(owner=owner, subject=to, data=data, device=device, now=now)
    return save_draft(owner=owner, subject=to, data=data, version=NO_DRAFT, device=device, now=now)


def discard_draft(*, owner: User, key: str) -> None:
    """Drop somebody's draft of a form; what was refused beside it stays, seen by nobody yet."""
    Draft.objects.filter(owner=owner, key=key).delete()


def discard_rival(*, owner: User, key: str) -> bool:
    """Drop what was refused beside somebody's draft of a form; say whether there was such."""
    return bool(Draft.objects.filter(owner=owner, key=rival_key(key)).delete()[0])


@transaction.atomic
def discard_posted(*, owner: User, key: str, posted: QueryDict) -> None:
    """Drop the draft of a form that has just been saved as posted.

    Another text that was kept after this form was filled, in another tab or on another device,
    stays, and so does one that was refused: it was saved nowhere else.
    """
    stored, same = _kept(owner, key, fields_of(posted))
    newer = stored and stored.version > version_of(posted)
    _drop(same if newer else [*same, stored])


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A form that was not finished, as lists show it.

    gone: its draft was finished or discarded, and a text of another tab was refused after that.
    compare: whether there are two texts of it.
    """

    key: str
    title: str
    updated_at: datetime
    device: str = ""
    gone: bool = False
    compare: bool = False

    @property
    def url(self) -> str:
        """Give where one goes on: at its form, unless there is a refused text to look at."""
        other = self.gone or self.compare
        return reverse("draft_compare" if other else "draft", args=[self.key])


def unfinished(rows: Iterable[tuple[str, str, datetime, str]]) -> list[Unfinished]:
    """Give what lists show of drafts, newest first; rows: key, title, saved when, device."""
    found = {key: (key, *rest) for key, *rest in rows}
    forms = {key.removesuffix(RIVAL) for key in found}
    listed = [_listed(found.get(key), found.get(rival_key(key)), key) for key in forms]
    return sorted(listed, key=lambda each: (each.updated_at, each.key), reverse=True)


def _listed(draft: tuple | None, rival: tuple | None, key: str) -> Unfinished:
    _, title, at, device = draft or rival or ()
    both = bool(draft and rival)
    return Unfinished(key, title, at, device, gone=draft is None, compare=both)


def drafts_of(viewer: Viewer) -> list[Unfinished]:
    """Give what the viewer has not finished, newest first."""
    return unfinished(_drafts_of(viewer=viewer))


@prepared
def _drafts_of(*, viewer: Viewer) -> QuerySet:
    mine = Draft.objects.visible_to(viewer).order_by()
    return mine.values_list("key", "title", "updated_at", "device")


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Name a device as its owner would: "Chrome on Windows"; "another device" if unknown."""
    browser = _first_named(BROWSERS, user_agent)
    system = _first_named(SYSTEMS, user_agent)
    return " on ".join(word for word in (browser, system) if word) or "another device"


def _first_named(names: Sequence[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in names if re.search(rf"\b{mark}\b", user_agent)), "")


def _lock(owner: User) -> None:
    """Two tabs that save at once wait for each other, also before there is a draft.

    Who finishes the form holds the draft and writes records that point to the user: those need
    the user's key alone, which stays free, or each would wait for the other.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=owner.pk).values("pk"))
