"""Sign-in, own settings, hiding the screen, help, health.

Of allauth only what is meant: no sign-up, no e-mail management, no third parties.
"""

from allauth.account import views as account
from allauth.usersessions import views as devices
from django.urls import path, re_path

from keywork.access import public, signed_in
from keywork.home.views import account as views
from keywork.home.views import health

sign_in = public("signing in")
password_lost = public("a forgotten password is asked for by somebody signed out")

urlpatterns = [
    path("account/login/", sign_in(account.login), name="account_login"),
    path("account/logout/", sign_in(account.logout), name="account_logout"),
    path("account/inactive/", sign_in(account.account_inactive), name="account_inactive"),
    path(
        "account/reauthenticate/",
        signed_in(account.reauthenticate),
        name="account_reauthenticate",
    ),
    path(
        "account/password/change/",
        signed_in(account.password_change),
        name="account_change_password",
    ),
    path("account/password/set/", signed_in(account.password_set), name="account_set_password"),
    path(
        "account/password/reset/",
        password_lost(account.password_reset),
        name="account_reset_password",
    ),
    path(
        "account/password/reset/done/",
        password_lost(account.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        password_lost(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/reset/key/done/",
        password_lost(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("account/devices/", signed_in(devices.list_usersessions), name="usersessions_list"),
    path("me/", views.me, name="me"),
    path("me/school/", views.school_switch, name="school_switch"),
    path("stay/", views.stay, name="stay"),
    path("hide/", views.hide, name="hide"),
    path("hide/resume/", views.resume, name="resume"),
    path("help/", views.help_page, name="help"),
    path("log/", views.log, name="log"),
    path("health/", health.health, name="health"),
]
