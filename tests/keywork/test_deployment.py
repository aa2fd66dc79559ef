import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keywork.deployment import demo_problems, embedded_secret_key, problems

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "SECRET_KEY": "k4Zr8-wQpT2yLmX6vB1nC5sD9fG3hJ7aE0uI-oRtYxWzVbNqMkP",
    "ALLOWED_HOSTS": "keywork.example.sch.uk",
    "PUBLIC_URL": "https://keywork.example.sch.uk",
    "DATABASE_URL": "postgres://keywork:secret@localhost:5432/keywork",
    "EMAIL_URL": "smtp://localhost:1025",
    "DEFAULT_FROM_EMAIL": "keywork@example.sch.uk",
}
SHOW_SETTINGS = """
import logging, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "keywork.settings"
django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)
print(s.SECURE_HSTS_SECONDS, s.DEBUG, s.ALLAUTH_TRUSTED_PROXY_COUNT)
extra = {"request": "GET /search/?q=Amelia", "status_code": 404}
logging.getLogger("django.request").warning("Not Found: %s", "/x/", extra=extra)
"""
UNSAFE = [
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 60),
    ("SECRET_KEY", "django-insecure-" + "k4Zr8-wQpT2yLmX6vB1nC5sD9fG3hJ7aE0uI-oRtYxWzVb"),
    ("ALLOWED_HOSTS", ""),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "keywork.example, *"),
    ("PUBLIC_URL", ""),
    ("PUBLIC_URL", "http://keywork.example"),
    ("DATABASE_URL", ""),
    ("EMAIL_URL", ""),
    ("DEFAULT_FROM_EMAIL", ""),
    ("DEBUG", "1"),
    ("DEBUG", "True"),
]


def start(tmp_path, command, **changes):
    environment = {
        "PATH": os.environ["PATH"],
        "KEYWORK_DATA_DIR": str(tmp_path),
        **SAFE,
        **changes,
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_a_safe_environment_has_no_problems():
    assert problems(SAFE) == []


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_each_missing_or_unsafe_setting_is_named(name, value):
    [problem] = problems({**SAFE, name: value})
    assert problem.startswith(f"{name}: ")


def test_a_setting_left_empty_is_one_not_set(tmp_path):
    empty = dict.fromkeys([*SAFE, "DEBUG", "REDIS_URL", "SENTRY_DSN", "TRUSTED_PROXY_COUNT"], "")
    show = "from keywork import settings as s; print(s.DATABASES['default']['ENGINE'], s.DEBUG)"
    told = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "KEYWORK_DATA_DIR": str(tmp_path), **empty},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["django.db.backends.sqlite3", "False"]


def test_all_are_named_at_once():
    names = {problem.partition(":")[0] for problem in problems({})}
    assert names == SAFE.keys()


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import keywork.wsgi"],
        ["-m", "gunicorn", "--check-config", "keywork.wsgi:application"],
    ],
    ids=["wsgi", "gunicorn"],
)
def test_a_production_web_server_does_not_start_on_an_unsafe_setting(tmp_path, command):
    ended = start(tmp_path, command, SECRET_KEY="short", DEBUG="1")
    assert ended.returncode == 3
    assert "- SECRET_KEY: " in ended.stderr
    assert "- DEBUG: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_gunicorn_gives_up_instead_of_trying_for_ever(tmp_path):
    command = ["-m", "gunicorn", "--bind=127.0.0.1:0", "keywork.wsgi:application"]
    ended = start(tmp_path, command, PUBLIC_URL="http://keywork.example")
    assert ended.returncode == 3
    assert "- PUBLIC_URL: " in ended.stderr


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_worker_and_beat_do_not_start_either(tmp_path, part):
    command = ["-m", "celery", "-A", "keywork", part]
    ended = start(tmp_path, command, DEFAULT_FROM_EMAIL="")
    assert ended.returncode != 0
    assert "DEFAULT_FROM_EMAIL: set it" in ended.stderr


def test_djangos_own_deployment_check_is_clean(tmp_path):
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    ended = start(tmp_path, command)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no issues" in ended.stdout


def test_the_deployment_check_names_an_unsafe_setting(tmp_path):
    ended = start(tmp_path, ["manage.py", "check", "--deploy"], ALLOWED_HOSTS="*")
    assert ended.returncode == 1
    assert "keywork.E001" in ended.stderr
    assert "ALLOWED_HOSTS" in ended.stderr


def test_production_keeps_cookies_to_https_and_logs_json(tmp_path):
    shown = start(tmp_path, ["-c", SHOW_SETTINGS])
    assert shown.stdout.split() == ["True", "True", "True", "31536000", "False", "1"]
    assert '"event": "Not Found: /x/"' in shown.stderr
    assert "Amelia" not in shown.stderr


def test_the_demo_is_refused_on_a_public_address():
    assert demo_problems({"PUBLIC_URL": "http://localhost:8000"}) == []
    assert demo_problems({}) == []
    [problem] = demo_problems({"PUBLIC_URL": "https://keywork.example"})
    assert problem.startswith("KEYWORK_DEMO: ")


def test_the_embedded_key_is_made_once_and_read_by_its_owner_alone(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: embedded_secret_key(tmp_path), range(16)))
    [key] = keys
    assert len(key) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
