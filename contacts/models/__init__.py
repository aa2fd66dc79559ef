"""Parents, carers and others around the student."""

from contacts.models.followups import FollowUp
from contacts.models.people import Contact, StudentContact

__all__ = ["Contact", "FollowUp", "StudentContact"]
