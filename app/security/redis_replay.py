"""Used tokens in Redis. A module of its own: its library takes long to load, and few need it."""

import math
from dataclasses import dataclass
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.security.replay import digest, unavailable

REDIS_S = 0.5
PREFIX = "rxhooks:jti:"


@dataclass(frozen=True, slots=True)
class RedisReplay:
    """Tokens in a Redis that all replicas share."""

    redis: Redis

    @classmethod
    def at(cls, url: str) -> "RedisReplay":
        """Not yet connected; ValueError if *url* is none of Redis's. Waits little, tries twice."""
        retry = Retry(NoBackoff(), 1)
        return cls(
            Redis.from_url(url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S, retry=retry)
        )

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """SET NX decides; its own mark tells a second try from another's use."""
        key, mark = PREFIX + digest(issuer, jti).hex(), uuid4().bytes
        seconds = max(1, math.ceil(until - now))
        with unavailable(RedisError):
            return bool(self.redis.set(key, mark, nx=True, ex=seconds)) or (
                self.redis.get(key) == mark
            )

    def close(self) -> None:
        """Give up the connections; the next use opens others."""
        self.redis.close()
