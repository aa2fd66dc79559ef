from datetime import timedelta

import pytest

from keywork import clock
from keywork.models import Heartbeat, OutboxMessage
from keywork.outbox import NewMessage, queue

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_all_parts_are_named_and_well(client):
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "migrations": "ok",
        "cache": "ok",
        "broker": "ok",
        "beat": "ok",
        "outbox": "ok",
    }


def test_the_web_server_is_well_without_beat(client):
    Heartbeat.objects.create(name="beat", at=clock.now() - timedelta(minutes=6))
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["beat"]) == (503, "failed")
    assert "beat" not in client.get("/health/?of=web").json()
    assert client.get("/health/?of=web").status_code == 200
    Heartbeat.objects.update(at=clock.now() - timedelta(minutes=1))
    assert client.get("/health/").status_code == 200


def test_a_message_that_waits_for_half_an_hour_is_said(client):
    now = clock.now()
    message = NewMessage(
        kind="address_changed", due_on=now.date(), title="Changed", address="a@b.example"
    )
    queue(message, now=now - timedelta(minutes=29))
    assert client.get("/health/").json()["outbox"] == "ok"
    OutboxMessage.objects.update(
        queued_at=now - timedelta(minutes=31), next_try_at=now - timedelta(minutes=31)
    )
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["outbox"]) == (503, "failed")


def test_a_cache_that_is_down_is_503_without_saying_why(client, settings, caplog):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://:secret-password@127.0.0.1:1/0",
        }
    }
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["cache"] == "failed"
    assert "secret-password" not in answer.content.decode()


def test_a_broker_that_is_down_is_503(client, monkeypatch):
    from keywork.celery import app

    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["broker"]) == (503, "failed")


def test_migrations_that_wait_are_503(client):
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    [latest] = executor.loader.graph.leaf_nodes("home")
    executor.recorder.record_unapplied(*latest)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "failed")


def test_it_is_asked_over_http_and_answers_without_a_redirect(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/").status_code == 200
    assert client.get("/help/").status_code == 301
