"""What took a reading: the clinic, somebody at home, or a wearable."""

import re
from collections.abc import Iterator
from typing import Literal

from hooks.reading.resources import Resource, as_dict, as_list, as_text, texts

DeviceClass = Literal["clinic", "home", "wearable"]

# The word list of the rule catalogue (README, "Device class"), read 2026-11-22: as it is contained
# in names such as "Watch6" or "OmronHomeBP", but no "ring" in "monitoring" and no "watchful".
WEARABLE = re.compile(
    r"wearable|watch(?!ful|ing|ed)|single[-_ ]lead|fitness|smart[-_ ]?phone"
    r"|(?<![a-z])(?:patch(?:es)?|rings?|ppg)(?![a-z])",
    re.IGNORECASE,
)
HOME = re.compile(r"home(?!o)|patient[-_ ]reported|(?<![a-z])self|remote", re.IGNORECASE)


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
