"""The world of tests.data_school on the live server, on the day of tests.factories."""

import pytest

from keywork import clock
from tests.data_school import make_world
from tests.factories import NOW
from tests.site_pages import sign_in


@pytest.fixture
def on_the_day(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_role(on_the_day, new_context, live_server):
    """Call with roles (and options of the browser): the world, and a page signed in."""

    def open_page(*roles, **options):
        world = make_world(*roles)
        context = new_context(**options)
        sign_in(context, world.person, live_server.url)
        return world, context.new_page()

    return open_page
