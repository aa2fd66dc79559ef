"""What tests of the outbox share: a kind of message of their own, and a clock that stands."""

from datetime import UTC, datetime, timedelta

from keywork.outbox import Content, MessageKind, NewMessage

# A school day in winter: local time is UTC.
MORNING = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
KIND = "test_reminder"


def at(**after):
    """A clock that stands at nine in the morning, or a while after."""
    moment = MORNING + timedelta(**after)
    return lambda: moment


def kind(**more):
    """A kind whose messages say what their row holds."""

    def contents(rows, now):
        return {
            row.pk: Content(row.title, context={"lines": [f"{row.data.get('n', 0)} things"]})
            for row in rows
            if not row.data.get("withdrawn")
        }

    return MessageKind(KIND, "Test reminder", more.pop("contents", contents), **more)


def new_message(user, school, **more):
    """A message that a test queues."""
    values = {"kind": KIND, "due_on": MORNING.date(), "title": "2 things for today"}
    return NewMessage(user=user, school=school, **{**values, **more})
