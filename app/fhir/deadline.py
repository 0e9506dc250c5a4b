"""One moment by which everything that a request waits for must be over."""

from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment, in seconds of the monotonic clock: setting the system's time does not move it."""

    end: float

    @classmethod
    def in_ms(cls, ms: float) -> "Deadline":
        """The deadline *ms* milliseconds from now."""
        return cls(monotonic() + ms / 1000)

    def remaining(self) -> float:
        """The seconds that are left; 0.0 once it is over, never less."""
        return max(0.0, self.end - monotonic())

    def over(self) -> bool:
        """Whether no time is left."""
        return self.end <= monotonic()

    def earlier(self, seconds: float) -> "Deadline":
        """The deadline *seconds* before this one."""
        return Deadline(self.end - seconds)
