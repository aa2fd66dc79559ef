"""Telling colleagues of a change: who is told, who reads it, who may take it back."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.models import Draft, OutboxMessage
from students.models import ChangeNotice, ChangeNoticeReader, TimetableEntry
from students.services.change_notices import correct_notice, tell_colleagues, withdraw_notice
from tests import factories as make
from tests.factories import NOW, TODAY, StudentFactory

pytestmark = pytest.mark.django_db
TEXT = "Mum is in hospital this week; Grandad collects. Please be patient about homework."
REF = "abcdefghj2"


@pytest.fixture(autouse=True)
def _thursday(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make.make_school()


def staff(school, role, first, last):
    return make.make_staff(school, role, first_name=first, last_name=last)


@pytest.fixture
def key_worker(school):
    return staff(school, "key_worker", "Kay", "Keeper")


@pytest.fixture
def teacher(school):
    return staff(school, "teacher", "Tom", "Teach")


@pytest.fixture
def cook(school):
    return staff(school, "key_worker", "Cora", "Cook")


@pytest.fixture
def student(school, key_worker, teacher):
    found = StudentFactory(school=school, legal_first_name="Amelia", legal_last_name="Frost")
    make.assign(found, key_worker)
    TimetableEntry(student=found, teacher=teacher, subject="Maths").save()
    return found


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def told(student, by, *people, ref=REF, **values):
    given = {"text": TEXT, "until": TODAY + timedelta(days=7), "now": NOW, **values}
    return tell_colleagues(student=student, told=people, ref=ref, by=by, **given)


def new_url(student):
    return reverse("students:change_notice_new", args=[student.ref])


def page_of(person, url):
    return as_(person).get(url).content.decode()


def typed(*people, **values):
    return {"ref": REF, "text": TEXT, "until": "", "told": [p.ref for p in people], **values}


# --- writing ---------------------------------------------------------------------------------


def test_those_around_the_student_are_ticked_and_others_can_be_added(
    student, key_worker, teacher, cook, school
):
    second = staff(school, "key_worker", "Sid", "Second")
    make.assign(student, second, role="secondary")
    gone = TimetableEntry(student=student, teacher=staff(school, "teacher", "Old", "Boy"))
    gone.subject = "Art"
    gone.save()
    post = gone.teacher.staff_records.get()
    post.starts_on, post.ends_on = date(2026, 9, 1), TODAY - timedelta(days=1)
    post.save()
    system = staff(school, "system_admin", "Sys", "Admin")
    form = as_(key_worker).get(new_url(student)).context["form"]
    around = [(str(each.person), each.around, ticked) for _, each, ticked in form.around]
    assert around == [("Sid Second", "Second key worker", True), ("Tom Teach", "Maths", True)]
    others = [(each.person, ticked) for _, each, ticked in form.others]
    assert others == [(cook, False)]
    assert system not in [person for person, _ in others]


def test_a_notice_is_told_once_and_stands_among_their_notices(student, key_worker, teacher, cook):
    client = as_(key_worker)
    answer = client.post(new_url(student), typed(teacher, cook, until="19/11/2026"), follow=True)
    assert "Told 2 colleagues." in answer.content.decode()
    client.post(new_url(student), typed(teacher, cook, until="19/11/2026"))  # sent twice
    notice = ChangeNotice.objects.get()
    assert (notice.text, notice.until, notice.written_by) == (TEXT, date(2026, 11, 19), key_worker)
    assert {each.person for each in notice.readers.all()} == {teacher, cook}
    messages = OutboxMessage.objects.filter(kind="change_notice")
    assert {(each.user, each.state) for each in messages} == {
        (teacher, "notice"),
        (cook, "notice"),
    }
    listed = page_of(teacher, "/notices/")
    assert "A change to know about" in listed
    assert "AF, from Kay Keeper" in listed
    assert "Amelia" not in listed  # of the list alone
    assert notice.history.get().history_user == key_worker


@pytest.mark.parametrize("other", [{"text": "Dad is home."}, {"until": "20/11/2026"}, "cook"])
def test_a_form_changed_after_going_back_is_told_too(student, key_worker, teacher, cook, other):
    client = as_(key_worker)
    client.post(new_url(student), typed(teacher))
    again = typed(teacher, cook) if other == "cook" else typed(teacher) | other
    client.post(new_url(student), again)
    newest = ChangeNotice.objects.first()
    assert ChangeNotice.objects.count() == 2
    assert newest.text == again["text"]
    assert {each.person.ref for each in newest.readers.all()} == set(again["told"])


@pytest.mark.parametrize("by", ["a colleague", "oneself"])
def test_a_ref_that_is_taken_is_not_used(student, key_worker, teacher, cook, school, by):
    other = StudentFactory(school=school)
    theirs = told(other, cook if by == "a colleague" else key_worker, teacher)
    answer = as_(key_worker).post(new_url(student), typed(teacher, ref=theirs.ref))
    assert answer.status_code == 302
    assert ChangeNotice.objects.get(student=student).ref != theirs.ref


def test_without_a_day_it_counts_for_thirty_days(student, key_worker, teacher):
    as_(key_worker).post(new_url(student), typed(teacher))
    assert ChangeNotice.objects.get().until == date(2026, 12, 12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "Say what has changed"),
        ({"told": []}, "Choose who is told"),
        ({"told": ["nobody2222"]}, "Choose from the list"),
        ({"until": "11/11/2026"}, "This day has been"),
        ({"until": "31/02/2027"}, "date"),
        ({"until": "14/11/2027"}, "within a year"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(student, key_worker, teacher, wrong, said):
    values = typed(teacher, until="19/11/2026") | wrong
    page = as_(key_worker).post(new_url(student), values).content.decode()
    assert "There is 1 thing to fix" in page
    assert said in page
    assert (TEXT in page) == ("text" not in wrong)
    assert not ChangeNotice.objects.exists()


def test_another_students_name_is_found_before_it_is_told(student, key_worker, teacher, school):
    StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")
    values = typed(teacher, text="Amelia fell out with Jayden.")
    client = as_(key_worker)
    page = client.post(new_url(student), values).content.decode()
    assert "“Jayden”: a student here? Take it out" in page
    assert "Amelia”" not in page
    assert not ChangeNotice.objects.exists()
    client.post(new_url(student), values | {"not_students": ["Jayden"]})
    assert ChangeNotice.objects.get().text == "Amelia fell out with Jayden."


def test_somebody_who_left_meanwhile_is_not_told(student, key_worker, teacher):
    post = teacher.staff_records.get()
    post.starts_on, post.ends_on = date(2026, 9, 1), TODAY - timedelta(days=1)
    post.save()
    from students.services import StudentError

    with pytest.raises(StudentError, match="in post"):
        told(student, key_worker, teacher)


def test_a_draft_is_kept_and_gone_once_told(student, key_worker, teacher, cook):
    client = as_(key_worker)
    client.post(new_url(student), typed(cook, text="Half a thou", version=0, action="draft"))
    page = client.get(new_url(student))
    assert "Half a thou" in page.content.decode()
    assert page.context["form"]["told"].value() == [cook.ref]  # not ticked anew
    client.post(new_url(student), typed(teacher, version=1))
    assert not Draft.objects.exists()


def test_one_writes_about_students_seen_in_full(student, school, teacher, cook):
    senco = staff(school, "senco", "Sen", "Co")
    moderator = staff(school, "moderator", "Mo", "Derator")
    elsewhere = make.make_staff(make.make_school("Far", "999109"), "key_worker")
    people = (senco, moderator, cook, teacher, elsewhere)
    got = [as_(person).get(new_url(student)).status_code for person in people]
    assert got == [200, 403, 403, 403, 404]


def test_a_call_home_leads_here(student, key_worker, school):
    entry = make.log_contact(student, made_by=key_worker)
    moderator = staff(school, "moderator", "Mo", "Derator")
    assert new_url(student) in page_of(key_worker, entry.get_absolute_url())
    assert new_url(student) not in page_of(moderator, entry.get_absolute_url())


# --- reading ---------------------------------------------------------------------------------


def test_it_is_read_by_its_author_those_told_and_those_who_see_all(
    student, key_worker, teacher, cook, school
):
    notice = told(student, key_worker, teacher)
    url = notice.get_absolute_url()
    senco = staff(school, "senco", "Sen", "Co")
    admin = staff(school, "admin", "Ad", "Min")
    elsewhere = make.make_staff(make.make_school("Far", "999109"), "senco")
    people = (key_worker, teacher, senco, cook, admin, elsewhere)
    got = [as_(person).get(url).status_code for person in people]
    assert got == [200, 200, 200, 404, 404, 404]
    assert TEXT in page_of(teacher, url)
    assert "Who has read it" not in page_of(teacher, url)


def test_its_author_still_reads_it_once_the_student_is_anothers(student, key_worker, teacher):
    notice = told(student, key_worker, teacher)
    assignment = student.assignments.get()
    assignment.end = TODAY - timedelta(days=1)
    assignment.save()
    page = page_of(key_worker, notice.get_absolute_url())
    assert "Who has read it" in page
    assert as_(key_worker).get(new_url(student)).status_code == 403


def test_a_reader_ticks_it_and_the_author_sees_who_has_not(student, key_worker, teacher, cook):
    notice = told(student, key_worker, teacher, cook)
    read = reverse("students:change_notice_read", args=[notice.ref])
    assert as_(key_worker).post(read).status_code == 403  # was not told
    for _ in range(2):
        assert as_(teacher).post(read).status_code == 302
    reader = notice.readers.get(person=teacher)
    assert reader.read_at == NOW
    assert reader.history.count() == 2  # told, and read once
    page = as_(key_worker).get(notice.get_absolute_url()).context
    assert [each.person for each in page["read"]] == [teacher]
    assert [each.person for each in page["unread"]] == [cook]
    unread = OutboxMessage.objects.filter(kind="change_notice", read_at=None)
    assert unread.get().user == cook
    assert "You read it" in page_of(teacher, notice.get_absolute_url())


def test_it_stands_on_the_first_page_until_it_is_read(student, key_worker, teacher, cook):
    notice = told(student, key_worker, teacher, cook)
    first = {cook: "/today/", teacher: "/students/"}
    for person, url in first.items():
        page = page_of(person, url)
        assert "1 not read" in page
        assert TEXT in page
        assert notice.get_absolute_url() in page
        as_(person).post(reverse("students:change_notice_read", args=[notice.ref]))
        assert "To know about" not in page_of(person, url)
    assert "To know about" not in page_of(key_worker, "/today/")


def test_more_than_five_are_found_among_the_notices(student, key_worker, teacher, cook):
    first = {cook: "/today/", teacher: "/students/"}
    for number in range(6):
        assert not any("The newest five." in page_of(*each) for each in first.items())
        told(student, key_worker, teacher, cook, ref=f"abcdefghj{number}", text=f"Change {number}")
    for person, url in first.items():
        page = page_of(person, url)
        assert "6 not read" in page
        assert "Change 0" not in page
        assert 'The newest five. <a href="/notices/">' in page


def test_today_counts_the_notices_that_are_not_read(student, key_worker, cook):
    assert "new notice" not in page_of(cook, "/today/")
    told(student, key_worker, cook)
    assert "1 new notice<" in page_of(cook, "/today/")
    told(student, key_worker, cook, ref="abcdefghj3", text="Again")
    assert "2 new notices<" in page_of(cook, "/today/")
    as_(cook).post("/notices/read/")
    page = page_of(cook, "/today/")
    assert "new notice" not in page
    assert "2 not read" in page  # an opened list is no tick


def test_what_is_over_waits_for_nobody(student, key_worker, teacher, cook, monkeypatch):
    notice = told(student, key_worker, teacher, cook, until=TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    assert "To know about" not in page_of(cook, "/today/")
    assert "To know about" not in page_of(teacher, "/students/")
    assert TEXT not in page_of(teacher, student.get_absolute_url())
    assert "Was shown until" in page_of(teacher, notice.get_absolute_url())
    assert "Nothing that counts today." in page_of(key_worker, student.get_absolute_url())


def test_the_student_page_says_it_to_those_told_and_those_who_see_all(
    student, key_worker, teacher, cook, school
):
    notice = told(student, key_worker, teacher)
    told(student, key_worker, teacher, ref="abcdefghj3", text="The newest")
    admin = staff(school, "admin", "Ad", "Min")
    url = student.get_absolute_url()
    mine = page_of(key_worker, url)
    assert "The newest" in mine
    assert "1 more now" in mine
    assert new_url(student) in mine
    assert "Colleagues told of a change" in mine  # on the timeline
    assert mine.count(notice.get_absolute_url()) == 1
    assert TEXT in page_of(teacher, url)
    assert TEXT not in page_of(cook, url)
    assert TEXT not in page_of(admin, url)
    told(student, key_worker, admin, ref="abcdefghj4", text="For the office")
    assert "For the office" in page_of(admin, url)


def test_all_that_was_told_is_listed_for_those_who_see_all(student, key_worker, teacher, cook):
    url = reverse("students:change_notices", args=[student.ref])
    assert "told of no change yet" in page_of(key_worker, url)
    counted = []
    for number, text in enumerate(("One", "Two", "Three")):
        told(student, key_worker, teacher, cook, ref=f"abcdefghj{number + 2}", text=text)
        client = as_(key_worker)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url).content.decode()
        counted.append(len(queries))
        assert text in page
    assert counted[0] == counted[2] <= 15
    assert page.index("Three") < page.index("Two")
    assert "Tom Teach (not read yet)" in page
    assert as_(teacher).get(url).status_code == 403


def test_pages_cost_the_same_for_one_colleague_and_many(student, key_worker, teacher, school):
    notice, counted = told(student, key_worker, teacher), []
    for _ in range(2):
        client, found = as_(key_worker), []
        for url in (new_url(student), notice.get_absolute_url()):
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            found.append(len(queries))
        counted.append(found)
        for _ in range(3):
            more = make.make_staff(school, "teacher")
            TimetableEntry(student=student, teacher=more, subject="Art").save()
            reader = ChangeNoticeReader(notice=notice, person=more, told_at=NOW)
            reader.save()
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 15


def test_a_teachers_pages_cost_the_same_for_one_notice_and_three(student, key_worker, teacher):
    counted = []
    for number in range(3):
        told(student, key_worker, teacher, ref=f"abcdefghj{number + 2}")
        client, found = as_(teacher), []
        for url in ("/students/", student.get_absolute_url()):
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            found.append(len(queries))
        counted.append(found)
    assert counted[0] == counted[2]
    assert max(counted[0]) <= 15


# --- correcting and taking back ----------------------------------------------------------------


def test_a_correction_is_read_anew_and_its_history_stays(student, key_worker, teacher, cook):
    notice = told(student, key_worker, teacher)
    url = reverse("students:change_notice_correction", args=[notice.ref])
    as_(teacher).post(reverse("students:change_notice_read", args=[notice.ref]))
    form = as_(key_worker).get(url).context["form"]
    assert [each.person for _, each, _ in form.others] == [cook]
    values = {"text": "Gran collects.", "until": "19/11/2026", "told": [cook.ref]}
    values["seen"] = form["seen"].value()
    assert as_(key_worker).post(url, values).status_code == 302
    notice.refresh_from_db()
    assert (notice.text, notice.changed_at) == ("Gran collects.", NOW)
    assert [each.text for each in notice.history.all()] == ["Gran collects.", TEXT]
    assert [each.read_at for each in notice.readers.all()] == [None, None]
    assert "Corrected: a change to know about" in page_of(teacher, "/notices/")
    history = page_of(key_worker, reverse("history", args=["change-notice", notice.ref]))
    assert "Mum is in hospital" in history
    assert "Told Cora Cook" in history


def test_a_tick_on_the_text_before_a_correction_does_not_count(student, key_worker, teacher):
    notice = told(student, key_worker, teacher)
    read = reverse("students:change_notice_read", args=[notice.ref])
    shown = {"edition": as_(teacher).get(notice.get_absolute_url()).context["notice"].edition}
    values = {"text": "Gran collects.", "until": TODAY + timedelta(days=7)}
    correct_notice(notice=notice, values=values, told_too=(), by=key_worker, now=NOW)
    page = as_(teacher).post(read, shown, follow=True)
    assert "This was corrected meanwhile. Read it as it is now." in page.content.decode()
    assert "Gran collects." in page.content.decode()
    assert notice.readers.get().read_at is None
    shown = {"edition": page.context["notice"].edition}
    assert f'name="edition" value="{shown["edition"]}"' in page.content.decode()
    as_(teacher).post(read, shown)
    assert notice.readers.get().read_at == NOW


def test_who_read_it_before_a_correction_learns_that_it_is_taken_back(
    student, key_worker, teacher, cook
):
    notice = told(student, key_worker, teacher, cook)
    as_(teacher).post(reverse("students:change_notice_read", args=[notice.ref]))
    values = {"text": "Gran collects.", "until": TODAY + timedelta(days=7)}
    correct_notice(notice=notice, values=values, told_too=(), by=key_worker, now=NOW)
    withdraw_notice(notice=notice, reason="Wrong child", by=key_worker, now=NOW)
    taken_back = OutboxMessage.objects.filter(title__startswith="Taken back")
    assert [each.user for each in taken_back] == [teacher]


def test_an_author_who_lost_the_student_corrects_and_tells_nobody_more(
    student, key_worker, teacher, cook
):
    notice = told(student, key_worker, cook)
    assignment = student.assignments.get()
    assignment.end = TODAY - timedelta(days=1)
    assignment.save()
    url = reverse("students:change_notice_correction", args=[notice.ref])
    page = as_(key_worker).get(url)
    assert "Tom Teach" not in page.content.decode()  # nor who teaches the student now
    seen = page.context["form"]["seen"].value()
    values = {"text": "Gran collects.", "until": "19/11/2026", "seen": seen}
    page = as_(key_worker).post(url, values | {"told": [teacher.ref]}).content.decode()
    assert "Choose from the list" in page
    assert as_(key_worker).post(url, values).status_code == 302
    assert [each.person for each in notice.readers.all()] == [cook]


def test_telling_one_more_asks_nobody_to_read_again(student, key_worker, teacher, cook):
    notice = told(student, key_worker, teacher)
    as_(teacher).post(reverse("students:change_notice_read", args=[notice.ref]))
    url = reverse("students:change_notice_correction", args=[notice.ref])
    seen = as_(key_worker).get(url).context["form"]["seen"].value()
    values = {"text": TEXT, "until": "19/11/2026", "told": [cook.ref], "seen": seen}
    page = as_(key_worker).post(url, values, follow=True).content.decode()
    assert "Saved." in page
    assert "asked to read it again" not in page
    reads = {each.person: each.read_at for each in notice.readers.all()}
    assert reads == {teacher: NOW, cook: None}
    notice.refresh_from_db()
    assert notice.changed_at is None


def test_only_the_author_corrects(student, key_worker, teacher, school):
    notice = told(student, key_worker, teacher)
    url = reverse("students:change_notice_correction", args=[notice.ref])
    people = (staff(school, "senco", "Sen", "Co"), teacher)
    assert [as_(person).get(url).status_code for person in people] == [403, 403]


def test_taken_back_it_says_so_to_those_who_had_read_it(
    student, key_worker, teacher, cook, school
):
    notice = told(student, key_worker, teacher, cook)
    as_(teacher).post(reverse("students:change_notice_read", args=[notice.ref]))
    url = reverse("students:change_notice_withdrawal", args=[notice.ref])
    senco = staff(school, "senco", "Sen", "Co")
    assert [as_(p).get(url).status_code for p in (senco, teacher)] == [200, 403]
    page = as_(key_worker).post(url, {"text": ""}).content.decode()
    assert "Say why you take it back" in page
    as_(key_worker).post(url, {"text": "She is home again."})
    notice.refresh_from_db()
    assert (notice.withdrawn_by, notice.withdrawn_reason) == (key_worker, "She is home again.")
    assert "Taken back: a change you were told of" in page_of(teacher, "/notices/")
    assert "told nothing" in page_of(cook, "/notices/")
    for person in (teacher, cook):
        shown = page_of(person, notice.get_absolute_url())
        assert "This no longer holds: She is home again." in shown
        assert TEXT not in shown
        assert TEXT not in page_of(person, student.get_absolute_url())
    assert TEXT not in page_of(key_worker, student.get_absolute_url())
    assert as_(key_worker).post(url, {"text": "Twice"}).status_code == 403


def test_undo_takes_it_back_within_ten_minutes(student, key_worker, cook):
    client = as_(key_worker)
    page = client.post(new_url(student), typed(cook), follow=True)
    undo = next(each.extra_tags for each in page.context["messages"])
    client.post(undo)
    assert ChangeNotice.objects.get().withdrawn_by == key_worker
    assert "To know about" not in page_of(cook, "/today/")
    assert not OutboxMessage.objects.filter(kind="change_notice").exists()
