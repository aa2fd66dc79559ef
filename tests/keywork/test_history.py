import pytest

from keywork.history import history_entries, save_by
from keywork.models import ClosedDay, HalfTerm, StaffMember
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def record():
    return make.make_school().half_terms.first()


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(name="X"),
        lambda rows: rows.bulk_update(list(rows), ["name"]),
        lambda rows: rows.bulk_create([]),
        lambda rows: rows.delete(),
    ],
    ids=["update", "bulk_update", "bulk_create", "delete"],
)
def test_writes_that_would_leave_no_history_are_refused(record, write):
    with pytest.raises(TypeError, match="would leave no history"):
        write(HalfTerm.objects.all())
    assert HalfTerm.objects.count() == 4


def test_an_entry_says_who_when_before_and_after_newest_first(record):
    ola = make.make_staff(record.school, "admin", first_name="Ola", last_name="Office")
    record.name = "Autumn one"
    save_by(record, ola, "The spelling was wrong")
    newest, first = history_entries(record)
    assert (newest.by, newest.kind, newest.reason) == (
        "Ola Office",
        "Changed",
        "The spelling was wrong",
    )
    assert [(c.label, c.before, c.after) for c in newest.changes] == [
        ("name", "Autumn 1", "Autumn one")
    ]
    assert (first.by, first.kind, first.changes) == ("The system", "Created", [])
    assert newest.at > first.at


def test_values_are_shown_as_people_say_them(record):
    school = record.school
    model = school.key_work_model
    other = school.key_work_models.exclude(pk=model.pk).first()
    school.key_work_model = other
    school.save()
    [change] = history_entries(school, limit=1)[0].changes
    assert (change.label, change.before, change.after) == (
        "key work model",
        model.name,
        other.name,
    )
    model.weekly_targets = not model.weekly_targets
    model.sessions_per_term = None if model.sessions_per_term else 5
    model.save()
    shown = {change.label: change.after for change in history_entries(model)[0].changes}
    assert shown["weekly targets"] in {"yes", "no"}
    assert shown["sessions per term"] in {"empty", "5"}
    day = ClosedDay(school=school, kind="inset", start=make.TODAY, end=make.TODAY)
    day.save()
    day.kind = "closure"
    day.save()
    [change] = history_entries(day)[0].changes
    assert (change.before, change.after) == ("INSET day", "Closure")


def test_the_entries_are_limited_and_the_oldest_shown_still_knows_what_was_before(record):
    for number in range(5):
        record.name = f"Name {number}"
        record.save()
    entries = history_entries(record, limit=3)
    assert [entry.changes[0].before for entry in entries] == ["Name 3", "Name 2", "Name 1"]


def test_the_history_of_an_account_holds_no_password_and_no_sign_in(record):
    person = make.make_staff(record.school, "teacher")
    person.set_password("a river runs through it 7")
    person.first_name = "Changed"
    person.save()
    assert not hasattr(person.history.latest(), "password")
    [change] = history_entries(person)[0].changes
    assert (change.label, change.after) == ("first name", "Changed")
    before = person.history.count()
    person.save(update_fields=["last_login"])
    assert person.history.count() == before
    person.save(update_fields=["last_login", "first_name"])
    assert person.history.count() == before + 1


def test_what_is_deleted_keeps_its_history(record):
    person = make.make_staff(record.school, "teacher", "admin")
    role = StaffMember.objects.get(user=person).roles.get(role="admin")
    pk = role.pk
    role.delete()
    kinds = type(role).history.filter(id=pk).order_by("history_id")
    assert [row.history_type for row in kinds] == ["+", "-"]
