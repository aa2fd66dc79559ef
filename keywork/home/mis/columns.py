"""Which column of an export is which: the headings that SIMS, Arbor and Bromcom users see.

Only known columns are taken, or what a school mapped by hand; everything else, and so whatever is
sensitive, stays out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from keywork.home.imports.cells import BadCellError
from keywork.home.imports.report import BadFileError
from keywork.home.mis.reader import Sheet
from keywork.home.mis.values import Order, has_month_first, read_day, squeeze

# Our name → headings, as `squeeze` leaves them. The first that a file has is taken.
WHO: dict[str, tuple[str, ...]] = {
    "upn": ("upn", "studentupn", "pupilupn", "uniquepupilnumber"),
    "admission_no": (
        *("admissionno", "admissionnumber", "adno", "admno", "studentid", "pupilid"),
        *("studentnumber",),
    ),
    "first_name": (
        *("legalfirstname", "legalforename", "studentforename", "studentfirstname"),
        *("pupilforename", "firstname", "forename"),
    ),
    "last_name": (
        *("legallastname", "legalsurname", "studentsurname", "studentlastname", "pupilsurname"),
        *("lastname", "surname"),
    ),
    "dob": ("dateofbirth", "dob", "birthdate", "birthday"),
}
ALIASES: dict[str, dict[str, tuple[str, ...]]] = {
    "students": {
        **WHO,
        "preferred_first_name": ("preferredfirstname", "preferredforename", "chosenname"),
        "sex": ("sex", "gender", "legalsex"),
        "nc_year": ("yeargroupsthisacademicyear", "yeargroup", "ncyear", "year", "yeartaughtin"),
        "reg_form": (
            *("registrationformsthisacademicyear", "reggroup", "regform", "tutorgroup"),
            *("registrationform", "registrationgroup", "form"),
        ),
        "sen_status": ("senstatus", "senprovision", "sen"),
        "needs": ("senneed", "senneeds", "primaryneed", "sentype"),
        "on_roll_from": ("admissiondate", "dateofadmission", "startdate", "onrollfrom", "doa"),
        "left_on": ("leavingdate", "dateofleaving", "lefton", "dol"),
        "home_language": ("homelanguage", "firstlanguage"),
    },
    "contacts": {
        "upn": WHO["upn"],
        "admission_no": WHO["admission_no"],
        "mis_id": ("parentid", "contactid", "personid", "guardianid"),
        "priority": ("priority", "contactpriority", "order"),
        "title": ("title", "contacttitle"),
        "first_name": ("contactforename", "contactfirstname", "parentforename", "forename"),
        "last_name": ("contactsurname", "contactlastname", "parentsurname", "surname"),
        # after the contact's own: SIMS has the student's as plain Surname and Forename
        "student_first_name": (
            *("studentforename", "studentfirstname", "pupilforename", "forename", "firstname"),
        ),
        "student_last_name": (
            *("studentsurname", "studentlastname", "pupilsurname", "surname", "lastname"),
        ),
        "relationship": ("relationship", "relationshiptostudent"),
        "parental_responsibility": ("parentalresponsibility", "pr"),
        "lives_with": ("liveswithpupil", "liveswithstudent", "liveswith", "sameaddress"),
        "do_not_contact": ("courtorder", "donotcontact"),
        "mobile": ("mobile", "mobilenumber", "mobiletelephone"),
        "phone": ("telephone", "phone", "hometelephone", "phonenumber"),
        "email": ("email", "emailaddress", "homeemail", "primaryemail"),
        "language": ("language", "firstlanguage"),
    },
    "attendance": {
        **WHO,
        "date": ("date", "markdate", "sessiondate"),
        "session": ("session", "ampm", "period"),
        "code": ("mark", "code", "attendancecode", "marks"),
        "minutes_late": ("minuteslate", "minslate", "late"),
    },
    "behaviour": {
        **WHO,
        "occurred_at": (
            *("incidentdatetime", "eventdatetime", "datetime", "eventdate", "incidentdate"),
            *("date",),
        ),
        "clock": ("eventtime", "incidenttime", "time"),
        "level": ("level", "severity"),
        "category": ("behaviour", "category", "behaviourtype", "type"),
        "points": ("points", "adjustment", "pointsawarded"),
        "call_home": ("contacthome", "callhome"),
        "location": ("location", "place"),
        "staff": ("loggedby", "staff", "recordedby", "awardedby", "teacher"),
        "description": ("narrative", "comment", "comments", "description", "details"),
        "response": ("actiontaken", "action", "response"),
        "consequence": ("consequence", "outcome"),
    },
}
# What an export cannot do without, beside something to know the student by.
NEEDED = {
    "students": ("last_name",),
    "contacts": ("last_name",),
    "attendance": ("date", "session", "code"),
    "behaviour": ("occurred_at", "level"),
}
KNOWN_BY = ("upn", "admission_no", "dob")
SESSION_HEADING = re.compile(r"(.*?)[\s_:-]*\b(AM|PM)\b[\s:]*(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Where things stand in a sheet.

    of: our name → position. sessions: position → (day, AM or PM), in a wide register.
    headings: by position, as the file has them. unknown: headings that nothing is taken from.
    """

    of: dict[str, int]
    headings: list[str]
    sessions: dict[int, tuple[date, str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def heading(self, name: str) -> str:
        """Give the heading of one of our names; the name itself where there is none."""
        return self.headings[self.of[name]] if name in self.of else name


def count_known(kind: str, header: list[str], mapped: Mapping[str, str]) -> int:
    """Count the headings of a row that are known; a row of one is a title, not a header."""
    names = {squeeze(heading) for heading in header if heading}
    known = {alias for aliases in ALIASES[kind].values() for alias in aliases}
    by_hand = {squeeze(heading) for heading in mapped}
    sessions = sum(bool(SESSION_HEADING.fullmatch(heading)) for heading in header)
    found = len(names & (known | by_hand)) + (sessions if kind == "attendance" else 0)
    return found if found > 1 or (found and len(names) == 1) else 0


def find_columns(
    kind: str, sheet: Sheet, mapped: Mapping[str, str], order: Order = Order.DAY
) -> Columns:
    """Find what stands where. mapped: heading → our name, or "" for none. Raises BadFileError.

    order: of day and month in the headings of a register with a column a session.
    """
    found = match_headings(kind, sheet.header, mapped)
    wide = kind == "attendance" and "code" not in found
    sessions = read_sessions(sheet.header, order) if wide else {}
    taken = {*found.values(), *sessions}
    unknown = [h for i, h in enumerate(sheet.header) if h and i not in taken]
    missing = missing_from(kind, found, wide=bool(sessions))
    if missing:
        raise BadFileError(
            f"has no column for: {', '.join(missing)}. Check the kind of export, or map them."
        )
    return Columns(found, sheet.header, sessions, unknown)


def match_headings(kind: str, header: list[str], mapped: Mapping[str, str]) -> dict[str, int]:
    """Give our name → position, first of what was mapped by hand, then of what is known."""
    by_hand = {squeeze(heading): name for heading, name in mapped.items()}
    positions: dict[str, int] = {}
    for position, heading in enumerate(header):
        if squeeze(heading):
            positions.setdefault(squeeze(heading), position)
    found = {
        name: positions[heading]
        for heading, name in by_hand.items()
        if name in ALIASES[kind] and heading in positions
    }
    for name, aliases in ALIASES[kind].items():
        taken_already = set(found.values())
        free = [
            alias
            for alias in aliases
            if alias not in by_hand and positions.get(alias, -1) not in {-1, *taken_already}
        ]
        if name not in found and free:
            found[name] = positions[free[0]]
    return found


def missing_from(kind: str, found: Collection[str], *, wide: bool) -> list[str]:
    """Name what an export of a kind cannot do without. wide: it has a column a session."""
    missing = [] if wide else [name for name in NEEDED[kind] if name not in found]
    if not set(KNOWN_BY) & set(found):
        missing.append("UPN or admission number")
    return missing


def read_sessions(header: list[str], order: Order = Order.DAY) -> dict[int, tuple[date, str]]:
    """Read headings such as "02/09/2026 AM". Raises BadFileError for a date that is none."""
    found: dict[int, tuple[date, str]] = {}
    if order == Order.DAY and any(map(has_month_first, header)):
        order = Order.DOUBTFUL
    for position, heading in enumerate(header):
        match = SESSION_HEADING.fullmatch(heading.strip())
        day = (match[1] or match[3]).strip() if match else ""
        if not match or not re.search(r"\d", day):
            continue
        try:
            session = (read_day(day, order=order), match[2].upper())
        except BadCellError as bad:
            raise BadFileError(f"has a column “{heading}”: {bad}") from None
        if session in found.values():
            raise BadFileError(f"has two columns “{heading}”. Keep one of them.")
        found[position] = session
    return found
