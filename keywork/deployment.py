"""What a production start needs, and the refusal to start without it."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

MINIMUM_KEY_LENGTH = 50


class UnsafeSettingsError(Exception):
    """A production start with a missing or unsafe setting; the text names each."""


def embedded_secret_key(data_dir: Path) -> str:
    """Give the secret key kept in the data directory, making it once (readable by its owner).

    Several processes may start at once: each writes a file of its own, and the first link to the
    final name wins, so nobody ever reads half a key.
    """
    path = data_dir / "secret_key"
    if not path.exists():
        descriptor, made = tempfile.mkstemp(dir=data_dir, prefix=".secret_key.")  # mode 0600
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            os.link(made, path)
        Path(made).unlink()
    return path.read_text(encoding="ascii").strip()


def problems(environ: dict[str, str]) -> list[str]:
    """Give one sentence for each setting a production start lacks or that is unsafe.

    environ: the environment. An empty list means that the start is safe.
    """
    found = []
    key = environ.get("SECRET_KEY", "")
    weak = len(key) < MINIMUM_KEY_LENGTH or len(set(key)) < 10
    if weak or key.startswith("django-insecure-"):
        found.append(
            f"SECRET_KEY: set at least {MINIMUM_KEY_LENGTH} random characters, kept secret."
        )
    hosts = [host.strip() for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts or "*" in hosts:
        found.append("ALLOWED_HOSTS: name the host names people use, separated by commas; not *.")
    if not environ.get("PUBLIC_URL", "").startswith("https://"):
        found.append("PUBLIC_URL: set the address people use, beginning with https://.")
    for name, use in (
        ("DATABASE_URL", "postgres://user:password@host:5432/name"),
        ("EMAIL_URL", "smtp+tls://user:password@host:587"),
        ("DEFAULT_FROM_EMAIL", "an address of the school's or the trust's own domain"),
    ):
        if not environ.get(name):
            found.append(f"{name}: set it, such as {use}.")
    if environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}:
        found.append("DEBUG: leave it unset; it shows private data in error pages.")
    return found


def demo_problems(environ: dict[str, str]) -> list[str]:
    """Give what makes a start as the demo unsafe: its passwords are known to everybody."""
    if urlsplit(environ.get("PUBLIC_URL", "")).scheme == "https":
        return ["KEYWORK_DEMO: leave it unset on a real site; the demo's passwords are public."]
    return []


def require_safe_settings(environ: dict[str, str], *, demo: bool) -> None:
    """Raise UnsafeSettingsError unless every setting is safe, for production or for the demo."""
    found = demo_problems(environ) if demo else problems(environ)
    if found:
        raise UnsafeSettingsError(
            "Keywork does not start:\n" + "\n".join(f"- {one}" for one in found)
        )
