"""What a school offers for its sessions: places, and themes beside the usual ones."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.refs import new_ref
from sessions.models import Amendment, KeyworkSession
from students.models import BehaviourChoice
from tests import factories as make
from tests.sessions.fold import make_fold

pytestmark = pytest.mark.django_db


@pytest.fixture
def fold(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: make.NOW)
    return make_fold()


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def a_word(fold, kind, name, **more):
    word = BehaviourChoice(school=fold.school, kind=f"session_{kind}", name=name, **more)
    word.save()
    return word


def log_url(fold):
    return reverse("sessions:new", args=[fold.student.ref])


def themes_of(page):
    return [label for _, label in page.context["form"].fields["themes"].choices]


def held(**more):
    return {
        "ref": new_ref(),
        "happened": "yes",
        "held_on": "12/11/2026",
        "minutes": "20",
        "method": "one_to_one",
        "focus": "iep",
        "no_target_reason": "Next time",
        "target_count": "1",
        "action_count": "1",
        "version": "0",
        "action": "finish",
        **more,
    }


def test_usual_places_are_offered_until_the_school_has_its_own(signed_in, fold):
    pages = [
        log_url(fold),
        reverse("sessions:plan", args=[fold.student.ref]),
        reverse("sessions:group", args=[fold.student.ref]),
    ]
    usual = ["Academic Support Centre", "Library"]
    assert [signed_in.get(url).context["venues"] for url in pages] == [usual] * 3
    # where the key worker last was comes behind the school's, once
    for day, venue in enumerate(["library", "Room 4"], 2):
        make.SessionFactory(
            student=fold.student,
            key_worker=fold.key_worker,
            held_on=date(2026, 11, day),
            venue=venue,
        )
    found = [signed_in.get(url).context["venues"] for url in pages]
    assert found == [[*usual, "Room 4"]] * 3
    a_word(fold, "place", "Hub", position=2)
    a_word(fold, "place", "Garden room", position=1)
    a_word(fold, "place", "Old gym", active=False)
    found = [signed_in.get(url).context["venues"] for url in pages]
    assert found == [["Garden room", "Hub", "Room 4", "library"]] * 3
    # what is filled in beforehand is still one's own last place
    assert signed_in.get(log_url(fold)).context["form"]["venue"].value() == "Room 4"
    assert '<option value="Garden room">' in signed_in.get(pages[1]).content.decode()


def test_another_schools_words_are_not_offered(signed_in, fold):
    BehaviourChoice(school=fold.foreign.school, kind="session_theme", name="Theirs").save()
    BehaviourChoice(school=fold.foreign.school, kind="session_place", name="Barn").save()
    page = signed_in.get(log_url(fold))
    assert "Theirs" not in themes_of(page)
    assert page.context["venues"] == ["Academic Support Centre", "Library"]


def test_a_theme_of_the_schools_own_is_chosen_stored_and_read(signed_in, fold):
    a_word(fold, "theme", "Travel training")
    page = signed_in.get(log_url(fold))
    assert themes_of(page) == [*KeyworkSession.Theme.labels, "Travel training"]
    signed_in.post(log_url(fold), held(themes=["coping", "Travel training"]))
    record = KeyworkSession.objects.get()
    assert record.themes == ["coping", "Travel training"]
    text = signed_in.get(record.get_absolute_url()).content.decode()
    assert "Themes: Coping strategies, Travel training" in text


def test_a_theme_that_the_school_never_had_is_refused(signed_in, fold):
    page = signed_in.post(log_url(fold), held(themes=["Football"]))
    assert "themes" in page.context["form"].errors
    assert not KeyworkSession.objects.exists()


def test_a_theme_ticked_in_a_draft_before_it_was_taken_off_still_counts(signed_in, fold):
    word = a_word(fold, "theme", "Travel training")
    signed_in.post(log_url(fold), held(themes=["Travel training"], action="draft"))
    word.active = False
    word.save()
    page = signed_in.get(log_url(fold))
    assert page.context["form"]["themes"].value() == ["Travel training"]
    assert "Travel training" in themes_of(page)
    signed_in.post(log_url(fold), held(themes=["Travel training"], version="1"))
    assert KeyworkSession.objects.get().themes == ["Travel training"]
    fresh = signed_in.get(log_url(fold))
    assert "Travel training" not in themes_of(fresh)


def test_a_correction_keeps_a_theme_no_longer_there(signed_in, fold):
    record = make.SessionFactory(
        student=fold.student,
        key_worker=fold.key_worker,
        themes=["coping", "Travel training"],
        focus="iep",
    )
    word = a_word(fold, "theme", "Sleep")
    url = reverse("sessions:correction", args=[record.ref])
    assert themes_of(signed_in.get(url))[-2:] == ["Sleep", "Travel training"]
    fields = {"happened": "yes", "held_on": "3/11/2026", "minutes": "20", "focus": "iep"}
    fields["themes"] = ["coping", "Travel training", "Sleep"]
    signed_in.post(url, {**fields, "reason": "Forgot one"})
    record.refresh_from_db()
    assert record.themes == ["coping", "Travel training", "Sleep"]
    told = {each["field"]: each["after"] for each in Amendment.objects.get().changes}
    assert told["themes"] == "Coping strategies, Travel training, Sleep"
    word.active = False
    word.save()
    assert "Sleep" in themes_of(signed_in.get(url))


def test_the_log_form_costs_the_same_with_words_and_without(signed_in, fold):
    def queries():
        signed_in.get(log_url(fold))
        with CaptureQueriesContext(connection) as found:
            signed_in.get(log_url(fold))
        return len(found)

    without = queries()
    for name in ("Sleep", "Travel training", "Money"):
        a_word(fold, "theme", name)
        a_word(fold, "place", name)
    assert queries() == without <= 15
