"""The morning run: who is told what, rendered, and handed to a mail server on this machine."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from private_servers import free_port

from benchmark.client import BenchError
from benchmark.site import Run, Site

SECONDS, MEGABYTES = 120, 400
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Morning:
    """What `send_reminders` took, and how many messages the mail server was handed."""

    run: Run
    messages: int


class _Sink:
    """Takes every message and keeps none."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        self.taken += 1
        return "250 taken"


def morning_run(site: Site) -> Morning:
    """Send the reminders of the last weekday; BenchError where a message does not arrive."""
    with _mail_server() as (sink, port):
        arguments = ("send_reminders", "--on", _weekday().isoformat(), "--format", "json")
        run = site.manage(*arguments, EMAIL_URL=f"smtp://127.0.0.1:{port}")
    sent = json.loads(run.output)["sent"]
    if not sent or sent != sink.taken:
        raise BenchError(f"of {sent} messages sent the mail server took {sink.taken}")
    return Morning(run, sent)


@contextmanager
def _mail_server() -> Iterator[tuple[_Sink, int]]:
    sink = _Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


def _weekday() -> date:
    """Give today, or the Friday before: the data is made so that this week is a school week."""
    today = date.fromisoformat(time.strftime("%Y-%m-%d"))
    return today - timedelta(days=max(0, today.weekday() - SATURDAY + 1))
