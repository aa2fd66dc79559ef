from datetime import date

import pytest
from django.apps import apps
from django.urls import reverse

from keywork import clock
from keywork.history import save_by
from keywork.home.history import KINDS
from keywork.models import ClosedDay, HalfTerm, ImportMapping, StaffMember, StaffRole
from sessions.models import DropInSlot, SessionAction, SessionGroup, TargetEvidence, TargetReview
from students.models import (
    AbsenceTalk,
    Barrier,
    BehaviourChoice,
    BehaviourRecord,
    GradeSheet,
    PartTimeTimetable,
    RegisterQuery,
    SignalDismissal,
    SlipCorrection,
    Strategy,
    TestScore,
    TimetableEntry,
)
from tests.factories import (
    NOW,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
    slip,
    viewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


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
def said_of_kit(school, kit):
    """Records that only those who see the student in full know of; the office knows queries."""
    grace, day = make_staff(school, "senco"), date(2026, 11, 9)
    mark = {"student": kit, "date": day, "session": "AM", "code": "I"}
    found = {
        "absence-talk": AbsenceTalk(**mark, said="Ill", talked_on=day, talked_by=grace),
        "register-query": RegisterQuery(**mark, text="Check", asked_at=NOW, asked_by=grace),
        "part-time": PartTimeTimetable(student=kit, start=day, sessions_a_week=6),
        "grade": GradeSheet(student=kit, drop="A", drop_on=day, subject="Art", grade="4"),
        "score": TestScore(student=kit, kind="baseline", taken_on=day, score="7"),
        "barrier": Barrier(student=kit, noted_on=day, noted_by=grace, text="Too loud"),
        "early-sign": SignalDismissal(
            student=kit,
            kind="slips",
            reason="Known",
            dismissed_on=day,
            until=day,
            dismissed_by=grace,
        ),
    }
    for record in found.values():
        record.save()
    return found


@pytest.mark.parametrize(
    ("role", "answer", "of_query"),
    [("senco", 200, 200), ("key_worker", 404, 404), ("admin", 404, 200), ("teacher", 404, 404)],
)
def test_who_reads_the_history_of_what_was_said(
    client, school, said_of_kit, role, answer, of_query
):
    client.force_login(make_staff(school, role))
    for kind, record in said_of_kit.items():
        expected = of_query if kind == "register-query" else answer
        assert client.get(url(kind, record)).status_code == expected, kind


@pytest.fixture
def records(school, kit):
    """One record of each kind."""
    grace = make_staff(school, "key_worker")
    strategy = Strategy(student=kit, text="Warn before changes", added_on=date(2026, 9, 4))
    slot = DropInSlot(student=kit, key_worker=grace, weekday=1, starts_at="12:30", ends_at="13:00")
    closed = ClosedDay(
        school=school, kind="inset", start=date(2026, 11, 20), end=date(2026, 11, 20)
    )
    slip = BehaviourRecord(school=school, student=kit, occurred_at=NOW, level="low")
    word = BehaviourChoice(school=school, kind="location", name="Lab")
    for record in (strategy, slot, closed, slip, word):
        record.save()
    return {
        "student": kit,
        "session": SessionFactory(student=kit),
        "target": TargetFactory(student=kit),
        "assignment": assign(kit, grace),
        "strategy": strategy,
        "drop-in": slot,
        "slip": slip,
        "slip-word": word,
        "staff": StaffMember.objects.get(user=grace),
        "half-term": HalfTerm.objects.first(),
        "closed-day": closed,
        "model": school.key_work_model,
        "school": school,
    }


def url(kind, record):
    return reverse("history", args=[kind, record.ref])


# Every address, these among them, is asked for by every role in tests/guards/test_urls.py.
WALKED = {
    *("agency", "agency-advice", "agency-log", "agency-meeting", "attendance-step", "check-up"),
    *("change-notice", "contact", "contact-log", "follow-up", "involvement", "import-mapping"),
    "observation",
}


def test_who_reads_which_history(client, school, records, said_of_kit):
    assert KINDS.keys() - records.keys() - said_of_kit.keys() == WALKED
    of_student = ("student", "session", "target", "assignment", "strategy", "drop-in", "slip")
    said = dict.fromkeys(("session", "target", "strategy", "slip"), 404)
    by_name = {"student": 403, "assignment": 403, "drop-in": 403, **said}
    managed = ("staff", "half-term", "closed-day", "model", "school", "slip-word")
    expected = {
        "senco": {**dict.fromkeys(of_student, 200), **dict.fromkeys(managed, 403)},
        "key_worker": {**by_name, **dict.fromkeys(managed, 403)},
        "admin": {
            **dict.fromkeys(managed, 200),
            "student": 200,
            "assignment": 200,
            "drop-in": 403,
            **said,
        },
        "system_admin": {**dict.fromkeys(of_student, 404), **dict.fromkeys(managed, 200)},
    }
    for role, answers in expected.items():
        client.force_login(make_staff(school, role))
        got = {kind: client.get(url(kind, each)).status_code for kind, each in records.items()}
        assert got == answers, role


def test_another_school_gets_404_for_all(client, records):
    client.force_login(make_staff(make_school("Other School", urn="999102"), "admin", "senco"))
    assert {client.get(url(kind, each)).status_code for kind, each in records.items()} == {404}


def test_an_unknown_kind_or_ref_is_404(client, school, kit):
    client.force_login(make_staff(school, "senco"))
    assert client.get("/history/user/0000000000/").status_code == 404
    assert client.get("/history/student/0000000000/").status_code == 404


def test_signed_out_goes_to_sign_in(client, kit):
    assert client.get(url("student", kit)).status_code == 302


def test_before_after_who_and_why(client, school, kit):
    senco = make_staff(school, "senco", first_name="Sam", last_name="Okoro")
    kit.trusted_adult, kit.sen_status = "Mr Osei", "E"
    kit.dob = date(2014, 3, 4)
    kit.key_work_model = school.key_work_models.get(code="residential")
    save_by(kit, senco, "Plan agreed")
    client.force_login(senco)
    page = " ".join(client.get(url("student", kit)).content.decode().split())
    for part in ("Changed by Sam Okoro", "Plan agreed", "SEN support", "EHC plan", "Mr Osei"):
        assert part in page, part
    assert "4 March 2014" in page
    assert str(kit.key_work_model) in page


def test_those_who_see_identity_alone_read_no_notes_in_it(client, school, kit):
    kit.medical_alert, kit.reg_form = "Hearing aid", "9B"
    save_by(kit, make_staff(school, "senco"))
    client.force_login(make_staff(school, "admin"))
    page = client.get(url("student", kit)).content.decode()
    assert "9B" in page
    assert "Hearing aid" not in page


def test_a_handover_note_is_read_in_it_by_those_who_see_the_student_in_full(
    client, school, records
):
    assignment = records["assignment"]
    assignment.note, assignment.end = "His sister is ill", date(2026, 12, 18)
    save_by(assignment, make_staff(school, "admin"))
    for role, reads in (("admin", False), ("senco", True)):
        client.force_login(make_staff(school, role))
        page = client.get(url("assignment", assignment)).content.decode()
        assert "18 December 2026" in page
        assert ("His sister is ill" in page) is reads


def test_a_models_focuses_are_told_in_words(client, school):
    model = school.key_work_model
    for focuses in (["ehcp", "iep"], ["wellbeing", "student_voice"]):
        model.focus_rotation = focuses
        model.save()
    client.force_login(make_staff(school, "admin"))
    html = client.get(f"/history/model/{model.ref}/").content.decode()
    told = html[html.index("Focuses in turn</dt>") :].partition("</dd>")[0]
    assert "EHC plan, IEP<" in told
    assert "Wellbeing, Student voice<" in told
    page = client.get(f"/settings/models/{model.ref}/").content.decode()
    assert "focuses in turn: EHC plan, IEP to Wellbeing, Student voice" in page


def test_a_word_on_offer_is_headed_so_whatever_it_is_a_word_of(client, school):
    client.force_login(make_staff(school, "admin"))
    place = BehaviourChoice(school=school, kind="location", name="Yard")
    place.save()
    html = client.get(f"/history/slip-word/{place.ref}/").content.decode()
    assert "Word on offer: Yard." in html


def test_pages_of_fifty(client, school, kit):
    senco = make_staff(school, "senco")
    for number in range(60):
        kit.trusted_adult = f"Adult {number}"
        save_by(kit, senco)
    client.force_login(senco)
    first = client.get(url("student", kit))
    assert len(first.context["entries"]) == 50
    second = client.get(url("student", kit), {"page": "2"})
    assert [each.kind for each in second.context["entries"]] == ["Changed"] * 10 + ["Created"]
    assert second.context["older"] == 0
    # the change at the seam shows what was before it, on the page before
    assert first.context["entries"][-1].changes[0].before == "Adult 9"
    assert client.get(url("student", kit), {"page": "x"}).context["newer"] == 0


def test_changed_links_cost_one_query_for_all(client, school, kit, django_assert_num_queries):
    senco = make_staff(school, "senco")
    client.force_login(senco)
    client.get(url("student", kit))
    models = list(school.key_work_models.all())
    counts = []
    for model in (models[0], models[1], None, models[2]):
        kit.key_work_model = model
        save_by(kit, senco)
        with django_assert_num_queries(15, exact=False) as queries:
            client.get(url("student", kit))
        counts.append(len(queries))
    assert len(set(counts)) == 1


def lines(client, kind, record):
    entries = client.get(url(kind, record)).context["entries"]
    return [(entry.about, entry.kind, entry.by) for entry in entries]


def test_who_gave_and_took_which_role_and_changed_the_account(client, school, records):
    admin = make_staff(school, "admin", first_name="Ola", last_name="Office")
    person = records["staff"].user
    role = StaffRole(staff_member=records["staff"], role="senco")
    save_by(role, admin)
    role._history_user = admin
    role.delete()
    person.email = "new@fold.example.org"
    save_by(person, admin)
    client.force_login(admin)
    assert lines(client, "staff", records["staff"])[:3] == [
        ("Account", "Changed", "Ola Office"),
        ("Role SENCo", "Deleted", "Ola Office"),
        ("Role SENCo", "Created", "Ola Office"),
    ]
    page = client.get(url("staff", records["staff"])).content.decode()
    assert "Role SENCo: deleted by Ola Office" in page
    assert "new@fold.example.org" in page


def test_a_students_history_tells_of_lessons_taken_off(client, school, kit):
    senco = make_staff(school, "senco", first_name="Sam", last_name="Okoro")
    tom = make_staff(school, "teacher", first_name="Tom", last_name="Hall")
    lesson = TimetableEntry(student=kit, teacher=tom, subject="Art")
    save_by(lesson, senco)
    lesson._history_user = senco
    lesson.delete()
    client.force_login(senco)
    assert lines(client, "student", kit)[:2] == [
        ("Lesson Art, Tom Hall", "Deleted", "Sam Okoro"),
        ("Lesson Art, Tom Hall", "Created", "Sam Okoro"),
    ]


def test_a_targets_history_tells_of_its_reviews_and_evidence(client, school, records):
    senco = make_staff(school, "senco", first_name="Sam", last_name="Okoro")
    target = records["target"]
    on = date(2026, 11, 12)
    evidence = TargetEvidence(
        target=target, noted_on=on, noted_by=senco, count=2, text="Asked for help"
    )
    save_by(evidence, senco)
    evidence.count = 3
    save_by(evidence, senco)
    review = TargetReview(
        target=target, reviewed_on=on, reviewed_by=senco, outcome="met", evidence="Every day"
    )
    save_by(review, senco)
    client.force_login(senco)
    found = lines(client, "target", target)
    assert [kind for about, kind, by in found] == ["Created", "Changed", "Created", "Created"]
    assert found[0][0].startswith("Review of 12 November 2026")
    assert found[1][0] == "Evidence of 12 November 2026, 3 × Asked for help"
    [change] = client.get(url("target", target)).context["entries"][1].changes
    assert (change.before, change.after) == ("2", "3")


def test_a_schools_history_tells_of_dates_taken_off_the_calendar(client, school, records):
    admin = make_staff(school, "admin", first_name="Ola", last_name="Office")
    closed = records["closed-day"]
    closed._history_user = admin
    closed.delete()
    client.force_login(admin)
    assert lines(client, "school", school)[0] == (
        "INSET day, 20 November 2026 to 20 November 2026",
        "Deleted",
        "Ola Office",
    )


def test_a_group_records_history_tells_of_the_part_they_share(client, school, records):
    senco = make_staff(school, "senco", first_name="Sam", last_name="Okoro")
    group = SessionGroup(school=school, shared_details="We cooked")
    save_by(group, senco)
    session = SessionFactory(student=records["student"], group=group)
    group.shared_details = "We cooked soup"
    save_by(group, senco, "Said more")
    client.force_login(senco)
    newest = client.get(url("session", session)).context["entries"][0]
    assert (newest.about, newest.by, newest.reason) == (
        "Shared part of the group", "Sam Okoro", "Said more",
    )  # fmt: skip
    assert newest.changes[0].after == "We cooked soup"
    assert lines(client, "session", records["session"])[0][0] == ""


def blank(model):
    """A record that is nowhere, joined to others that are nowhere."""
    record = model(pk=-1)
    for each in model._meta.fields:
        if each.is_relation:
            setattr(record, each.name, each.remote_field.model(pk=-1))
    return record


def test_every_tracked_models_history_is_told_by_some_page(school):
    """As a record of its own, or as part of another's."""
    reader = viewer(make_staff(school, "senco"))
    told = set()
    for kind in KINDS.values():
        model = kind.seen(reader).model
        told |= {model, *(part.rows.model.instance_type for part in kind.parts(blank(model)))}
    tracked = {
        model
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }
    assert len(tracked) > 40
    assert tracked - told == set()


def test_a_sessions_history_tells_who_ticked_its_actions(client, school, kit):
    grace = make_staff(school, "senco", first_name="Grace", last_name="Amoah")
    sam = make_staff(school, "key_worker", first_name="Sam", last_name="Ticker")
    other = StudentFactory(school=school, legal_first_name="Zebedee", legal_last_name="Quill")
    held = SessionFactory(student=kit)
    action = SessionAction(keywork_session=held, text=f"Sit with {other.name}", owner=sam)
    save_by(action, grace)
    action.done_at, action.done_by = NOW, sam
    save_by(action, sam)
    action.done_at, action.done_by = None, None
    save_by(action, grace)
    client.force_login(grace)
    page = " ".join(client.get(url("session", held)).content.decode().split())
    for part in (
        "Action “Sit with ZQ”: created by Grace Amoah",
        "Action “Sit with ZQ”: changed by Sam Ticker",
        "Action “Sit with ZQ”: changed by Grace Amoah",
        "after: </span>12 November 2026, 10:00",
    ):
        assert part in page, part
    assert "Quill" not in page


def test_a_slips_history_tells_who_asked_for_a_correction(client, school, kit):
    grace = make_staff(school, "senco", first_name="Grace", last_name="Amoah")
    record = slip(kit)
    asked = SlipCorrection(record=record, text="Wrong room", asked_at=NOW, asked_by=grace)
    save_by(asked, grace)
    client.force_login(grace)
    page = " ".join(client.get(url("slip", record)).content.decode().split())
    assert "Correction asked for: created by Grace Amoah" in page


def test_the_office_reads_how_a_remembered_export_was_changed(client, school):
    office = make_staff(school, "admin")
    mapping = ImportMapping(school=school, kind="students", name="SIMS", columns={"Form": ""})
    save_by(mapping, office)
    mapping.columns = {"Form": "reg_form"}
    save_by(mapping, office)
    client.force_login(office)
    page = " ".join(client.get(url("import-mapping", mapping)).content.decode().split())
    assert "Form: empty" in page
    assert "Form: reg_form" in page
    for role in ("senco", "key_worker", "head"):
        client.force_login(make_staff(school, role))
        assert client.get(url("import-mapping", mapping)).status_code == 404
    outsider = make_staff(make_school("Other School", urn="999102"), "admin")
    client.force_login(outsider)
    assert client.get(url("import-mapping", mapping)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "role", "page"),
    [
        ("drop-in", "senco", "student"),
        ("part-time", "senco", "students:attendance"),
        ("slip-word", "admin", "settings_catalogues"),
        ("model", "admin", "settings_model"),
    ],
)
def test_a_page_leads_to_the_history(client, school, kit, records, said_of_kit, kind, role, page):
    record = {**records, **said_of_kit}[kind]
    args = {"settings_model": [record.ref], "settings_catalogues": []}.get(page, [kit.ref])
    client.force_login(make_staff(school, role))
    assert url(kind, record) in client.get(reverse(page, args=args)).content.decode()
