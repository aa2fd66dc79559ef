"""Logs and error reports, without personal data: no names, no bodies, no query strings."""

import logging
from typing import Any

import structlog

# The query string of a search holds a name; a header or body can hold anything.
UNSENT = ("query_string", "data", "cookies", "headers", "env")


def logging_config(*, json: bool) -> dict[str, Any]:
    """Give Django's LOGGING: one line an event, as JSON (production) or plain for the eye."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            },
        },
        "filters": {"no_query": {"()": WithoutQuery}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "plain",
                "filters": ["no_query"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
    }


class WithoutQuery(logging.Filter):
    """Drops the request that Django adds to its records, which would be printed whole."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without its request."""
        record.__dict__.pop("request", None)
        return True


def start_sentry(dsn: str) -> None:
    """Report errors to Sentry where a DSN is set; the package is in requirements/extras.txt."""
    if not dsn:
        return
    import sentry_sdk  # noqa: PLC0415 (an extra; only where asked for)

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=without_personal_data,
    )


def without_personal_data(event: Any, hint: Any) -> Any:
    """Take out of an error report what could name a person; path and traceback stay."""
    event.pop("user", None)
    request = event.get("request")
    if request:
        for name in UNSENT:
            request.pop(name, None)
        request["url"] = request.get("url", "").partition("?")[0]
    return event
