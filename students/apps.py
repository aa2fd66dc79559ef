"""Students: who they are, who looks after them, how best to work with them."""

from django.apps import AppConfig


class StudentsConfig(AppConfig):
    """The students app."""

    name = "students"
    verbose_name = "Students"
