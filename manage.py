#!/usr/bin/env python
"""Django's command line for Keywork."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (needs the settings)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
