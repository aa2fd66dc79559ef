"""What the columns and words of an export are called on screen."""

from __future__ import annotations

from keywork.home.mis.columns import ALIASES
from students.rules.attendance import CODES

WHO = {
    "upn": "UPN",
    "admission_no": "Admission number",
    "first_name": "First name",
    "last_name": "Last name",
    "dob": "Date of birth",
}
LABELS: dict[str, dict[str, str]] = {
    "students": {
        **WHO,
        "preferred_first_name": "Preferred first name",
        "sex": "Sex",
        "nc_year": "Year group",
        "reg_form": "Form",
        "sen_status": "SEN status",
        "needs": "SEN needs",
        "on_roll_from": "First day on roll",
        "left_on": "Last day on roll",
        "home_language": "Home language",
    },
    "contacts": {
        "upn": "Student’s UPN",
        "admission_no": "Student’s admission number",
        "student_first_name": "Student’s first name",
        "student_last_name": "Student’s last name",
        "mis_id": "Contact’s number",
        "priority": "Priority",
        "title": "Title",
        "first_name": "Contact’s first name",
        "last_name": "Contact’s last name",
        "relationship": "Relationship",
        "parental_responsibility": "Parental responsibility",
        "lives_with": "Lives with the student",
        "do_not_contact": "Must not be contacted",
        "mobile": "Mobile",
        "phone": "Telephone",
        "email": "E-mail",
        "language": "Language",
    },
    "attendance": {
        **WHO,
        "date": "Date",
        "session": "Session (AM or PM)",
        "code": "Mark",
        "minutes_late": "Minutes late",
    },
    "behaviour": {
        **WHO,
        "occurred_at": "Date, or date and time",
        "clock": "Time",
        "level": "Level",
        "category": "Category",
        "points": "Points",
        "call_home": "Call home",
        "location": "Location",
        "staff": "Member of staff",
        "description": "What happened",
        "response": "What was done",
        "consequence": "Consequence",
    },
}
# Whose unknown words a person can say the meaning of: our name → (what the file gets, its label).
WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "level": (("low", "Low"), ("high", "High"), ("reward", "Reward")),
    "code": tuple((code, code) for code in CODES),
    "session": (("AM", "AM"), ("PM", "PM")),
    "sen_status": (("N", "No SEN"), ("K", "SEN support"), ("E", "EHC plan")),
}
KINDS = {
    "students": "Students",
    "contacts": "Contacts",
    "attendance": "Attendance",
    "behaviour": "Behaviour and rewards",
}


def label_of(kind: str, name: str) -> str:
    """Give the label of one of our names; the name itself where it has none."""
    return LABELS[kind].get(name, name)


def choices_of(kind: str) -> list[tuple[str, str]]:
    """Give what a column of an export can be taken as; nothing first."""
    return [("", "Leave out"), *((name, label_of(kind, name)) for name in ALIASES[kind])]
