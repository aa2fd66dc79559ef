"""A browser's part without a browser: one kept connection, cookies, forms read from the page."""

import http.client
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from zlib import MAX_WBITS, decompress

from benchmark.counting import MILLISECONDS, QUERIES

GZIP = MAX_WBITS | 16
NOT_SENT = {"submit", "button", "reset", "image", "file"}


class BenchError(RuntimeError):
    """Something did not run; the message says what."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: milliseconds as the client waited, and as Django says; bytes as they came."""

    status: int
    location: str
    text: str
    size: int
    milliseconds: float
    inside: float
    queries: int


@dataclass(slots=True)
class Client:
    """Asks one server on this machine, as one person."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields))

    def sign_in(self, username: str, password: str) -> None:
        """Sign in through the form, as people do; BenchError where it fails."""
        path = "/account/login/"
        fields = form_fields(self.get(path).text, holding="password")
        answer = self.post(path, changed(fields, login=username, password=password))
        if answer.status != 302 or "sessionid" not in self.cookies:
            raise BenchError(f"{username} could not sign in: {answer.status}")

    def close(self) -> None:
        """End the connection."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"http://127.0.0.1:{self.port}{path}",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            content = response.read()
        except (http.client.HTTPException, OSError) as error:
            raise BenchError(f"{path} did not answer: {error!r}") from error
        took = (time.perf_counter() - began) * 1000
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies.update({key: one.value for key, one in SimpleCookie(line).items()})
        if response.headers.get("Connection") == "close":
            self.close()
        packed = response.headers.get("Content-Encoding") == "gzip"
        return Answer(
            status=response.status,
            location=response.headers.get("Location", ""),
            text=(decompress(content, GZIP) if packed else content).decode(errors="replace"),
            size=len(content),
            milliseconds=took,
            inside=float(response.headers.get(MILLISECONDS, "nan")),
            queries=int(response.headers.get(QUERIES, "-1")),
        )


class _Forms(HTMLParser):
    """Reads the fields of each form as they would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.into: list[tuple[str, str]] | None = None
        self.area: str | None = None
        self.select: str | None = None
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.into = []
            self.forms.append(self.into)
        elif self.into is None:
            return
        elif tag == "input":
            self._input(given, self.into)
        elif tag == "textarea":
            self.area, self.words = given.get("name"), ""
        elif tag == "select":
            self.select = given.get("name")
        elif tag == "option" and self.select and "selected" in given:
            self.into.append((self.select, given.get("value", "")))

    @staticmethod
    def _input(given: dict[str, str], into: list[tuple[str, str]]) -> None:
        kind = given.get("type", "text")
        unticked = kind in {"radio", "checkbox"} and "checked" not in given
        if given.get("name") and kind not in NOT_SENT and not unticked:
            into.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None and self.into is not None:
            self.into.append((self.area, self.words.strip()))
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.into = None


def form_fields(text: str, *, holding: str) -> list[tuple[str, str]]:
    """Give the fields of the page's form that has the field `holding`, as they would be sent."""
    reader = _Forms()
    reader.feed(text)
    for form in reader.forms:
        if any(name == holding for name, _ in form):
            return form
    raise BenchError(f"there is no form with the field {holding} on the page")


def changed(fields: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    """Give the fields with these values in the place of what stood there."""
    return [*((name, value) for name, value in fields if name not in values), *values.items()]


def all_links(text: str, pattern: str) -> list[str]:
    """Give the addresses on the page that match, each once; BenchError where none does."""
    found = re.findall(rf'href="({pattern})"', text)
    if not found:
        raise BenchError(f"no link like {pattern} on the page")
    return list(dict.fromkeys(found))
