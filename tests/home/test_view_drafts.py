"""Drafts: saved, compared, discarded; one's own alone."""

from dataclasses import replace
from datetime import date

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.drafts import (
    SALT,
    DraftSubject,
    as_posted,
    device_of,
    discard_draft,
    discard_posted,
    find_draft,
    keep_rival,
    move_draft,
    restore_rival,
    rival_key,
    settle_draft,
    subject_of,
    token_for,
)
from keywork.models import Draft, StaffMember
from sessions.forms.describe import describe_field
from tests.factories import NOW, add_roles, make_school, make_staff

pytestmark = pytest.mark.django_db
KEY = "session:new:abcdefghjk"
FORM = "/students/abcdefghjk/sessions/new/"
SUBJECT = DraftSubject(key=KEY, title="Session with Jayden Thorne", url=FORM)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"


@pytest.fixture(autouse=True)
def _on_a_thursday(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def priya():
    return make_staff(make_school(), "key_worker")


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


@pytest.fixture
def save(signed_in, priya):
    """Save the form as the page script does."""

    def save(version=0, key=KEY, agent=PHONE, **texts):
        fields = {"draft_token": token_for(priya, SUBJECT), "version": version, **texts}
        url = reverse("draft", args=[key])
        return signed_in.post(url, fields, headers={"user-agent": agent})

    return save


def test_a_null_character_which_no_database_keeps_is_left_out(save):
    assert save(details="One\0 two").json()["version"] == 1
    assert Draft.objects.get().data["details"] == ["One two"]


def test_saving_answers_with_time_and_version(save, priya):
    assert save(details="One").json() == {"saved_at": "10:00", "version": 1}
    assert save(1, details="One two").json() == {"saved_at": "10:00", "version": 2}
    draft = Draft.objects.get()
    assert (draft.owner, draft.key, draft.title, draft.url) == (
        priya,
        KEY,
        "Session with Jayden Thorne",
        FORM,
    )
    assert (draft.data, draft.device) == ({"details": ["One two"]}, "Safari on iPhone")


def test_a_second_tab_is_told_and_its_text_kept(save, priya):
    save(details="Here")
    answer = save(0, details="There", agent="Firefox/130.0 (Windows)")
    assert answer.status_code == 409
    assert answer.json() == {
        "message": "Also changed elsewhere: saved 10:00 on Safari on iPhone. Both texts are kept.",
        "url": f"/drafts/{KEY}/compare/",
    }
    assert find_draft(priya, KEY).data == {"details": ["Here"]}
    assert find_draft(priya, rival_key(KEY)).data == {"details": ["There"]}


def test_a_form_finished_elsewhere_is_told(save, priya):
    save(details="Here")
    discard_draft(owner=priya, key=KEY)
    answer = save(1, details="Still typing")
    assert answer.status_code == 409
    assert answer.json()["message"] == (
        "This form was finished or discarded in another tab. Your text here is kept."
    )
    assert find_draft(priya, KEY) is None


def test_the_same_text_twice_is_no_conflict(save):
    save(details="Here")
    assert save(0, details="Here").json()["version"] == 1


@pytest.mark.parametrize("version", ["x", "", "-1", "9" * 12])
def test_a_version_that_is_none_counts_as_no_draft(save, version):
    assert save(version, details="Here").json()["version"] == 1


def test_the_token_says_whose_form_it_is(save, signed_in, priya):
    other = make_staff(make_school("B", "999102"), "key_worker")
    url = reverse("draft", args=[KEY])
    for token in ("", "tampered", token_for(other, SUBJECT)):
        assert signed_in.post(url, {"draft_token": token}).status_code == 404
    assert save(key="session:another", details="x").status_code == 404
    assert not Draft.objects.exists()
    assert subject_of(token_for(priya, SUBJECT), priya) == SUBJECT


def test_another_persons_draft_does_not_exist(client, save, priya):
    save(details="Here")
    save(0, details="There")
    client.force_login(make_staff(make_school("B", "999102"), "key_worker"))
    for name in ("draft", "draft_compare"):
        assert client.get(reverse(name, args=[KEY])).status_code == 404
    for name in ("draft_compare", "draft_discard", "draft"):
        assert client.post(reverse(name, args=[KEY])).status_code == 404
    assert "Jayden" not in client.get(reverse("drafts")).content.decode()
    assert Draft.objects.count() == 2


def test_signed_out_is_sent_to_sign_in(client):
    for name in ("draft", "draft_compare", "draft_discard"):
        answer = client.post(reverse(name, args=[KEY]))
        assert answer.url.startswith("/account/login/")


def test_the_list_leads_back_to_the_form(signed_in, save):
    assert "Nothing is waiting" in signed_in.get(reverse("drafts")).content.decode()
    save(details="Here")
    page = signed_in.get(reverse("drafts"))
    assert [draft.key for draft in page.context["drafts"]] == [KEY]
    address = reverse("draft", args=[KEY])
    assert f'href="{address}"' in page.content.decode()
    assert signed_in.get(address).url == FORM


def test_comparing_shows_both_and_keeps_what_is_chosen(signed_in, save, priya):
    save(details="Here", pupil_voice="Mine", feeling="4", venue="Library")
    save(0, details="There", pupil_voice="Theirs", feeling="4", venue="")
    url = reverse("draft_compare", args=[KEY])
    page = signed_in.get(url)
    differences = [(each.label, each.mine, each.other) for each in page.context["differences"]]
    assert differences == [
        ("Place", "Library", ""),
        ("The student’s view", "Mine", "Theirs"),
        ("What you talked about", "Here", "There"),
    ]
    answer = signed_in.post(url, {"details": "other", "pupil_voice": "stored", "venue": "stored"})
    assert answer.url == FORM
    draft = Draft.objects.get()
    assert (draft.data["details"], draft.data["pupil_voice"]) == (["There"], ["Mine"])
    assert (draft.data["venue"], draft.version) == (["Library"], 2)


def test_choosing_the_other_side_of_a_field_it_lacks_drops_the_field(signed_in, save):
    save(details="Here", keep_strategies="on")
    save(0, details="Here too")
    signed_in.post(reverse("draft_compare", args=[KEY]), {"keep_strategies": "other"})
    assert Draft.objects.get().data == {"details": ["Here"]}


def test_text_kept_after_the_form_was_finished_can_go_on(signed_in, save, priya):
    save(details="Here")
    discard_draft(owner=priya, key=KEY)
    save(1, details="Still typing")
    url = reverse("draft_compare", args=[KEY])
    assert "was finished or discarded" in signed_in.get(url).content.decode()
    assert signed_in.post(url).url == FORM
    assert find_draft(priya, KEY).data == {"details": ["Still typing"]}


def test_a_draft_begun_since_the_kept_text_was_shown_is_compared_with_it(signed_in, save, priya):
    save(details="Here")
    discard_draft(owner=priya, key=KEY)
    save(1, details="Still typing")
    save(0, details="Begun anew")
    page = signed_in.post(reverse("draft_compare", args=[KEY]))
    assert [(each.mine, each.other) for each in page.context["differences"]] == [
        ("Begun anew", "Still typing")
    ]
    assert Draft.objects.count() == 2


@pytest.mark.parametrize("both", [False, True])
def test_a_choice_overtaken_by_another_tab_is_told(signed_in, save, priya, both):
    save(details="Here")
    save(0, details="There")
    if not both:
        Draft.objects.get(key=KEY).delete()
    asked = []

    def another_tab(execute, sql, params, many, context):
        """Settle or begin the draft once the page has read both texts."""
        result = execute(sql, params, many, context)
        if 'FROM "keywork_draft"' in sql:
            asked.append(sql)
            if len(asked) == 2 and both:
                Draft.objects.all().delete()
            elif len(asked) == 2:
                Draft(owner=priya, key=KEY, url=FORM, version=1, updated_at=NOW).save()
        return result

    with connection.execute_wrapper(another_tab):
        answer = signed_in.post(reverse("draft_compare", args=[KEY]), {"details": "other"})
    again = reverse("drafts") if both else reverse("draft_compare", args=[KEY])
    assert answer.url == again
    page = signed_in.get(answer.url).content.decode()
    assert "changed in another tab meanwhile" in page


def test_nothing_to_compare_leads_to_the_form(signed_in, save):
    save(details="Here")
    assert signed_in.get(reverse("draft_compare", args=[KEY])).url == FORM


def test_discarding(signed_in, save, priya):
    url = reverse("draft_discard", args=[KEY])
    save(details="Here")
    save(0, details="There")
    assert signed_in.get(url).status_code == 405
    # What was refused in another tab was not seen yet: it is shown, and dropped by itself.
    compare = reverse("draft_compare", args=[KEY])
    assert signed_in.post(url).url == compare
    assert find_draft(priya, KEY) is None
    assert signed_in.post(url).url == compare, "pressed twice"
    assert 'name="which" value="other"' in signed_in.get(compare).content.decode()
    assert signed_in.post(url, {"which": "other"}).url == FORM
    assert not Draft.objects.exists()
    save(details="Again")
    assert signed_in.post(url, {"next": "drafts"}).url == reverse("drafts")


def test_discarding_what_another_tab_went_on_with_says_so(signed_in, save, priya):
    save(details="Here")
    discard_draft(owner=priya, key=KEY)
    save(1, details="Still typing")
    restore_rival(owner=priya, key=KEY, now=NOW)  # "Carry on with the kept text" in another tab

    url = reverse("draft_discard", args=[KEY])
    answer = signed_in.post(url, {"which": "other"}, follow=True)

    assert find_draft(priya, KEY).data == {"details": ["Still typing"]}
    assert answer.redirect_chain[-1][0] == "/drafts/"
    html = answer.content.decode()
    assert "It was changed in another tab meanwhile. Nothing is gone." in html
    assert "Draft discarded" not in html


@pytest.mark.both_databases
def test_saving_leaves_free_what_records_point_to(save):
    """Or a form saved by itself and finished at once would wait for each other for ever."""
    with CaptureQueriesContext(connection) as queries:
        save(details="One")
    locks = [each["sql"] for each in queries if "FOR " in each["sql"]]
    wanted = 1 if connection.features.has_select_for_no_key_update else 0
    assert len([each for each in locks if each.endswith("FOR NO KEY UPDATE")]) == wanted
    assert not [each for each in locks if each.endswith("FOR UPDATE") and "user" in each]


def test_two_texts_of_a_form_are_one_row_that_says_so(signed_in, save, priya):
    save(details="Here")
    page = signed_in.get(reverse("drafts"))
    assert "Another text" not in page.content.decode()
    save(0, details="There")
    page = signed_in.get(reverse("drafts"))
    assert len(page.context["drafts"]) == 1
    assert "Another text of it was kept" in page.content.decode()
    assert reverse("draft_compare", args=[KEY]) in page.content.decode()


def test_a_text_kept_after_its_form_was_finished_is_listed(signed_in, save, priya):
    save(details="Here")
    discard_draft(owner=priya, key=KEY)
    save(1, details="Still typing")
    page = signed_in.get(reverse("drafts"))
    assert [each.key for each in page.context["drafts"]] == [KEY]
    html = page.content.decode()
    assert reverse("draft_compare", args=[KEY]) in html
    assert FORM not in html
    answer = signed_in.post(
        reverse("draft_discard", args=[KEY]), {"which": "other", "next": "drafts"}
    )
    assert answer.url == reverse("drafts")
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("other", "left"), [("Here", 0), ("There", 1)])
def test_finishing_keeps_another_text_and_drops_the_same(save, priya, other, left):
    save(details="Here")
    keep_rival(owner=priya, subject=SUBJECT, data={"details": [other]}, device="", now=NOW)
    settle_draft(owner=priya, key=KEY, data={"details": ["Here"]}, version=1)
    assert Draft.objects.count() == left
    save(0, details="Here")
    keep_rival(owner=priya, subject=SUBJECT, data={"details": [other]}, device="", now=NOW)
    posted = as_posted({"details": ["Here"], "version": ["1"]})
    discard_posted(owner=priya, key=KEY, posted=posted)
    assert Draft.objects.count() == left


TO = DraftSubject(key="session:new:other", title="Session", url="/students/other/sessions/new/")


def texts():
    return {each.key.replace(KEY, "of"): each.data["details"][0] for each in Draft.objects.all()}


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        ({}, TO.key, {TO.key: "Typed"}),
        ({KEY: "Typed"}, TO.key, {TO.key: "Typed"}),
        ({KEY: "Typed", f"{KEY}~other": "There"}, TO.key, {TO.key: "Typed", "of~other": "There"}),
        ({KEY: "Typed", f"{KEY}~other": "Typed"}, TO.key, {TO.key: "Typed"}),
        (
            {KEY: "Typed", TO.key: "New"},
            f"{TO.key}~other",
            {TO.key: "New", f"{TO.key}~other": "Typed"},
        ),
        ({KEY: "Typed", TO.key: "Typed"}, TO.key, {TO.key: "Typed"}),
        (
            {KEY: "Typ", TO.key: "New", f"{TO.key}~other": "Newer"},
            KEY,
            {"of": "Typed", TO.key: "New", f"{TO.key}~other": "Newer"},
        ),
        (
            {TO.key: "New", f"{TO.key}~other": "Newer"},
            KEY,
            {"of": "Typed", TO.key: "New", f"{TO.key}~other": "Newer"},
        ),
    ],
)
def test_moving_a_text_to_another_form_loses_none(priya, before, given, after):
    for key, text in before.items():
        Draft(owner=priya, key=key, data={"details": [text]}, updated_at=NOW).save()
    kept = move_draft(owner=priya, of=SUBJECT, to=TO, data={"details": ["Typed"]}, now=NOW)
    assert kept.key == given
    assert texts() == after


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537 Edg/130.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) Chrome/130.0 Safari/537", "Chrome on Chromebook"),
        ("Mozilla/5.0 (iPad; CPU OS 17) CriOS/130 Safari/604", "Chrome on iPad"),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121",
            "Samsung Internet on Android",
        ),
        ("curl/8.0", "another device"),
        ("", "another device"),
    ],
)
def test_devices_are_named_as_people_do(agent, device):
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("ref", ["abc"], ("", "")),
        ("feeling", ["4"], ("How is school feeling?", "Good")),
        (
            "themes",
            ["coping", "homework"],
            ("Themes", "Coping strategies\nHomework and coursework"),
        ),
        ("keep_strategies", ["on"], ("Add them to what helps", "Yes")),
        (
            "target-2-text",
            ["Show the card"],
            ("New target 2: What the student will do", "Show the card"),
        ),
        ("judge-abcdefghjk-outcome", ["partly"], ("Last target: How it went", "Partly")),
        ("action-1-who", ["Me"], ("Afterwards 1: Who", "Me")),
        ("action-1-text", ["Tell Ms Day"], ("Afterwards 1: What", "Tell Ms Day")),
        ("unheard_of", ["x"], ("unheard_of", "x")),
    ],
)
def test_fields_in_words(name, values, said):
    assert describe_field(name, values) == said


def test_a_draft_goes_out_of_sight_with_the_post(signed_in, priya):
    """Somebody who left one school still signs in at another."""
    left = StaffMember.objects.get(user=priya)
    subject = replace(SUBJECT, school_id=left.school_id)
    fields = {"draft_token": token_for(priya, subject), "version": 0}
    for version, details in ((0, "His words"), (0, "Other words")):
        fields |= {"version": version, "details": details}
        signed_in.post(reverse("draft", args=[KEY]), fields)
    pages = [reverse("drafts"), reverse("draft_compare", args=[KEY]), "/today/"]
    for page in pages:
        assert "Jayden" in signed_in.get(page).content.decode()
    left.ends_on = date(2026, 11, 1)
    left.save()
    add_roles(priya, make_school("Other School", urn="999102"), "key_worker")
    assert [signed_in.get(page).status_code for page in pages] == [200, 404, 200]
    for page in pages:
        found = signed_in.get(page).content.decode()
        assert "Jayden" not in found
        assert "words" not in found


def test_a_draft_kept_before_drafts_knew_their_school_is_seen_with_any_role(save, signed_in):
    save(details="Here")
    assert Draft.objects.get().school is None
    assert "Jayden" in signed_in.get(reverse("drafts")).content.decode()


def test_a_form_shown_before_drafts_knew_their_school_still_saves(priya):
    token = signing.dumps([priya.pk, KEY, SUBJECT.title, FORM], salt=SALT, compress=True)
    assert subject_of(token, priya) == SUBJECT
