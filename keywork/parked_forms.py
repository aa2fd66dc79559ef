"""A form posted after its sign-in expired is not lost (screens.md section 5).

Each form carries a signed token that names its author and its page. A post that arrives signed
out, or with an old security token, is kept encrypted for an hour; after sign-in as the same
person the page shows it filled in again. Views build their form from `form_data(request)`.

The token also says which school the pages were about when the form was shown: it is saved at that
one, whatever was chosen since in another tab or by a new sign-in (`keywork.middleware`).
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac

from keywork.models import ParkedForm, User

FIELD = "form_token"
PARAMETER = "parked"
TOKEN_SECONDS = 12 * 60 * 60
KEPT_FOR = timedelta(hours=1)
LONGEST_BODY = 256 * 1024  # bytes; a long session report has some 20,000
MOST_PER_PERSON = 20
SALT = "keywork.parked_forms"
FILES_LOST = "files_lost"
AT_SCHOOL = "parked_at_school"
NOT_PARKED = (FILES_LOST, AT_SCHOOL, "csrfmiddlewaretoken", FIELD)
LONGEST_PATH = 300


class TooLongError(Exception):
    """A body longer than LONGEST_BODY; nothing was kept."""


@dataclass(frozen=True, slots=True)
class FormToken:
    """Whose form it is (a user's id), the page (path and query) that shows it, at which school."""

    user_id: int
    path: str
    school_id: int | None = None


def form_token(user: User, path: str, school_id: int | None = None) -> str:
    """Give the token that the forms of one page carry; it lasts 12 hours."""
    return signing.dumps([user.pk, path[:LONGEST_PATH], school_id], salt=SALT, compress=True)


def read_token(token: str, *, max_age: int | None = TOKEN_SECONDS) -> FormToken | None:
    """Give what a token says, or None where it is missing, tampered with or too old."""
    try:
        user_id, path, *school = signing.loads(token, salt=SALT, max_age=max_age)
    except signing.BadSignature:
        return None
    return FormToken(user_id, path, school[0] if school else None)


def school_of(token: str, user: User) -> int | None:
    """Give the id of the school that a form of the user's own was shown at, however old it is."""
    said = read_token(token, max_age=None) if token else None
    return said.school_id if said and said.user_id == user.pk else None


def park(
    post: QueryDict, *, token: FormToken, now: datetime, with_files: bool = False
) -> ParkedForm:
    """Keep a posted body for its author, encrypted, for an hour; the oldest beyond 20 go.

    with_files: files came with it, which are not kept; the body says so (`FILES_LOST`).

    Raises TooLongError, and User.DoesNotExist where the author's account is gone.
    """
    fields = post.copy()
    for name in NOT_PARKED:
        fields.pop(name, None)
    if with_files:
        fields[FILES_LOST] = "yes"
    if token.school_id:
        fields[AT_SCHOOL] = str(token.school_id)
    body = fields.urlencode().encode()
    if len(body) > LONGEST_BODY:
        raise TooLongError
    author = User.objects.get(pk=token.user_id, is_active=True)
    older = ParkedForm.objects.filter(owner=author).order_by("-expires_at")
    ParkedForm.objects.filter(
        pk__in=list(older.values_list("pk", flat=True)[MOST_PER_PERSON - 1 :])
    ).delete()
    return ParkedForm.objects.create(
        token=secrets.token_urlsafe(32),
        owner=author,
        path=token.path,
        body=_cipher().encrypt(body),
        expires_at=now + KEPT_FOR,
    )


def parked_url(parked: ParkedForm) -> str:
    """Give the address at which the author finds the form filled in again."""
    joint = "&" if "?" in parked.path else "?"
    return f"{parked.path}{joint}{PARAMETER}={parked.token}"


def parked_body(*, token: str, user: User, path: str, now: datetime) -> QueryDict | None:
    """Give the fields kept under a token, for their author on the form's page; else None."""
    body = _body(token=token, user=user, path=path, now=now)
    if body is not None:
        body.pop(AT_SCHOOL, None)
    return body


def parked_at(*, token: str, user: User, path: str, now: datetime) -> int | None:
    """Give the id of the school that a form kept under a token was shown at, as `parked_body`."""
    body = _body(token=token, user=user, path=path, now=now)
    said = body.get(AT_SCHOOL) if body else None
    return int(said) if said else None


def _body(*, token: str, user: User, path: str, now: datetime) -> QueryDict | None:
    parked = ParkedForm.objects.filter(token=token, owner=user, expires_at__gt=now).first()
    if parked is None or parked.path.partition("?")[0] != path:
        return None
    try:
        body = _cipher().decrypt(bytes(parked.body))
    except InvalidToken:  # SECRET_KEY was changed meanwhile
        return None
    return QueryDict(body.decode(), mutable=True)


def forget(*, token: str, user: User) -> None:
    """Drop a kept form once its author has saved it."""
    ParkedForm.objects.filter(token=token, owner=user).delete()


def form_data(request: HttpRequest) -> QueryDict | None:
    """Give what a form is bound to: the post, or the fields kept over a sign-in, or None.

    On the GET after sign-in the form is bound, and so shows its errors if it has any; a view
    saves only on POST.
    """
    if request.method == "POST":
        return request.POST
    return getattr(request, "parked", None)


def _cipher() -> Fernet:
    key = salted_hmac(SALT, "body", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
