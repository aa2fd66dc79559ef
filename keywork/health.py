"""Checks of the parts that the site stands on: database to broker, beat and the outbox."""

import logging
import secrets
from collections.abc import Callable

from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from keywork import clock
from keywork.outbox.state import beat_is_silent, waits_too_long

log = logging.getLogger(__name__)


def states(*, web_only: bool = False) -> dict[str, str]:
    """Give part → "ok" or "failed"; why is in the log, never in the answer.

    web_only: without what the web server can do without for a while: beat and the outbox.
    """
    parts = {
        "database": _database,
        "migrations": _migrations,
        "cache": _cache,
        "broker": _broker,
    }
    if not web_only:
        parts |= {"beat": _beat, "outbox": _outbox}
    return {name: _state(name, check) for name, check in parts.items()}


def _state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        log.warning("health check failed: %s", name, exc_info=True)
        return "failed"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are pending")


def _cache() -> None:
    key, value = f"health:{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise RuntimeError("the cache does not give back what it was given")
    cache.delete(key)
    if getattr(cache, "is_down", False):
        raise RuntimeError("the cache does without Redis")


def _broker() -> None:
    with current_app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=2)


def _beat() -> None:
    if beat_is_silent(clock.now()):
        raise RuntimeError("beat, or the worker that does what it asks, was not seen lately")


def _outbox() -> None:
    if waits_too_long(clock.now()):
        raise RuntimeError("a message has waited for half an hour")
