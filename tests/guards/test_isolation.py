"""The tests, and the browser they drive, reach nothing but this machine."""

import os
import smtplib
import socket
from email.message import EmailMessage

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage as DjangoEmailMessage


def test_a_test_cannot_reach_another_machine():
    with socket.socket() as connection, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        connection.connect(("192.0.2.1", 80))


def test_a_test_can_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_mail_arrives_at_the_mail_server_of_the_test(smtp_server):
    DjangoEmailMessage("Due on Friday", "Text", "a@keywork.example", ["b@keywork.example"]).send()
    assert [message["Subject"] for message in smtp_server.messages] == ["Due on Friday"]
    assert smtp_server.recipients == [["b@keywork.example"]]


def test_the_mail_server_of_the_test_is_a_real_one(smtp_server, settings):
    message = EmailMessage()
    message["Subject"] = "By hand"
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as client:
        client.send_message(message, "a@keywork.example", ["b@keywork.example"])
    assert [kept["Subject"] for kept in smtp_server.messages] == ["By hand"]


def test_each_test_process_has_a_redis_database_of_its_own(settings):
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    assert settings.CACHES["default"]["LOCATION"].endswith(f"/{number}")
    assert settings.CELERY_BROKER_URL.endswith(f"/{number}")
    cache.set("whose", number)
    assert cache.get("whose") == number


@pytest.mark.e2e
def test_the_browser_reaches_the_site_and_nothing_else(page, live_server):
    from playwright.sync_api import Error

    assert page.goto("/static/css/tokens.css").status == 200
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://keywork.example/")


@pytest.mark.e2e
def test_a_script_error_fails_the_test_it_happens_in(new_context):
    context = new_context()
    page = context.new_page()
    page.goto("/static/css/tokens.css")
    with page.expect_event("console", lambda message: message.text == "broken"):
        page.evaluate("console.error('broken')")
    assert context.problems == ["broken"]
    context.problems.clear()


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_the_browser_does_not_keep_a_test_from_its_database(page):
    from keywork.models import School

    assert School.objects.count() == 0


def test_a_worker_of_our_own_answers(celery_worker_process):
    from keywork.celery import app

    with app.connection_for_write(app.conf.broker_url) as connection:
        assert app.control.ping(connection=connection, timeout=10, limit=1)
