"""CPIC activity scores: exact decimals, "at least" values and "n/a" (never floats)."""

import re
from dataclasses import dataclass
from decimal import Decimal

PLAIN = re.compile(r"(?P<sign>≥|>=)?(?P<value>\d{1,3}(?:\.\d{1,3})?)\Z")
RANGE = re.compile(
    r"score (?P<from>>=?)? ?(?P<low>\d+(?:\.\d+)?)"
    r"(?: (?P<to>to|and <) ?(?P<high>\d+(?:\.\d+)?))?\Z"
)


@dataclass(frozen=True, slots=True)
class Score:
    """An activity score: a value, at least a value (`≥3.0`), or none at all (`n/a`)."""

    value: Decimal | None
    at_least: bool = False

    @classmethod
    def parse(cls, text: str) -> "Score":
        """The score that *text* writes, as CPIC does: `0.25`, `≥3.0`, `n/a`.

        Raises ValueError for anything else.
        """
        if text == "n/a":
            return NOT_AVAILABLE
        match = PLAIN.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not an activity score")
        return cls(Decimal(match["value"]), bool(match["sign"]))

    def __add__(self, other: "Score") -> "Score":
        if self.value is None or other.value is None:
            return NOT_AVAILABLE
        return Score(self.value + other.value, self.at_least or other.at_least)

    def times(self, copies: int) -> "Score":
        """The score of *copies* of an allele with this value."""
        if self.value is None:
            return self
        return Score(self.value * copies, self.at_least and self.value > 0)

    def by(self, factor: Decimal) -> "Score":
        """The score times *factor*, as an inhibitor leaves it."""
        if self.value is None:
            return self
        return Score(self.value * factor, self.at_least and factor > 0)

    def __str__(self) -> str:
        if self.value is None:
            return "n/a"
        plain = f"{self.value.normalize():f}"
        return ("≥" if self.at_least else "") + (plain if "." in plain else plain + ".0")


NOT_AVAILABLE = Score(None)


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Scores from *low* to *high*; *above* excludes *low*, *below* excludes *high*.

    Without *high* the range has no end.
    """

    low: Decimal
    high: Decimal | None
    above: bool = False
    below: bool = False

    @classmethod
    def parse(cls, text: str) -> "ScoreRange":
        """`score 0`, `score 0 to 0.5`, `score > 0 and < 1.25`, `score > 2.25`, `score >= 3`.

        Raises ValueError for anything else.
        """
        match = RANGE.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not a range of activity scores")
        low, high = Decimal(match["low"]), match["high"]
        if high is not None:
            return cls(low, Decimal(high), match["from"] == ">", match["to"] != "to")
        return cls(low, None if match["from"] else low, match["from"] == ">")

    def holds(self, score: Score) -> bool:
        """Whether *score* is in the range for certain, wherever it lies if it is "at least"."""
        if score.value is None or not self._reached(score.value):
            return False
        return self.high is None or (not score.at_least and self._under(score.value, self.high))

    def touches(self, score: Score) -> bool:
        """Whether *score* may lie in the range."""
        if score.value is None:
            return False
        if not score.at_least:
            return self.holds(score)
        return self.high is None or self._under(score.value, self.high)

    def _reached(self, value: Decimal) -> bool:
        return value > self.low if self.above else value >= self.low

    def _under(self, value: Decimal, high: Decimal) -> bool:
        return value < high if self.below else value <= high
