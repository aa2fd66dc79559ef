"""The attendance tab, talks about absences, part-time timetables and the certificate."""

import io
from datetime import date

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from students.models import AbsenceTalk, PartTimeTimetable
from tests.factories import NOW, TODAY, StudentFactory, assign, make_school, make_staff
from tests.students.marks import give_marks, school_days

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AUTUMN_1 = school_days(date(2026, 9, 1), date(2026, 10, 23))
SINCE = school_days(date(2026, 11, 2), date(2026, 11, 11))


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


@pytest.fixture
def grace(school, kit):
    person = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    assign(kit, person)
    return person


@pytest.fixture
def open_page(client, kit, grace):
    def get(person=grace, **parameters):
        client.force_login(person)
        answer = client.get(url("attendance", kit.ref), parameters)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def url(name, *args):
    return reverse(f"students:{name}", args=args)


def addresses(kit, talk, timetable):
    return [
        ("get", url("attendance", kit.ref)),
        ("get", url("attendance_certificate", kit.ref)),
        ("get", url("talk_new", kit.ref)),
        ("post", url("talk_withdrawal", talk.ref)),
        ("get", url("part_time_new", kit.ref)),
        ("get", url("part_time_edit", timetable.ref)),
        ("get", url("query_new", kit.ref)),
    ]


def make_talk(kit, by, **more):
    about = {"date": date(2026, 11, 9), "session": "AM", "code": "I", "said": "Was ill"}
    talk = AbsenceTalk(student=kit, talked_on=TODAY, talked_by=by, **{**about, **more})
    talk.save()
    return talk


def make_timetable(kit, **more):
    values = {"start": date(2026, 9, 1), "sessions_a_week": 6, "agreed": "Mornings, with Mum"}
    timetable = PartTimeTimetable(student=kit, **{**values, **more})
    timetable.save()
    return timetable


def test_strangers_get_404_and_wrong_roles_403(client, school, kit, grace):
    talk, timetable = make_talk(kit, grace), make_timetable(kit)

    def answers(person):
        client.force_login(person)
        asked = addresses(kit, talk, timetable)
        return [getattr(client, verb)(to).status_code for verb, to in asked]

    other = make_school("Other School", urn="999102")
    assert answers(make_staff(other, "senco")) == [404] * 7
    assert answers(make_staff(other, "key_worker", "slt")) == [404] * 7
    # By name only: what belongs to the record is out of sight, the student is not.
    assert answers(make_staff(school, "key_worker")) == [403, 403, 403, 404, 403, 404, 403]
    assert answers(make_staff(school, "admin")) == [403] * 7
    assert answers(make_staff(school, "dsl")) == [200, 200, 403, 403, 403, 403, 200]


def test_the_figure_of_the_screens_in_words(open_page, kit):
    away = [
        *((kit, day, "AM", "I") for day in AUTUMN_1[:5]),
        (kit, date(2026, 11, 3), "AM", "O"),
        (kit, date(2026, 11, 4), "AM", "U"),
    ]
    late = [(kit, day, "AM", "L") for day in AUTUMN_1[6:10]]
    assert (len(AUTUMN_1), len(SINCE)) == (38 + 1, 8)
    give_marks(*away, *late, days=AUTUMN_1[1:] + SINCE, student=kit)
    page = open_page()
    # The first of AUTUMN_1 (1 September) has its morning alone: 1 + 46 × 2 = 93 sessions.
    assert "92.5%" in page
    assert "<strong>86 of 93 sessions</strong>, to 11 Nov." in page
    assert "Late 5." in page
    assert "Unauthorised, 10 weeks: 2 of 10." in page
    assert "ersistent" not in page
    assert "Of 5 days missed in part, the mornings on 5." in page  # U: late, not away


def test_persistent_and_severe_come_with_their_fraction(open_page, kit):
    give_marks(*((kit, day, "AM", "I") for day in SINCE), days=AUTUMN_1, student=kit)
    assert "Persistent absence: 8 of 86 sessions missed" not in open_page()
    give_marks(*((kit, day, "PM", "I") for day in SINCE))
    page = open_page()
    assert "Persistent absence: 16 of 94 sessions missed, a tenth or more." in page
    give_marks(*((kit, day, session, "I") for day in AUTUMN_1 for session in ("AM", "PM")))
    assert "Severe absence: 94 of 94 sessions missed, half or more." in open_page()


def test_few_sessions_are_too_few_to_judge(open_page, kit):
    give_marks(*((kit, day, "AM", "I") for day in SINCE))
    page = open_page()
    assert "Too few sessions to judge" in page
    assert "Severe" not in page


def test_the_figure_says_where_it_ends(open_page, kit):
    give_marks(days=AUTUMN_1 + SINCE[:-1], student=kit)
    assert "Attendance to Tue 10 November" in open_page()
    give_marks(days=SINCE[-1:], student=kit)  # Wednesday; today's marks need not be here yet
    page = open_page()
    assert "Attendance to" not in page
    assert "None that the numbers support." in page


def test_without_marks_the_office_is_asked(open_page, kit):
    assert "No marks since 1 September 2026. Ask the office to import." in open_page()
    kit.on_roll_from = date(2025, 9, 1)
    kit.save()
    give_marks((kit, date(2026, 7, 3), "AM", "/"))
    assert "No marks since 3 July 2026. Ask the office to import." in open_page()


def test_the_grid_shows_letters_with_words_for_those_who_do_not_see_it(open_page, kit):
    give_marks((kit, date(2026, 11, 9), "AM", "M"), days=SINCE, student=kit)
    page = open_page()
    assert "Morning: Medical or dental appointment, code </span>M</span>" in page
    assert "<dt>M</dt><dd>Medical or dental appointment</dd>" in page
    assert "9 Nov" in page
    assert "Talked about it" in page
    # Half terms follow each other; a wrong address shows the present one.
    assert "half_term=2026-09-01" in page
    earlier = open_page(half_term="2026-09-01")
    assert "half_term=2026-11-02" in earlier
    assert "code </span>M</span>" not in earlier
    assert "code </span>M</span>" in open_page(half_term="x")


def test_a_pattern_is_said_with_its_numbers(open_page, kit):
    mondays = [day for day in AUTUMN_1 + SINCE if day.weekday() == 0]
    late = [(kit, day, "AM", "L") for day in mondays[:4]]
    give_marks(*late, days=AUTUMN_1 + SINCE, student=kit)
    assert "Late on 4 of 9 Mondays; 0 of 38 other days." in open_page()


def test_the_key_worker_writes_down_a_talk_and_withdraws_it(client, open_page, kit, grace):
    give_marks((kit, date(2026, 11, 9), "AM", "I"), days=SINCE, student=kit)
    client.force_login(grace)
    form = client.get(url("talk_new", kit.ref), {"day": "09/11/2026", "session": "AM"})
    assert 'value="09/11/2026"' in form.content.decode()
    typed = {"day": "9 nov", "session": "AM", "said": "“My stomach hurt before maths”"}
    for _ in range(2):  # sent twice, it is one talk
        assert client.post(url("talk_new", kit.ref), typed).status_code == 302
    talk = AbsenceTalk.objects.get()
    assert (talk.code, talk.talked_on, talk.talked_by) == ("I", TODAY, grace)
    assert talk.history.get().history_user == grace
    assert "My stomach hurt before maths" in open_page()
    timeline = client.get(kit.get_absolute_url(), {"show": "attendance"}).content.decode()
    assert "Talked about the morning of 9 November: illness" in timeline
    answer = client.post(url("talk_withdrawal", talk.ref), follow=True)
    assert "Talk withdrawn." in answer.content.decode()
    page = open_page()
    assert "My stomach hurt" not in page
    undo = next(m.extra_tags for m in answer.context["messages"]).split()[0]
    assert client.post(undo).status_code == 302
    assert "My stomach hurt" in open_page()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"day": "9 nov", "session": "PM", "said": "x"}, "no absence or lateness there"),
        ({"day": "13 nov", "session": "AM", "said": "x"}, "Enter a day that has been"),
        ({"day": "31/2/26", "session": "AM", "said": "x"}, "There is no such day"),
        ({"day": "9 nov", "session": "XX", "said": "kept text"}, "kept text"),
        ({"day": "9 nov", "session": "AM", "said": ""}, "Say what the student told you"),
    ],
)
def test_a_talk_is_about_an_absence_that_was(client, kit, grace, typed, message):
    give_marks((kit, date(2026, 11, 9), "AM", "I"), days=SINCE, student=kit)
    client.force_login(grace)
    page = client.post(url("talk_new", kit.ref), typed).content.decode()
    assert "There is 1 thing to fix" in page
    assert message in page
    assert not AbsenceTalk.objects.exists()


def test_a_part_time_timetable_stands_beside_the_figure(client, open_page, kit, grace):
    give_marks(days=SINCE, student=kit)
    client.force_login(grace)
    typed = {"start": "2 nov", "end": "18/12/26", "sessions_a_week": "6", "agreed": "With Mum"}
    assert client.post(url("part_time_new", kit.ref), typed).status_code == 302
    page = open_page()
    assert "6 sessions a week from 2 November to 18 December" in page
    assert "100.0%" in page
    current = PartTimeTimetable.objects.get()
    again = client.post(url("part_time_new", kit.ref), typed).content.decode()
    assert "Another part-time timetable is in force then" in again
    typed["end"] = "1 nov"
    backwards = client.post(url("part_time_edit", current.ref), typed).content.decode()
    assert "The last day comes after the first" in backwards
    typed["end"] = "27 nov"
    assert client.post(url("part_time_edit", current.ref), typed).status_code == 302
    current.refresh_from_db()
    assert current.end == date(2026, 11, 27)
    assert current.history.count() == 2


def test_queries_do_not_grow_with_the_record(client, kit, grace):
    client.force_login(grace)
    client.get(url("attendance", kit.ref))  # the first request of a login also writes the session
    counted = []
    for day in (SINCE[0], *SINCE[1:4]):
        give_marks((kit, day, "AM", "I"), days=SINCE, student=kit)
        make_talk(kit, grace, date=day)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("attendance", kit.ref)).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[-1]
    assert counted[-1] <= 15


def test_the_certificate_is_an_accessible_pdf_that_defines_its_figure(client, school, kit, grace):
    other = StudentFactory(school=school, legal_first_name="Zebedee", legal_last_name="Quill")
    give_marks((other, SINCE[0], "AM", "I"))
    give_marks((kit, SINCE[0], "AM", "I"), days=SINCE, student=kit)
    client.force_login(grace)
    answer = client.get(url("attendance_certificate", kit.ref))
    assert answer["Content-Type"] == "application/pdf"
    named = 'attachment; filename="attendance-certificate-kit-moss-2026-11-11.pdf"'
    assert answer["Content-Disposition"] == named
    document = pypdf.PdfReader(io.BytesIO(answer.content))
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert document.metadata.title == "Attendance certificate"
    text = " ".join(page.extract_text() for page in document.pages)
    for said in (
        "CONFIDENTIAL · Fold School",
        "Kit Moss",
        "93.8%",
        "15 of 16 possible sessions attended.",
        "divided by possible sessions",
        "Printed by Grace Amoah, 12 November 2026 10:00",
        "Page 1 of 1",
    ):
        assert said in text
    assert "Zebedee" not in text
    assert "Quill" not in text


def test_a_certificate_without_marks_says_so(client, kit, grace):
    client.force_login(grace)
    answer = client.get(url("attendance_certificate", kit.ref))
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "No sessions in the register between these days." in text
