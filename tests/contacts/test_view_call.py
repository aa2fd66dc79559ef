"""Logging a contact with home: from the slip to the duty that it answers."""

from datetime import time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import AnsweredRecord, ContactLogEntry, FollowUp
from keywork.models import Draft
from tests import factories as make
from tests.factories import NOW, StudentFactory, TargetFactory, add_contact, log_contact, slip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def priya(school):
    return make.make_staff(school, "key_worker", first_name="Priya", last_name="Raman")


@pytest.fixture
def jay(school, priya):
    student = StudentFactory(
        school=school, legal_first_name="Jayden", legal_last_name="Thorne", reg_form="9B"
    )
    make.assign(student, priya)
    return student


@pytest.fixture
def mum(jay):
    return add_contact(jay)


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def url(student):
    return f"/students/{student.ref}/home/new/"


def posted(adult, **more):
    values = {
        "ref": "abcdefgh12",
        "adult": adult if isinstance(adult, str) else adult.ref,
        "channel": "phone",
        "outcome": "spoke",
        "day": "today",
        "at": "09:50",
        "note": "He stayed in every lesson.",
    }
    return values | more


def html(answer):
    return " ".join(answer.content.decode().split())


def test_a_call_answers_the_days_slip_and_the_week_and_can_be_undone(signed_in, jay, mum, priya):
    record = slip(jay, NOW - timedelta(hours=1))
    page = signed_in.get(url(jay), {"about": record.ref})
    assert page.context["form"]["about"].value() == [record.ref]

    values = posted(mum, about=[record.ref], good_news="Nine of ten targets met.")
    answer = signed_in.post(url(jay) + f"?about={record.ref}", values, follow=True)

    entry = ContactLogEntry.objects.get()
    assert (entry.adult, entry.made_by, entry.recorded_at) == (mum, priya, NOW)
    assert [each.record for each in entry.answers.all()] == [record]
    assert "Call saved. Home knows. Answered: today’s call home; this week’s call." in html(answer)
    assert answer.redirect_chain[-1][0] == "/today/"
    assert "Call home, Jayden Thorne</a>, spoke" in html(answer)
    assert entry.history.get().history_user == priya

    undo = next(each for each in answer.context["messages"]).extra_tags.split()[0]
    signed_in.post(undo)
    entry.refresh_from_db()
    assert entry.withdrawn_by == priya
    assert "Log call" in html(signed_in.get("/today/"))


def test_an_attempt_leaves_it_due_and_offers_four_oclock(signed_in, jay, mum):
    slip(jay, NOW - timedelta(hours=1))
    answer = signed_in.post(
        url(jay), posted(mum, outcome="voicemail", again="on", note=""), follow=True
    )
    assert "Voicemail saved. The call stays due. You try again at 16:00." in html(answer)
    assert "Voicemail 09:50 by Priya Raman; try again at 16:00." in html(answer)
    page = html(signed_in.get(url(jay)))
    assert (
        "Already today: Priya Raman 09:50 voicemail, to try again at 16:00. Not spoken yet."
        in (page)
    )


def test_a_letter_says_it_is_no_weekly_call(signed_in, jay, mum):
    answer = signed_in.post(url(jay), posted(mum, channel="letter", outcome=""), follow=True)
    assert "Letter saved. It does not count as this week’s call." in html(answer)
    assert ContactLogEntry.objects.get().outcome == "sent"


def test_sent_twice_is_one_call(signed_in, jay, mum):
    for _ in range(2):
        signed_in.post(url(jay), posted(mum))
    assert ContactLogEntry.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"outcome": "no_answer"},
        {"note": "He left one lesson."},
        {"at": "09:40"},
        {"they_rang": "on"},
        {"asked": "A quieter table", "asked_due": "16/11/2026"},
        "dad",
        "about",
    ],
)
def test_a_form_changed_after_going_back_is_another_call(signed_in, jay, mum, priya, changed):
    record = slip(jay, NOW - timedelta(hours=1))
    dad = add_contact(jay, "Gil", priority=2)
    more = {
        "dad": {"adult": dad.ref},
        "about": {"about": [record.ref]},
    }.get(changed if isinstance(changed, str) else "", changed)
    more = more | ({"asked_owner": priya.ref} if "asked" in more else {})
    signed_in.post(url(jay), posted(mum))
    answer = signed_in.post(url(jay), posted(mum) | more, follow=True)
    assert ContactLogEntry.objects.count() == 2
    assert "saved" in html(answer)


def test_a_call_with_all_it_may_say_sent_twice_is_one_call(signed_in, jay, mum, priya):
    record = slip(jay, NOW - timedelta(hours=1))
    values = posted(mum, about=[record.ref, "round_up"], good_news="Nine of ten", agreed="Ring")
    values |= {"asked": "A quieter table", "asked_owner": priya.ref, "asked_due": "16/11/2026"}
    signed_in.post(url(jay), values)
    again = signed_in.post(url(jay), values)
    entry = ContactLogEntry.objects.get()
    assert again.url == entry.get_absolute_url()
    assert FollowUp.objects.count() == 1


def test_a_draft_typed_on_in_another_tab_can_be_saved_too(signed_in, jay, mum):
    token = signed_in.get(url(jay)).context["draft_token"]
    signed_in.post(
        f"/drafts/call:{jay.ref}/", posted(mum, note="More", draft_token=token, version="0")
    )
    signed_in.post(url(jay), posted(mum, version="0"))
    assert Draft.objects.get().data["note"] == ["More"]
    signed_in.post(url(jay), posted(mum, note="More", version="1"))
    assert {each.summary for each in ContactLogEntry.objects.all()} == {
        "He stayed in every lesson.",
        "More",
    }
    assert not Draft.objects.exists()


@pytest.mark.parametrize("by", ["a colleague", "oneself"])
def test_a_ref_that_is_taken_is_not_used(signed_in, jay, mum, school, priya, by):
    other = StudentFactory(school=school)
    maker = priya if by == "oneself" else make.make_staff(school, "key_worker")
    theirs = log_contact(other, NOW - timedelta(hours=2), made_by=maker)
    answer = signed_in.post(url(jay), posted(mum, ref=theirs.ref))
    assert answer.status_code == 302
    assert ContactLogEntry.objects.get(student=jay).ref != theirs.ref


def test_who_must_not_be_contacted_is_not_offered_and_refused(signed_in, jay, mum):
    dad = add_contact(
        jay, "Gil", priority=2, do_not_contact=True, do_not_contact_reason="Asked not to be rung"
    )
    page = html(signed_in.get(url(jay)))
    assert f'value="{dad.ref}"' not in page
    assert "Must not contact: Ms Gil Thorne.</strong> Asked not to be rung" in page

    answer = signed_in.post(url(jay), posted(dad))
    assert "Ms Gil Thorne must not be contacted. Asked not to be rung" in html(answer)
    assert not ContactLogEntry.objects.exists()

    other = add_contact(StudentFactory(school=jay.school), "Someone", "Elses")
    assert "Choose from the list" in html(signed_in.post(url(jay), posted(other)))


def test_the_service_refuses_them_whatever_a_form_showed(jay, mum, priya):
    from contacts.errors import ContactsError
    from contacts.services.calls import NewCall, log_call

    mum.court_order, mum.court_order_forbids = "non_molestation", True
    mum.save()
    values = {"made_at": NOW, "channel": "phone", "outcome": "spoke"}
    with pytest.raises(ContactsError, match="A court order forbids it: non-molestation"):
        log_call(
            student=jay,
            call=NewCall(values=values, adult=mum),
            ref="abcdefgh12",
            by=priya,
            now=NOW,
        )


def test_another_students_name_blocks_until_it_is_none(signed_in, jay, mum, school):
    StudentFactory(school=school, legal_first_name="Femi", legal_last_name="Ade")
    values = posted(mum, note="He sat with Femi. Mum Dawn was pleased.")
    answer = html(signed_in.post(url(jay), values))
    assert "“Femi”: a student here? Take it out" in answer
    assert "“Dawn”" not in answer
    assert "He sat with Femi." in answer
    assert not ContactLogEntry.objects.exists()

    values |= {"not_students": ["Femi"], "home_view": "What about Ade?"}
    assert "“Ade”: a student here?" in html(signed_in.post(url(jay), values))
    signed_in.post(url(jay), values | {"not_students": ["Femi", "Ade"]})
    assert ContactLogEntry.objects.count() == 1


def test_what_home_asks_for_becomes_a_follow_up(signed_in, jay, mum, priya):
    values = posted(
        mum,
        asked="Can he eat in the library?",
        asked_owner=priya.ref,
        asked_due="fri",
        student_asked="",
    )
    signed_in.post(url(jay), values)
    follow_up = FollowUp.objects.get()
    entry = ContactLogEntry.objects.get()
    assert (follow_up.raised_by, follow_up.raiser_name) == ("parent", "Ms Dawn Thorne")
    assert (follow_up.owner, str(follow_up.due_on)) == (priya, "2026-11-13")
    assert (follow_up.source_kind, follow_up.source_ref) == ("contact", entry.ref)
    assert "Can he eat in the library?" in html(signed_in.get("/followups/"))
    assert "Can he eat in the library?" in html(signed_in.get(entry.get_absolute_url()))


def test_a_second_person_is_told_who_spoke_already(client, jay, mum, school):
    record = slip(jay, NOW - timedelta(hours=2))
    osei = make.make_staff(school, "senco", first_name="Kofi", last_name="Osei")
    entry = log_contact(jay, NOW - timedelta(hours=1), made_by=osei, adult=mum)
    client.force_login(make.make_staff(school, "senco"))

    page = html(client.get(url(jay), {"about": record.ref}))
    assert "Already today: Kofi Osei 09:00 spoke" in page
    assert "Was it about this: Left the room on 12/11/2026?" in page
    client.post(
        f"/contacts/{entry.ref}/about/", {"record": record.ref, "next": url(jay)}, follow=True
    )
    again = client.post(f"/contacts/{entry.ref}/about/", {"record": record.ref, "next": "foo"})
    assert again["Location"] == entry.get_absolute_url()
    assert AnsweredRecord.objects.get().record == record
    page = html(client.get(url(jay)))
    assert "Kofi Osei already spoke to Ms Dawn Thorne about this, 12 Nov 09:00" in page
    assert "Was it about this" not in page


def test_one_talk_about_several_slips_is_said_once(signed_in, jay, mum, priya):
    slips = [
        slip(jay, NOW - timedelta(hours=hour), "low", category=category)
        for hour, category in ((3, "Uniform"), (2, "Rudeness"), (1, "Uniform"))
    ]
    log_contact(jay, NOW, made_by=priya, adult=mum, about=slips)
    page = html(signed_in.get(url(jay)))
    words = "already spoke to Ms Dawn Thorne about this, 12 Nov 10:00: Uniform, Rudeness"
    assert page.count(words) == 1
    assert page.count("banner-warning") == 1


def test_what_a_talk_of_its_day_answered_is_not_ticked_again(signed_in, jay, mum):
    answered = slip(jay, NOW - timedelta(days=1, hours=1))
    log_contact(jay, NOW - timedelta(days=1))  # names no slip, yet answers it
    assert signed_in.get(url(jay)).context["form"]["about"].value() == ["round_up"]
    waits = slip(jay, NOW - timedelta(hours=1))
    assert signed_in.get(url(jay)).context["form"]["about"].value() == [waits.ref]
    from_slip = signed_in.get(url(jay), {"about": answered.ref})
    assert set(from_slip.context["form"]["about"].value()) == {answered.ref, waits.ref}


def test_the_card_has_what_waits_since_last_week_and_no_forbidden_adults_language(
    signed_in, jay, mum
):
    slip(jay, NOW - timedelta(days=6), description="Left the hall.")
    slip(jay, NOW - timedelta(days=6), "reward", description="Held the door.", points=4)
    make.add_contact(
        jay, "Don", language="Welsh", do_not_contact=True, do_not_contact_reason="He knows why"
    )
    make.add_contact(jay, "Nan", language="Polish", priority=2)
    found = signed_in.get(url(jay))
    card = found.context["card"]
    assert [line.text for line in card.slips] == ["Left the hall."]
    assert (card.rewards, card.points) == ([], 0)
    assert found.context["languages"] == ["Ms Nan Thorne: Polish"]
    assert "Not checked this term: Ms Dawn Thorne, Ms Nan Thorne." in html(found)


def test_the_card_has_good_news_first_and_nobody_elses_name(signed_in, jay, mum, school):
    StudentFactory(school=school, legal_first_name="Femi", legal_last_name="Ade")
    slip(jay, NOW - timedelta(hours=1), description="Pushed Femi Ade at the door.")
    slip(jay, NOW, "reward", category="Kind act", points=3)
    TargetFactory(student=jay, text="Show the card")
    page = html(signed_in.get(url(jay)))
    assert "Pushed FA at the door." in page
    assert "Femi" not in page
    assert page.index("Kind act") < page.index("Show the card") < page.index("Pushed FA")
    assert "3 points this week." in page


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"outcome": ""}, "Say whether you spoke"),
        ({"adult": ""}, "Say who it was"),
        ({"at": "25:00"}, "Enter a time, like 15:20"),
        ({"at": "15:00"}, "This lies ahead: give the time when it happened"),
        ({"asked": "A badge", "asked_owner": "", "asked_due": "fri"}, "Choose who sees to it"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_lost(signed_in, jay, mum, changed, error):
    answer = html(signed_in.post(url(jay), posted(mum) | changed))
    assert error in answer
    assert "He stayed in every lesson." in answer
    assert not ContactLogEntry.objects.exists()


def test_language_is_pointed_out_and_never_blocks(signed_in, jay, mum):
    words = "He is always rude."
    hints = html(signed_in.post(f"/students/{jay.ref}/home/language/", {"summary": words}))
    assert "“always”: say how often you saw it" in hints
    signed_in.post(url(jay), posted(mum, note=words))
    assert ContactLogEntry.objects.get().summary == words


def test_a_draft_is_kept_and_dropped_once_saved(signed_in, jay, mum, priya):
    page = signed_in.get(url(jay))
    token = page.context["draft_token"]
    values = posted(mum, draft_token=token, version="0", action="draft", note="Half a")
    signed_in.post(url(jay), values)
    assert Draft.objects.get().title == "Contact with the home of Jayden Thorne"
    assert "Half a" in html(signed_in.get(url(jay)))
    signed_in.post(url(jay), posted(mum, version="0"))
    assert Draft.objects.exists(), "typed in another tab after this form was opened"
    signed_in.post(url(jay), posted(mum, version="1", ref="abcdefgh13"))
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("roles", "status"),
    [(("senco",), 200), (("key_worker",), 403), (("teacher",), 403), (("admin",), 403)],
)
def test_who_may_log_calls(client, jay, school, roles, status):
    client.force_login(make.make_staff(school, *roles))
    assert client.get(url(jay)).status_code == status
    assert client.post(url(jay), {}).status_code == status


def test_another_schools_student_is_not_there(client, jay):
    elsewhere = make.make_school("Elsewhere School", "999102")
    client.force_login(make.make_staff(elsewhere, "senco"))
    assert client.get(url(jay)).status_code == 404


def test_at_most_fifteen_queries_for_one_slip_or_three(signed_in, jay, mum, school, priya):
    counted = []
    signed_in.get(url(jay))
    for number in range(3):
        record = slip(jay, NOW - timedelta(hours=number), description="Shouted.")
        log_contact(jay, NOW - timedelta(hours=1), about=[record], made_by=priya, adult=mum)
        log_contact(jay, NOW - timedelta(minutes=5), outcome="voicemail", made_by=priya)
        TargetFactory(student=jay)
        with CaptureQueriesContext(connection) as queries:
            assert signed_in.get(url(jay)).status_code == 200
        counted.append(len(queries))
    assert counted == [15, 15, 15], [each["sql"][:120] for each in queries]


def test_the_hours_for_calls_are_said_and_stop_nobody(signed_in, jay, mum, school, priya):
    assert "Calls home are made" not in html(signed_in.get(url(jay)))
    school.calls_from, school.calls_until = time(15, 15), time(17)
    school.save()
    said = "Calls home are made between 15:15 and 17:00."
    outside = f"{said} It is outside that now."  # it is ten o'clock
    assert outside in html(signed_in.get(url(jay)))
    assert signed_in.post(url(jay), posted(mum)).status_code == 302
    with time_machine.travel(NOW.replace(hour=15, minute=15), tick=False):
        signed_in.force_login(priya)
        page = html(signed_in.get(url(jay)))
    assert said in page
    assert "outside that now" not in page
