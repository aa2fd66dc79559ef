"""The demo's sign-ins: the school's own people, and those whose roles it lacks."""

from dataclasses import dataclass
from datetime import date

from keywork.models import School, StaffMember, StaffRole, User
from keywork.roles import Role

# Works only while KEYWORK_DEMO is set (keywork.authentication).
PASSWORD = "hillside-demo-only"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the table that the demo prints."""

    role: str
    username: str
    what_for: str


SIGN_INS = (
    SignIn("Key worker", "nakhtar", "Today, caseload, sessions, targets"),
    SignIn("Key worker, also teacher", "sbrearley", "two roles in one rail"),
    SignIn("Teacher", "pmidgley", "students by name, how to work with them"),
    SignIn("Moderator", "sbottomley", "reads the school's sessions"),
    SignIn("SENCo", "edrinkwater", "what is due, every student"),
    SignIn("Head of care", "otate", "residents, key workers"),
    SignIn("Safeguarding lead, senior leader", "cwrigley", "the school's records"),
    SignIn("Head", "tturton", "what is due, key workers"),
    SignIn("Office admin", "lnuttall", "students, staff, imports, settings"),
    SignIn("System admin", "rcole", "staff and settings, no student"),
    SignIn("Trust lead", "ivale", "no page of a school's own yet"),
)
EXTRA_STAFF = (
    ("otate", "Olwen", "Tate", "Head of Care", Role.HEAD_OF_CARE),
    ("rcole", "Rashid", "Cole", "Network Manager", Role.SYSTEM_ADMIN),
    ("ivale", "Imogen", "Vale", "Director of SEND", Role.TRUST_LEAD),
)


def add_missing_roles(school: School, starts_on: date) -> None:
    """Add one person for each role that nobody at the school holds."""
    for username, first, last, title, role in EXTRA_STAFF:
        email = f"{username}@hillsidefoldschool.example.org"
        user = User(username=username, first_name=first, last_name=last, email=email)
        user.save()
        record = StaffMember(user=user, school=school, job_title=title, starts_on=starts_on)
        record.save()
        StaffRole(staff_member=record, role=role).save()


def open_accounts(school: School) -> None:
    """Give everyone at the school the demo's password, good in the demo alone."""
    people = User.objects.filter(staff_records__school=school)
    first = people.first()
    if first is None:
        return
    first.set_password(PASSWORD)
    for user in people:
        # One hash for all: hashing thirty times would hold up the first start for nothing.
        user.password, user.is_demo = first.password, True
        user.save()
