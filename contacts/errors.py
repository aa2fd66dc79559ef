"""What cannot be done to the records of this app."""


class ContactsError(Exception):
    """Something that cannot be done; the message is a sentence for the screen.

    field: the form's field it is about; empty: the form as a whole.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
