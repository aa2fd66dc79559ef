"""The adults at home as the People page shows them, and who may change what stands there."""

from dataclasses import dataclass
from datetime import date

from contacts.followup_policies import can_liaise
from contacts.models import StudentContact
from keywork.access import Viewer
from keywork.roles import Capability
from keywork.term_dates import SchoolCalendar
from students.models import Student
from students.policies import Sight


@dataclass(frozen=True, slots=True)
class AdultRow:
    """An adult: link; why_not: why they must not be contacted, empty where they may be."""

    link: StudentContact
    why_not: str

    @property
    def facts(self) -> list[str]:
        """Give what is known, each in a few words; what is not known says so."""
        link, person = self.link, self.link.contact
        language = person.language + (", needs an interpreter" if person.interpreter else "")
        return [
            f"Parental responsibility: {_known(link.parental_responsibility)}",
            f"Lives with: {_known(link.lives_with)}",
            f"Receives reports: {'no' if self.why_not else _known(link.receives_reports)}",
            *([f"Language: {language}"] if language else []),
        ]


@dataclass(frozen=True, slots=True)
class AtHome:
    """The panel. stale: what the prompt to check says; empty where all was checked this term."""

    adults: list[AdultRow]
    former: list[StudentContact]
    stale: str
    may_edit: bool
    may_check: bool


def can_edit_contacts(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may add, change and end adults, or forbid contact.

    The office may, and those who oversee the school's records and liaise with home.
    """
    if viewer.can_at(Capability.EDIT_IDENTITY, student.school_id):
        return True
    oversees = viewer.can_at(Capability.SEE_SCHOOL_RECORDS, student.school_id)
    return oversees and can_liaise(viewer, student, sight)


def can_check_contacts(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may note that the details were checked and are still right."""
    return can_edit_contacts(viewer, student, sight) or can_liaise(viewer, student, sight)


def at_home(viewer: Viewer, student: Student, sight: Sight, calendar: SchoolCalendar) -> AtHome:
    """Read the adults of a student whose identity the viewer sees, in one query."""
    links = list(student.contacts.for_list())
    current = [each for each in links if not (each.ended_on and each.ended_on <= viewer.on)]
    return AtHome(
        adults=[AdultRow(each, each.why_not(viewer.on)) for each in current],
        former=[each for each in links if each not in current],
        stale=stale_words(current, viewer.on, calendar),
        may_edit=can_edit_contacts(viewer, student, sight),
        may_check=can_check_contacts(viewer, student, sight),
    )


def stale_words(current: list[StudentContact], on: date, calendar: SchoolCalendar) -> str:
    """Say whose details were not checked this term; nothing between terms."""
    term = calendar.term_of(on)
    if term is None or not current:
        return ""
    old = [
        each.contact.name
        for each in current
        if each.contact.checked_on is None or each.contact.checked_on < term.start
    ]
    return f"Not checked this term: {', '.join(old)}." if old else ""


def _known(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not known"}[value]
