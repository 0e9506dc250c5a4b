"""order-select: the prescriber has picked a drug; warn before it is signed.

Only the selected drafts are judged; the others are context.
"""

from datetime import date

from hooks.drafts import Requests, decide_drafts, draft_needs, own_drafts
from hooks.knowledge import Knowledge
from hooks.queries import templates
from hooks.reading.resources import reference
from hooks.service import Answers, Context, Decision, HookService


def selected_drafts(context: Context) -> Requests:
    """The drafts that were just selected."""
    selected = set(context["selections"])
    return [request for request in own_drafts(context) if reference(request) in selected]


def needs(context: Context, answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """What the selected drugs' rules need; no known drug, no query: most calls end here."""
    return draft_needs(selected_drafts(context), context, answers, knowledge)


def decide(context: Context, answers: Answers, knowledge: Knowledge, today: date) -> Decision:
    """Cards for the selected drafts."""
    return decide_drafts(selected_drafts(context), context, answers, knowledge, today)


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
