"""Sign-in, the pages around passwords and the error pages look like the product."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse


def assert_looks_like_the_product(html, heading):
    assert f">{heading}</h1>" in html
    assert '<body class="plain">' in html
    assert "css/tokens.css" in html
    assert 'href="#main"' in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_login", "Sign in"),
        ("account_reset_password", "Forgotten your password?"),
        ("account_reset_password_done", "Look in your e-mail"),
        ("account_reset_password_from_key_done", "Password saved"),
        ("account_inactive", "This account is switched off"),
    ],
)
def test_account_pages_for_somebody_signed_out(client, name, heading):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_looks_like_the_product(response.content.decode(), heading)


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_the_summary_and_the_name_is_kept(client):
    response = client.post(reverse("account_login"), {"login": "priya", "password": "wrong"})
    html = response.content.decode()
    assert "<title>Error: Sign in" in html
    assert "There is 1 thing to fix" in html
    assert 'value="priya"' in html
    assert "wrong" not in html.replace("Something went wrong", "")


@pytest.mark.django_db
def test_an_old_reset_link_offers_a_new_one(client):
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "x-y"})
    html = client.get(address).content.decode()
    assert_looks_like_the_product(html, "Choose a new password")
    assert reverse("account_reset_password") in html


@pytest.mark.django_db
def test_a_missing_page(client):
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert_looks_like_the_product(response.content.decode(), "Page not found")


@pytest.mark.django_db
def test_a_form_without_its_security_token():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {})
    assert response.status_code == 403
    assert_looks_like_the_product(response.content.decode(), "That form was too old to send")


@pytest.mark.parametrize(
    ("template", "heading"),
    [
        ("400.html", "That did not work"),
        ("403.html", "This page is not for your role"),
        ("404.html", "Page not found"),
        ("500.html", "Something went wrong"),
    ],
)
def test_error_pages_need_no_context(template, heading):
    # Nothing given, as when the database or a context processor failed.
    assert_looks_like_the_product(get_template(template).render(), heading)


def test_a_refusal_says_for_whom_the_page_is():
    html = get_template("403.html").render({"exception": "This page is for senior leaders."})
    assert "This page is for senior leaders." in html
