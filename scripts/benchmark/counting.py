"""Says in a header of each answer how many queries it took, and how long, inside Django."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

QUERIES = "X-Bench-Queries"
MILLISECONDS = "X-Bench-Milliseconds"


class CostMiddleware:
    """Counts every statement that is sent, savepoints included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the two headers."""
        sent: list[str] = []

        def note(execute: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
            sent.append(sql)
            return execute(sql, params, many, context)

        began = time.perf_counter()
        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response.headers[QUERIES] = str(len(sent))
        response.headers[MILLISECONDS] = f"{(time.perf_counter() - began) * 1000:.2f}"
        return response
