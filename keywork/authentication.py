"""Signing in: own accounts only, none made by visitors, the demo's only in the demo."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class StaffBackend(AuthenticationBackend):
    """Username or e-mail and password; a demo account is refused outside the demo."""

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
    """Accounts are made by the school, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False
