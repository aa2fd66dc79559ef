import pytest

from keywork.roles import CAPABILITIES, HOME_ORDER, Capability, Role, capabilities_of

C = Capability


def test_every_role_has_its_capabilities_and_a_place_in_the_order():
    assert set(CAPABILITIES) == set(Role) == set(HOME_ORDER)
    assert len(HOME_ORDER) == len(Role)


@pytest.mark.parametrize(
    ("capability", "roles"),
    [
        (
            C.SEE_SCHOOL_RECORDS,  # what was said, school-wide: those who oversee key work
            {Role.SENCO, Role.SLT, Role.HEAD, Role.DSL, Role.MODERATOR},
        ),
        (C.SEE_RESIDENT_RECORDS, {Role.HEAD_OF_CARE}),
        (C.KEEP_CASELOAD, {Role.KEY_WORKER}),
        (C.TEACH, {Role.TEACHER}),
        (C.SEE_SCHOOL_IDENTITY, {Role.ADMIN}),
        (C.EDIT_IDENTITY, {Role.ADMIN}),
        (C.IMPORT_DATA, {Role.ADMIN}),
        (C.MANAGE_STAFF, {Role.ADMIN, Role.SYSTEM_ADMIN}),
        (C.MANAGE_MESSAGES, {Role.ADMIN, Role.SYSTEM_ADMIN}),
        (C.MANAGE_CALENDAR, {Role.ADMIN, Role.SYSTEM_ADMIN}),
        (C.MANAGE_MODELS, {Role.ADMIN, Role.SYSTEM_ADMIN}),
        (C.RECORD_SLIP, set(Role) - {Role.TRUST_LEAD, Role.SYSTEM_ADMIN}),
        (
            C.CORRECT_SLIP,
            {Role.SENCO, Role.SLT, Role.HEAD, Role.MODERATOR, Role.DSL},
        ),
        (C.RECORD_SESSION, {Role.KEY_WORKER, Role.SENCO, Role.HEAD_OF_CARE}),
        (C.MANAGE_ASSIGNMENTS, {Role.ADMIN, Role.SLT, Role.HEAD, Role.HEAD_OF_CARE}),
    ],
)
def test_who_holds_a_capability(capability, roles):
    assert {role for role in Role if capability in CAPABILITIES[role]} == roles


def test_a_system_admin_reads_no_student_content():
    reading = {
        C.SEE_STUDENTS,
        C.SEE_SCHOOL_NAMES,
        C.SEE_SCHOOL_IDENTITY,
        C.SEE_SCHOOL_RECORDS,
        C.SEE_RESIDENT_RECORDS,
        C.KEEP_CASELOAD,
        C.TEACH,
    }
    assert CAPABILITIES[Role.SYSTEM_ADMIN].isdisjoint(reading)


def test_several_roles_give_all_that_each_gives():
    both = capabilities_of(frozenset({Role.TEACHER, Role.ADMIN}))
    assert both == CAPABILITIES[Role.TEACHER] | CAPABILITIES[Role.ADMIN]
    assert capabilities_of(frozenset()) == frozenset()
