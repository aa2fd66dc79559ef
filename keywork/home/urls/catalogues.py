"""The words of slips, their mandatory parts and the points target of a school."""

from django.urls import path, re_path

from keywork.home.views import catalogues

REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    path("settings/catalogues/", catalogues.index, name="settings_catalogues"),
    path("settings/catalogues/rules/", catalogues.rules, name="settings_slip_rules"),
    path("settings/catalogues/words/new/", catalogues.word_new, name="settings_word_new"),
    path("settings/catalogues/words/usual/", catalogues.usual, name="settings_words_usual"),
    re_path(rf"^settings/catalogues/words/{REF}/$", catalogues.word, name="settings_word"),
]
