"""Logs and error reports, without personal data: no names, bodies, query strings or keys."""

import logging
import re
from typing import Any

import structlog

# The query string of a search holds a name; a header or body can hold anything.
UNSENT = ("query_string", "data", "cookies", "headers", "env")

# Addresses that open something to whoever has them: the part that does, after the part that
# says what it is. A reset key may hold a slash.
SECRETS = re.compile(
    r"(/calendar/feed/)[^/\s?#]+(?=\.ics)"
    r"|(/account/password/reset/key/)(?!done/)[^\s?#\"']+"
    r"|(/undo/)[^/\s?#\"']+"
    r"|(/unsubscribe/)[^/\s?#\"']+"
    r"|(?<![^\s\"'])(/r/)[^/\s?#\"']+"
)


def masked(text: str) -> str:
    """Give a line of text, or an address, with "…" for what a calendar's address, the link for a
    forgotten password, an undo button's or a short link's keeps secret.
    """
    return SECRETS.sub(lambda found: f"{next(filter(None, found.groups()))}…", text)


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
        "filters": {"no_query": {"()": WithoutQuery}, "no_secrets": {"()": WithoutSecrets}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "plain",
                "filters": ["no_query", "no_secrets"],
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


class WithoutSecrets(logging.Filter):
    """Masks the secret part of the addresses that a record names."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, its message masked."""
        message = record.getMessage()
        if (safe := masked(message)) != message:
            record.msg, record.args = safe, ()
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
    """Take out of an error report what could name a person or open a page; the rest stays."""
    event.pop("user", None)
    request = event.get("request")
    if request:
        for name in UNSENT:
            request.pop(name, None)
        request["url"] = _masked_url(request.get("url", ""))
    if "transaction" in event:
        event["transaction"] = masked(event["transaction"])
    return event


def _masked_url(url: str) -> str:
    """Give an address without its query; the host stands before what `masked` looks for."""
    address, _, _ = url.partition("?")
    host = re.match(r"\w+://[^/]*", address)
    start = host.end() if host else 0
    return address[:start] + masked(address[start:])
