"""The patient's Consents: what of the data under a sensitivity label may be used.

Its rule: such data is used for treatment (TREAT) only, and only where a consent permits it or the
site says so. A deny wins over every permit; a consent that is not active, not of today, not of this
patient or not on privacy counts for nothing. What a permit says that we do not weigh makes it void;
what a deny says beside counts for nothing. FHIR R4, Consent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.restrictions import CONSENT_UNKNOWN, NO_CONSENT, Restrictions
from hooks.reading.labels import (
    NONE,
    RANKS,
    Labels,
    labels_in,
    labels_of,
    may_be_labelled,
    read_labels,
    resources_in,
)
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    entries,
    is_of_patient,
    reference,
    relative,
)

KEY = "consents"
LABELLED = (
    *("genotypes", "results", "vitals", "series", "markers", "conditions", "medications"),
    *("statements", "past-medications", "allergies", "relatives", "encounters", "patient"),
)
PURPOSE = "TREAT"
SCOPE = "patient-privacy"
USING = frozenset({"access", "use"})
PERMIT, DENY = "permit", "deny"
BASES = {"OPTIN": PERMIT, "OPTOUT": DENY}  # of Consent.policyRule, where the root has no type
NOT_WEIGHED = ("code", "dataPeriod")
DEEPEST = 5  # provisions inside of provisions
DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}(?=T|\Z)")


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be used of one patient's data: the word of *site*, and the patient's consents.

    *unknown* says that the consents could not be had, or not all of them.
    """

    site: Restrictions
    provisions: tuple[Resource, ...] = ()
    today: date = date.min
    unknown: bool = False

    def allows(self, resource: Resource) -> bool:
        """Whether *resource* may be used for treatment."""
        labels = labels_of(resource)
        if not self.provisions and (labels is NONE or not labels.restricted):
            return True
        said = {_says(each, resource, labels, self) for each in self.provisions}
        if DENY in said:
            return False
        if not labels.restricted or self.site.use == "always":
            return True
        return self.site.use == "with-consent" and PERMIT in said and not self.unknown

    @property
    def gap(self) -> Missing:
        """What stands in place of data that may not be used, in the words that the site allows."""
        asked = self.unknown and self.site.use == "with-consent"
        detail = self.site.told(CONSENT_UNKNOWN if asked else NO_CONSENT)
        return Missing("restricted data", Why.UNREADABLE, detail)


OPEN = Permission(Restrictions("always"))


def permission(answer: Answer, patient_id: str, site: Restrictions, today: date) -> Permission:
    """What the consents in *answer* and the word of *site* allow."""
    if isinstance(answer, Missing):
        return Permission(site, (), today, unknown=True)
    provisions = tuple(
        _root(consent)
        for consent in entries(answer.resource, "Consent")
        if _counts(consent) and is_of_patient(consent, patient_id, answer.source)
    )
    return Permission(site, provisions, today, unknown=answer.remark is not None)


def any_restricted(answers: Mapping[str, Answer]) -> bool:
    """Whether something in *answers* may be used only with leave."""
    return any(labels.restricted for labels in labels_in(_labelled(answers)))


def codes_met(answers: Mapping[str, Answer]) -> list[str]:
    """The codes of R, V and the sensitivities that stand on anything in *answers*."""
    return sorted(frozenset[str]().union(*(each.codes for each in labels_in(_labelled(answers)))))


def withheld(answers: Mapping[str, Answer], allowed: Permission) -> int:
    """How many resources of *answers* may not be used."""
    found = (resource for answer in _labelled(answers) for resource in resources_in(answer))
    return sum(not allowed.allows(resource) for resource in found)


def usable(answer: Answer, allowed: Permission) -> Answer:
    """*answer* without what may not be used; what is left is then not the whole, and says so."""
    if isinstance(answer, Missing) or not (allowed.provisions or may_be_labelled(answer)):
        return answer
    resources = list(resources_in(answer))
    kept = [resource for resource in resources if allowed.allows(resource)]
    if len(kept) == len(resources):
        return answer
    if as_text(answer.resource, "resourceType") != "Bundle":
        return allowed.gap
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in kept]}
    return replace(answer, resource=bundle, remark=answer.remark or allowed.gap)


def _labelled(answers: Mapping[str, Answer]) -> list[Answer]:
    return [answers[key] for key in LABELLED if key in answers]


def _counts(consent: Resource) -> bool:
    """Whether *consent* is active and about privacy."""
    scopes = {as_text(coding, "code") for coding in as_list(as_dict(consent, "scope"), "coding")}
    return as_text(consent, "status") == "active" and SCOPE in scopes


def _root(consent: Resource) -> Resource:
    """The root provision; its type is the consent's policy where it has none of its own."""
    rules = as_list(as_dict(consent, "policyRule"), "coding")
    base = next((BASES[code] for rule in rules if (code := as_text(rule, "code")) in BASES), "")
    return {"type": base, **as_dict(consent, "provision")}


def _says(
    provision: Resource, resource: Resource, labels: Labels, allowed: Permission, depth: int = 0
) -> str:
    """What *provision* says of *resource*: `permit`, `deny`, or nothing.

    Provisions inside of it are its exceptions; one that is nested too deep counts as a deny.
    """
    if depth > DEEPEST:
        return DENY
    inner = [each for each in as_list(provision, "provision") if isinstance(each, dict)]
    said = {_says(each, resource, labels, allowed, depth + 1) for each in inner}
    now = _of_today(provision, allowed.today)
    if DENY in said and now is not Truth.NO:
        return DENY
    if PERMIT in said and now is Truth.YES:
        return PERMIT
    kind = as_text(provision, "type")
    covers = {PERMIT: _permits, DENY: _denies}.get(kind)
    return kind if covers is not None and covers(provision, resource, labels, allowed) else ""


def _permits(provision: Resource, resource: Resource, labels: Labels, allowed: Permission) -> bool:
    """Whether a permit covers *resource*, and us: for treatment, here, now, up to its labels."""
    limits = read_labels(as_list(provision, "securityLabel"))
    actions = {
        as_text(coding, "code")
        for action in as_list(provision, "action")
        for coding in as_list(action, "coding")
    }
    actors = {_target(actor) for actor in as_list(provision, "actor")}
    return (
        PURPOSE in _codes(provision, "purpose")
        and _of_today(provision, allowed.today) is Truth.YES
        and _names(provision, resource)
        and not any(name in provision for name in NOT_WEIGHED)
        and ("action" not in provision or bool(actions & USING))
        and ("actor" not in provision or bool(actors & set(allowed.site.organisations)))
        and ("securityLabel" not in provision or _up_to(limits, labels))
    )


def _denies(provision: Resource, resource: Resource, labels: Labels, allowed: Permission) -> bool:
    """Whether a deny covers *resource*: it need not be about us, and its doubts count."""
    purposes = _codes(provision, "purpose")
    return (
        (not purposes or PURPOSE in purposes)
        and _of_today(provision, allowed.today) is not Truth.NO
        and _names(provision, resource)
        and _from(provision, resource, labels)
    )


def _from(provision: Resource, resource: Resource, labels: Labels) -> bool:
    """Whether *resource* carries what the labels of a deny name, or more of it."""
    limits = read_labels(as_list(provision, "securityLabel"))
    if "securityLabel" in provision and limits is NONE:
        security = _codes(as_dict(resource, "meta"), "security")
        return bool(_codes(provision, "securityLabel") & security)
    high = not limits.confidentiality or _rank(labels) >= RANKS[limits.confidentiality]
    return high and (not limits.sensitivities or bool(limits.sensitivities & labels.sensitivities))


def _up_to(limits: Labels, labels: Labels) -> bool:
    """Whether *labels* go no further than *limits*: confidentiality is a high-water mark."""
    if not limits.confidentiality and not limits.sensitivities:
        return False
    high = not limits.confidentiality or _rank(labels) <= RANKS[limits.confidentiality]
    return high and (not limits.sensitivities or labels.sensitivities <= limits.sensitivities)


def _rank(labels: Labels) -> int:
    """How confidential: what is sensitive and does not say counts as restricted."""
    return RANKS[labels.confidentiality or ("R" if labels.sensitivities else "N")]


def _names(provision: Resource, resource: Resource) -> bool:
    """Whether *resource* is of a class, and among the data, that *provision* names, if it does."""
    classes = _codes(provision, "class")
    data = {_target(each) for each in as_list(provision, "data")}
    of_class = not classes or as_text(resource, "resourceType") in classes
    return of_class and (not data or reference(resource) in data)


def _target(part: object) -> str:
    """The `Type/id` that an actor or a piece of data of a provision refers to."""
    return relative(as_text(as_dict(part, "reference"), "reference"))


def _codes(provision: Resource, name: str) -> set[str]:
    return {as_text(coding, "code") for coding in as_list(provision, name)}


def _of_today(provision: Resource, today: date) -> Truth:
    """Whether *today* lies in the period, both ends included; a year counts as all its days."""
    if "period" not in provision:
        return Truth.YES
    period = as_dict(provision, "period")
    start, end = (DAY.match(as_text(period, name)) for name in ("start", "end"))
    day = today.isoformat()
    if start is not None and day[: len(start.group())] < start.group():
        return Truth.NO
    if end is not None and day[: len(end.group())] > end.group():
        return Truth.NO
    told = {name for name, bound in (("start", start), ("end", end)) if bound is not None}
    return Truth.YES if told and told == period.keys() & {"start", "end"} else Truth.UNKNOWN
