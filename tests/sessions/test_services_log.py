"""Logging, amending and grouping sessions: what the services write, and what they refuse."""

from datetime import date, time, timedelta

import pytest

from keywork.drafts import DraftConflictError
from keywork.models import Draft
from keywork.refs import new_ref
from sessions.models import Amendment, KeyworkSession, SessionAction, SessionGroup, Target
from sessions.next_due import next_due_words
from sessions.services.amend import AmendmentError, amend_session
from sessions.services.groups import GroupValues, next_of_group, start_group
from sessions.services.log import (
    AlreadyLoggedError,
    Judgement,
    NewAction,
    NextSession,
    SessionLog,
    SessionValues,
    TypedForm,
    log_session,
)
from sessions.services.targets import TargetLimitError, TargetValues
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


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker")


@pytest.fixture
def student(school, priya):
    student = StudentFactory(school=school)
    assign(student, priya)
    return student


def values(**more):
    return SessionValues(**{"status": "held", "held_on": TODAY, "focus": "iep", **more})


def log(student, by, ref=None, typed=None, **parts):
    parts.setdefault("values", values())
    return log_session(
        student=student,
        log=SessionLog(**parts),
        ref=ref or new_ref(),
        by=by,
        now=NOW,
        typed=typed,
    )


def target_values(text="Show the card before leaving"):
    return TargetValues(text=text, review_on=date(2026, 11, 26))


def test_the_record_is_signed_and_its_history_says_so(student, priya):
    logged = log(student, priya, values=values(minutes=25, details="Seats.", themes=["coping"]))
    record = KeyworkSession.objects.get()
    assert logged.keywork_session == record
    assert (record.signed_by, record.signed_at, record.key_worker) == (priya, NOW, priya)
    assert (record.minutes, record.details, record.themes) == (25, "Seats.", ["coping"])
    first = record.history.get()
    assert (first.history_user, first.history_change_reason) == (priya, "Signed")


def test_targets_count_from_the_day_of_the_session(student, priya):
    old = TargetFactory(student=student)
    day = date(2026, 11, 10)
    log(
        student,
        priya,
        values=values(held_on=day),
        judgements=(Judgement(target=old, outcome="achieved", evidence="5 of 5"),),
        targets=(target_values(),),
    )
    old.refresh_from_db()
    assert (old.status, old.closed_on) == ("achieved", day)
    assert Target.objects.get(status="active").set_on == day


def test_too_many_targets_undo_the_whole_log(student, priya):
    for _ in range(3):
        TargetFactory(student=student)
    with pytest.raises(TargetLimitError, match="Three at most"):
        log(student, priya, targets=(target_values(),))
    assert not KeyworkSession.objects.exists()


def test_a_missed_session_judges_and_sets_nothing(student, priya):
    old = TargetFactory(student=student)
    log(
        student,
        priya,
        values=values(status="missed", missed_reason="declined", strategies_agreed="Walk"),
        judgements=(Judgement(target=old, outcome="achieved"),),
        targets=(target_values(),),
        keep_strategies=True,
        actions=(NewAction(text="Ask again", owner=priya),),
    )
    assert Target.objects.get().status == "active"
    assert not Strategy.objects.exists()
    assert SessionAction.objects.get().text == "Ask again"


def test_the_same_ref_twice_is_the_same_session(student, priya):
    ref = new_ref()
    first = log(student, priya, ref=ref, targets=(target_values(),))
    again = log(student, priya, ref=ref, targets=(target_values("Another"),))
    assert again.keywork_session == first.keywork_session
    assert Target.objects.get().text == "Show the card before leaving"


def test_a_ref_of_somebody_elses_record_is_refused(student, priya, school):
    other_student = StudentFactory(school=school)
    senco = make_staff(school, "senco")
    refs = [
        log(student, senco).keywork_session.ref,
        log(other_student, priya).keywork_session.ref,
        SessionFactory(student=student, status="held").ref,
        SessionFactory(
            student=student, status="planned", withdrawn_at=NOW, withdrawn_by=priya
        ).ref,
    ]
    for ref in refs:
        with pytest.raises(AlreadyLoggedError):
            log(student, priya, ref=ref)


def test_a_planned_session_becomes_the_record_whoever_planned_it(student, priya, school):
    planned = SessionFactory(student=student, key_worker=priya, status="planned", held_on=TODAY)
    senco = make_staff(school, "senco")
    log(student, senco, ref=planned.ref, briefed=True)
    planned.refresh_from_db()
    assert (planned.status, planned.key_worker, planned.briefed_at) == ("held", senco, NOW)
    assert KeyworkSession.objects.count() == 1


def test_the_briefing_keeps_its_first_time(student, priya):
    earlier = NOW - timedelta(hours=2)
    planned = SessionFactory(student=student, status="planned", briefed_at=earlier)
    log(student, priya, ref=planned.ref, briefed=True)
    planned.refresh_from_db()
    assert planned.briefed_at == earlier


def test_strategies_keep_within_their_length(student, priya):
    log(student, priya, values=values(strategies_agreed="x" * 400), keep_strategies=True)
    assert Strategy.objects.get().text == "x" * 300
    assert KeyworkSession.objects.get().strategies_agreed == "x" * 400


def typed(version, **fields):
    return TypedForm(
        key="session:new:x", data={name: [text] for name, text in fields.items()}, version=version
    )


def a_draft(owner, **more):
    values = {"key": "session:new:x", "title": "", "updated_at": NOW, **more}
    return Draft.objects.create(owner=owner, **values)


def test_the_draft_goes_with_the_log_and_stays_when_it_fails(student, priya):
    a_draft(priya, version=2)
    a_draft(priya, version=1, key="session:new:x~other")
    for _ in range(3):
        TargetFactory(student=student)
    with pytest.raises(TargetLimitError):
        log(student, priya, typed=typed(2), targets=(target_values(),))
    assert Draft.objects.count() == 2
    log(student, priya, typed=typed(2))
    assert not Draft.objects.exists()


@pytest.mark.parametrize("stored", [3, None])
def test_a_form_older_than_its_draft_is_not_signed(student, priya, stored):
    if stored:
        a_draft(priya, version=stored, data={"details": ["Maths."]})
    with pytest.raises(DraftConflictError):
        log(student, priya, typed=typed(2, details="Art."))
    assert not KeyworkSession.objects.exists()


def test_a_form_that_says_what_its_draft_says_is_signed_whatever_its_version(student, priya):
    a_draft(priya, version=3, data={"details": ["Maths."]})
    log(student, priya, typed=typed(2, details="Maths."))
    assert not Draft.objects.exists()


def test_a_clash_of_the_next_session_is_told(student, priya):
    SessionFactory(
        student=student, status="planned", held_on=date(2026, 11, 26), starts_at=time(9, 0)
    )
    wanted = NextSession(held_on=date(2026, 11, 26), starts_at=time(9, 10), minutes=20)
    logged = log(student, priya, next_session=wanted)
    assert "planned on Thursday 26 November at 09:00" in logged.planning_problem
    assert KeyworkSession.objects.filter(status="planned").count() == 1
    assert KeyworkSession.objects.filter(status="held").count() == 1


# Next due


def test_next_due_is_the_earliest_of_both_rules(student, priya):
    # ten school days after 12 November is the 26th; three sessions are wanted by 18 December
    log(student, priya)
    assert next_due_words(student, TODAY) == "Next session due by Thursday 26 November."


def test_next_due_after_an_excused_miss_is_the_day_after_at_the_earliest(student, priya):
    SessionFactory(student=student, held_on=date(2026, 10, 20))
    log(student, priya, values=values(status="missed", missed_reason="pupil_absent"))
    assert next_due_words(student, TODAY) == "Next session due by Friday 13 November."


def test_no_next_due_without_rule_or_calendar(priya):
    school = make_school("Empty", "999104", calendar=False)
    student = StudentFactory(school=school)
    assign(student, priya)
    assert next_due_words(student, TODAY) == ""


# Amendments


def amend(record, by, reason="Typed the wrong day", **changed):
    kept = {
        name: getattr(record, name)
        for name in SessionValues.__dataclass_fields__
        if name not in changed
    }
    return amend_session(
        keywork_session=record,
        values=SessionValues(**kept, **changed),
        reason=reason,
        by=by,
        now=NOW + timedelta(hours=1),
    )


def test_an_amendment_keeps_the_old_text(student, priya):
    record = log(
        student, priya, values=values(details="Seats.", themes=["coping"])
    ).keywork_session
    amend(
        record,
        priya,
        held_on=date(2026, 11, 11),
        details="Seats and lights.",
        starts_at=time(9, 5),
        themes=["coping", "homework"],
        focus="behaviour",
    )
    record.refresh_from_db()
    assert (record.held_on, record.details) == (date(2026, 11, 11), "Seats and lights.")
    assert (record.signed_by, record.signed_at) == (priya, NOW)  # the signature stays
    amendment = Amendment.objects.get()
    assert (amendment.reason, amendment.made_by) == ("Typed the wrong day", priya)
    shown = {each["field"]: (each["before"], each["after"]) for each in amendment.changes}
    assert shown == {
        "date": ("Thursday 12 November 2026", "Wednesday 11 November 2026"),
        "start": ("", "09:05"),
        "focus": ("IEP", "Behaviour"),
        "what you talked about": ("Seats.", "Seats and lights."),
        "themes": ("Coping strategies", "Coping strategies, Homework and coursework"),
    }
    assert record.history.latest().history_change_reason == "Typed the wrong day"


def test_nothing_changed_is_no_amendment(student, priya):
    record = log(student, priya).keywork_session
    assert amend(record, priya) is None
    assert not Amendment.objects.exists()
    assert record.history.count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_amendment_needs_its_reason(student, priya, reason):
    record = log(student, priya).keywork_session
    with pytest.raises(AmendmentError, match="Say why you change it"):
        amend(record, priya, reason=reason, details="Other")


def test_what_is_planned_or_withdrawn_is_not_amended(student, priya):
    planned = SessionFactory(student=student, status="planned")
    withdrawn = SessionFactory(student=student, withdrawn_at=NOW, withdrawn_by=priya)
    for record in (planned, withdrawn):
        with pytest.raises(AmendmentError, match="held or missed"):
            amend(record, priya, details="Other")


# Groups


def group_values(**more):
    return GroupValues(
        **{
            "held_on": TODAY,
            "starts_at": time(13, 40),
            "minutes": 20,
            "venue": "Library",
            "focus": "wellbeing",
            "shared_details": "We played a turn-taking game.",
            **more,
        }
    )


def test_a_group_is_one_record_each_joined_by_the_shared_part(student, priya, school):
    other = StudentFactory(school=school)
    opened = start_group(students=[student, other], values=group_values(), by=priya, now=NOW)
    group = SessionGroup.objects.get()
    assert group.shared_details == "We played a turn-taking game."
    assert [each.student for each in opened] == [student, other]
    assert {each.group for each in opened} == {group}
    assert {(each.status, each.method) for each in opened} == {("planned", "small_group")}
    assert next_of_group(opened[0], priya) == opened[0]
    log(student, priya, ref=opened[0].ref, values=values(method="small_group"))
    assert next_of_group(opened[0], priya) == opened[1]
    log(other, priya, ref=opened[1].ref)
    assert next_of_group(opened[1], priya) is None
    assert KeyworkSession.objects.get(pk=opened[0].pk).group == group


def test_no_next_without_a_group(student, priya):
    assert next_of_group(log(student, priya).keywork_session, priya) is None


def test_a_group_is_two_or_more_of_one_school(student, priya):
    elsewhere = StudentFactory(school=make_school("B", "999102"))
    for students in ([student], [student, elsewhere]):
        with pytest.raises(ValueError, match="two students or more of one school"):
            start_group(students=students, values=group_values(), by=priya, now=NOW)
    assert not SessionGroup.objects.exists()
