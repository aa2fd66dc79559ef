"""Random references for URLs: ten characters that are easy to read out over the telephone."""

import secrets

from django.core.validators import RegexValidator
from django.db import models

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
REF_LENGTH = 10
IS_REF = RegexValidator(rf"\A[{CROCKFORD}]{{{REF_LENGTH}}}\Z")


def new_ref() -> str:
    """Give ten random Crockford base32 characters (50 bits, no i, l, o or u)."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(REF_LENGTH))


def is_ref(text: str) -> bool:
    """Say whether a text is a ref, as forms send it."""
    return len(text) == REF_LENGTH and set(text) <= set(CROCKFORD)


def free_ref(model: type[models.Model], ref: str) -> str:
    """Give the ref that a form was shown with, or a new one where a record has it already.

    A form changed after going back carries a taken one, and one that was tampered with may.
    """
    return new_ref() if model._default_manager.filter(ref=ref).exists() else ref


def ref_field() -> models.CharField:
    """Give the field that is a record's public name in URLs; never a primary key or a UPN."""
    return models.CharField(max_length=REF_LENGTH, unique=True, default=new_ref, editable=False)
