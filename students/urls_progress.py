"""URLs of progress: grades, scores, barriers, support in lessons."""

from django.urls import path

from students.views import behind, progress, without_support

STUDENT = "students/<str:ref>"
urlpatterns = [
    path("behind/", behind.behind, name="behind"),
    path("without-support/", without_support.without_support, name="without_support"),
    path(f"{STUDENT}/progress/", progress.progress, name="progress"),
    path(f"{STUDENT}/grades/new/", progress.grade_new, name="grade_new"),
    path(f"{STUDENT}/scores/new/", progress.score_new, name="score_new"),
    path(f"{STUDENT}/barriers/new/", progress.barrier_new, name="barrier_new"),
    path("barriers/<str:ref>/follow-up/", progress.barrier_follow, name="barrier_follow"),
]
