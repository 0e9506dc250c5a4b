"""What took a reading: the clinic, somebody at home, or a wearable."""

import re
from collections.abc import Iterator
from typing import Literal

from hooks.reading.resources import Resource, as_dict, as_list, as_text, texts

DeviceClass = Literal["clinic", "home", "wearable"]

# The word list of the rule catalogue (README, "Device class"), read 2026-11-22: whole words, so
# that "monitoring" holds no "ring", but for "smartwatch" and the like.
WEARABLE = re.compile(
    r"\b(?:wearables?|\w*watch|single[- ]lead|patch|rings?|fitness|ppg|smart[- ]?phone)\b",
    re.IGNORECASE,
)
HOME = re.compile(r"\b(?:home|patient[- ]reported|self|remote(?:ly)?)\b", re.IGNORECASE)


def device_class(observation: Resource) -> DeviceClass:
    """What took the reading, by the device that *observation* contains or names, method and notes.

    A reading that the patient performed is one at home. Where nothing is said it is the clinic's.
    """
    said = list(_said(observation))
    if any(WEARABLE.search(text) for text in said):
        return "wearable"
    category = [text for told in as_list(observation, "category") for text in texts(told)]
    if any(HOME.search(text) for text in (*said, *category)) or _by_patient(observation):
        return "home"
    return "clinic"


def _said(observation: Resource) -> Iterator[str]:
    device = as_dict(observation, "device")
    yield as_text(device, "display")
    yield from _contained(observation, as_text(device, "reference"))
    yield from texts(as_dict(observation, "method"))
    for note in as_list(observation, "note"):
        yield as_text(note, "text")


def _contained(observation: Resource, url: str) -> Iterator[str]:
    """What the Device inside *observation* that *url* points to says of itself."""
    for device in as_list(observation, "contained"):
        if url.startswith("#") and as_text(device, "id") == url[1:]:
            yield from texts(as_dict(device, "type"))
            for name in as_list(device, "deviceName"):
                yield as_text(name, "name")
            yield from (as_text(device, "modelNumber"), as_text(device, "manufacturer"))


def _by_patient(observation: Resource) -> bool:
    performers = (as_text(each, "reference") for each in as_list(observation, "performer"))
    return any(url.split("/")[-2:-1] in (["Patient"], ["RelatedPerson"]) for url in performers)
