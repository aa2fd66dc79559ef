"""Drop-in times, follow-ups and the feed's secret: small services, each undone or ended."""

from datetime import time, timedelta

import pytest

from keywork.undo import UndoError
from sessions.models import CalendarFeed, DropInSlot, SessionAction
from sessions.queries import drop_in_slots_of, live_feed
from sessions.services.calendar_feed import hash_of, make_feed, revoke_feed, stamp_read
from sessions.services.drop_in import DropInError, add_slot, undo_withdrawal, withdraw_slot
from sessions.services.followups import tick_action, undo_tick
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def key_worker(school):
    return make.make_staff(school, "key_worker")


@pytest.fixture
def student(school):
    return make.StudentFactory(school=school)


def agree(student, key_worker, start=time(15, 15), end=time(15, 30), weekday=1):
    return add_slot(
        student=student,
        key_worker=key_worker,
        weekday=weekday,
        starts_at=start,
        ends_at=end,
        venue="Hub",
        by=key_worker,
    )


def test_agreed_times_are_listed_in_the_order_of_the_week(student, key_worker):
    late = agree(student, key_worker, weekday=3)
    early = agree(student, key_worker, weekday=0)

    assert drop_in_slots_of(student) == [early, late]
    assert early.history.get().history_user == key_worker


def test_a_time_must_end_after_it_starts(student, key_worker):
    with pytest.raises(DropInError) as refused:
        agree(student, key_worker, end=time(15, 15))

    assert refused.value.field == "ends_at"


def test_a_student_has_one_time_at_a_time(school, student, key_worker):
    agree(student, key_worker)

    with pytest.raises(DropInError, match="already"):
        agree(student, key_worker, start=time(15, 29), end=time(15, 45))
    agree(student, key_worker, start=time(15, 30), end=time(15, 45))
    agree(student, key_worker, weekday=2)
    agree(make.StudentFactory(school=school), key_worker)
    assert DropInSlot.objects.count() == 4


def test_a_removed_time_can_come_back_unless_its_place_is_taken(student, key_worker):
    slot = agree(student, key_worker)
    withdraw_slot(slot=slot, by=key_worker, now=make.NOW)
    assert drop_in_slots_of(student) == []

    undo_withdrawal(record=slot, by=key_worker, now=make.NOW)
    assert drop_in_slots_of(student) == [slot]

    withdraw_slot(slot=slot, by=key_worker, now=make.NOW)
    agree(student, key_worker)
    with pytest.raises(UndoError):
        undo_withdrawal(record=slot, by=key_worker, now=make.NOW)


def test_removing_twice_and_undoing_twice_change_nothing_more(student, key_worker):
    slot = agree(student, key_worker)
    later = make.NOW + timedelta(minutes=1)
    withdraw_slot(slot=slot, by=key_worker, now=make.NOW)
    assert withdraw_slot(slot=slot, by=key_worker, now=later).withdrawn_at == make.NOW

    undo_withdrawal(record=slot, by=key_worker, now=later)
    undo_withdrawal(record=slot, by=key_worker, now=later)
    assert slot.history.count() == 3


def test_an_action_is_ticked_once_and_its_tick_undone_once(student, key_worker):
    held = make.SessionFactory(student=student)
    action = SessionAction(keywork_session=held, text="Ring the club", owner=key_worker)
    action.save()

    tick_action(action=action, by=key_worker, now=make.NOW)
    again = tick_action(action=action, by=make.UserFactory(), now=make.NOW + timedelta(hours=1))
    assert (again.done_at, again.done_by) == (make.NOW, key_worker)

    undo_tick(record=action, by=key_worker, now=make.NOW)
    undo_tick(record=action, by=key_worker, now=make.NOW)
    action.refresh_from_db()
    assert (action.done_at, action.done_by) == (None, None)
    assert action.history.count() == 3


def test_only_a_hash_of_the_feeds_secret_is_kept(key_worker):
    token = make_feed(owner=key_worker, now=make.NOW)

    feed = CalendarFeed.objects.get()
    assert token not in str(vars(feed))
    assert len(token) >= 43
    assert live_feed(hash_of(token)) == feed
    assert live_feed(hash_of(token + "x")) is None
    assert live_feed(token) is None


def test_a_new_address_ends_the_one_before(key_worker):
    first = make_feed(owner=key_worker, now=make.NOW)
    second = make_feed(owner=key_worker, now=make.NOW)

    assert first != second
    assert live_feed(hash_of(first)) is None
    assert live_feed(hash_of(second)).owner == key_worker


def test_a_revoked_address_is_dead_and_revoking_again_says_so(key_worker):
    token = make_feed(owner=key_worker, now=make.NOW)

    assert revoke_feed(owner=key_worker, now=make.NOW)
    assert live_feed(hash_of(token)) is None
    assert not revoke_feed(owner=key_worker, now=make.NOW)


def test_an_address_of_a_closed_account_is_dead(key_worker):
    token = make_feed(owner=key_worker, now=make.NOW)
    key_worker.is_active = False
    key_worker.save()

    assert live_feed(hash_of(token)) is None


def test_a_read_is_stamped_at_most_once_an_hour(key_worker):
    make_feed(owner=key_worker, now=make.NOW)
    feed = CalendarFeed.objects.get()

    for minutes, stamped in [(0, 0), (59, 0), (60, 60), (119, 60), (120, 120)]:
        stamp_read(feed=feed, now=make.NOW + timedelta(minutes=minutes))
        feed.refresh_from_db()
        assert feed.last_read_at == make.NOW + timedelta(minutes=stamped)
