"""The outbox: the only way out for a message (`queue`), and what sends it (`send_waiting`).

Apps register what they send as a `MessageKind` and queue `NewMessage`s; a message is rendered
when its turn comes, from its row and from what its kind then reads, so what was withdrawn in the
meantime is never sent (decision 12).
"""

from keywork.outbox.kinds import (
    ABOUT_ACCOUNTS,
    Content,
    MessageKind,
    kind_named,
    kinds,
    register,
)
from keywork.outbox.queueing import NewMessage, queue, queue_all, send_again, send_all_again
from keywork.outbox.sending import LEASE, Outcome, send_waiting

__all__ = [
    "ABOUT_ACCOUNTS",
    "LEASE",
    "Content",
    "MessageKind",
    "NewMessage",
    "Outcome",
    "kind_named",
    "kinds",
    "queue",
    "queue_all",
    "register",
    "send_again",
    "send_all_again",
    "send_waiting",
]
