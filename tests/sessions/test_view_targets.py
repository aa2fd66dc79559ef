import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import Target, TargetEvidence, TargetReview
from sessions.services.targets import add_evidence, review_target
from tests import factories as make
from tests.sessions.fold import READING, asks_to_sign_in, make_fold, queries_of, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def page(fold):
    return reverse("sessions:targets", args=[fold.student.ref])


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def words(response):
    """The text of the main part, tags and spare space left out."""
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_who_reads_a_students_targets(client, fold, page):
    assert statuses(client, fold, page) == READING
    assert asks_to_sign_in(client, page)


def test_a_missing_student_is_the_same_as_one_out_of_sight(signed_in, fold):
    missing = signed_in.get(reverse("sessions:targets", args=["0000000000"]))
    foreign = signed_in.get(reverse("sessions:targets", args=[fold.foreign.ref]))

    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert words(missing) == words(foreign)


def test_open_targets_come_with_progress_and_how_late_their_review_is(signed_in, fold, page):
    late = make.TargetFactory(
        student=fold.student, text="In by 08:45", goal_count=4, review_on=date(2026, 11, 9)
    )
    make.TargetFactory(student=fold.student, text="Ask for help", review_on=make.TODAY)
    make.TargetFactory(student=fold.student, text="Read daily", review_on=date(2026, 11, 17))
    make.TargetFactory(student=fold.foreign, text="Not this one")
    for _ in range(2):
        add_evidence(target=late, on=make.TODAY, by=fold.key_worker)

    response = signed_in.get(page)
    text = words(response)

    assert [card.target.text for card in response.context["cards"]] == [
        "In by 08:45",
        "Ask for help",
        "Read daily",
    ]
    assert [card.chip for card in response.context["cards"]] == [
        "Review is 3 days late",
        "Review today",
        "Review Tue 17 Nov",
    ]
    assert "2 of 4" in text
    assert "Not this one" not in text
    assert "3 of 3 at most Three at most. Finish one first." in text
    assert "Add target" not in text
    assert text.count("Achieved") == 2  # outcome buttons of the two that are due


def test_a_review_date_on_a_closed_day_is_to_be_kept_on_the_school_day_before(
    signed_in, fold, page
):
    # Saturday 14 November: by Friday 13.
    make.TargetFactory(student=fold.student, review_on=date(2026, 11, 14))

    assert [card.chip for card in signed_in.get(page).context["cards"]] == ["Review Fri 13 Nov"]


def test_a_reader_gets_no_buttons(client, fold, page):
    make.TargetFactory(student=fold.student, review_on=date(2026, 11, 9))
    client.force_login(fold.moderator)

    text = words(client.get(page))

    assert "days late" in text
    assert not re.search("Achieved|1 evidence|Add target", text)


def test_past_targets_are_filtered_by_outcome_and_show_their_evidence(signed_in, fold, page):
    held = make.SessionFactory(student=fold.student)
    won = make.TargetFactory(student=fold.student, text="Won", keywork_session=held)
    review_target(
        target=won, outcome="achieved", evidence="Seen by all", on=make.TODAY, by=fold.key_worker
    )
    make.TargetFactory(
        student=fold.student, text="Half", status="partly", closed_on=date(2026, 11, 10)
    )

    everything = words(signed_in.get(page))
    achieved = words(signed_in.get(page, {"outcome": "achieved"}))
    nonsense = words(signed_in.get(page, {"outcome": "x' OR 1=1"}))

    assert "All 2 Achieved 1 Partly 1" in everything
    assert "Won" in everything
    assert "Half" in everything
    assert "Half" not in achieved
    assert "Won Seen by all Priya Raman, 12 Nov Set 3 Nov 2026 in the session" in achieved
    assert "Half" in nonsense


def test_past_targets_are_paged(signed_in, fold, page):
    for number in range(21):
        make.TargetFactory(
            student=fold.student,
            text=f"Number {number:02}",
            status="achieved",
            closed_on=date(2026, 10, 1) + timedelta(days=number),
        )

    first, second = (words(signed_in.get(page, {"page": number})) for number in (1, 2))

    assert "Number 20" in first
    assert "Number 00" not in first
    assert "Number 00" in second
    assert "Page 2 of 2, 21 in all" in second


def test_a_student_without_targets_is_sent_to_a_session(signed_in, page):
    text = words(signed_in.get(page))

    assert "Set the first target in a session." in text
    assert "No target is finished yet." in text


def test_the_chart_says_its_finding_and_its_numbers_and_passes_the_content_policy(
    signed_in, fold, page
):
    for status, day in [
        ("achieved", date(2026, 10, 5)),
        ("partly", date(2026, 10, 6)),
        ("withdrawn", date(2026, 10, 7)),
        ("achieved", date(2026, 11, 5)),
    ]:
        make.TargetFactory(
            student=fold.student, set_on=date(2026, 9, 10), status=status, closed_on=day
        )

    response = signed_in.get(page)
    chart = response.context["chart"]

    assert chart.sentence == "Since Autumn 1 2026, 2 of 3 finished targets were achieved"
    assert chart.head == ["By the end of", "Achieved", "Finished"]
    assert chart.rows == [["Autumn 1 2026", "1", "2"], ["Autumn 2 2026", "2", "3"]]
    assert not re.search(r"<style|<script|style=|<desc|pygal.org", chart.svg)
    assert f'role="img" aria-label="{chart.sentence}"' in response.content.decode()


def test_the_page_takes_as_many_queries_for_one_target_as_for_three(
    signed_in, fold, page, django_assert_max_num_queries
):
    def add(number):
        for _ in range(number):
            target = make.TargetFactory(student=fold.student, goal_count=4)
            add_evidence(target=target, on=make.TODAY, by=fold.key_worker)
            past = make.TargetFactory(
                student=fold.student, keywork_session=make.SessionFactory(student=fold.student)
            )
            review_target(
                target=past, outcome="partly", evidence="x", on=make.TODAY, by=fold.key_worker
            )

    add(1)
    one = queries_of(signed_in, page, django_assert_max_num_queries)
    add(2)

    assert queries_of(signed_in, page, django_assert_max_num_queries) == one
    assert one <= 15


# A new target

NEW = {
    "text": "Show the card before leaving a lesson",
    "measure": "4 of 5 lessons",
    "goal_count": "4",
    "goal_unit": "5 lessons",
    "baseline": "1 of 5 lessons",
    "help": "A card in the pencil case",
    "area": "behaviour",
    "linked_outcome": "E2",
    "review_on": "26/11/26",
    "student_agreed": "yes",
}


def test_who_sets_a_target(client, fold):
    url = reverse("sessions:new_target", args=[fold.student.ref])

    assert statuses(client, fold, url) == {**READING, "moderator": 403}
    assert asks_to_sign_in(client, url)


def test_a_target_is_set(signed_in, fold, page):
    url = reverse("sessions:new_target", args=[fold.student.ref])

    response = signed_in.post(url, NEW, follow=True)

    target = Target.objects.get()
    assert response.redirect_chain == [(page, 302)]
    assert "Target set. Next look: Thursday 26 November 2026." in words(response)
    assert (target.student, target.review_on, target.goal_count) == (
        fold.student,
        date(2026, 11, 26),
        4,
    )
    assert (target.set_on, target.set_by, target.student_agreed) == (
        make.TODAY,
        fold.key_worker,
        True,
    )


def test_a_target_sent_twice_is_set_once(signed_in, fold, page):
    url = reverse("sessions:new_target", args=[fold.student.ref])
    shown = signed_in.get(url)
    ref = shown.context["form"]["ref"].value()
    assert f'name="ref" value="{ref}"' in shown.content.decode()
    # The check between does not make it another form.
    checked = signed_in.post(url, {**NEW, "ref": ref, "check": "1"})
    assert checked.context["form"]["ref"].value() == ref
    for _ in range(2):
        assert signed_in.post(url, {**NEW, "ref": ref}).url == page
    assert [target.ref for target in Target.objects.all()] == [ref]


def test_the_form_suggests_ten_school_days_ahead(signed_in, fold):
    response = signed_in.get(reverse("sessions:new_target", args=[fold.student.ref]))

    assert response.context["form"]["review_on"].value() == date(2026, 11, 26)


def test_errors_are_listed_and_nothing_typed_is_lost(signed_in, fold):
    url = reverse("sessions:new_target", args=[fold.student.ref])

    response = signed_in.post(url, {**NEW, "measure": "", "review_on": "12/11/26"})

    text = words(response)
    assert "There are 2 things to fix" in text
    assert "Say how we will know, like 4 of 5 lessons" in text
    assert "Choose a review date after today" in text
    assert "<title>Error:" in response.content.decode()
    assert "A card in the pencil case" in response.content.decode()
    assert not Target.objects.exists()


def test_the_check_hints_and_sets_nothing(signed_in, fold):
    url = reverse("sessions:new_target", args=[fold.student.ref])

    response = signed_in.post(url, {**NEW, "text": "Behave", "check": "1"})

    assert [(point.name, point.ok) for point in response.context["points"]] == [
        ("Specific", False),
        ("Measurable", True),
        ("Achievable", True),
        ("Linked", True),
        ("Has a date", True),
    ]
    assert 'value="Behave"' in response.content.decode()
    assert not Target.objects.exists()


def test_a_fourth_target_is_refused_with_the_text_kept(signed_in, fold):
    for _ in range(3):
        make.TargetFactory(student=fold.student)

    response = signed_in.post(reverse("sessions:new_target", args=[fold.student.ref]), NEW)

    assert "Three at most. Finish one first." in words(response)
    assert Target.objects.count() == 3


# One target


def test_who_reads_one_target(client, fold):
    target = make.TargetFactory(student=fold.student)

    # A target of somebody known by name only is out of sight altogether.
    assert statuses(client, fold, target.get_absolute_url()) == {**READING, "colleague": 404}
    assert asks_to_sign_in(client, target.get_absolute_url())


def test_a_target_shows_all_that_was_written_and_judged(signed_in, fold):
    target = make.TargetFactory(student=fold.student, help="A card", goal_count=4)
    add_evidence(target=target, on=make.TODAY, by=fold.key_worker, text="In art")
    review_target(
        target=target,
        outcome="not_yet",
        evidence="Tally",
        on=make.TODAY,
        by=fold.key_worker,
        extended_to=date(2026, 11, 30),
        reason="Two weeks were off",
    )

    text = words(signed_in.get(target.get_absolute_url()))

    assert "Carried on to Monday 30 November 2026: Two weeks were off" in text
    assert "Thu 12 Nov 2026: +1, In art Priya Raman" in text
    assert "1 of 4" in text
    assert "A card" in text


def test_one_target_takes_as_many_queries_however_much_was_noted(
    signed_in, fold, django_assert_max_num_queries
):
    target = make.TargetFactory(student=fold.student)

    def note(number):
        for day in range(1, number + 1):
            add_evidence(target=target, on=make.TODAY, by=make.UserFactory())
            review_target(
                target=target,
                outcome="partly",
                evidence="x",
                on=make.TODAY,
                by=make.UserFactory(),
                extended_to=make.TODAY + timedelta(days=day),
                reason="x",
            )

    note(1)
    one = queries_of(signed_in, target.get_absolute_url(), django_assert_max_num_queries)
    note(2)

    assert one == queries_of(signed_in, target.get_absolute_url(), django_assert_max_num_queries)
    assert one <= 15


# Its outcome


@pytest.fixture
def target(fold):
    return make.TargetFactory(student=fold.student, text="Show the card", goal_count=4)


@pytest.fixture
def outcome_page(target):
    return reverse("sessions:target_outcome", args=[target.ref])


def test_who_judges_a_target(client, fold, outcome_page):
    assert statuses(client, fold, outcome_page) == {
        **READING,
        "moderator": 403,
        "colleague": 404,
    }
    assert asks_to_sign_in(client, outcome_page)


def test_the_button_pressed_is_chosen_already(signed_in, outcome_page):
    achieved = signed_in.get(outcome_page, {"outcome": "achieved"}).context["form"]
    not_yet = signed_in.get(outcome_page, {"outcome": "not_yet"}).context["form"]
    nonsense = signed_in.get(outcome_page, {"outcome": "x"}).context["form"]

    assert achieved.initial == {"outcome": "achieved", "then": "close"}
    assert not_yet.initial == {
        "outcome": "not_yet",
        "then": "carry_on",
        "extended_to": date(2026, 11, 26),
    }
    assert nonsense.initial == {}


def test_an_achieved_target_is_closed_and_can_be_undone(signed_in, fold, target, outcome_page):
    response = signed_in.post(
        outcome_page, {"outcome": "achieved", "evidence": "Seen"}, follow=True
    )

    target.refresh_from_db()
    assert target.status == "achieved"
    assert "Target closed: achieved. Undo" in words(response)
    undo = re.search(r'action="(/undo/[^"]+)"', response.content.decode())[1]

    undone = signed_in.post(undo, HTTP_REFERER="http://testserver/followups/")

    target.refresh_from_db()
    assert undone["Location"] == "http://testserver/followups/"
    assert (target.status, target.closed_on) == ("active", None)
    assert TargetReview.objects.standing().count() == 0


def test_a_target_carries_on_with_a_date_and_a_reason(signed_in, target, outcome_page):
    response = signed_in.post(
        outcome_page,
        {
            "outcome": "partly",
            "evidence": "2 of 5",
            "then": "carry_on",
            "extended_to": "thu",
            "reason": "Off for a week",
        },
        follow=True,
    )

    # "thu" on a Thursday is that day: refused below; so ask for the one after.
    assert "Choose a date after the day of the review" in words(response)
    response = signed_in.post(
        outcome_page,
        {
            "outcome": "partly",
            "evidence": "2 of 5",
            "then": "carry_on",
            "extended_to": "19 nov",
            "reason": "Off for a week",
        },
        follow=True,
    )

    target.refresh_from_db()
    assert (target.status, target.review_on) == ("active", date(2026, 11, 19))
    assert "Partly. The target carries on. Next look: Thursday 19 November 2026." in words(
        response
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Choose how it went"),
        ({"outcome": "not_yet"}, "Choose whether it carries on or is closed"),
        (
            {"outcome": "not_yet", "then": "carry_on"},
            "Enter a new review date, like 24/11/2026",
        ),
        (
            {"outcome": "partly", "then": "carry_on", "extended_to": "1/12/26"},
            "Say why it carries on",
        ),
        ({"outcome": "withdrawn"}, "Say why the target is withdrawn"),
        ({"outcome": "lost"}, "Select a valid choice"),
    ],
)
def test_a_review_that_does_not_fit_says_what_to_do(
    signed_in, target, outcome_page, typed, message
):
    response = signed_in.post(outcome_page, {"evidence": "Tally of Ms Kaur", **typed})

    assert message in words(response)
    assert "Tally of Ms Kaur" in response.content.decode()
    target.refresh_from_db()
    assert target.status == "active"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"outcome": "partly", "then": "close"}, "partly"),
        ({"outcome": "not_yet", "then": "close"}, "not_achieved"),
        ({"outcome": "achieved", "then": "carry_on"}, "achieved"),
        ({"outcome": "withdrawn", "then": "carry_on", "reason": "Moved"}, "withdrawn"),
    ],
)
def test_a_date_left_from_another_answer_is_no_hindrance(
    signed_in, target, outcome_page, typed, status
):
    signed_in.post(outcome_page, {**typed, "extended_to": "1/12/26"})

    target.refresh_from_db()
    assert (target.status, TargetReview.objects.get().extended_to) == (status, None)


def test_a_finished_target_cannot_be_judged_again(signed_in, target, outcome_page):
    signed_in.post(outcome_page, {"outcome": "achieved"})

    response = signed_in.post(outcome_page, {"outcome": "partly", "then": "close"})

    assert "This target is finished already" in words(response)
    assert TargetReview.objects.count() == 1


# Evidence


def test_who_counts_evidence(client, fold, target):
    url = reverse("sessions:target_evidence", args=[target.ref])

    found = statuses(client, fold, url, "post")

    assert found == {
        **READING,
        "key_worker": 302,
        "senco": 302,
        "moderator": 403,
        "colleague": 404,
    }
    assert TargetEvidence.objects.count() == 2
    assert asks_to_sign_in(client, url)


def test_one_tap_counts_one_and_can_be_undone(signed_in, target, page):
    url = reverse("sessions:target_evidence", args=[target.ref])
    signed_in.post(url)

    response = signed_in.post(url, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert "Counted: 2 of 4. Undo" in words(response)
    undo = re.search(r'action="(/undo/[^"]+)"', response.content.decode())[1]
    assert "Undone. Not counted." in words(signed_in.post(undo, follow=True))
    assert Target.objects.with_progress().get().progress == 1


def test_evidence_is_only_posted(signed_in, target):
    assert signed_in.get(reverse("sessions:target_evidence", args=[target.ref])).status_code == 405


def test_a_finished_target_is_not_counted(signed_in, target):
    target.status, target.closed_on = "achieved", make.TODAY
    target.save()

    response = signed_in.post(reverse("sessions:target_evidence", args=[target.ref]), follow=True)

    assert "This target is finished" in words(response)
    assert not TargetEvidence.objects.exists()
