"""Signing in: own accounts only, none made by visitors, the demo's only in the demo."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.ratelimit import parse_rates
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from keywork import clock
from keywork.models import User


class StaffBackend(AuthenticationBackend):
    """Username or e-mail and password; a demo account is refused outside the demo."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Give the person, or None; an account that may not sign in is answered as a wrong one.

        allauth would remember such an account, to say that it is inactive, and sign it in where
        it is active but refused for another reason.
        """
        user = super().authenticate(request, **credentials)
        if user is None:
            self.unstash_authenticated_user()
        return user

    def user_can_authenticate(self, user: AbstractBaseUser) -> bool:
        """Say whether the account may sign in here at all."""
        if getattr(user, "is_demo", False) and not settings.DEMO:
            return False
        return super().user_can_authenticate(user)

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """Give the signed-in user, or None once the account may no longer sign in."""
        user = super().get_user(user_id)
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    """allauth's behaviour, but accounts are made by the school, and people are told when."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no: never by a visitor."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a sign-in after too many wrong passwords, and say when to try again."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refused:
            again = clock.now() + LOCKED_FOR
            raise ValidationError(
                f"Too many wrong passwords. Try again after {again:%H:%M}, "
                "or choose a new password by e-mail.",
                code="too_many_login_attempts",
            ) from refused

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Put the link into the outbox: a slow mail server keeps nobody waiting."""
        from keywork.account_messages import send_reset_link  # noqa: PLC0415 (makes such links)

        send_reset_link(user)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Give the address in the e-mail: the site's own, whatever host the request named."""
        return reset_url(key)


def _locked_for() -> timedelta:
    rates = parse_rates(settings.ACCOUNT_RATE_LIMITS["login_failed"])
    return timedelta(seconds=max(rate.duration for rate in rates))


LOCKED_FOR = _locked_for()


def reset_url(key: str) -> str:
    """Give the address at which a password is chosen, from `<user>-<token>`."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))


def choose_password_url(user: User) -> str:
    """Give a person the address to choose their password at; it works once, for three days."""
    from allauth.account import app_settings  # noqa: PLC0415 (needs the apps)
    from allauth.account.utils import user_pk_to_url_str  # noqa: PLC0415 (needs the apps)

    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reset_url(f"{user_pk_to_url_str(user)}-{token}")


def sign_out_everywhere(user: User) -> None:
    """End every signed-in device of a person at once."""
    for device in UserSession.objects.filter(user=user):
        device.end()
