"""Every record that a person can change has a history, and nothing writes past it."""

import pytest
from django.apps import apps
from django.db import models

from keywork.history import TrackedQuerySet
from students.models import Student

OURS = ("keywork", "home", "students", "contacts", "keywork_sessions")

# Models without a history, and why that is right.
WITHOUT = {
    "keywork.Trust": "a name that the import of a school gives; nobody edits it",
    "keywork.Draft": "a keystroke is not a record; seen by its author alone",
    "keywork.ParkedForm": "encrypted text of somebody signed out, gone within the hour",
    "keywork.OutboxMessage": "a queue; each row says itself what became of it, and when",
    "keywork.Heartbeat": "when machines were last seen at work; nobody edits it",
    "home.ReminderStep": "that a step of a day's reminders was done; nobody edits it",
    "home.ImportRun": "a log of what was done; every record it changed has its own history",
    "contacts.CheckupLink": "an address of a week, made by the system and never changed",
    "keywork_sessions.Amendment": "itself history: written once, with reason, before and after",
    "keywork_sessions.CalendarFeed": "an address that is made and revoked, both with their time",
}


def our_models():
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not hasattr(model, "history_object")
        and not model.__name__.startswith("Historical")
    ]  # fmt: skip


TRACKED = [model for model in our_models() if hasattr(model, "history")]


def test_apps_of_ours_are_all_looked_at():
    found = {
        config.label
        for config in apps.get_app_configs()
        if not config.module.__file__ or "site-packages" not in config.module.__file__
    }
    assert found == set(OURS)


def test_every_record_has_a_history_or_a_reason():
    untracked = {model._meta.label for model in our_models()} - {
        model._meta.label for model in TRACKED
    }
    assert untracked == set(WITHOUT), "track() the new model, or say in WITHOUT why not"
    assert [label for label, reason in WITHOUT.items() if len(reason) < 20] == []


def test_whatever_points_to_a_student_has_a_history():
    """A model that reaches a student by foreign keys, however far, holds student data."""
    reached, size = {Student}, 0
    while len(reached) > size:
        size = len(reached)
        reached |= {
            model
            for model in our_models()
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey) and field.related_model in reached
        }
    assert {model.__name__ for model in reached if model not in TRACKED} == {"Amendment"}
    assert len(reached) > 9


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.label)
def test_history_names_who_why_and_what(model):
    fields = {field.name for field in model.history.model._meta.get_fields()}
    assert {"history_date", "history_user", "history_change_reason", "history_type"} <= fields
    kept_out = set(model.history.model.tracked_fields) ^ set(model._meta.concrete_fields)
    names = {field.name for field in kept_out}
    # a password is no record, and a sign-in no change
    assert names <= {"password", "last_login"}


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.label)
def test_nothing_writes_past_the_history(model):
    queryset = model._default_manager.all()
    assert isinstance(queryset, TrackedQuerySet)
    writes = (
        lambda: queryset.update(pk=1),
        lambda: queryset.bulk_update([], ["pk"]),
        lambda: queryset.bulk_create([]),
        queryset.delete,
        lambda: model._default_manager.bulk_create([]),
    )
    for write in writes:
        with pytest.raises(TypeError, match="would leave no history"):
            write()
