from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from keywork.access import allow, get_visible_or_404
from keywork.models import ClosedDay, HalfTerm, KeyWorkModel, School, StaffMember
from keywork.roles import Capability, Role
from sessions.models import KeyworkSession, Target
from students.models import Student, TimetableEntry
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOBODY = set()
OWN = {"own", "second", "taught", "resident", "other"}  # everybody of the school


class World:
    """One person in one role, and students in every relation to them, at two schools."""

    def __init__(self, role):
        self.school = make.make_school()
        self.elsewhere = make.make_school("Elsewhere School", "999102")
        self.person = make.make_staff(self.school, role)
        colleague = make.make_staff(self.school, "key_worker")
        self.students = {
            "own": self._student(colleague),
            "second": self._student(colleague),
            "taught": self._student(colleague),
            "resident": self._student(colleague, residence="Oak House"),
            "other": self._student(colleague),
            "own before": self._student(colleague, school=self.school),
            "elsewhere": self._student(
                make.make_staff(self.elsewhere, "key_worker"), school=self.elsewhere
            ),
        }
        student = self.students
        yesterday = make.TODAY - timedelta(days=1)
        own = student["own"].assignments.get()
        own.end = yesterday
        own.save()
        make.assign(student["own"], self.person, start=make.TODAY)
        make.assign(student["second"], self.person, role="secondary")
        make.assign(student["own before"], self.person, role="secondary", end=yesterday)
        TimetableEntry(student=student["taught"], teacher=self.person, subject="Art").save()
        # Relations to a student of a school where the person has no role give nothing.
        make.assign(student["elsewhere"], self.person, role="secondary")
        TimetableEntry(student=student["elsewhere"], teacher=self.person, subject="Art").save()

    def _student(self, key_worker, **more):
        student = make.StudentFactory(**({"school": self.school} | more))
        make.assign(student, key_worker)
        held = make.SessionFactory(student=student, key_worker=key_worker)
        make.TargetFactory(student=student, keywork_session=held)
        return student

    def named(self, queryset, field="pk"):
        relations = {student.pk: relation for relation, student in self.students.items()}
        return {relations[pk] for pk in queryset.values_list(field, flat=True)}

    @property
    def viewer(self):
        return make.viewer(self.person)


EVERYBODY = OWN | {"own before"}
BY_NAME = {
    Role.KEY_WORKER: EVERYBODY,
    Role.TEACHER: {"taught"},
    Role.MODERATOR: EVERYBODY,
    Role.SENCO: EVERYBODY,
    Role.HEAD_OF_CARE: EVERYBODY,
    Role.DSL: EVERYBODY,
    Role.SLT: EVERYBODY,
    Role.HEAD: EVERYBODY,
    Role.TRUST_LEAD: NOBODY,
    Role.ADMIN: EVERYBODY,
    Role.SYSTEM_ADMIN: NOBODY,
}
IN_FULL = {
    Role.KEY_WORKER: {"own", "second"},
    Role.TEACHER: NOBODY,
    Role.MODERATOR: EVERYBODY,
    Role.SENCO: EVERYBODY,
    Role.HEAD_OF_CARE: {"resident"},
    Role.DSL: EVERYBODY,
    Role.SLT: EVERYBODY,
    Role.HEAD: EVERYBODY,
    Role.TRUST_LEAD: NOBODY,
    Role.ADMIN: NOBODY,
    Role.SYSTEM_ADMIN: NOBODY,
}


@pytest.fixture(params=list(Role), ids=str)
def role(request):
    return request.param


def test_who_sees_which_student_how_deep(role):
    world = World(role)
    viewer = world.viewer
    assert world.named(Student.objects.visible_to(viewer)) == BY_NAME[role]
    assert world.named(Student.objects.in_full_for(viewer)) == IN_FULL[role]
    identity = BY_NAME[role] if role == Role.ADMIN else IN_FULL[role]
    assert world.named(Student.objects.identity_for(viewer)) == identity
    annotated = Student.objects.visible_to(viewer).with_sight(viewer)
    assert world.named(annotated.filter(seen_in_full=True)) == IN_FULL[role]
    assert world.named(annotated.filter(identity_seen=True)) == identity


def test_what_was_said_is_seen_of_students_seen_in_full_alone(role):
    world = World(role)
    for model in (KeyworkSession, Target):
        seen = model.objects.visible_to(world.viewer)
        assert world.named(seen, "student_id") == IN_FULL[role]


def test_no_role_sees_anything_of_another_school(role):
    world = World(role)
    viewer = world.viewer
    for model in (School, StaffMember, HalfTerm, ClosedDay, KeyWorkModel):
        field = "pk" if model is School else "school"
        schools = set(model.objects.visible_to(viewer).values_list(field, flat=True))
        assert schools <= {world.school.pk}


def test_somebody_without_a_role_sees_nobody():
    world = World(Role.HEAD)
    stranger = make.viewer(make.UserFactory())
    assert stranger.school is None
    assert (stranger.roles, stranger.role_words) == (frozenset(), "")
    for model in (Student, KeyworkSession, Target, School, StaffMember):
        assert not model.objects.visible_to(stranger).exists()
    assert world.students


def test_roles_at_two_schools_are_kept_apart():
    world = World(Role.TEACHER)
    make.add_roles(world.person, world.elsewhere, Role.SENCO)
    viewer = world.viewer
    assert [school.name for school in viewer.schools] == ["Elsewhere School", "Fold School"]
    assert viewer.school == world.elsewhere  # first by name, until another is chosen
    assert viewer.can_at(Capability.SEE_SCHOOL_RECORDS, world.elsewhere.pk)
    assert not viewer.can_at(Capability.SEE_SCHOOL_RECORDS, world.school.pk)
    assert viewer.schools_where(Capability.TEACH) == [world.school.pk]
    assert world.named(Student.objects.visible_to(viewer)) == {"taught", "elsewhere"}
    assert world.named(Student.objects.in_full_for(viewer)) == {"elsewhere"}
    chosen = make.viewer(world.person, school=world.school)
    assert chosen.roles == {Role.TEACHER}
    assert not chosen.can(Capability.SEE_SCHOOL_RECORDS)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "in_post"),
    [
        (None, None, True),
        (make.TODAY, make.TODAY, True),
        (make.TODAY + timedelta(days=1), None, False),
        (date(2020, 9, 1), make.TODAY - timedelta(days=1), False),
    ],
)
def test_a_post_counts_from_its_first_to_its_last_day(starts_on, ends_on, in_post):
    school = make.make_school()
    person = make.make_staff(school, Role.HEAD)
    record = StaffMember.objects.get(user=person)
    record.starts_on, record.ends_on = starts_on, ends_on
    record.save()
    viewer = make.viewer(person)
    assert (viewer.school == school) is in_post
    assert (viewer.roles == {Role.HEAD}) is in_post


def test_a_viewer_is_read_in_one_query(django_assert_num_queries):
    world = World(Role.KEY_WORKER)
    make.add_roles(world.person, world.elsewhere, Role.ADMIN, Role.HEAD)
    with django_assert_num_queries(1):
        viewer = make.viewer(world.person)
        assert viewer.role_words == "Head, office admin"


def test_out_of_sight_is_the_same_404_as_missing():
    world = World(Role.KEY_WORKER)
    viewer = world.viewer
    mine, theirs = world.students["own"], world.students["elsewhere"]
    assert get_visible_or_404(Student, viewer, ref=mine.ref) == mine
    for ref in (theirs.ref, "0000000000"):
        with pytest.raises(Http404) as refused:
            get_visible_or_404(Student, viewer, ref=ref)
        assert refused.value.args == ()


def test_allow_refuses_what_is_seen_but_not_to_be_done():
    assert allow(True) is None
    with pytest.raises(PermissionDenied):
        allow(False)
