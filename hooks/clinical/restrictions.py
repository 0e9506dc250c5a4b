"""What a site lets the service do with data under a sensitivity label, and how that is told."""

from dataclasses import dataclass

from hooks.clinical.facts import Missing

USES = ("with-consent", "never", "always")
NO_CONSENT = "is restricted, and no consent on file allows its use"
CONSENT_UNKNOWN = "is restricted, and the consents could not be had"
NOT_TOLD = "could not be used"  # where the site does not want cards to speak of restrictions


@dataclass(frozen=True, slots=True)
class Restrictions:
    """A site's word on restricted data, which is used for treatment only.

    *use*: with a consent on file, never, or always. *say*: whether cards may tell that something
    is restricted. *prefetch*: whether clients are asked for the consents in every call.
    *organisations*: the references under which consents name this site.
    """

    use: str = USES[0]
    say: bool = False
    prefetch: bool = False
    organisations: tuple[str, ...] = ()

    def told(self, reason: str) -> str:
        """*reason* as this site tells it."""
        return reason if self.say else NOT_TOLD


def is_restricted(gap: Missing) -> bool:
    """Whether *gap* is there because a label forbids the use of what is on file."""
    return gap.detail in {NO_CONSENT, CONSENT_UNKNOWN, NOT_TOLD}
