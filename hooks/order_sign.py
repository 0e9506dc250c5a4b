"""order-sign: the last look before orders are signed; all drafts are judged."""

from datetime import date

from hooks.drafts import decide_drafts, draft_needs, own_drafts
from hooks.knowledge import Knowledge
from hooks.queries import templates
from hooks.service import Answers, Context, Decision, HookService


def needs(context: Context, answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """What the rules of all drafted drugs need."""
    return draft_needs(own_drafts(context), context, answers, knowledge)


def decide(context: Context, answers: Answers, knowledge: Knowledge, today: date) -> Decision:
    """Cards for all drafts."""
    return decide_drafts(own_drafts(context), context, answers, knowledge, today, SERVICE.hook)


SERVICE = HookService(
    id="rxhooks-order-sign",
    hook="order-sign",
    title="Genes and biomarkers: orders to sign",
    description=(
        "Before orders are signed, checks every drug among them against the patient's genotypes "
        "(CPIC guidelines) and says what to do instead, or what to test."
    ),
    queries=templates,
    needs=needs,
    decide=decide,
)
