"""Drafts of forms."""

from django.urls import path

from keywork.home.views import drafts as views

urlpatterns = [
    path("drafts/", views.draft_list, name="drafts"),
    path("drafts/<str:key>/", views.draft, name="draft"),
    path("drafts/<str:key>/compare/", views.draft_compare, name="draft_compare"),
    path("drafts/<str:key>/discard/", views.draft_discard, name="draft_discard"),
]
