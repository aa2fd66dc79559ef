"""Notices, a school's outbox and its hours, the link with which somebody declines a message."""

from django.urls import path, re_path

from keywork.home.views import messages as views

REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.notices_read, name="notices_read"),
    re_path(rf"^notices/{REF}/read/$", views.notice_read, name="notice_read"),
    path("settings/messages/", views.outbox_page, name="settings_messages"),
    re_path(rf"^settings/messages/{REF}/again/$", views.message_again, name="message_again"),
    path("settings/messages/again/", views.messages_again, name="messages_again"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
