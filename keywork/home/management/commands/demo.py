"""The demo: one foreground command, nothing needed but this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError

from keywork import clock
from keywork.home.demo import processes
from keywork.home.demo.load import is_loaded, load_demo
from keywork.home.demo.people import PASSWORD, SIGN_INS


class Command(BaseCommand):
    """Prepare the embedded database, load the demo school once, run web, worker and beat."""

    help = "Runs the site with the demo school on 127.0.0.1 until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port; PORT in the environment is the default."""
        default = int(os.environ.get("PORT") or 8000)
        parser.add_argument("--port", type=int, default=default)
        parser.add_argument("--prepare-only", action="store_true", help="Do not start anything.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse real databases, prepare, run."""
        port = options["port"]
        if os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL: unset it. The demo keeps to a database of its own.")
        try:
            processes.refuse_taken_port(port)
        except processes.PortInUseError as taken:
            raise CommandError(str(taken)) from taken
        self._prepare()
        if options["prepare_only"]:
            return
        environ = {**os.environ, "KEYWORK_DEMO": "1", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        sys.exit(processes.run_all(port, environ, lambda: self._announce(port)))

    def _prepare(self) -> None:
        self.stdout.write("Preparing the database and the pages…")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except (InconsistentMigrationHistory, NodeNotFoundError) as error:
            # A database of the weeks before the first release (decision 17).
            raise CommandError(
                f"the database in {settings.DATA_DIR} was made by a version too old to go on "
                "with. Delete that folder; the demo then makes a new one."
            ) from error
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not is_loaded():
            self.stdout.write("Loading Hillside Fold School, the demo school…")
            load_demo(now=clock.now())

    def _announce(self, port: int) -> None:
        width = max(len(one.username) for one in SIGN_INS) + 2
        lines = [f"  {one.username:<{width}}{one.role}: {one.what_for}" for one in SIGN_INS]
        text = [
            "",
            f"{settings.SITE_NAME} is at http://127.0.0.1:{port}",
            f"Sign in with one of these; the password is always  {PASSWORD}",
            "",
            *lines,
            "",
            "Everybody here is invented. Stop with Ctrl-C; what you enter is kept for next time.",
        ]
        self.stdout.write("\n".join(text))
        self.stdout.flush()
