"""Security labels (`meta.security`) on what was read. FHIR R4, Security Labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hooks.reading.resources import Answer, Fetched, Resource, as_dict, as_list, as_text

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
RANKS = {"U": 0, "L": 1, "M": 2, "N": 3, "R": 4, "V": 5}  # from least to most confidential
SENSITIVE = frozenset({"GDIS", "ETH", "HIV", "PSY", "SEX", "SDV", "STD"})


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a resource: its confidentiality (empty if not told), and sensitivities."""

    confidentiality: str = ""
    sensitivities: frozenset[str] = frozenset()

    @property
    def restricted(self) -> bool:
        """Whether using it takes leave: it is sensitive, and not said to be of ordinary concern."""
        return bool(self.sensitivities) and self.confidentiality in {"", "R", "V"}

    @property
    def codes(self) -> frozenset[str]:
        """The codes that are worth telling: R, V and the sensitivities."""
        return self.sensitivities | ({self.confidentiality} & {"R", "V"})


NONE = Labels()


def labels_of(resource: Resource) -> Labels:
    """The labels of *resource* and of what it contains; the strictest confidentiality of all."""
    if _bare(resource.get("meta")) and "contained" not in resource:
        return NONE
    parts = [resource, *as_list(resource, "contained")]
    return read_labels(
        coding for part in parts for coding in as_list(as_dict(part, "meta"), "security")
    )


def read_labels(codings: Iterable[object]) -> Labels:
    """What *codings* say; a coding without a system may be of any."""
    listed = list(codings)
    told = {_code(coding, CONFIDENTIALITY) for coding in listed} & RANKS.keys()
    sensitive = {_code(coding, ACT_CODE) for coding in listed} & SENSITIVE
    if not told and not sensitive:
        return NONE
    return Labels(max(told, key=RANKS.__getitem__, default=""), frozenset(sensitive))


def may_be_labelled(answer: Fetched) -> bool:
    """Whether anything in *answer* may have a label: one glance at each resource, no more."""
    whole = answer.resource
    if whole is None or whole.get("resourceType") != "Bundle":
        return True
    for entry in as_list(whole, "entry"):
        resource = entry.get("resource") if type(entry) is dict else None
        if type(resource) is not dict or "contained" in resource:
            return True
        if not _bare(resource.get("meta")):
            return True
    return False


def _bare(meta: object) -> bool:
    return meta is None or (type(meta) is dict and "security" not in meta)


def labels_in(answers: Iterable[Answer]) -> Iterator[Labels]:
    """The labels of every resource of *answers* that has any."""
    for answer in answers:
        for resource in resources_in(answer):
            if (found := labels_of(resource)) is not NONE:
                yield found


def resources_in(answer: Answer) -> Iterator[Resource]:
    """The resources in *answer*, or the one that it is."""
    whole = answer.resource if isinstance(answer, Fetched) else None
    if as_text(whole, "resourceType") == "Bundle":
        yield from (as_dict(entry, "resource") for entry in as_list(whole, "entry"))
    elif whole is not None:
        yield whole


def _code(coding: object, system: str) -> str:
    named = as_text(coding, "system").rstrip("/")
    return as_text(coding, "code").strip() if named in {"", system} else ""
