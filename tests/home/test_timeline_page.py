"""The first page comes from a prepared statement, the others from the ORM: they must agree."""

from datetime import UTC, date, datetime, time

import pytest

from keywork.home.timeline import ANY_STUDENT, FILTERS, strands_for, timeline_page
from keywork.roles import Role
from keywork.timeline import read_page
from sessions.models import Amendment, SessionAction, TargetReview
from students.models import Strategy, Student
from students.policies import Sight
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
    viewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
IN_FULL, IDENTITY, BY_NAME = Sight(True, True), Sight(False, True), Sight(False, False)


@pytest.mark.parametrize("sight", [IN_FULL, IDENTITY])
def test_every_strand_has_a_rank_of_its_own(sight):
    """A row says by its rank alone which strand presents it."""
    ranks = [each.rank for each in strands_for(Student(pk=ANY_STUDENT), sight, TODAY)]
    assert sorted(ranks) == sorted(set(ranks))


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def person(school):
    return make_staff(school, Role.KEY_WORKER)


def eventful(school, person, name="Kit"):
    """A student with one event of every kind."""
    student = StudentFactory(school=school, legal_first_name=name)
    assign(student, person, end=date(2026, 10, 1))
    assign(student, person, start=date(2026, 10, 2))
    held = SessionFactory(student=student, key_worker=person, starts_at=time(13, 10))
    SessionFactory(student=student, held_on=date(2026, 12, 1), status="planned")
    SessionFactory(
        student=student, held_on=date(2026, 10, 5), status="missed", missed_reason="no_time"
    )
    at = datetime(2026, 11, 5, 9, tzinfo=UTC)
    Amendment(keywork_session=held, reason="Typo", changes=[], made_at=at, made_by=person).save()
    SessionAction(
        keywork_session=held, text="Tell maths", owner=person, done_at=NOW, done_by=person
    ).save()
    reviewed = TargetFactory(student=student, keywork_session=held, set_by=person)
    TargetReview(
        target=reviewed, reviewed_on=date(2026, 11, 10), reviewed_by=person, outcome="partly"
    ).save()
    TargetFactory(student=student, status="achieved", closed_on=date(2026, 11, 9))
    Strategy(student=student, text="Exit card", added_on=date(2026, 9, 9)).save()
    Strategy(
        student=student, text="Red cards", kind="does_not_help", added_on=date(2026, 9, 8),
        withdrawn_at=NOW, withdrawn_by=person,
    ).save()  # fmt: skip
    return student


@pytest.mark.parametrize("show", FILTERS)
@pytest.mark.parametrize("sight", [IN_FULL, IDENTITY, BY_NAME])
def test_first_page_is_what_the_orm_gives(school, person, sight, show):
    for name in ("Ari", "Bo"):
        student = eventful(school, person, name)
        strands = strands_for(student, sight, TODAY)
        chosen = [each for each in strands if show in ("", each.group)]
        page = timeline_page(viewer(person), student, sight, show=show)
        assert page == read_page(chosen)


def test_every_kind_of_event_is_there(school, person):
    student = eventful(school, person)
    page = timeline_page(viewer(person), student, IN_FULL)
    # Two became key worker, one last day; three sessions, a correction, an action; two targets
    # set, one closed, one reviewed; two strategies added, one withdrawn.
    assert len(page.events) == 15
    assert [event.day for event in page.events] == sorted(
        (event.day for event in page.events), reverse=True
    )
    assert all(type(event.day) is date for event in page.events)
    assert time(13, 10) in [event.at for event in page.events]


def test_the_day_is_the_viewers(school, person):
    student = StudentFactory(school=school)
    assign(student, person, start=date(2026, 11, 12))
    now = timeline_page(viewer(person, on=date(2026, 11, 12)), student, IN_FULL)
    before = timeline_page(viewer(person, on=date(2026, 11, 11)), student, IN_FULL)
    assert (len(now.events), len(before.events)) == (1, 0)


def test_one_query_and_none_by_name(school, person, django_assert_num_queries):
    student, seen = eventful(school, person), viewer(person)
    with django_assert_num_queries(1):
        timeline_page(seen, student, IN_FULL)
    with django_assert_num_queries(0):
        assert timeline_page(seen, student, BY_NAME).events == []


def test_nobody_has_the_number_that_stands_in():
    assert ANY_STUDENT < 0
    assert not Student.objects.filter(pk=ANY_STUDENT).exists()
