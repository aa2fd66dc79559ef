"""The site goes on without Redis."""

import pytest
from django.core.cache import cache, caches

from keywork.cache import SteadyRedisCache
from tests import factories as make

NOWHERE = {"BACKEND": "keywork.cache.SteadyRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}


@pytest.fixture(autouse=True)
def no_redis(settings, request):
    settings.CACHES = {"default": {**NOWHERE, "KEY_PREFIX": request.node.name}}
    SteadyRedisCache._left_alone_until.clear()
    yield
    SteadyRedisCache._left_alone_until.clear()


def test_the_process_remembers_what_redis_cannot():
    assert caches["default"].is_down is False
    cache.set("a", 1)
    assert caches["default"].is_down is True
    assert (cache.get("a"), cache.incr("a"), cache.get("b")) == (1, 2, None)
    assert (cache.add("a", 5), cache.add("c", 5), cache.touch("c")) == (False, True, True)
    assert "c" in cache
    assert cache.set_many({"d": 1, "e": 2}) == []
    assert cache.get_many(["d", "e", "f"]) == {"d": 1, "e": 2}
    cache.delete_many(["d"])
    assert cache.delete("e") is True
    cache.clear()
    assert cache.get("a") is None


@pytest.mark.django_db
def test_people_sign_in_and_wrong_passwords_are_counted_without_redis(client):
    make.make_staff(make.make_school(), "teacher", username="kim")
    for _ in range(5):
        client.post("/account/login/", {"login": "kim", "password": "wrong"})
    page = client.post("/account/login/", {"login": "kim", "password": make.PASSWORD})
    assert "Too many wrong passwords" in page.content.decode()
    make.make_staff(make.make_school("Other", "999102"), "teacher", username="lee")
    answer = client.post("/account/login/", {"login": "lee", "password": make.PASSWORD})
    assert answer.status_code == 302
    assert client.get("/me/").status_code == 200


@pytest.mark.django_db
def test_health_says_that_the_cache_is_down(client):
    assert client.get("/health/?of=web").json()["cache"] == "failed"
