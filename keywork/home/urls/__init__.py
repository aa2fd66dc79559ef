"""Pages that join the apps, and the pages of everyone's own account: one module per topic."""

from keywork.home.urls import (
    account,
    behaviour,
    catalogues,
    drafts,
    due,
    followups,
    history,
    imports,
    messages,
    search,
    settings,
    signals,
    staff,
    student_page,
    today,
    undo,
)

urlpatterns = [
    *today.urlpatterns,
    *due.urlpatterns,
    *student_page.urlpatterns,
    *search.urlpatterns,
    *followups.urlpatterns,
    *behaviour.urlpatterns,
    *catalogues.urlpatterns,
    *history.urlpatterns,
    *drafts.urlpatterns,
    *undo.urlpatterns,
    *signals.urlpatterns,
    *imports.urlpatterns,
    *staff.urlpatterns,
    *settings.urlpatterns,
    *messages.urlpatterns,
    *account.urlpatterns,
]
