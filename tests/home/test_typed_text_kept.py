"""What is typed in a long form is kept as it is typed, stands there again, and goes once sent."""

import pytest
from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.html import escape

from contacts.services.attendance import take_step
from keywork.home.kept_words import IN_WORDS, KEPT
from keywork.kept_forms import form_name
from keywork.models import Draft
from tests.data_school import make_world
from tests.factories import NOW, TODAY
from tests.site_map import PAGES, address

pytestmark = pytest.mark.django_db
TYPED = "Half of what I want to say & “more”"
DAY = "11/11/2026"
LONGEST_KEY = Draft._meta.get_field("key").max_length

# The page, the text typed, and what a whole form needs besides what it offers.
FORMS = {
    "talk": ("students:talk_new", "said", {"day": "10/11/2026", "session": "PM"}),
    "register query": ("students:query_new", "text", {"day": "10/11/2026", "session": "AM"}),
    "answer to a register query": ("students:register_query", "answer", {"status": "stands"}),
    "part-time timetable": (
        *("students:part_time_new", "agreed"),
        {"start": "01/12/2026", "end": "11/12/2026", "sessions_a_week": "6"},
    ),
    "grade": (
        *("students:grade_new", "comment"),
        {"drop": "Autumn 1", "drop_on": DAY, "subject": "Art", "grade": "4"},
    ),
    "barrier": ("students:barrier_new", "text", {}),
    "what was done about a barrier": ("students:barrier_follow", "follow_up", {}),
    "profile": ("students:profile_edit", "learning_style", {}),
    "asking for a correction": ("students:slip_correction_request", "text", {}),
    "correcting a slip": ("students:slip_correction", "reason", {}),
    "withdrawing a slip": ("students:slip_withdrawal", "text", {}),
    "attendance step": ("contacts:attendance_step_new", "note", {"kind": "call_home"}),
    "attendance report": ("contacts:attendance_report", "note", {}),
    "raising something": (
        *("contacts:followup_new", "text"),
        {"raised_by": "parent", "raiser_name": "Mum"},
    ),
    "answering a follow-up": ("contacts:followup", "answer", {}),
    "changing a follow-up": ("contacts:followup_edit", "text", {}),
    "a word with an agency": (
        *("contacts:agency_log_new", "text"),
        {"direction": "heard", "how": "phone"},
    ),
    "meeting": (
        *("contacts:meeting_new", "notes"),
        {"title": "Core group", "attended_as": "key worker"},
    ),
    "advice": (
        *("contacts:advice_new", "question"),
        {"about": "CAMHS", "adviser": "Ms Wrigley", "decision": "open"},
    ),
    "more advice": ("contacts:advice_edit", "advice", {}),
    "agency": ("contacts:agency_new", "notes", {"kind": "camhs", "name": "New clinic"}),
    "changing an agency": ("contacts:agency_edit", "notes", {}),
    "adult": (
        *("contacts:contact_new", "address"),
        {"last_name": "Ownsby", "relationship": "mother"},
    ),
    "changing an adult": ("contacts:contact_edit", "address", {}),
    "correcting a session": ("sessions:correction", "reason", {"details": "Something else"}),
    "group session": ("sessions:group", "shared_details", {"focus": "student_voice"}),
    "cancelling a session": ("sessions:cancellation", "reason", {}),
    "reviewing a target": ("sessions:target_outcome", "evidence", {"outcome": "achieved"}),
    "correcting a notice": ("students:change_notice_correction", "text", {}),
    "taking a notice back": ("students:change_notice_withdrawal", "text", {}),
    "change of key worker": ("assignment_changes", "note", {"reason": "other"}),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One person who may open every form; made once, as nothing of a test stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = make_world("key_worker", "senco", "admin")
        found.home.attendance_lead = found.colleague
        found.home.save()
        student = found.of["own"].student
        take_step(student=student, kind="letter", taken_on=TODAY, note="x", by=found.person)
        yield found
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def signed_in(client, world):
    client.force_login(world.person)
    return client


class Tab:
    """A browser's tab with a form that keeps what is typed."""

    def __init__(self, client, url):
        self.client, self.url = client, url
        self.response = client.get(url)
        assert self.response.status_code == 200
        self.html = self.response.content.decode()
        self.kept = self.response.context["form"].kept
        assert self.html.count(f'data-draft-url="{self.kept.save_url}"') == 1

    @property
    def draft(self):
        return Draft.objects.filter(key=self.kept.key).first()

    def whole(self, **typed):
        """The form's values as a browser sends them, with what is typed."""
        shown = {each.html_name: sent(each) for each in self.response.context["form"]}
        values = {name: value for name, value in shown.items() if value not in (None, "", [])}
        machinery = {"draft_token": self.kept.token, "version": self.kept.version}
        return {**values, **machinery, **typed}

    def save(self, **typed):
        """Save the draft as app.js does."""
        return self.client.post(self.kept.save_url, self.whole(**typed))


def sent(field):
    """A field's value as the browser sends it."""
    value, widget = field.value(), field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "on" if value else None
    shown = widget.format_value(value)
    if isinstance(shown, list) and not widget.allow_multiple_selected:
        return next((each for each in shown if each), None)
    return shown


def page_of(world, name):
    own = world.of["own"]
    if name == "assignment_changes":
        return f"{reverse(name)}?student={own.student.ref}"
    return address(name, PAGES[name], own)


def named(world, form):
    """What a form needs that names records of the world."""
    own, other = (world.of[key].student.ref for key in ("own", "other"))
    return {
        "group session": {"companions": [other]},
        "meeting": {"agency": world.of["own"].agency.ref},
        "change of key worker": {
            "student": own,
            f"new_{own}": world.colleague.ref,
            "step": "save",
        },
    }.get(form, {})


@pytest.mark.parametrize("form", FORMS)
def test_typed_text_stands_there_again_and_goes_once_sent(signed_in, world, form):
    name, field, needed = FORMS[form]
    needed = {**needed, **named(world, form)}
    if form == "correcting a notice":  # its author alone does
        signed_in.force_login(world.of["own"].change_notice.written_by)
    url = page_of(world, name)
    saved = Tab(signed_in, url).save(**{field: TYPED})
    assert saved.json() == {"saved_at": "10:00", "version": 1}

    again = Tab(signed_in, url)
    assert again.response.context["form"][field].value() == TYPED
    assert "Half of what I want to say &amp; “more”" in again.html
    assert "Carry on where you left it." in again.html
    assert "thing to fix" not in again.html  # nothing was sent yet
    assert again.draft.url == url
    assert again.kept.key.partition(":")[0] in IN_WORDS, "put it in KEPT of home/kept_words.py"
    assert len(again.kept.key) <= LONGEST_KEY
    assert escape(again.draft.title) in signed_in.get("/drafts/").content.decode()

    filled = again.whole(**{**needed, field: TYPED})
    answer = signed_in.post(url.partition("?")[0], filled)
    assert (answer.context["form"].errors if answer.context else {}) == {}
    assert answer.status_code == 302
    assert again.draft is None


def test_each_form_has_words_of_its_own():
    names = [form_name(each) for each in KEPT]
    assert len(set(names)) == len(names)


def test_a_post_that_is_refused_leaves_the_draft(signed_in, world):
    tab = Tab(signed_in, page_of(world, "students:talk_new"))
    tab.save(said=TYPED)
    assert signed_in.post(tab.url, {"said": TYPED}).status_code == 200
    assert tab.draft.data["said"] == [TYPED]


def test_without_a_script_a_button_saves_and_leaves(signed_in, world):
    tab = Tab(signed_in, page_of(world, "contacts:advice_new"))
    button = f'name="action" value="draft" data-draft-button formaction="{tab.kept.save_url}"'
    assert button in tab.html
    left = signed_in.post(tab.kept.save_url, tab.whole(action="draft", question=TYPED))
    assert left["Location"] == reverse("home")
    assert tab.draft.data["question"] == [TYPED]
    said = "Draft saved: Advice on an agency for Odette Ownsby. It is not finished."
    assert said in signed_in.get("/drafts/").content.decode()
    second = signed_in.post(tab.kept.save_url, tab.whole(action="draft", question="Another"))
    assert second["Location"] == f"{tab.kept.save_url}compare/"


def test_two_tabs_are_compared_in_the_words_of_the_form(signed_in, world):
    url = page_of(world, "contacts:meeting_new")
    here, there = Tab(signed_in, url), Tab(signed_in, url)
    here.save(notes="Here", agency="", keep="on")
    refused = there.save(notes="There", agency=world.of["own"].agency.ref, action_1="Ring")
    assert refused.status_code == 409
    html = signed_in.get(refused.json()["url"]).content.decode()
    for words in ("What was said and agreed", "Here", "There", "1 chosen", "Action 1", "Ring"):
        assert words in html
    assert world.of["own"].agency.ref not in html
    signed_in.post(refused.json()["url"], {"notes": "other"})
    assert Tab(signed_in, url).response.context["form"]["notes"].value() == "There"


def test_a_form_finished_in_one_tab_tells_the_other(signed_in, world):
    url = page_of(world, "students:barrier_new")
    here, there = Tab(signed_in, url), Tab(signed_in, url)
    here.save(text="Here")
    assert signed_in.post(url, here.whole(text="Here", version=1)).status_code == 302
    answer = there.save(version=1, text="There")
    assert (answer.status_code, "finished or discarded" in answer.json()["message"]) == (409, True)
    assert Draft.objects.get(key__startswith=there.kept.key).data["text"] == ["There"]


def test_a_box_unticked_stays_so(signed_in, world):
    tab = Tab(signed_in, page_of(world, "contacts:followup_new"))
    assert tab.response.context["form"]["reply_wanted"].value() is True
    typed = tab.whole(text=TYPED)
    del typed["reply_wanted"]
    signed_in.post(tab.kept.save_url, typed)
    assert Tab(signed_in, tab.url).response.context["form"]["reply_wanted"].value() is False


def test_an_answer_on_a_slips_page_is_kept_until_it_is_given(signed_in, world):
    own = world.of["own"]
    url = page_of(world, "students:slip")
    answer = reverse("students:slip_answer", args=[own.slip_question.ref])
    name = f"{own.slip_question.ref}-text"

    def form():
        return signed_in.get(url).context["asked"][0][3]

    typed = {"draft_token": form().kept.token, "version": 0, name: TYPED}
    assert signed_in.post(form().kept.save_url, typed).status_code == 200
    assert form()["text"].value() == TYPED
    assert signed_in.post(answer, {name: ""}).status_code == 302  # refused, and back to the slip
    assert form()["text"].value() == TYPED
    assert form().kept.draft.url == url
    assert signed_in.post(answer, {name: TYPED}).status_code == 302
    assert form() is None
    assert not Draft.objects.filter(key__contains="slip_answer").exists()


def test_what_another_tab_kept_meanwhile_is_not_dropped_with_the_form_sent(signed_in, world):
    url = page_of(world, "students:barrier_new")
    here, there = Tab(signed_in, url), Tab(signed_in, url)
    there.save(text="There")
    assert signed_in.post(url, here.whole(text="Here", version=0)).status_code == 302
    assert there.draft.data["text"] == ["There"]
    assert signed_in.post(url, there.whole(text="There", version=1)).status_code == 302
    assert there.draft is None
