"""Long results come in pages."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests


def pages(url: str, **parameters: Any) -> list[dict[str, Any]]:
    """All pages from the first to the one without a next link."""
    found = [requests.get(url, params=parameters, timeout=10).json()]
    while following := next_url(found[-1]):
        assert len(found) < 100, "the pages do not end"
        found.append(requests.get(following, timeout=10).json())
    return found


def next_url(bundle: dict[str, Any]) -> str:
    return "".join(link["url"] for link in bundle["link"] if link["relation"] == "next")


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(None, [20] * 6 + [1]), ("30", [30] * 4 + [1]), ("500", [50, 50, 21])],
    ids=["default", "as asked", "more than a page may hold"],
)
def test_pages_hold_each_result_once(fhir: str, count: str | None, sizes: list[int]) -> None:
    found = pages(f"{fhir}/Observation", patient="tess-ward", _count=count)

    entries = [entry["resource"]["id"] for page in found for entry in page["entry"]]
    assert [len(page["entry"]) for page in found] == sizes
    assert {page["total"] for page in found} == {121}
    assert len(set(entries)) == len(entries) == 121


def test_the_next_page_keeps_the_order(fhir: str) -> None:
    found = pages(f"{fhir}/Observation", patient="tess-ward", _sort="-date")

    dates = [entry["resource"]["effectiveDateTime"] for page in found for entry in page["entry"]]
    assert dates == sorted(dates, reverse=True)


def test_a_search_by_form_goes_on_by_url(fhir: str) -> None:
    first = requests.post(
        f"{fhir}/Observation/_search", data={"patient": "tess-ward", "_count": "50"}, timeout=10
    ).json()

    second = requests.get(next_url(first), timeout=10).json()

    assert len(second["entry"]) == 50
    assert {entry["resource"]["id"] for entry in first["entry"]}.isdisjoint(
        entry["resource"]["id"] for entry in second["entry"]
    )


def test_the_link_stays_on_the_same_base_path(origin: str) -> None:
    bundle = requests.get(
        f"{origin}/slow-1/fhir/Observation", params={"patient": "tess-ward"}, timeout=10
    ).json()

    assert next_url(bundle).startswith(f"{origin}/slow-1/fhir/Observation?")


def test_only_the_number_is_told_for_a_count_of_none(fhir: str) -> None:
    [page] = pages(f"{fhir}/Observation", patient="tess-ward", _count="0")

    assert page["total"] == 121
    assert "entry" not in page


def test_the_endless_server_always_has_another_page(origin: str) -> None:
    url = f"{origin}/endless/fhir/Observation?patient=carla-sanchez"
    seen = {url}
    for _ in range(30):
        url = next_url(requests.get(url, timeout=10).json())
        assert url not in seen
        seen.add(url)


def test_the_endless_server_gives_all_pages_first(origin: str) -> None:
    url = f"{origin}/endless/fhir/Observation?patient=tess-ward&_count=50"
    sizes = []
    for _ in range(5):
        page = requests.get(url, timeout=10).json()
        sizes.append(len(page["entry"]))
        url = next_url(page)

    assert sizes == [50, 50, 21, 21, 21]


def test_the_foreign_server_sends_to_another_origin(origin: str) -> None:
    bundle = requests.get(
        f"{origin}/foreign/fhir/Observation", params={"patient": "carla-sanchez"}, timeout=10
    ).json()

    assert urlsplit(next_url(bundle)).netloc == "127.0.0.2:9"
