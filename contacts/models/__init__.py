"""Parents, carers and others around the student."""

from contacts.models.people import Contact, StudentContact

__all__ = ["Contact", "StudentContact"]
