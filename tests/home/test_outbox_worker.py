"""The outbox through real worker processes, a real broker and a real mail server.

The mail server itself kills the worker, in the very moment in which a message is in flight.
"""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from keywork import clock
from keywork.account_messages import ADDRESS_CHANGED
from keywork.home.tasks import send_outbox
from keywork.models import Heartbeat, OutboxMessage
from keywork.outbox import NewMessage, queue_all
from scripts.private_servers import free_port
from tests.factories import UserFactory
from tests.home.test_tidy_worker import wait_until

ROOT = Path(__file__).resolve().parents[2]
# A queue of our own: other workers of the test run send to other mail servers.
QUEUE = "outbox-test"
MESSAGES, KILLS = 500, 10
MESSAGE_ID = re.compile(r"address_changed\.([0-9a-z]{10})@")


class DeadlyMailServer:
    """Takes messages; at certain ones it kills whoever sends, having kept the message or not."""

    def __init__(self):
        self.arrived = []
        self.in_flight = []
        self.kill_at = {40 * (turn + 1): turn % 2 == 0 for turn in range(KILLS)}
        self.worker = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        [ref] = MESSAGE_ID.findall(envelope.content.decode())[:1]
        kept = True
        if len(self.arrived) in self.kill_at:
            kept = self.kill_at.pop(len(self.arrived))
            os.kill(self.worker, signal.SIGKILL)
            self.in_flight.append(ref)
        if kept:
            self.arrived.append(ref)
        return "250 kept"


@pytest.fixture
def mail_server():
    handler = DeadlyMailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


# Starts workers by forking, so that the program is loaded once and not a dozen times.
NURSERY = """
import os, sys
import django; django.setup()
from keywork.celery import app
app.loader.import_default_modules()
for line in iter(sys.stdin.readline, ""):
    order, value = line.split()
    if order == "wait":
        print(os.waitstatus_to_exitcode(os.waitpid(int(value), 0)[1]), flush=True)
        continue
    pid = os.fork()
    if pid == 0:
        os.dup2(2, 1)
        app.worker_main(["worker", "--pool", "solo", "-Q", QUEUE, "-n", value + "@%h",
            "--loglevel", "info", "--without-gossip", "--without-mingle", "--without-heartbeat"])
        os._exit(0)
    print(pid, flush=True)
"""


class Nursery:
    """A process that starts real worker processes and says how they ended."""

    def __init__(self, environment, log):
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"QUEUE = {QUEUE!r}\n{NURSERY}"],
            cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        self.started = 0
        self.alive = set()

    def _ask(self, order):
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self):
        """Start a worker and give its process id."""
        self.started += 1
        worker = self._ask(f"start sender{self.started}")
        self.alive.add(worker)
        return worker

    def end_of(self, pid):
        """Wait for a worker to end; minus the signal that killed it."""
        ended = self._ask(f"wait {pid}")
        self.alive.discard(pid)
        return ended

    def close(self):
        """End what a test that failed left behind, and the nursery."""
        for worker in self.alive:
            os.kill(worker, signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture
def nursery(transactional_db, subprocess_environment, mail_server, tmp_path):
    environment = subprocess_environment()
    environment["EMAIL_URL"] = f"smtp://127.0.0.1:{mail_server.port}"
    with (tmp_path / "worker.log").open("ab") as log:
        nursery = Nursery(environment, log)
    yield nursery
    nursery.close()


def states():
    return Counter(OutboxMessage.objects.values_list("state", flat=True))


def test_killed_ten_times_while_sending_500_every_message_arrives(nursery, mail_server, tmp_path):
    now = clock.now()
    user = UserFactory()
    messages = [
        NewMessage(
            kind=ADDRESS_CHANGED,
            due_on=now.date(),
            title="Your sign-in e-mail was changed",
            user=user,
            address=f"old{number}@fold.example.org",
            data={"by": "a colleague"},
        )
        for number in range(MESSAGES)
    ]
    assert queue_all(messages, now=now) == MESSAGES

    for _ in range(KILLS):
        mail_server.worker = nursery.start()
        send_outbox.apply_async(queue=QUEUE)
        assert nursery.end_of(mail_server.worker) == -signal.SIGKILL
    # Exactly the ones in flight are in doubt; the rest went on without them.
    claimed = OutboxMessage.objects.filter(state="claimed")
    assert {row.ref for row in claimed} == set(mail_server.in_flight)
    assert len(mail_server.in_flight) == KILLS
    assert states()["sent"] >= 40 * KILLS - KILLS

    # Two workers at once do the rest, five minutes later: the leases are over.
    OutboxMessage.objects.filter(state="claimed").update(lease_until=now - timedelta(minutes=1))
    workers = [nursery.start(), nursery.start()]
    for _ in workers:
        send_outbox.apply_async(queue=QUEUE)
    assert wait_until(lambda: states() == {"sent": MESSAGES}), states()
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
        assert nursery.end_of(worker) == 0

    counts = Counter(mail_server.arrived)
    assert set(counts) == set(OutboxMessage.objects.values_list("ref", flat=True))
    twice = {ref for ref, count in counts.items() if count > 1}
    assert twice <= set(mail_server.in_flight)  # those that were kept before the kill
    assert max(counts.values()) == 2
    assert len(mail_server.arrived) == MESSAGES + KILLS // 2
    log = (tmp_path / "worker.log").read_text()
    named = {
        ref
        for line in log.splitlines()
        if "taken up again" in line
        for ref in MESSAGE_ID.findall(line)
    }
    assert named == set(mail_server.in_flight)
    # The page for admins knows that beat asked and a worker did it.
    assert Heartbeat.objects.get(name="beat").at >= now
    assert Heartbeat.objects.filter(name__startswith="worker sender").exists()
