"""The directory, the agencies around a student, what they were told, and who waits for a word."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts.models import (
    Agency,
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    FollowUp,
    Involvement,
    Professional,
)
from contacts.services.followups import answer_follow_up, withdraw_follow_up
from tests import factories as make
from tests.sessions.fold import asks_to_sign_in, make_fold, queries_of, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    fold = make_fold()
    fold.clinic = agency(fold)
    return fold


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def words(response):
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def to(name, *refs):
    return reverse(f"contacts:{name}", args=refs)


def agency(fold, name="CAMHS", school=None, **more):
    made = Agency(school=school or fold.school, kind="camhs", name=name, **more)
    made.save()
    return made


def involved(fold, **more):
    values = {"student": fold.student, "agency": fold.clinic, "recorded_by": fold.senco}
    record = Involvement(**{"started_on": date(2026, 9, 7), **values, **more})
    record.save()
    return record


def consented(fold, **more):
    given = {"consent": "given", "consent_by": "Mum", "consent_on": date(2026, 9, 7)}
    return involved(fold, **{**given, "may_share": ["attendance"], **more})


def told(**more):
    values = {"direction": "told", "happened_on": "today", "how": "phone", "whom": "Dr Bee"}
    return {**values, "about": ["attendance"], "text": "He comes in more often", **more}


def involvement(fold, **more):
    values = {"agency": fold.clinic.ref, "started_on": "7 sep", "keep_informed": "on"}
    return {**values, "consent": "not_asked", "role": "Therapist", **more}


# --- the directory ---------------------------------------------------------------------------


def test_who_reads_the_directory_and_who_keeps_it(client, fold):
    read = {"key_worker": 200, "colleague": 200, "senco": 200, "moderator": 200, "admin": 200}
    foreign = agency(fold, "Far", school=fold.foreign.school)
    assert statuses(client, fold, "/agencies/") == {**read, "teacher": 403, "stranger": 200}
    seen = statuses(client, fold, fold.clinic.get_absolute_url())
    assert seen == {**read, "teacher": 403, "stranger": 404}
    keep = {**dict.fromkeys(read, 403), "senco": 200, "admin": 200}
    assert statuses(client, fold, to("agency_new")) == {**keep, "teacher": 403, "stranger": 403}
    client.force_login(fold.admin)
    for name in ("agency", "agency_edit", "professional_new"):
        assert client.get(to(name, foreign.ref)).status_code == 404
    assert asks_to_sign_in(client, "/agencies/")


def test_the_office_keeps_the_directory(client, fold):
    client.force_login(fold.admin)
    wrong = client.post(to("agency_new"), {"name": "", "email": "x"}).content.decode()
    assert "There are 3 things to fix" in wrong
    twin = {"kind": "camhs", "name": "camhs"}
    assert "in the directory already" in client.post(to("agency_new"), twin).content.decode()

    client.post(to("agency_new"), {"kind": "police", "name": "Safer Schools", "phone": "101"})
    police = Agency.objects.get(kind="police")
    client.post(to("professional_new", police.ref), {"name": "PC Ode", "job_title": "Officer"})
    assert "PC Ode" in words(client.get("/agencies/", {"q": "ode"}))
    found = client.get("/agencies/", {"q": "ode"}).context["agencies"]
    assert [each.name for each in found] == ["Safer Schools"]
    assert "No agency is like that" in words(client.get("/agencies/", {"q": "xyzzy"}))
    person = Professional.objects.get()
    client.post(to("professional_edit", person.ref), {"name": "Sgt Ode"})
    client.post(to("professional_retirement", person.ref))
    person.refresh_from_db()
    assert (person.name, person.retired_by) == ("Sgt Ode", fold.admin)
    client.post(to("agency_retirement", police.ref))
    assert client.get("/agencies/").context["agencies"] == [fold.clinic]
    assert "No longer in use" in words(client.get("/agencies/", {"retired": "on"}))
    client.post(to("agency_retirement", police.ref), {"back": "yes"})
    assert "Safer Schools" in words(client.get("/agencies/"))


def test_two_who_change_an_agency_at_once(client, fold):
    client.force_login(fold.admin)
    url = to("agency_edit", fold.clinic.ref)
    seen = client.get(url).context["form"].fields["seen"].initial
    fold.clinic.phone = "01"
    fold.clinic.save()
    mine = {"kind": "camhs", "name": "CAMHS", "team": "East", "seen": seen}
    assert client.post(url, mine).status_code == 302
    fold.clinic.refresh_from_db()
    assert (fold.clinic.team, fold.clinic.phone) == ("East", "01")


def test_the_agencys_page_names_only_students_seen_in_full(client, fold):
    involved(fold)
    page = fold.clinic.get_absolute_url()
    client.force_login(fold.key_worker)
    assert "Jayden Thorne" in words(client.get(page))
    for person in (fold.admin, fold.colleague):
        client.force_login(person)
        assert "Jayden" not in words(client.get(page))


# --- around a student ------------------------------------------------------------------------


def test_who_reads_and_who_writes_about_a_students_agencies(client, fold):
    record = involved(fold)
    reads = {"key_worker": 200, "senco": 200, "moderator": 200}
    rest = {"colleague": 403, "admin": 403, "teacher": 403, "stranger": 404}
    page = to("student_agencies", fold.student.ref)
    assert statuses(client, fold, page) == {**reads, **rest, "teacher": 404}
    for name in ("involvement_new", "meeting_new", "advice_new"):
        found = statuses(client, fold, to(name, fold.student.ref))
        assert found == {**reads, "moderator": 403, **rest}
    unseen = {**rest, "colleague": 404}
    found = statuses(client, fold, to("agency_log_new", record.ref))
    assert found == {**reads, "moderator": 403, **unseen}


def test_an_agency_becomes_involved_with_consent(signed_in, fold):
    new = to("involvement_new", fold.student.ref)
    bare = signed_in.post(new, involvement(fold, consent="given")).content.decode()
    assert "Say who gave consent" in bare
    assert "Therapist" in bare
    late = involvement(fold, ended_on="1 sep")
    assert "The last day is before the first" in signed_in.post(new, late).content.decode()
    elsewhere = agency(fold, "Far", school=fold.foreign.school)
    answer = signed_in.post(new, involvement(fold, agency=elsewhere.ref))
    assert "Choose an agency of the list" in answer.content.decode()

    given = {"consent": "given", "consent_by": "Mum", "consent_on": "7 sep"}
    ends = {"consent_ends_on": "30/11/2026", "may_share": ["attendance", "health"]}
    assert signed_in.post(new, involvement(fold, **given, **ends)).status_code == 302
    page = words(signed_in.get(to("student_agencies", fold.student.ref)))
    assert "Consent until 30 Nov 2026" in page
    assert "May be shared: attendance, health" in page
    assert "Never told anything" in page  # since 7 September is more than six weeks
    student = words(signed_in.get(fold.student.get_absolute_url()))
    assert "1 around Jayden One not told since 7 Sep" in student
    assert "CAMHS involved" in student


def test_what_was_told_is_logged_and_counts_as_kept_informed(signed_in, fold):
    record = consented(fold)
    assert "CAMHS" in words(signed_in.get("/agencies/updates/"))

    signed_in.post(to("agency_log_new", record.ref), told())

    page = words(signed_in.get(to("student_agencies", fold.student.ref)))
    assert "We told CAMHS Dr Bee He comes in more often About attendance." in page
    assert "Last contact: 12 November." in page
    assert "Every agency has heard" in words(signed_in.get("/agencies/updates/"))
    assert "CAMHS was told" in words(signed_in.get(fold.student.get_absolute_url()))


def test_consent_that_does_not_cover_it_asks_for_a_reason(signed_in, fold):
    record = consented(fold)
    url = to("agency_log_new", record.ref)
    wide = told(about=["attendance", "family"])
    refused = signed_in.post(url, wide).content.decode()
    assert "Consent does not cover: family and home. Say why you told them" in refused
    assert "He comes in more often" in refused
    nothing = signed_in.post(url, told(about=[])).content.decode()
    assert "Tick what you told them about" in nothing
    assert not AgencyContact.objects.exists()

    signed_in.post(url, {**wide, "without_consent_because": "Ms Wrigley decided: at risk"})
    assert "Without consent Ms Wrigley decided" in words(
        signed_in.get(to("student_agencies", fold.student.ref))
    )


def test_refused_consent_is_refused_but_for_the_safeguarding_lead(client, fold):
    url = to("agency_log_new", consented(fold, consent="refused").ref)
    because = told(without_consent_because="At risk")
    client.force_login(fold.key_worker)
    assert "Nothing may be told" in client.post(url, because).content.decode()
    heard = told(direction="heard", about=[])
    assert client.post(url, heard).status_code == 302
    assert "Every agency has heard" in words(client.get("/agencies/updates/"))
    client.force_login(make.make_staff(fold.school, "dsl"))
    assert "Say why you told them" in client.post(url, told()).content.decode()
    assert client.post(url, because).status_code == 302
    assert AgencyContact.objects.filter(direction="told").count() == 1


def test_a_line_of_the_log_is_withdrawn_and_put_back(signed_in, fold):
    signed_in.post(to("agency_log_new", consented(fold).ref), told())
    line = AgencyContact.objects.get()
    page = signed_in.post(to("agency_withdrawal", "contact", line.ref), follow=True)
    assert "He comes in more often" not in words(page)
    undo = re.search(r'action="(/undo/[^"]+)"', page.content.decode())[1]
    signed_in.post(undo)
    assert AgencyContact.objects.standing().count() == 1


def test_consent_is_changed_beside_somebody_elses_change(signed_in, fold):
    record = consented(fold)
    url = to("involvement_edit", record.ref)
    form = signed_in.get(url).context["form"]
    seen = form.fields["seen"].initial
    record.role = "Psychologist"
    record.save()
    stale = involvement(fold, role="", consent="refused", consent_by="Mum", consent_on="7/9/26")
    stale |= {"may_share": ["attendance"], "seen": seen}
    assert signed_in.post(url, stale).status_code == 302
    record.refresh_from_db()
    assert (record.role, record.consent) == ("Psychologist", "refused")


def test_a_meeting_and_what_was_agreed_there(signed_in, fold):
    involved(fold)
    url = to("meeting_new", fold.student.ref)
    typed = {
        "agency": fold.clinic.ref,
        "title": "Core group",
        "held_on": "9 nov",
        "attended_by": fold.key_worker.ref,
        "attended_as": "key worker",
        "notes": "Agreed.",
        "action_1": "Send the timetable",
        "owner_1": fold.senco.ref,
        "due_1": "20/11/2026",
    }
    refused = signed_in.post(url, {**typed, "owner_1": "", "due_1": "1/11/2026", "notes": ""})
    assert "There are 3 things to fix" in refused.content.decode()
    assert not AgencyMeeting.objects.exists()

    page = words(signed_in.post(url, typed, follow=True))
    assert "went as key worker" in page
    assert "Fri 20 Nov Send the timetable" in page
    agreed = FollowUp.objects.get()
    assert (agreed.owner, agreed.reply_wanted, agreed.raiser_name) == (fold.senco, False, "CAMHS")
    around = words(signed_in.get(to("student_agencies", fold.student.ref)))
    assert "Core group CAMHS 9 Nov 2026" in around
    assert "Last contact: 9 November." in around
    assert "Every agency has heard" in words(signed_in.get("/agencies/updates/"))
    signed_in.post(agreed.get_absolute_url(), {"answer": "Sent"})
    assert FollowUp.objects.done().count() == 1  # nobody waits for a reply


def test_a_form_sent_twice_is_written_once(signed_in, fold):
    record = consented(fold)
    for _ in range(2):
        assert signed_in.post(to("agency_log_new", record.ref), told()).status_code == 302
    signed_in.post(to("agency_log_new", record.ref), told(text="She comes in more often"))
    assert AgencyContact.objects.count() == 2

    meeting = {
        "agency": fold.clinic.ref,
        "title": "Core group",
        "held_on": "9 nov",
        "attended_by": fold.key_worker.ref,
        "attended_as": "key worker",
        "notes": "Agreed.",
        "action_1": "Ring Mum",
        "owner_1": fold.senco.ref,
        "due_1": "20/11/2026",
        "action_2": "Write",
        "owner_name_2": "Dr Bee",
        "due_2": "19/11/2026",
    }
    for _ in range(2):
        answer = signed_in.post(to("meeting_new", fold.student.ref), meeting)
        assert answer.url == AgencyMeeting.objects.get().get_absolute_url()
    assert FollowUp.objects.count() == 2
    signed_in.post(to("meeting_new", fold.student.ref), {**meeting, "action_2": "Wait"})
    assert AgencyMeeting.objects.count() == 2

    for _ in range(2):
        answer = signed_in.post(to("involvement_new", fold.student.ref), involvement(fold))
        assert answer.status_code == 302
    assert Involvement.objects.count() == 2


def test_what_a_meeting_agreed_is_withdrawn_and_put_back_with_it(signed_in, fold):
    typed = {
        "agency": fold.clinic.ref,
        "title": "Core group",
        "held_on": "9 nov",
        "attended_by": fold.key_worker.ref,
        "attended_as": "key worker",
        "notes": "Agreed.",
        **{f"due_{each}": "20/11/2026" for each in (1, 2, 3)},
        **{f"owner_{each}": fold.senco.ref for each in (1, 2, 3)},
        **{f"action_{each}": f"Task {each}" for each in (1, 2, 3)},
    }
    signed_in.post(to("meeting_new", fold.student.ref), typed)
    first, second, third = FollowUp.objects.order_by("pk")
    answer_follow_up(follow_up=first, answer="Sent", by=fold.senco, now=make.NOW)
    before = make.NOW - timedelta(minutes=5)
    withdraw_follow_up(follow_up=second, by=fold.key_worker, now=before)
    held = AgencyMeeting.objects.get()

    page = signed_in.post(to("agency_withdrawal", "meeting", held.ref), follow=True)

    assert list(FollowUp.objects.standing()) == [first]
    third.refresh_from_db()
    assert third.withdrawn_by == fold.key_worker

    signed_in.post(re.search(r'action="(/undo/[^"]+)"', page.content.decode())[1])

    assert list(FollowUp.objects.standing().order_by("pk")) == [first, third]
    assert AgencyMeeting.objects.standing().count() == 1


def test_advice_is_sought_and_decided(signed_in, fold):
    url = to("advice_new", fold.student.ref)
    typed = {
        "about": "CAMHS",
        "question": "Does he need them?",
        "asked_on": "today",
        "adviser": "Ms Wrigley, DSL",
        "decision": "open",
    }
    assert signed_in.post(url, {**typed, "adviser": ""}).status_code == 200
    signed_in.post(url, typed)
    found = AgencyAdvice.objects.get()
    assert "Not decided yet" in words(signed_in.get(to("student_agencies", fold.student.ref)))
    edit = to("advice_edit", found.ref)
    assert "Say why" in signed_in.post(edit, {**typed, "decision": "no"}).content.decode()
    signed_in.post(edit, {**typed, "decision": "not_now", "reason": "Waits for the report"})
    found.refresh_from_db()
    assert (found.decision, found.decided_on, found.decided_by) == (
        "not_now",
        make.TODAY,
        fold.key_worker,
    )
    page = words(signed_in.get(to("student_agencies", fold.student.ref)))
    assert "Because: Waits for the report" in page
    away = to("agency_withdrawal", "advice", found.ref)
    assert away in signed_in.get(to("student_agencies", fold.student.ref)).content.decode()
    assert "Waits for the report" not in words(signed_in.post(away, follow=True))


# --- who waits for a word --------------------------------------------------------------------


def test_updates_list_the_longest_wait_first_and_ones_own_alone(client, fold):
    other = make.StudentFactory(school=fold.school, legal_first_name="Zoe")
    weeks_ago = make.TODAY - timedelta(weeks=6)
    involved(fold, agency=agency(fold, "Late"), started_on=weeks_ago - timedelta(days=1))
    involved(fold, agency=agency(fold, "In time"), started_on=weeks_ago)
    involved(fold, agency=agency(fold, "Longest"), started_on=date(2026, 1, 7))
    involved(fold, agency=agency(fold, "No word"), keep_informed=False)
    involved(fold, agency=agency(fold, "Over"), ended_on=date(2026, 11, 11))
    involved(fold, agency=agency(fold, "Of Zoe"), student=other)

    def listed(person, **asked):
        client.force_login(person)
        rows = client.get("/agencies/updates/", asked).context["rows"]
        return [row.involvement.agency.name for row in rows]

    assert listed(fold.key_worker) == ["Longest", "Late"]
    assert listed(fold.senco) == ["Longest", "Of Zoe", "Late"]
    assert listed(fold.key_worker, show="all") == ["Longest", "Late"]
    fold.school.agency_update_weeks = 20
    fold.school.save()
    assert listed(fold.key_worker) == ["Longest"]
    assert statuses(client, fold, "/agencies/updates/")["teacher"] == 403


def test_the_school_sets_the_weeks(client, fold):
    client.force_login(fold.senco)
    assert (
        "Enter 1 to 26 weeks" in client.post(to("agency_weeks"), {"weeks": "0"}).content.decode()
    )
    client.post(to("agency_weeks"), {"weeks": "12"})
    fold.school.refresh_from_db()
    assert fold.school.agency_update_weeks == 12


@pytest.mark.parametrize("page", ["agencies", "agency", "agency_updates", "student_agencies"])
def test_as_many_queries_for_one_row_as_for_three(
    signed_in, fold, django_assert_max_num_queries, page
):
    def add(number):
        made = agency(fold, f"Agency {number}")
        Professional(agency=made, name="Dr Bee").save()
        late = involved(fold, agency=made)
        if page == "agency":
            student = make.StudentFactory(school=fold.school)
            make.assign(student, fold.key_worker)
            Professional(agency=fold.clinic, name=f"Dr {number}").save()
            involved(fold, student=student)
        if page == "student_agencies":
            signed_in.post(
                to("agency_log_new", late.ref), told(without_consent_because="Asked for")
            )
            meeting = AgencyMeeting(
                student=fold.student, agency=made, held_on=make.TODAY, title="Review",
                attended_by=fold.senco, attended_as="SENCo", notes="x", noted_by=fold.senco,
            )  # fmt: skip
            meeting.save()
            advice = {"asked_on": make.TODAY, "asked_by": fold.senco, "adviser": "DSL"}
            AgencyAdvice(student=fold.student, about="x", question="x", **advice).save()

    refs = {"agency": [fold.clinic.ref], "student_agencies": [fold.student.ref]}
    url = to(page, *refs.get(page, []))
    add(1)
    one = queries_of(signed_in, url, django_assert_max_num_queries)
    add(2)
    add(3)
    assert queries_of(signed_in, url, django_assert_max_num_queries) == one
    assert one <= 15
