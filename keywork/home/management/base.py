"""What the commands that people script against have in common."""

import sys

from django.core.management.base import BaseCommand


class ScriptedCommand(BaseCommand):
    """A command that answers wrong arguments as every other error: with exit status 1."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Read the arguments first: argparse alone would end with status 2."""
        self._called_from_command_line = True
        try:
            self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
        except SystemExit as ended:
            sys.exit(1 if ended.code else 0)
        super().run_from_argv(argv)
