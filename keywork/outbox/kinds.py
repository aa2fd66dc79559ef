"""What kinds of message there are: each app registers its own when it is loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keywork.models import OutboxMessage, School


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: its subject, and the templates `<template>.txt` and `.html`.

    Neither subject nor context may lead to a full name, or to any detail of an incident:
    initials and a link. The templates are also given `site_name`, `site_url`, `school` (its name
    or ""), `url` (the page the message leads to) and `unsubscribe_url` (or "").
    """

    subject: str
    template: str = "mail/plain"
    context: Mapping[str, Any] = field(default_factory=dict)


Contents = Mapping[int, Content]


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message.

    label: its name on screen. contents: gives, for messages of one school whose turn has come
    (at most a page of them, `user` and `school` loaded), by their primary key what each says
    now; one that it leaves out is no longer needed and is not sent. It reads the database in a
    number of queries that does not grow with the messages. optional: people may decline it, and
    are told in Keywork alone. any_time: also sent outside school hours. notice: also listed
    among its user's notices.
    """

    name: str
    label: str
    contents: Callable[[Sequence[OutboxMessage], datetime], Contents]
    optional: bool = False
    any_time: bool = False
    notice: bool = True


# What an account's own messages have in common: they come when they are asked for.
ABOUT_ACCOUNTS = {"any_time": True, "notice": False}

_kinds: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> None:
    """Make a kind known; an app does so in its `ready()`. The last of a name holds."""
    _kinds[kind.name] = kind


def kind_named(name: str) -> MessageKind:
    """Give a kind. Raises KeyError."""
    return _kinds[name]


def kinds() -> list[MessageKind]:
    """Give every kind, by label."""
    return sorted(_kinds.values(), key=lambda kind: kind.label)


# Says whether a text names a student of a school; made once for a page of its messages.
NameFinder = Callable[[School], Callable[[str], bool]]
_name_finders: list[NameFinder] = []


def hold_back_names(finder: NameFinder) -> None:
    """Make known what finds students' names; the kernel knows no student."""
    if finder not in _name_finders:
        _name_finders.append(finder)


def finders_for(kind: MessageKind, school: School | None) -> list[Callable[[str], bool]]:
    """Give what a message of a kind is held against; an account's own speaks of staff alone."""
    if school is None or not kind.notice:
        return []
    return [finder(school) for finder in _name_finders]
