"""What a result says in codes and words: positive, negative, or neither."""

import re
from collections.abc import Iterable, Iterator

from hooks.clinical.codes import Findings, Words
from hooks.reading.resources import Resource, as_dict, as_list, as_text, codings, texts

LONGEST = 500  # characters; a longer text is no statement of one result
EQUIVOCAL, NEGATIVE, UNCLEAR = "equivocal", "negative", "unclear"
NEGATION = re.compile(r"\b(?:no|not|non|none|never|neither|nor|without)\b", re.IGNORECASE)


def meanings(part: Resource, finding: str, findings: Findings) -> set[str]:
    """What the value and interpretation of *part* say of *finding*; empty if nothing.

    Codes come first; words that say otherwise than a code make the answer two. The words of the
    interpretation count where the value says nothing.
    """
    concept = as_dict(part, "valueCodeableConcept")
    interpretations = as_list(part, "interpretation")
    coded = set(_coded([concept, *interpretations], finding, findings))
    words = _words(finding, findings)
    value = [as_text(part, "valueString"), *texts(concept)]
    said = {each for text in value for each in said_in(text, words)}
    if said or coded:
        return said | coded
    rest = (text for told in interpretations for text in texts(told))
    return {each for text in rest for each in said_in(text, words)}


def said_in(text: str, words: Words) -> set[str]:
    """What *text* says: words that leave it open first, then each meaning in its order.

    What one pattern has read the next does not see: `not detected` holds `detected`. A word that
    turns round what is left makes it unclear.
    """
    if len(text) > LONGEST:
        return {UNCLEAR}
    found: set[str] = set()
    for means, pattern in words:
        text, count = pattern.subn(" ", text)
        if count and means == EQUIVOCAL:
            return {EQUIVOCAL}
        found |= {means} if count else set()
    turned = bool(found - {NEGATIVE}) and NEGATION.search(text) is not None
    return found | {UNCLEAR} if turned else found


def _coded(concepts: Iterable[object], finding: str, findings: Findings) -> Iterator[str]:
    """The meanings of codes; a finding with codes of its own takes no other's but for doubt."""
    common = findings.answers.get("", {})
    own = findings.answers.get(finding, common)
    for concept in concepts:
        for code in codings(concept):
            means = own.get(code, common.get(code, ""))
            if code in own or means == EQUIVOCAL:
                yield means


def _words(finding: str, findings: Findings) -> Words:
    common = findings.words.get("", ())
    own = findings.words.get(finding)
    if own is None:
        return common
    return (*(each for each in common if each[0] == EQUIVOCAL), *own)
