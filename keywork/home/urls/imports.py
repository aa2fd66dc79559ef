"""Imports in the browser."""

from django.urls import path

from keywork.home.views import exports
from keywork.home.views import imports as views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.import_new, name="import_new"),
    path("imports/templates/<slug:name>/", views.import_template, name="import_template"),
    path("imports/<slug:ref>/mapping/", exports.import_mapping, name="import_mapping"),
    path("imports/<slug:ref>/answers/", exports.import_answers, name="import_answers"),
    path("imports/<slug:ref>/preview/", views.import_preview, name="import_preview"),
    path("imports/<slug:ref>/result/", views.import_result, name="import_result"),
    path("imports/<slug:ref>/cancel/", views.import_cancel, name="import_cancel"),
    path(
        "imports/<slug:ref>/problems/<slug:name>/", views.import_problems, name="import_problems"
    ),
]
