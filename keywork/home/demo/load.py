"""Loading the demo school, once."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from keywork.home.demo.agencies import add_agencies
from keywork.home.demo.checkups import add_checkups
from keywork.home.demo.colour import colour
from keywork.home.demo.dates import FILES, move_folder
from keywork.home.demo.notices import add_notices
from keywork.home.demo.people import add_missing_roles, open_accounts
from keywork.home.imports import import_folder
from keywork.models import School

URN = "999001"


class DemoDataError(Exception):
    """The demo's own files were not taken whole: a fault of the product."""


def is_loaded() -> bool:
    """Say whether the demo school is in the database already."""
    return School.objects.filter(urn=URN).exists()


@transaction.atomic
def load_demo(*, now: datetime) -> None:
    """Import the demo school as it looks at `now`, and open its accounts.

    Raises DemoDataError where a row is rejected.
    """
    today = now.date()
    with tempfile.TemporaryDirectory() as folder:
        move_folder(FILES, Path(folder), today)
        report = import_folder(Path(folder), on=today, now=now)
    if report.rejected:
        raise DemoDataError(f"{report.rejected} rows of the demo school were rejected")
    school = School.objects.get(urn=URN)
    add_missing_roles(school, today - timedelta(days=365))
    colour(school, now)
    add_agencies(school, now)
    add_checkups(school, now)
    add_notices(school, now)
    open_accounts(school)
