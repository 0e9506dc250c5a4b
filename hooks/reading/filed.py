"""Observations by the codes that they are filed under: one pass over a bundle, however large."""

from collections.abc import Iterator
from dataclasses import dataclass

from hooks.clinical.codes import Code
from hooks.reading.resources import Resource, as_dict, as_list, entries, filed_under, is_of_patient


@dataclass(frozen=True, slots=True)
class Filed:
    """The Observations of an answer by the bare words of their codes.

    Everything else (system, patient) is looked at only for what is asked after.
    """

    words: dict[str, list[Resource]]
    patient_id: str
    source: str

    @classmethod
    def of(cls, bundle: object, patient_id: str, source: str) -> "Filed":
        """The Observations of *bundle*, whoever they are about."""
        words: dict[str, list[Resource]] = {}
        for observation in entries(bundle, "Observation"):
            if "component" in observation:
                for word in _words(observation):
                    words.setdefault(word, []).append(observation)
            else:
                for word in _codes(observation):
                    words.setdefault(word, []).append(observation)
        return cls(words, patient_id, source)

    def under(self, code: Code) -> Iterator[Resource]:
        """The patient's Observations that have *code*, themselves or in a component, each once."""
        for observation in self.words.get(code[1], ()):
            parts = (observation, *as_list(observation, "component"))
            if any(code in filed_under(part) for part in parts) and is_of_patient(
                observation, self.patient_id, self.source
            ):
                yield observation


def _words(observation: Resource) -> set[str]:
    """The bare codes of an Observation and of its components, without a look at their systems."""
    parts = (part for part in as_list(observation, "component") if isinstance(part, dict))
    return {*_codes(observation), *(word for part in parts for word in _codes(part))}


def _codes(part: Resource) -> list[str]:
    """The bare codes of one Observation or component, each once; nearly all have one or two."""
    concept = part.get("code")
    codings = concept.get("coding") if type(concept) is dict else None
    if type(codings) is not list:  # a lone object, as some clients send, or nothing to read
        codings = as_list(as_dict(part, "code"), "coding")
    found: list[str] = []
    for coding in codings:
        code = coding.get("code") if type(coding) is dict else None
        if type(code) is str and (word := code.strip()) not in found:
            found.append(word)
    return found
