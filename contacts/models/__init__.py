"""Parents, carers and others around the student, and the weekly check-up with teachers."""

from contacts.models.checkups import Checkup, CheckupAnswer, CheckupLink
from contacts.models.people import Contact, StudentContact

__all__ = ["Checkup", "CheckupAnswer", "CheckupLink", "Contact", "StudentContact"]
