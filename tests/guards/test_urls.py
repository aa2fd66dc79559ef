"""Every address × every role × own student, other student, another school's: what it answers.

What is expected comes from the table of tests.site_map alone. Every answer's text is searched,
too, for words that this person may not read.
"""

import logging

import pytest
from django.db import transaction
from django.test import Client

from keywork import clock
from keywork.home.history import KINDS
from tests.data_school import (
    KEYS,
    NAMES,
    STRANGERS,
    UPNS,
    asked_of,
    make_world,
    said_of,
    strategy_of,
)
from tests.factories import NOW
from tests.site_map import (
    BY_IDENTITY,
    BY_NAME,
    IN_FULL,
    PAGES,
    PUBLIC,
    ROLES,
    SIGNED_IN,
    address,
    patterns,
    sight,
)


@pytest.fixture(autouse=True)
def _speak_again():
    yield
    logging.disable(logging.NOTSET)


SIGN_IN = "/account/login/"
HOW_TO_ADD = (
    "Say in PAGES of tests/site_map.py who may open it and what it is about; where it names a new "
    "kind of record, make one in tests/data_school.py and name it in KWARGS."
)
PEOPLE = {
    **{role: {"roles": (role,)} for role in ROLES},
    "teacher and dsl": {"roles": ("teacher", "dsl")},
    "key worker here, senco there": {"roles": ("key_worker",), "elsewhere": ("senco",)},
    "key worker who left": {"roles": ("key_worker",), "left": True},
    "signed out": {"roles": (), "signed_out": True},
}
SEARCHES = (
    "/search/?q=zyx",
    "/search/?q=ott",
    "/search/?q=ode",
    f"/search/?q={UPNS['foreign'][:6]}",
    "/students/?q=zyx",
    "/overview/duties/?status=overdue",
    "/overview/duties/?status=upcoming",
    "/followups/?show=students",
    "/followups/?show=done",
    "/caseload/?sort=name",
    "/calendar/?week=2026-11-05",
    "/slips/?period=all&q=ott",
    "/slips/new/students/?who=zyx",
    "/attendance/?q=ott",
    "/register-queries/?show=answered",
)
# Forms with a text area that keep no draft of what is typed, and why.
NOT_KEPT = {
    "contacts:checkups": "a sentence; the cards are those of the personal link, too",
    "contacts:checkup": "as on the page of all cards",
    "contacts:checkup_link": "nobody is signed in",
}


def test_every_address_has_a_line():
    named = {name.partition(" ")[0] for name in PAGES}
    in_use = {name for name, _ in patterns()}
    assert in_use - named == set(), f"new addresses. {HOW_TO_ADD}"
    assert named - in_use == set(), "gone from the URL configuration: remove their lines"
    kinds = {name.partition(" ")[2] for name in PAGES if name.startswith("history ")}
    assert kinds == set(KINDS), "one line for each kind of history"


def test_every_view_says_who_may_use_it():
    silent = [name for name, pattern in patterns() if not getattr(pattern.callback, "access", ())]
    assert silent == [], "decorate them with requires(), signed_in or public('reason')"


def test_open_pages_are_those_of_the_table_and_give_a_reason():
    access = {name: pattern.callback.access for name, pattern in patterns()}
    is_public = {name for name, marks in access.items() if marks[0] == "public"}
    assert is_public == {name for name, page in PAGES.items() if page.who == PUBLIC}
    assert [name for name in is_public if len(access[name]) < 2 or not access[name][1]] == []
    everyones = {name for name, marks in access.items() if marks == ("signed in",)}
    of_table = {name.partition(" ")[0] for name, page in PAGES.items() if page.who == SIGNED_IN}
    assert everyones == of_table


@pytest.mark.django_db
@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_answers_everybody_as_it_should(who, monkeypatch, settings, tmp_path):
    logging.disable(logging.ERROR)  # thousands of refusals, as they should be
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.MEDIA_ROOT = tmp_path
    described = dict(PEOPLE[who])
    world = make_world(*described.pop("roles"), **described)
    walk = Walk(world)
    for method in ("get", "post"):
        for name, page in PAGES.items():
            for key in KEYS if page.of else KEYS[:1]:
                walk.try_page(method, name, page, key)
    for url in SEARCHES:
        walk.ask("get", url, f"get {url}")
    assert walk.asked > 300
    assert walk.wrong == {}
    assert walk.leaks == []
    assert walk.loses == set(), "hand these forms to keywork.kept_forms.keep_typed"


class Walk:
    """One person's way through the whole site; nothing they do stays."""

    def __init__(self, world):
        self.world = world
        self.client = Client(raise_request_exception=False)
        if world.person:
            self.client.force_login(world.person)
        self.cookies = dict(self.client.cookies.items())
        self.forbidden = unreadable(world)
        self.wrong, self.leaks, self.loses, self.asked = {}, [], set(), 0

    def try_page(self, method, name, page, key):
        url = address(name, page, self.world.of[key])
        label = f"{method} {name} of {key}" if page.of else f"{method} {name}"
        got = self.ask(method, url, label)
        if name not in NOT_KEPT and loses_text(got):
            self.loses.add(name)
        refusal = refused(self.world, page, key)
        expected = allowed(method, page, refusal, signed_in=bool(self.world.person))
        if got.status_code not in expected:
            self.wrong[label] = (got.status_code, sorted(expected))
        elif got.status_code == 302 and page != PAGES["account_logout"]:
            to_sign_in = got["Location"].startswith(SIGN_IN)
            if to_sign_in != (refusal == 302):
                self.wrong[label] = (got["Location"], f"refusal: {refusal}")

    def ask(self, method, url, label):
        """Ask and take back whatever it did; note words that should not have been there."""
        self.asked += 1
        self.client.cookies.clear()
        self.client.cookies.update(self.cookies)
        with transaction.atomic():
            response = getattr(self.client, method)(url)
            if not response.streaming:
                text = response.content.decode(errors="replace")
                self.leaks += [
                    f"{label}: {word}"
                    for word in self.forbidden
                    if word in text and not is_own_draft(label, word)
                ]
            transaction.set_rollback(True)
        return response


def loses_text(response):
    """Whether a page has a form with a text area that keeps no draft."""
    text = "" if response.streaming else response.content.decode(errors="replace")
    forms = (form.partition("</form>")[0] for form in text.split("<form ")[1:])
    return any("<textarea" in each and "data-draft-url" not in each for each in forms)


def refused(world, page, key):
    """The status with which this person is turned away; None where they may."""
    if page.who == PUBLIC:
        return None if page.seen(frozenset(), key) >= page.known else 404
    if world.person is None:
        return 302
    roles = world.roles[world.home.pk]
    if not any(world.roles.values()):
        return None if page.no_role else 403
    if page.who != SIGNED_IN and not roles & page.who:
        return 403
    there = world.roles_at(key)
    level = page.seen(there, key)
    if level < page.known:
        return 404
    return 403 if level < page.needs or (page.act and not there & page.act) else None


def allowed(method, page, refusal, *, signed_in):
    """The statuses that are right."""
    if method == "get":
        # Some views look at the method first: that tells nobody anything.
        plain = page.get if signed_in else page.get_signed_out or page.get
        return {405, refusal or 405} if page.only_post else {refusal or plain}
    if refusal:
        return {refusal, 405} if not page.only_post else {refusal}
    return {200, 302, 400, 405 if not page.only_post else 200, *page.post}


def unreadable(world):
    """The planted words that this person must not find in any answer."""
    words = [] if world.roles_at("foreign") and world.person else list(STRANGERS)
    for key in KEYS:
        level = sight(world.roles_at(key), key) if world.person else 0
        words += [said_of(key)] if level < IN_FULL else []
        words += [UPNS[key], asked_of(key)] if level < BY_IDENTITY else []
        words += [NAMES[key][1], strategy_of(key)] if level < BY_NAME else []
    return words


def is_own_draft(label, word):
    """A draft's title stays its author's, whatever role they have lost since."""
    return "draft" in label and word == NAMES["own"][1]
