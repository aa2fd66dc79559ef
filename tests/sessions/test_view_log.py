"""GET and POST of "Prepare and log"."""

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.models import Draft
from keywork.refs import new_ref
from sessions.models import KeyworkSession, SessionAction, Target, TargetReview
from students.models import Strategy
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_thursday(monkeypatch):
    # The one place that reads the clock.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker", first_name="Priya", last_name="Raman")


@pytest.fixture
def jayden(school, priya):
    student = StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")
    assign(student, priya)
    return student


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def new_url(student):
    return reverse("sessions:new", args=[student.ref])


def held(**more):
    """The fields of a session that was held, as the form posts them."""
    return {
        "ref": new_ref(),
        "happened": "yes",
        "held_on": "12/11/2026",
        "starts_at": "13:40",
        "minutes": "20",
        "venue": "Library nook",
        "method": "one_to_one",
        "focus": "iep",
        "target-1-text": "Show the card before leaving a lesson",
        "target-1-review_on": "26/11/2026",
        "target_count": "1",
        "action_count": "1",
        "version": "0",
        "action": "finish",
        **more,
    }


def test_a_first_session_says_so_and_offers_what_is_known(signed_in, jayden):
    page = signed_in.get(new_url(jayden))
    assert page.status_code == 200
    text = page.content.decode()
    assert "First session" in text
    assert "session 1 of 3 this half term" in text
    form = page.context["form"]
    assert form["held_on"].value() == TODAY
    assert form["minutes"].value() == "20"
    assert form["focus"].value() == "iep"  # no EHC plan: the rotation passes it over


def test_the_focuses_take_turns_as_the_schools_model_says(signed_in, jayden):
    model = jayden.school.key_work_model
    model.focus_rotation = ["wellbeing", "progress"]
    model.save()
    assert signed_in.get(new_url(jayden)).context["form"]["focus"].value() == "wellbeing"
    plan = reverse("sessions:plan", args=[jayden.ref])
    assert signed_in.get(plan).context["form"]["focus"].value() == "wellbeing"
    SessionFactory(student=jayden, focus="wellbeing")
    assert signed_in.get(new_url(jayden)).context["form"]["focus"].value() == "progress"
    assert signed_in.get(plan).context["form"]["focus"].value() == "progress"
    model.focus_rotation = []
    model.save()
    assert signed_in.get(new_url(jayden)).context["form"]["focus"].value() == ""


def test_finish_signs_the_session_and_says_when_the_next_is_due(signed_in, jayden, priya):
    page = signed_in.post(new_url(jayden), held(pupil_voice="I liked art."), follow=True)
    record = KeyworkSession.objects.get()
    assert page.redirect_chain == [(f"/sessions/{record.ref}/?read=1", 302)]
    assert (record.status, record.held_on, record.starts_at) == ("held", TODAY, time(13, 40))
    assert (record.signed_by, record.signed_at) == (priya, NOW)
    text = page.content.decode()
    # ten school days after 12 November
    assert "Next session due by Thursday 26 November." in text
    assert "Signed by Priya Raman, 12 November 2026 at 10:00." in text
    target = Target.objects.get()
    assert (target.keywork_session, target.set_on) == (record, TODAY)
    assert target.review_on == date(2026, 11, 26)


def test_the_form_costs_the_same_whatever_there_is(signed_in, jayden, priya):
    for day in (3, 5, 10):
        record = SessionFactory(student=jayden, key_worker=priya, held_on=date(2026, 11, day))
        SessionAction(keywork_session=record, text="Tell Ms Day", owner=priya).save()
        TargetFactory(student=jayden, keywork_session=record)
    signed_in.get(reverse("drafts"))  # renews the sign-in, as the first page of a minute does
    with CaptureQueriesContext(connection) as many:
        page = signed_in.get(new_url(jayden), headers={"accept-encoding": "gzip"})
    assert page.status_code == 200
    assert len(many) <= 15
    assert len(page.content) <= 12 * 1024
    other = StudentFactory(school=jayden.school)
    assign(other, priya)
    SessionFactory(student=other, key_worker=priya)
    TargetFactory(student=other)
    with CaptureQueriesContext(connection) as few:
        signed_in.get(new_url(other))
    assert len(few) == len(many)


def test_the_briefing_holds_what_was_said_and_agreed(signed_in, jayden, priya):
    record = SessionFactory(
        student=jayden,
        key_worker=priya,
        focus="student_voice",
        pupil_voice="Maths goes too fast.",
        details="We looked at the timetable.",
        strategies_agreed="Sit near the door",
    )
    SessionAction(keywork_session=record, text="Ask Ms Day for a slower pace", owner=priya).save()
    TargetFactory(student=jayden, text="Ask for help once in each maths lesson")
    Strategy(student=jayden, text="Warn before a change", added_on=TODAY).save()
    page = signed_in.get(new_url(jayden))
    for words in (
        "Last session, 3 November",
        "Maths goes too fast.",
        "We looked at the timetable.",
        "Sit near the door",
        "Ask Ms Day for a slower pace",
        "Ask for help once in each maths lesson",
        "Warn before a change",
        "session 2 of 3 this half term",
        "Focus so far: student voice",
    ):
        assert words in page.content.decode(), words
    # student voice was had; without a plan the IEP is what this half term lacks
    assert page.context["form"]["focus"].value() == "iep"


def test_who_may_not_record(client, school, jayden):
    other_school = make_school("Other School", "999102")
    expected = {
        make_staff(school, "key_worker"): 403,  # knows of Jayden by name only
        make_staff(school, "slt"): 403,  # reads, does not record
        make_staff(school, "admin"): 403,
        make_staff(school, "teacher"): 403,
        make_staff(school, "senco"): 200,
        make_staff(other_school, "key_worker"): 404,
        make_staff(other_school, "senco"): 404,
    }
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(new_url(jayden)).status_code == status
        if status != 200:
            assert client.post(new_url(jayden), held()).status_code == status
    assert not KeyworkSession.objects.exists()


def test_signed_out_is_sent_to_sign_in(client, jayden):
    answer = client.get(new_url(jayden))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/account/login/")


def test_a_missed_session_needs_its_reason(signed_in, jayden):
    fields = held(happened="no", focus="", **{"target-1-text": ""})
    page = signed_in.post(new_url(jayden), fields)
    assert page.context["form"].errors["missed_reason"] == ["Say why it did not happen"]
    assert "There is 1 thing to fix" in page.content.decode()
    page = signed_in.post(new_url(jayden), fields | {"missed_reason": "declined", "version": "1"})
    record = KeyworkSession.objects.get()
    assert page.url == f"/sessions/{record.ref}/?read=1"
    assert (record.status, record.missed_reason) == ("missed", "declined")
    # what the form had filled in beforehand did not take place
    assert (record.minutes, record.venue, record.method, record.focus) == (None, "", "", "")


def test_reasons_say_which_move_the_due_date(signed_in, jayden):
    page = signed_in.get(new_url(jayden) + "?missed=1")
    assert page.context["form"]["happened"].value() == "no"
    labels = [label for _, label in page.context["form"].fields["missed_reason"].choices]
    moving = [label for label in labels if label.endswith("(moves the due date)")]
    assert [label.split(" (")[0] for label in moving] == [
        "Student absent",
        "Student declined",
        "Student suspended",
        "School closed",
    ]
    assert labels[4:] == ["Staff absent", "No time", "Another reason", "Drop-in time not used"]


def test_only_focus_and_a_target_stop_finish(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(focus="", **{"target-1-text": ""}))
    form = page.context["form"]
    assert form.errors["focus"] == ["Choose the focus"]
    assert form.targets[0].errors["text"] == ["Set one target, or say below why there is none"]
    assert "There are 2 things to fix" in page.content.decode()
    assert not KeyworkSession.objects.exists()
    bare = {"focus": "iep", "no_target_reason": "Sports day", "version": "1"}
    bare |= {"starts_at": "", "minutes": "", "venue": "", "method": ""}
    page = signed_in.post(new_url(jayden), held(**bare, **{"target-1-text": ""}))
    assert page.status_code == 302
    assert KeyworkSession.objects.get().no_target_reason == "Sports day"


def test_an_open_target_is_target_enough(signed_in, jayden):
    TargetFactory(student=jayden)
    page = signed_in.post(new_url(jayden), held(**{"target-1-text": ""}))
    assert page.status_code == 302


def test_a_validation_error_keeps_all_text(signed_in, jayden, priya):
    texts = {
        "pupil_voice": "I want to sit by the window.",
        "details": "We talked about seats.",
        "target-1-help": "Seat plan",
        "action-1-text": "Ask Ms Day",
        "action-1-who": "Gran",
    }
    page = signed_in.post(new_url(jayden), held(focus="", held_on="31/2/2026", **texts))
    text = page.content.decode()
    assert all(words in text for words in texts.values())
    assert "<title>Error: Session with Jayden Thorne" in text
    # and it is kept on the server, should the page be lost now
    assert Draft.objects.get(owner=priya).data["pupil_voice"] == ["I want to sit by the window."]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("held_on", "13/11/2026", "Choose today or an earlier day"),
        ("held_on", "soon", "Enter a date, like 12/11/2026"),
        ("starts_at", "late", "Enter a time, like 13:40"),
        ("minutes", "7", None),
        ("ref", "UPPERCASE!", None),
    ],
)
def test_what_cannot_be_read_is_refused(signed_in, jayden, field, value, message):
    page = signed_in.post(new_url(jayden), held(**{field: value}))
    assert page.status_code == 200
    errors = page.context["form"].errors[field]
    assert message is None or errors == [message]
    assert not KeyworkSession.objects.exists()


def test_a_longer_session_is_told_and_recorded_as_it_was(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(minutes="other", minutes_other="25", focus=""))
    assert page.context["form"].length_hint == (
        "Longer than the model’s 20 minutes. Write what was true."
    )
    page = signed_in.post(
        new_url(jayden), held(minutes="other", minutes_other="25", version="1"), follow=True
    )
    assert KeyworkSession.objects.get().minutes == 25
    assert "25 minutes (longer than the model’s 20 minutes)" in page.content.decode()


def test_other_minutes_need_a_number(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(minutes="other", minutes_other=""))
    errors = page.context["form"].errors
    assert errors["minutes_other"] == ["Enter the number of minutes, like 25"]


def test_targets_are_judged_first(signed_in, jayden, priya):
    reached, partly, not_yet, ended = (
        TargetFactory(student=jayden, text=text) for text in ("One", "Two", "Three", "Four")
    )
    judged = {
        f"judge-{reached.ref}-outcome": "achieved",
        f"judge-{reached.ref}-evidence": "5 of 5 lessons",
        f"judge-{partly.ref}-outcome": "partly",
        f"judge-{partly.ref}-carry_on": "on",
        f"judge-{partly.ref}-review_on": "3/12/2026",
        f"judge-{partly.ref}-reason": "Nearly there",
        f"judge-{not_yet.ref}-outcome": "not_yet",
        f"judge-{ended.ref}-outcome": "withdrawn",
        f"judge-{ended.ref}-reason": "The club closed",
    }
    signed_in.post(new_url(jayden), held(**judged))
    record = KeyworkSession.objects.get()
    status = dict(Target.objects.values_list("text", "status"))
    assert status["One"] == "achieved"
    assert status["Two"] == "active"
    assert status["Three"] == "not_achieved"
    assert status["Four"] == "withdrawn"
    partly.refresh_from_db()
    assert partly.review_on == date(2026, 12, 3)
    reviews = list(TargetReview.objects.values_list("target__text", "evidence", "reason"))
    assert reviews == [
        ("One", "5 of 5 lessons", ""),
        ("Two", "", "Nearly there"),
        ("Three", "", ""),
        ("Four", "", "The club closed"),
    ]
    assert set(TargetReview.objects.values_list("keywork_session", flat=True)) == {record.pk}


def test_carrying_on_takes_the_next_date_where_none_is_typed(signed_in, jayden):
    target = TargetFactory(student=jayden)
    judged = {f"judge-{target.ref}-outcome": "partly", f"judge-{target.ref}-carry_on": "on"}
    signed_in.post(new_url(jayden), held(**judged))
    target.refresh_from_db()
    assert target.review_on == date(2026, 11, 26)  # ten school days on


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"carry_on": "on"}, "outcome", "Say how it went, then carry on"),
        ({"outcome": "withdrawn"}, "reason", "Say why the target is withdrawn"),
        (
            {"outcome": "partly", "carry_on": "on", "review_on": "12/11/2026"},
            "review_on",
            "Choose a review date after the session",
        ),
    ],
)
def test_a_judgement_must_make_sense(signed_in, jayden, fields, field, message):
    target = TargetFactory(student=jayden)
    judged = {f"judge-{target.ref}-{name}": value for name, value in fields.items()}
    page = signed_in.post(new_url(jayden), held(**judged))
    assert page.context["form"].judgements[0].errors[field] == [message]
    assert message in page.content.decode()
    assert not TargetReview.objects.exists()


def test_three_targets_at_most_counting_those_still_open(signed_in, jayden):
    targets = [TargetFactory(student=jayden) for _ in range(3)]
    page = signed_in.post(new_url(jayden), held())
    message = "Three at most. Finish one first."
    assert page.context["form"].targets[0].errors["text"] == [message]
    assert Target.objects.count() == 3
    judged = {f"judge-{targets[0].ref}-outcome": "achieved"}
    page = signed_in.post(new_url(jayden), held(version="1", **judged))
    assert page.status_code == 302
    assert Target.objects.filter(status="active").count() == 3


def test_a_target_holds_what_was_typed(signed_in, jayden, priya):
    typed = {
        "target-1-goal_count": "4",
        "target-1-goal_unit": "5 lessons",
        "target-1-help": "Card on the desk",
        "target-1-area": "behaviour",
        "target-1-baseline": "1 of 5",
        "target-1-linked_outcome": "E2",
        "target-1-student_agreed": "on",
    }
    signed_in.post(new_url(jayden), held(**typed))
    target = Target.objects.get()
    assert (target.measure, target.goal_count, target.goal_unit) == (
        "4 of 5 lessons",
        4,
        "5 lessons",
    )
    assert (target.help, target.area, target.baseline) == (
        "Card on the desk",
        "behaviour",
        "1 of 5",
    )
    assert (target.linked_outcome, target.student_agreed) == ("E2", True)
    assert (target.set_by, target.status) == (priya, "active")


def test_a_target_with_a_help_but_no_text_asks_for_the_text(signed_in, jayden):
    fields = {"target-1-text": "", "target-1-help": "Card on the desk"}
    page = signed_in.post(new_url(jayden), held(**fields))
    assert page.context["form"].targets[0].errors["text"] == ["Say what the student will do"]


def test_a_new_target_is_reviewed_after_the_session(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(**{"target-1-review_on": "12/11/2026"}))
    errors = page.context["form"].targets[0].errors
    assert errors["review_on"] == ["Choose a review date after the session"]


def test_what_was_written_of_targets_moves_to_the_note_if_it_did_not_happen(signed_in, jayden):
    target = TargetFactory(student=jayden, text="Ask for help.")
    fields = held(
        happened="no",
        missed_reason="no_time",
        missed_note="Fire drill.",
        **{
            f"judge-{target.ref}-outcome": "partly",
            f"judge-{target.ref}-evidence": "2 of 5",
            "target-1-goal_count": "4",
            "target-1-goal_unit": "5 lessons",
            "target-1-review_on": "not a day",  # hidden with the rest, so in nobody's way
        },
    )
    page = signed_in.post(new_url(jayden), fields)
    form = page.context["form"]
    message = "What you wrote about targets stands here now: check it, then finish"
    assert form.errors == {"missed_note": [message]}
    note = (
        "Fire drill.\n\nA target not set: Show the card before leaving a lesson; 4; 5 lessons"
        "\n\nOn “Ask for help”: Partly. 2 of 5"
    )
    assert form["missed_note"].value() == note
    assert not KeyworkSession.objects.exists()
    fields = {name: value for name, value in fields.items() if name[:5] not in ("judge", "targe")}
    fields |= {"missed_note": note, "version": page.context["version"]}
    assert signed_in.post(new_url(jayden), fields).status_code == 302
    record = KeyworkSession.objects.get()
    assert (record.status, record.missed_note.replace("\r", "")) == ("missed", note)
    target.refresh_from_db()
    assert (target.status, Target.objects.count()) == ("active", 1)


def test_an_outcome_tapped_before_it_did_not_happen_stops_nobody(signed_in, jayden):
    target = TargetFactory(student=jayden)
    fields = held(happened="no", missed_reason="no_time", **{"target-1-text": ""})
    fields |= {f"judge-{target.ref}-outcome": "achieved"}
    page = signed_in.post(new_url(jayden), fields, follow=True).content.decode()
    assert "How targets went is left out: the session did not happen." in page
    assert KeyworkSession.objects.get().status == "missed"
    target.refresh_from_db()
    assert target.status == "active"
    assert not TargetReview.objects.exists()


def test_an_outcome_tapped_by_mistake_is_taken_back(signed_in, jayden):
    target = TargetFactory(student=jayden, set_on=date(2026, 11, 10))
    name = f"judge-{target.ref}-outcome"
    page = signed_in.get(new_url(jayden))
    choices = dict(page.context["form"].judgements[0].fields["outcome"].choices)
    assert choices[""] == "Not looked at"
    assert page.context["form"].judgements[0]["outcome"].value() is None
    day_before = held(held_on="9/11/2026", **{name: "achieved"})
    page = signed_in.post(new_url(jayden), day_before)
    assert "choose “Not looked at” for it" in page.content.decode()
    untapped = {**day_before, name: "", "version": page.context["version"]}
    assert signed_in.post(new_url(jayden), untapped).status_code == 302
    assert not TargetReview.objects.exists()


def test_a_second_target_without_javascript_keeps_everything(signed_in, jayden):
    fields = held(action="add-target", details="We talked about seats.", focus="")
    page = signed_in.post(new_url(jayden), fields)
    text = page.content.decode()
    assert 'name="target-2-text"' in text
    assert "We talked about seats." in text
    assert "thing to fix" not in text
    assert "things to fix" not in text
    page = signed_in.post(new_url(jayden), held(action="add-action", target_count="2"))
    assert [len(page.context["form"].targets), len(page.context["form"].actions)] == [2, 2]
    assert not KeyworkSession.objects.exists()


def test_no_more_boxes_than_the_model_allows(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(action="add-target", target_count="3"))
    assert "add-target" not in page.content.decode()
    page = signed_in.post(new_url(jayden), held(action="add-action", action_count="9"))
    assert len(page.context["form"].actions) == 9
    page = signed_in.post(new_url(jayden), held(action="add-action", action_count="999999"))
    assert len(page.context["form"].actions) == 2


def test_actions_go_to_me_to_staff_or_to_somebody_in_words(signed_in, jayden, school, priya):
    osei = make_staff(school, "teacher", first_name="Kwame", last_name="Osei")
    todo = {
        "action_count": "4",
        "action-1-text": "Tell his teachers",
        "action-1-who": "Me",
        "action-1-due_on": "fri",
        "action-2-text": "Move the seat",
        "action-2-who": "kwame osei",
        "action-3-text": "Bring the glasses",
        "action-3-who": "Gran",
        "action-4-who": "Me",
        "ask_senior": "on",
    }
    page = signed_in.post(new_url(jayden), held(**todo), follow=True).content.decode()
    told = "“Gran” has no sign-in here, or more than one is called so: written down, nobody is"
    assert told in page
    assert page.count("nobody is told") == 1
    made = set(SessionAction.objects.values_list("text", "owner", "owner_name", "due_on"))
    assert made == {
        ("Tell his teachers", priya.pk, "", date(2026, 11, 13)),
        ("Move the seat", osei.pk, "", None),
        ("Bring the glasses", None, "Gran", None),
        ("Ask senior staff for advice", priya.pk, "", None),
    }


@pytest.mark.parametrize(
    ("who", "owner"),
    [
        ("  KWAME   osei ", "Kwame"),
        ("kwame", "Kwame"),
        ("Kofi", "Kofi"),  # what he goes by
        ("Ann", None),  # two are called so
        ("Osei", None),
        ("Pat", None),  # she has left
    ],
)
def test_a_colleague_is_found_by_name_or_by_a_first_name_of_their_own(
    signed_in, jayden, school, who, owner
):
    make_staff(school, "teacher", first_name="Kwame", last_name="Osei")
    make_staff(school, "teacher", first_name="Emmanuel", known_as="Kofi", last_name="Mensah")
    make_staff(school, "teacher", first_name="Ann", last_name="Day")
    make_staff(school, "teacher", first_name="Ann", last_name="Night")
    make_staff(school, "teacher", first_name="Pat", last_name="Gone", is_active=False)
    todo = {"action-1-text": "Move the seat", "action-1-who": who}
    page = signed_in.post(new_url(jayden), held(**todo), follow=True).content.decode()
    made = SessionAction.objects.get()
    found = made.owner and made.owner.full_name.split()[0]
    assert found == owner
    assert made.owner_name == ("" if owner else who)
    assert (f"“{who}” has no sign-in here" in page) == (owner is None)


@pytest.fixture
def seniors(school):
    """The senior staff of the school, by role."""
    people = {
        "slt": make_staff(school, "slt", first_name="Lena", last_name="Head"),
        "senco": make_staff(school, "senco", first_name="Sam", last_name="Enco"),
    }
    make_staff(make_school("Other School", "999102"), "senco", first_name="Far", last_name="Away")
    return people


@pytest.mark.parametrize(("whom", "role"), [("", "senco"), ("Lena Head", "slt")])
def test_advice_is_asked_of_a_senior_colleague(signed_in, client, jayden, seniors, whom, role):
    page = signed_in.get(new_url(jayden))
    assert page.context["form"].seniors == ["Sam Enco", "Lena Head"]
    signed_in.post(new_url(jayden), held(ask_senior="on", ask_whom=whom))
    made = SessionAction.objects.get()
    assert (made.owner, made.text) == (seniors[role], "Give advice: Priya Raman asks for it")
    client.force_login(seniors[role])
    assert made.text in client.get(reverse("followups")).content.decode()


def test_somebody_who_is_no_senior_is_not_asked(signed_in, jayden, seniors):
    page = signed_in.post(new_url(jayden), held(ask_senior="on", ask_whom="Far Away"))
    assert page.context["form"].errors["ask_whom"] == ["Choose whom to ask"]
    assert not KeyworkSession.objects.exists()
    page = signed_in.post(new_url(jayden), held(ask_whom="Lena Head"))  # chosen, but not asked
    assert not SessionAction.objects.exists()


def test_the_only_senco_asks_nobody(client, jayden, school):
    senco = make_staff(school, "senco")
    client.force_login(senco)
    assert "ask_whom" not in client.get(new_url(jayden)).content.decode()
    client.post(new_url(jayden), held(ask_senior="on"))
    made = SessionAction.objects.get()
    assert (made.owner, made.text) == (senco, "Ask senior staff for advice")


def test_two_of_one_name_are_told_apart(signed_in, jayden, school):
    _, second = (
        make_staff(school, "teacher", username=name, first_name="Ann", last_name="Day")
        for name in ("aday", "aday2")
    )
    assert signed_in.get(new_url(jayden)).context["staff"][:2] == [
        "Ann Day (aday)",
        "Ann Day (aday2)",
    ]
    todo = {"action-1-text": "Move the seat", "action-1-who": "Ann Day (aday2)"}
    signed_in.post(new_url(jayden), held(**todo))
    assert SessionAction.objects.get().owner == second


def test_the_next_session_is_planned(signed_in, jayden, priya):
    page = signed_in.post(
        new_url(jayden), held(plan_next="on", next_on="26/11/2026", next_at="13:40"), follow=True
    )
    planned = KeyworkSession.objects.get(status="planned")
    assert (planned.held_on, planned.starts_at) == (date(2026, 11, 26), time(13, 40))
    assert (planned.minutes, planned.venue, planned.key_worker) == (20, "Library nook", priya)
    assert "Planned: Thursday 26 November, 13:40." in page.content.decode()


def test_a_next_session_on_a_closed_day_costs_nothing_but_itself(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(plan_next="on", next_on="28/11/2026"), follow=True)
    assert KeyworkSession.objects.get().status == "held"
    assert "The next session is not planned: Choose a school day" in page.content.decode()


def test_a_planned_session_ahead_is_shown_instead(signed_in, jayden):
    SessionFactory(
        student=jayden, status="planned", held_on=date(2026, 11, 20), starts_at=time(9, 5)
    )
    page = signed_in.get(new_url(jayden))
    assert "Next session: Friday 20 November, 09:05, planned." in page.content.decode()
    form = page.context["form"]
    assert form["plan_next"].value() is False
    assert form.targets[0]["review_on"].value() == date(2026, 11, 20)


def test_strategies_are_added_to_what_helps_once(signed_in, jayden):
    Strategy(student=jayden, text="Warn before a change", added_on=TODAY).save()
    agreed = "- Warn before a change\r\n- Sit near the door\r\n\r\n"
    signed_in.post(new_url(jayden), held(strategies_agreed=agreed, keep_strategies="on"))
    texts = list(Strategy.objects.values_list("text", flat=True))
    assert texts == ["Warn before a change", "Sit near the door"]


def test_the_tick_says_that_the_briefing_was_read(signed_in, jayden):
    signed_in.post(new_url(jayden), held(briefed="on"))
    assert KeyworkSession.objects.get().briefed_at == NOW


# A planned session


@pytest.fixture
def planned(jayden, priya):
    return SessionFactory(
        student=jayden,
        key_worker=priya,
        status="planned",
        held_on=TODAY,
        starts_at=time(13, 40),
        venue="Library nook",
        focus="student_voice",
    )


def test_a_planned_session_fills_the_form_and_becomes_the_record(signed_in, jayden, planned):
    url = reverse("sessions:edit", args=[planned.ref])
    page = signed_in.get(url)
    assert "planned for 12 November, 13:40, Library nook" in page.content.decode()
    form = page.context["form"]
    assert form["starts_at"].value() == time(13, 40)
    assert form["focus"].value() == "student_voice"
    signed_in.post(url, held(ref=form["ref"].value(), focus="student_voice"))
    record = KeyworkSession.objects.get()
    assert (record.pk, record.status, record.signed_at) == (planned.pk, "held", NOW)


def test_a_signed_session_is_not_logged_again(signed_in, planned):
    url = reverse("sessions:edit", args=[planned.ref])
    signed_in.post(url, held(ref=planned.ref, details="As it was."))
    assert signed_in.get(url).url == f"/sessions/{planned.ref}/"
    # the same form sent twice leads to the record, another text is kept and compared
    again = signed_in.post(url, held(ref=planned.ref, details="As it was."))
    assert again.url == f"/sessions/{planned.ref}/"
    other = signed_in.post(url, held(ref=planned.ref, details="Other.", version="1"))
    assert other.url == f"/drafts/session:{planned.ref}/compare/"
    assert KeyworkSession.objects.get().details == "As it was."
    assert "was finished or discarded" in signed_in.get(other.url).content.decode()


def test_somebody_else_logged_it_meanwhile(client, signed_in, planned, jayden, school):
    senco = make_staff(school, "senco")
    client.force_login(senco)
    url = reverse("sessions:edit", args=[planned.ref])
    client.post(url, held(ref=planned.ref, details="By the SENCo."))
    client.force_login(planned.key_worker)
    page = client.post(url, held(ref=planned.ref, details="By Priya."))
    assert "Somebody logged or cancelled this session meanwhile." in page.content.decode()
    assert "By Priya." in page.content.decode()
    assert KeyworkSession.objects.get().details == "By the SENCo."


def test_a_planned_session_out_of_sight_does_not_exist(client, school, planned):
    url = reverse("sessions:edit", args=[planned.ref])
    for person in (
        make_staff(school, "key_worker"),
        make_staff(make_school("B", "999103"), "senco"),
    ):
        client.force_login(person)
        assert client.get(url).status_code == 404
        assert client.post(url, held()).status_code == 404
    client.force_login(make_staff(school, "slt"))
    assert client.get(url).status_code == 403


def test_text_for_a_session_cancelled_meanwhile_goes_on(signed_in, jayden, planned, priya):
    planned.withdrawn_at, planned.withdrawn_by = NOW, priya
    planned.save()
    url = reverse("sessions:edit", args=[planned.ref])
    assert signed_in.get(url).status_code == 404  # nothing typed: it is gone
    answer = signed_in.post(url, held(ref=planned.ref, details="Typed in vain?"), follow=True)
    assert answer.redirect_chain == [(new_url(jayden), 302)]
    text = answer.content.decode()
    assert "That session was cancelled meanwhile. Your text is kept here." in text
    assert "Typed in vain?" in text
    fields = held(ref=answer.context["form"]["ref"].value(), version="1", details="Not in vain.")
    assert signed_in.post(new_url(jayden), fields).status_code == 302
    assert KeyworkSession.objects.get(status="held").details == "Not in vain."


def test_a_draft_for_a_session_that_another_signed_is_still_reached(
    signed_in, client, jayden, planned, school, priya
):
    url = reverse("sessions:edit", args=[planned.ref])
    signed_in.post(url, held(action="draft", details="Priya's half"))
    signed_in.post(new_url(jayden), held(action="draft", details="Another beginning"))
    client.force_login(make_staff(school, "senco"))
    client.post(url, held(ref=planned.ref, details="By the SENCo."))
    client.force_login(priya)
    answer = client.get(url)
    assert answer.url == f"/drafts/session:new:{jayden.ref}/compare/"
    page = client.get(answer.url).content.decode()
    assert "Priya&#x27;s half" in page
    assert "Another beginning" in page


def test_beyond_the_quota_the_number_stands_alone(signed_in, jayden):
    for day in (3, 4, 5):
        SessionFactory(student=jayden, held_on=date(2026, 11, day))
    assert "session 4 this half term" in signed_in.get(new_url(jayden)).content.decode()


# Sent twice, drafts


def test_a_form_sent_twice_makes_one_session(signed_in, jayden):
    fields = held(details="Once.", **{"action-1-text": "Tell Ms Day"})
    first = signed_in.post(new_url(jayden), fields)
    second = signed_in.post(new_url(jayden), fields)
    record = KeyworkSession.objects.get()
    assert first.url == f"/sessions/{record.ref}/?read=1"
    assert second.url == f"/sessions/{record.ref}/"
    assert (Target.objects.count(), SessionAction.objects.count()) == (1, 1)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "other",
    [
        {"target-1-text": "Ask for the card"},
        {"strategies_agreed": "Sit by the door"},
        {"action-1-text": "Ring home"},
        {"details": "", "pupil_voice": "I like maths."},
    ],
)
def test_another_tab_with_other_text_is_not_taken_for_the_same_form(signed_in, jayden, other):
    typed = held()
    signed_in.post(new_url(jayden), typed)

    second = signed_in.post(new_url(jayden), {**typed, **other}, follow=True)

    assert KeyworkSession.objects.count() == 1
    page = second.content.decode()
    assert "You signed that session already. Your other text is kept." in page
    for text in filter(None, other.values()):
        assert text in page
    assert second.context["form"]["ref"].value() != typed["ref"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"judge-{ref}-evidence": "4 of 5 lessons"}, "Say how it went, or clear what you wrote"),
        ({"judge-{ref}-reason": "He was ill"}, "Say how it went, or clear what you wrote"),
        ({"action-1-due_on": "20/11/2026"}, "Say what is to be done"),
        ({"action-1-who": "Ms Kaur"}, "Say what is to be done"),
    ],
)
def test_half_of_a_part_is_asked_for_its_other_half(signed_in, jayden, fields, message):
    target = TargetFactory(student=jayden)
    typed = {name.format(ref=target.ref): value for name, value in fields.items()}

    answer = signed_in.post(new_url(jayden), held(**typed))

    assert not KeyworkSession.objects.exists()
    page = answer.content.decode()
    assert message in page
    assert next(iter(typed.values())) in page


def test_save_and_leave_keeps_a_draft_that_the_form_opens_with(signed_in, jayden, priya):
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36"
    answer = signed_in.post(
        new_url(jayden),
        held(action="draft", details="Half a sent", focus="wellbeing"),
        headers={"user-agent": chrome},
    )
    assert answer.url == reverse("home")
    assert not KeyworkSession.objects.exists()
    page = signed_in.get(new_url(jayden))
    text = page.content.decode()
    assert "Draft saved 10:00 on Chrome on Windows" in text
    assert "Half a sent" in text
    assert page.context["form"]["focus"].value() == "wellbeing"
    assert 'name="version" value="1"' in text
    assert "thing to fix" not in text


def test_finishing_drops_the_draft(signed_in, jayden):
    signed_in.post(new_url(jayden), held(action="draft"))
    page = signed_in.get(new_url(jayden))
    fields = held(ref=page.context["form"]["ref"].value(), version="1", details="Whole.")
    assert signed_in.post(new_url(jayden), fields).status_code == 302
    assert not Draft.objects.exists()


def test_finishing_on_an_older_version_asks_to_compare(signed_in, jayden):
    signed_in.post(new_url(jayden), held(action="draft", details="On the phone."))
    answer = signed_in.post(new_url(jayden), held(details="In the other tab.", version="0"))
    assert answer.url == f"/drafts/session:new:{jayden.ref}/compare/"
    assert not KeyworkSession.objects.exists()
    page = signed_in.get(answer.url).content.decode()
    assert "On the phone." in page
    assert "In the other tab." in page


def test_saving_on_an_older_version_asks_to_compare(signed_in, jayden):
    signed_in.post(new_url(jayden), held(action="draft", details="On the phone."))
    answer = signed_in.post(new_url(jayden), held(action="draft", details="In the other tab."))
    assert answer.url == f"/drafts/session:new:{jayden.ref}/compare/"
    assert Draft.objects.count() == 2


def test_a_draft_left_over_from_a_signed_session_becomes_one_of_its_own(signed_in, jayden, priya):
    fields = held(details="Signed.")
    signed_in.post(new_url(jayden), fields)
    Draft.objects.create(
        owner=priya,
        key=f"session:new:{jayden.ref}",
        title="Session",
        url=new_url(jayden),
        data={"ref": [fields["ref"]], "details": ["More."]},
        updated_at=NOW,
    )
    page = signed_in.get(new_url(jayden))
    assert "More." in page.content.decode()
    assert page.context["form"]["ref"].value() != fields["ref"]


def test_nobody_else_gets_the_draft(client, signed_in, jayden, school):
    signed_in.post(new_url(jayden), held(action="draft", details="Priya's own words"))
    client.force_login(make_staff(school, "senco"))
    assert "own words" not in client.get(new_url(jayden)).content.decode().replace(
        "in Jayden’s own words", ""
    )


# Beside the fields


def test_language_reminders(signed_in, jayden):
    url = reverse("sessions:language", args=[jayden.ref])
    page = signed_in.post(url, {"details": "He is always naughty."}).content.decode()
    assert "“always”: say how often you saw it, and when" in page
    assert "“naughty”: say what you saw or heard instead of a label" in page
    assert signed_in.post(url, {"details": "He left at 10:05."}).content.decode().strip() == ""
    assert signed_in.get(url).status_code == 405


def test_language_reminders_stand_there_without_javascript_too(signed_in, jayden):
    page = signed_in.post(new_url(jayden), held(focus="", details="He never listens."))
    assert "“never”: say how often you saw it, and when" in page.content.decode()


def test_the_target_check(signed_in, jayden):
    url = reverse("sessions:target_check", args=[jayden.ref, 2])
    fields = {
        "target-2-text": "Show the card before leaving a lesson",
        "target-2-goal_count": "4",
        "target-2-goal_unit": "5 lessons",
        "target-2-review_on": "26/11/2026",
    }
    points = signed_in.post(url, fields).context["points"]
    assert [(point.name, point.ok) for point in points] == [
        ("Specific", True),
        ("Measurable", True),
        ("Achievable", False),
        ("Linked", False),
        ("Has a date", True),
    ]
    points = signed_in.post(url, fields | {"target-2-review_on": "no idea"}).context["points"]
    assert points[4].ok is False
    assert signed_in.post(url, {}).context["points"] == []


@pytest.mark.parametrize("name", ["language", "target_check"])
def test_the_helpers_are_guarded_as_the_form_is(client, school, jayden, name):
    url = reverse(f"sessions:{name}", args=[jayden.ref, *([1] if name == "target_check" else [])])
    for person, status in (
        (make_staff(school, "key_worker"), 403),
        (make_staff(school, "slt"), 403),
        (make_staff(make_school("B", "999103"), "key_worker"), 404),
    ):
        client.force_login(person)
        assert client.post(url, {}).status_code == status
