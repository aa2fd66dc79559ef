"""Keywork: the key worker system of a school."""

from keywork.celery import app as celery_app

__all__ = ["celery_app"]
