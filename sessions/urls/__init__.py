"""URLs of the sessions app: one module per topic."""

from sessions.urls import log, planning, targets

app_name = "sessions"
urlpatterns = [*log.urlpatterns, *planning.urlpatterns, *targets.urlpatterns]
