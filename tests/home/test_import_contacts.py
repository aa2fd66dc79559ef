"""contacts.csv and contact_log.csv: what is stored, what is refused, and twice is once."""

import pytest

from contacts.models import AnsweredRecord, Contact, ContactLogEntry, StudentContact
from keywork.models import User
from tests.home.import_folders import (
    NOW,
    ON,
    UPN_1,
    UPN_2,
    counts,
    rejected,
    run_import,
    write_folder,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = (
    "upn,priority,title,first_name,last_name,relationship,parental_responsibility,lives_with,"
    "phone,email,language,receives_reports,do_not_contact,do_not_contact_reason\n"
)
MUM = "Ms,Dawn,Thorne,Mother,yes,yes,07700 900111,dawn@mail.example.com,Polish,yes,no,\n"
DAD = "Mr,Gil,Thorne,Father,,no,,,,,yes,Court order of 2 May\n"
LOG_HEAD = "ref,upn,username,made_at,channel,direction,outcome,behaviour_refs,summary\n"
SLIPS = (
    "ref,upn,occurred_at,level,category\n"
    f"B1,{UPN_1},2026-11-02T10:00,high,Left the room\n"
    f"B2,{UPN_1},2026-11-02T11:00,low,Calling out\n"
    f"B3,{UPN_2},2026-11-02T11:00,low,Calling out\n"
)


def folder(tmp_path, **files):
    made = write_folder(tmp_path / "school")
    for name, text in files.items():
        (made / f"{name}.csv").write_text(text)
    return made


def everything():
    tables = (Contact, StudentContact, ContactLogEntry, AnsweredRecord)
    rows = [list(table.objects.order_by("pk").values()) for table in tables]
    return rows, [table.history.count() for table in tables]


def test_a_person_of_two_students_is_one_and_twice_changes_nothing(tmp_path):
    text = f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{DAD}{UPN_2},1,{MUM}"
    first = run_import(folder(tmp_path, contacts=text))
    before = everything()
    second = run_import(folder(tmp_path, contacts=text))

    assert counts(first)["contacts.csv"] == (3, 3, 0, 0, 0)
    assert counts(second)["contacts.csv"] == (3, 0, 0, 3, 0)
    assert everything() == before
    assert Contact.objects.count() == 2
    mum = StudentContact.objects.get(student__upn=UPN_1, priority=1)
    assert (mum.contact.phone, mum.contact.language) == ("07700 900111", "Polish")
    assert (mum.parental_responsibility, mum.receives_reports) == (True, True)
    dad = StudentContact.objects.get(priority=2)
    assert (dad.do_not_contact, dad.parental_responsibility) == (True, None)
    assert dad.do_not_contact_reason == "Court order of 2 May"


def test_a_new_number_reaches_every_student_and_rows_that_differ_are_two_people(tmp_path):
    rows = f"{UPN_1},1,{MUM}{UPN_2},1,{MUM}"
    run_import(folder(tmp_path, contacts=HEAD + rows))

    both = rows.replace("900111", "900222")
    assert counts(run_import(folder(tmp_path, contacts=HEAD + both)))["contacts.csv"][2] == 1
    assert [each.phone for each in Contact.objects.all()] == ["07700 900222"]

    one = both.replace("900222", "900333", 1)
    run_import(folder(tmp_path, contacts=HEAD + one))
    before = everything()
    assert sorted(Contact.objects.values_list("phone", flat=True)) == [
        *("07700 900222", "07700 900333"),
    ]
    assert counts(run_import(folder(tmp_path, contacts=HEAD + one)))["contacts.csv"][2] == 0
    assert everything() == before


def test_rows_that_cannot_be_taken_name_their_column(tmp_path):
    text = (
        f"{HEAD}{UPN_1},,{MUM}{UPN_1},2,Ms,,,Mother,,,,,,,,\n"
        f"{UPN_1},3,{MUM.replace('yes,yes', 'maybe,yes')}X999999926099,1,{MUM}"
        f"{UPN_2},1,{MUM}{UPN_2},1,{DAD}"
    )
    report = run_import(folder(tmp_path, contacts=text))

    assert [(row, column) for row, column, _ in rejected(report, "contacts.csv")] == [
        *((2, "priority"), (3, "last_name"), (4, "parental_responsibility"), (5, "upn")),
        (7, "upn"),
    ]


def test_what_was_forbidden_here_is_not_allowed_by_a_file(tmp_path):
    made = folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}")
    run_import(made)
    link = StudentContact.objects.get()
    link.do_not_contact, link.do_not_contact_by = True, User.objects.get(username="asmith")
    link.save()

    report = run_import(made)

    assert rejected(report, "contacts.csv") == [(2, "do_not_contact", "no")]
    link.refresh_from_db()
    assert link.do_not_contact


def test_nobody_gets_reports_who_must_not_be_contacted(tmp_path):
    asked = "Mr,Gil,Thorne,Father,,no,,,,yes,yes,Court order of 2 May\n"
    report = run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{asked}"))

    assert rejected(report, "contacts.csv") == [(3, "receives_reports", "yes")]
    assert [link.priority for link in StudentContact.objects.all()] == [1]


def test_the_log_names_its_slips_and_twice_changes_nothing(tmp_path):
    log = (
        f"{LOG_HEAD}C1,{UPN_1},asmith,2026-11-02T15:00,phone,out,spoke,B1|B2,Rang Mum.\n"
        f"C2,{UPN_2},,2026-11-03T15:00,letter,,sent,,\n"
    )
    made = folder(tmp_path, behaviour=SLIPS, contact_log=log)
    first = run_import(made)
    before = everything()
    second = run_import(made)

    assert counts(first)["contact_log.csv"] == (2, 2, 0, 0, 0)
    assert counts(second)["contact_log.csv"] == (2, 0, 0, 2, 0)
    assert everything() == before
    entry = ContactLogEntry.objects.get(import_ref="C1")
    assert (entry.made_by.username, entry.summary) == ("asmith", "Rang Mum.")
    assert str(entry.made_at) == "2026-11-02 15:00:00+00:00"
    assert [each.record.import_ref for each in entry.answers.all()] == ["B1", "B2"]

    fewer = folder(tmp_path, behaviour=SLIPS, contact_log=log.replace("B1|B2", "B1"))
    assert counts(run_import(fewer))["contact_log.csv"] == (2, 0, 1, 1, 0)
    assert [each.record.import_ref for each in entry.answers.all()] == ["B1"]


def test_rows_of_the_log_that_cannot_be_taken(tmp_path):
    log = (
        f"{LOG_HEAD}C1,{UPN_1},asmith,2026-11-02T15:00,phone,out,spoke,B3,Another's slip\n"
        f"C2,{UPN_1},asmith,2026-11-02T15:00,phone,out,spoke,B1|B9,No such slip\n"
        f"C3,{UPN_1},nobody,2026-11-02T15:00,phone,out,spoke,,\n"
        f"C4,{UPN_1},asmith,2026-11-02,phone,out,spoke,,\n"
        f"C5,{UPN_1},asmith,2026-11-02T15:00,pigeon,out,spoke,,\n"
        f"C6,{UPN_1},asmith,2026-11-02T15:00,phone,out,,,\n"
    )
    report = run_import(folder(tmp_path, behaviour=SLIPS, contact_log=log))

    assert [(row, column) for row, column, _ in rejected(report, "contact_log.csv")] == [
        *((2, "behaviour_refs"), (3, "behaviour_refs"), (4, "username"), (5, "made_at")),
        *((6, "channel"), (7, "outcome")),
    ]


GIL = "Mr,Gil,Thorne,Father,,no,07700 900444,,,,,\n"


def by_name():
    """First name → the link, of everybody around the first student."""
    links = StudentContact.objects.filter(student__upn=UPN_1).select_related("contact")
    return {link.contact.first_name: link for link in links}


def test_what_stands_of_an_adult_follows_them_to_another_priority(tmp_path):
    run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{GIL}"))
    father = by_name()["Gil"]
    father.court_order, father.court_order_forbids = "non_molestation", True
    father.save()

    report = run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{GIL}{UPN_1},2,{MUM}"))

    assert counts(report)["contacts.csv"] == (2, 0, 2, 0, 0)
    now = by_name()
    assert {name: link.priority for name, link in now.items()} == {"Gil": 1, "Dawn": 2}
    assert now["Gil"].pk == father.pk
    assert [link.court_order_forbids for link in (now["Gil"], now["Dawn"])] == [True, False]
    assert (now["Gil"].contact.phone, now["Dawn"].contact.phone) == (
        *("07700 900444", "07700 900111"),
    )
    assert [link.contact.first_name for link in StudentContact.objects.may_be_contacted(ON)] == [
        "Dawn"
    ]


def test_an_adult_who_moves_to_a_free_priority_is_not_there_twice(tmp_path):
    run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{GIL}"))
    link = by_name()["Gil"]
    link.do_not_contact, link.do_not_contact_by = True, User.objects.get(username="asmith")
    link.save()
    forbidden = GIL.replace(",,,,,\n", ",,,,yes,Asked for\n")

    run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},3,{forbidden}"))

    assert StudentContact.objects.filter(student__upn=UPN_1).count() == 2
    assert by_name()["Gil"].priority == 3


@pytest.mark.parametrize(
    "known",
    [
        {"court_order": "care"},
        {"do_not_contact": True},
        {"contact": {"address": "1 High Street", "address_confidential": True}},
        {"contact": {"mis_id": "77"}},
        {"call": True},
        {"sibling": {"court_order": "care"}},
    ],
)
def test_nobody_of_whom_more_is_known_here_becomes_somebody_else(tmp_path, known):
    rows = f"{UPN_1},1,{MUM}{UPN_1},2,{GIL}{UPN_2},1,{GIL}"
    run_import(folder(tmp_path, contacts=HEAD + rows))
    link = by_name()["Gil"]
    for name, value in known.pop("contact", {}).items():
        setattr(link.contact, name, value)
    link.contact.save()
    if known.pop("call", False):
        call = ContactLogEntry(school=link.contact.school, student=link.student, adult=link)
        call.made_at, call.channel, call.outcome = NOW, "phone", "spoke"
        call.save()
    if "sibling" in known:
        link, known = StudentContact.objects.get(student__upn=UPN_2), known["sibling"]
    for name, value in known.items():
        setattr(link, name, value)
    link.save()
    before = everything()
    other = GIL.replace("Gil,Thorne", "Rob,Marsh")

    report = run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{other}"))

    assert rejected(report, "contacts.csv") == [(3, "last_name", "Marsh")]
    assert "Gil Thorne" in report.files["contacts.csv"].rejected[0].error
    assert everything() == before


def test_a_name_that_changes_is_the_same_person_where_nothing_speaks_against_it(tmp_path):
    run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}"))
    married = MUM.replace("Thorne", "Marsh")

    report = run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{married}"))

    assert counts(report)["contacts.csv"] == (1, 0, 1, 0, 0)
    assert str(Contact.objects.get()) == "Ms Dawn Marsh"


def test_whoever_takes_the_priority_of_an_ended_contact_is_somebody_else(tmp_path):
    run_import(folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{GIL}"))
    link = by_name()["Gil"]
    link.ended_on = ON
    link.save()
    other = GIL.replace("Gil,Thorne", "Rob,Marsh")
    made = folder(tmp_path, contacts=f"{HEAD}{UPN_1},1,{MUM}{UPN_1},2,{other}")

    first = run_import(made)
    second = run_import(made)

    assert counts(first)["contacts.csv"] == (2, 1, 0, 1, 0)
    assert counts(second)["contacts.csv"] == (2, 0, 0, 2, 0)
    assert {name: each.ended_on for name, each in by_name().items()} == {
        "Dawn": None,
        "Gil": ON,
        "Rob": None,
    }
