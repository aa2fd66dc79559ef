"""Parents, carers and others around the student, what is owed to them, and check-ups."""

from contacts.models.checkups import Checkup, CheckupAnswer, CheckupLink
from contacts.models.followups import FollowUp
from contacts.models.people import Contact, StudentContact

__all__ = ["Checkup", "CheckupAnswer", "CheckupLink", "Contact", "FollowUp", "StudentContact"]
