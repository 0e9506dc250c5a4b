"""What took a reading, by the words of the rule catalogue."""

import pytest

from hooks.reading.elements.devices import device_class
from tests.unit.hooks.reading import Json


@pytest.mark.parametrize(
    "words",
    [
        *(
            "wearable sensor",
            "Apple Watch",
            "Galaxy Watch6",
            "wearable_device",
            "patches",
            "Smartwatch",
            "single-lead ECG",
            "single lead ECG",
        ),
        *("ECG patch", "Oura Ring", "fitness tracker", "PPG", "smartphone", "smart phone app"),
    ],
)
@pytest.mark.parametrize("place", ["device", "method", "note"])
def test_a_wearable_is_told_by_device_method_or_note(words: str, place: str) -> None:
    told: dict[str, Json] = {
        "device": {"device": {"display": words}},
        "method": {"method": {"text": words}},
        "note": {"note": [{"text": "calibrated"}, {"text": words}]},
    }
    assert device_class(told[place]) == "wearable"


@pytest.mark.parametrize(
    "words",
    [
        "Home",
        "patient-reported",
        "self measured",
        "selfmeasured",
        "OmronHomeBP",
        "remote monitoring",
    ],
)
def test_a_home_reading_is_told_by_words_as_well(words: str) -> None:
    assert device_class({"method": {"coding": [{"display": words}]}}) == "home"


def test_a_category_tells_a_home_reading_but_no_wearable() -> None:
    assert device_class({"category": [{"text": "Home readings"}]}) == "home"
    assert device_class({"category": [{"text": "watch list"}]}) == "clinic"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"note": [{"text": "during monitoring, dispatched, Ringer, watchful, himself"}]},
        {"device": {"display": "Dinamap 100"}},
        {"performer": [{"reference": "Practitioner/1"}, {"reference": "odd"}, 3]},
        {"device": "odd", "method": 3, "note": "odd", "category": {}, "contained": [3]},
    ],
)
def test_what_says_nothing_of_the_kind_is_the_clinic_s(told: Json) -> None:
    assert device_class(told) == "clinic"


@pytest.mark.parametrize(
    "who", ["Patient/p1", "https://fhir.example/Patient/p1", "RelatedPerson/2"]
)
def test_what_the_patient_performed_was_at_home(who: str) -> None:
    assert device_class({"performer": [{"reference": who}]}) == "home"


@pytest.mark.parametrize(
    "device",
    [
        {"type": {"text": "wearable ECG"}},
        {"deviceName": [{"name": "Acme Watch"}]},
        {"modelNumber": "Ring 3"},
    ],
)
def test_a_device_inside_the_observation_tells_what_it_is(device: Json) -> None:
    told = {"device": {"reference": "#d1"}, "contained": [{"id": "d2"}, {"id": "d1"} | device]}

    assert device_class(told) == "wearable"
    assert device_class(told | {"device": {"reference": "Device/d1"}}) == "clinic"
