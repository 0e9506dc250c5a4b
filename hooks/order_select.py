"""order-select: the prescriber has picked a drug; warn before it is signed.

Only the selected drafts are judged; the others are context.
"""

from dataclasses import replace
from datetime import date

from hooks.clinical.facts import Missing, Why
from hooks.drafts import Requests, decide_drafts, draft_needs, own_drafts
from hooks.knowledge import Knowledge
from hooks.queries import templates
from hooks.reading.resources import Resource, as_dict, as_list, as_text, relative
from hooks.service import Answers, Context, Decision, HookService


def selected_drafts(context: Context) -> Requests:
    """The drafts that were just selected."""
    selected = {name for selection in context["selections"] for name in _names(selection)}
    return [request for request in own_drafts(context) if _name(request) in selected]


def lost_selections(context: Context) -> list[Missing]:
    """A remark for each selection that is of no draft: what was selected is then not known."""
    entries = as_list(context["draftOrders"], "entry")
    drafted = {_name(as_dict(entry, "resource")) for entry in entries}
    lost = (each for each in context["selections"] if not _names(each) & drafted)
    return [Missing("selected order", Why.UNREADABLE, "is not among the drafts") for _ in lost]


def needs(context: Context, answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """What the selected drugs' rules need; no known drug, no query: most calls end here."""
    return draft_needs(selected_drafts(context), context, answers, knowledge)


def decide(context: Context, answers: Answers, knowledge: Knowledge, today: date) -> Decision:
    """Cards for the selected drafts."""
    selected = selected_drafts(context)
    found = decide_drafts(selected, context, answers, knowledge, today, SERVICE.hook)
    return replace(found, remarks=(*found.remarks, *lost_selections(context)))


def _name(resource: Resource) -> str:
    """`Type/id` as the client wrote it: temporary ids need not be FHIR's."""
    return f"{as_text(resource, 'resourceType')}/{as_text(resource, 'id')}"


def _names(selection: str) -> set[str]:
    """*selection* itself, and its `Type/id` if it is a URL."""
    return {selection, relative(selection)}


SERVICE = HookService(
    id="rxhooks-order-select",
    hook="order-select",
    title="Genes and biomarkers: the selected drug",
    description=(
        "When a drug is selected, checks it against the patient's genotypes (CPIC guidelines) and "
        "says what to do instead, or what to test."
    ),
    queries=templates,
    needs=needs,
    decide=decide,
)
