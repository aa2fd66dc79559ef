import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config

from keywork.gunicorn_logger import Logger
from keywork.monitoring import (
    WithoutSecrets,
    logging_config,
    masked,
    start_sentry,
    without_personal_data,
)


def test_an_error_report_loses_everything_that_could_name_a_person():
    event = {
        "request": {
            "url": "https://keywork.example/search/?q=Amelia",
            "method": "GET",
            "query_string": "q=Amelia",
            "data": {"details": "Amelia said"},
            "cookies": {"sessionid": "x"},
            "headers": {"Cookie": "sessionid=x"},
            "env": {"REMOTE_ADDR": "10.0.0.1"},
        },
        "user": {"id": 1, "email": "kim@fold.example.org"},
        "exception": {"values": []},
    }
    assert without_personal_data(event, {}) == {
        "request": {"url": "https://keywork.example/search/", "method": "GET"},
        "exception": {"values": []},
    }


def test_an_error_outside_a_request_is_reported_too():
    assert without_personal_data({"level": "error"}, {}) == {"level": "error"}


def test_without_a_dsn_nothing_is_started():
    assert start_sentry("") is None


SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/calendar/feed/{SECRET}.ics", "/calendar/feed/….ics"),
        (f"/account/password/reset/key/1-{SECRET}/", "/account/password/reset/key/…"),
        (f"/undo/{SECRET}:a/", "/undo/…/"),
        (f"/r/{SECRET}/", "/r/…/"),
        (f"/unsubscribe/{SECRET}/", "/unsubscribe/…/"),
        ("/calendar/feed/new/", "/calendar/feed/new/"),
        ("/account/password/reset/key/done/", "/account/password/reset/key/done/"),
        ("/students/abc/r/def/", "/students/abc/r/def/"),
    ],
)
def test_what_opens_a_page_is_in_no_log_and_no_report(path, logged):
    assert masked(f"Not Found: {path}") == f"Not Found: {logged}"
    report = {"request": {"url": f"https://keywork.example{path}"}, "transaction": path}
    assert without_personal_data(report, {}) == {
        "request": {"url": f"https://keywork.example{logged}"},
        "transaction": logged,
    }
    record = logging.makeLogRecord({"msg": "%s: %s", "args": ("Not Found", path)})
    assert WithoutSecrets().filter(record)
    assert record.getMessage() == f"Not Found: {logged}"


def test_the_console_masks_what_django_warns_of():
    handlers = logging_config(json=False)["handlers"]
    assert "no_secrets" in handlers["console"]["filters"]


def test_gunicorn_writes_no_secret(tmp_path):
    config = Config()
    log = tmp_path / "access.log"
    config.set("accesslog", str(log))
    config.set("errorlog", str(tmp_path / "error.log"))
    config.set("access_log_format", "%(m)s %(U)s")
    logger = Logger(config)
    environ = dict.fromkeys(("RAW_URI", "SERVER_PROTOCOL"), "-")
    environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": f"/undo/{SECRET}/"}
    answer = SimpleNamespace(status="200 OK", headers=[], sent=1)
    logger.access(answer, SimpleNamespace(headers=[]), environ, timedelta(seconds=1))
    logger.error("Error handling request %s", f"/calendar/feed/{SECRET}.ics")
    assert log.read_text() == "GET /undo/…/\n"
    assert SECRET not in (tmp_path / "error.log").read_text()


def test_the_image_uses_that_logger():
    image = (settings.BASE_DIR / "Dockerfile").read_text()
    assert "--logger-class=keywork.gunicorn_logger.Logger" in image
