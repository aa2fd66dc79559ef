"""Redis as the cache; while it cannot be reached, this process's own memory.

What is kept there (counts of wrong passwords) is worth less than a site that answers: with Redis
down each process counts for itself until Redis is back.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger(__name__)

# So long Redis is left alone once it did not answer, or every request would wait for it.
LEFT_ALONE_SECONDS = 5


class SteadyRedisCache(RedisCache):
    """Django's Redis cache that goes on without Redis."""

    # Monotonic times by server, shared by the threads of a process.
    _left_alone_until: dict[str, float] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server
        self._spare = LocMemCache(f"spare for {server}", params)

    @property
    def is_down(self) -> bool:
        """Say whether the spare was used lately, because Redis did not answer."""
        return time.monotonic() < self._left_alone_until.get(self._server, 0)

    def _steady(self, name: str, *args: Any, **kwargs: Any) -> Any:
        spare: Callable[..., Any] = getattr(self._spare, name)
        if self.is_down:
            return spare(*args, **kwargs)
        try:
            return getattr(super(), name)(*args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError) as error:
            log.warning("the cache does without Redis: %s", type(error).__name__)
            self._left_alone_until[self._server] = time.monotonic() + LEFT_ALONE_SECONDS
            return spare(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Set a key that is not there yet; say whether it was."""
        return bool(self._steady("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Give a key's value."""
        return self._steady("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Set a key."""
        self._steady("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Keep a key for longer."""
        return bool(self._steady("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Forget a key."""
        return bool(self._steady("delete", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Count up."""
        return int(self._steady("incr", *args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Say whether a key is there."""
        return bool(self._steady("has_key", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Give the values of several keys."""
        return dict(self._steady("get_many", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Set several keys."""
        return list(self._steady("set_many", *args, **kwargs))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        """Forget several keys."""
        self._steady("delete_many", *args, **kwargs)

    def clear(self) -> None:
        """Forget everything."""
        self._steady("clear")
