"""Which findings are the same as before, and what is never left out whatever the policy."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Dose, Evidence, Missing, Order, Why
from hooks.clinical.findings import Finding, judge
from hooks.clinical.guidelines import INDICATORS, Action, Cap
from hooks.clinical.phenoconversion import Modifier
from hooks.clinical.populations import Population, Span
from hooks.knowledge import Knowledge
from hooks.knowledge.repeating import Mutes, Repeats
from hooks.repeats import (
    MUTED,
    Earlier,
    LeftOut,
    Moment,
    Traces,
    Whose,
    left_out,
    longest_memory,
    may_leave_out,
    traces,
)
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    GENES,
    REDUCE,
    RULE,
    judged,
    knowledge,
    order,
    patient,
    result,
)

SECRET = b"thirty-two bytes of nobody's key"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WHOSE = Whose("city", "https://ehr.example/fhir", "p1")
EVIDENCE = Evidence("Observation/g", date(2025, 1, 2), "Laboratory", "prefetch")
POOR = result("PAIR", "*2/*2", evidence=(EVIDENCE,))
KNOWN = knowledge(RULE)
FINDING = judged(RULE, POOR)
WARNING = replace(
    FINDING,
    outcome=replace(FINDING.outcome, branch=replace(AVOID, indicator="warning")),
)


def of(finding: Finding = FINDING, whose: Whose = WHOSE, known: Knowledge = KNOWN) -> Traces:
    return traces(finding, whose, known, SECRET)


def ordered(**changes: Any) -> Finding:
    """The finding on another order."""
    return judge(RULE, replace(order(), **changes), DRUG, patient(POOR), GENES)


def dosed(milligrams: int) -> Finding:
    return ordered(dose={DRUG: Dose(Decimal(milligrams), "mg")})


def unreadable(*dosage: object) -> Finding:
    return ordered(dose={DRUG: Missing("dose", Why.UNREADABLE)}, dosage=dosage)


# Traces


def test_a_trace_is_64_hexadecimal_digits_and_the_same_each_time() -> None:
    [trace] = of()

    assert len(trace) == 64
    assert int(trace, 16)
    assert of(judged(RULE, POOR)) == (trace,)


IN_ANOTHER_PROCESS = """
from tests.unit.hooks.test_repeats import ASKED, of
print(*of(ASKED))
"""
ASKED = replace(
    FINDING,
    missing=(Missing("a", Why.UNREADABLE), Missing("b", Why.OUTDATED)),
    order=Order("MedicationRequest/1", ("b", "a"), applied=frozenset("xyzuvw")),
)


def test_a_trace_is_the_same_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[0]
        for seed in ("1", "2")
    }

    assert told == {of(ASKED)[0]}


def test_a_trace_depends_on_the_secret() -> None:
    assert of() != traces(FINDING, WHOSE, KNOWN, SECRET[::-1])


@pytest.mark.parametrize(
    "other",
    [
        of(whose=replace(WHOSE, client="village")),
        of(whose=replace(WHOSE, server="https://other.example/fhir")),
        of(whose=replace(WHOSE, patient="p2")),
        of(known=replace(KNOWN, version="another")),
        of(WARNING),
        of(dosed(10)),
        of(ordered(applied=frozenset({"other-rule/poor"}))),
        of(replace(FINDING, drug="secondin")),
        of(replace(FINDING, rule=replace(RULE, id="other"))),
        of(replace(FINDING, because=(replace(EVIDENCE, reference="Observation/new"),))),
        of(replace(FINDING, because=(replace(EVIDENCE, on=date(2026, 1, 2)),))),
        of(replace(FINDING, because=(EVIDENCE, replace(EVIDENCE, reference="Observation/2")))),
        of(replace(FINDING, missing=(Missing("PAIR", Why.OUTDATED),))),
        of(replace(FINDING, assumed=("taken to be for adults",))),
        of(replace(FINDING, modifiers=(Modifier("secondin", "PAIR", "inhibitor", "strong"),))),
        of(replace(FINDING, taken=order("secondin"))),
        of(judged(RULE, result("PAIR", "*2/*2", "*1/*2", evidence=(EVIDENCE,)))),
    ],
)
def test_whatever_else_is_different_has_another_trace(other: Traces) -> None:
    assert other
    assert not set(other[:1]) & set(of())


@pytest.mark.parametrize(
    "same",
    [
        of(ordered(reference="MedicationRequest/9", text="Firstin, please", started=NOW.date())),
        of(replace(FINDING, because=(replace(EVIDENCE, performer="L", source="https://x"),))),
        of(replace(FINDING, left_out=(("secondin", "allergy"),), alternatives_checked=False)),
    ],
)
def test_what_is_only_beside_the_advice_leaves_it_the_same(same: Traces) -> None:
    assert same == of()


def test_the_order_in_which_results_come_does_not_matter() -> None:
    other = replace(EVIDENCE, reference="Observation/2")

    assert of(replace(FINDING, because=(EVIDENCE, other))) == of(
        replace(FINDING, because=(other, EVIDENCE))
    )


def test_an_order_that_got_its_dose_is_known_by_what_it_was() -> None:
    [undosed] = of()
    own, before = of(dosed(10))

    assert before == undosed
    assert own not in of(dosed(20))


@pytest.mark.parametrize(
    "action",
    [
        Action("reduce-dose"),
        Action("avoid", factor_max=Decimal("0.5")),
        Action("alternative", cap=Cap(Decimal(20), "mg")),
    ],
)
def test_where_the_advice_is_on_doses_it_is_not(action: Action) -> None:
    rule = replace(RULE, branches=(replace(AVOID, action=action), *RULE.branches[1:]))
    finding = judge(
        rule,
        order(dose={DRUG: Dose(Decimal(90), "mg")}),
        DRUG,
        patient(POOR),
        GENES,
    )

    assert finding.indicator
    assert len(of(finding)) == 1


def test_where_a_dose_decides_for_whom_the_advice_is_it_is_not() -> None:
    by_dose = Population("high", "high doses", "", measures={"dose": Span()})
    finding = replace(dosed(10), rule=replace(RULE, populations=(by_dose,)))

    assert len(of(finding)) == 1


def test_a_dose_that_cannot_be_told_is_compared_as_it_was_written() -> None:
    once, twice = unreadable({"text": "one if needed"}), unreadable({"text": "two if needed"})

    assert of(once)[0] == of(unreadable({"text": "one if needed"}))[0]
    assert of(once)[0] != of(twice)[0]
    assert of(once)[1] == of()[0]


@pytest.mark.parametrize("silent", [replace(FINDING, quiet=True), replace(FINDING, followed=True)])
def test_what_is_not_shown_has_no_trace(silent: Finding) -> None:
    assert of(silent) == ()


def test_what_could_not_be_fetched_has_no_trace() -> None:
    assert of(replace(FINDING, missing=(Missing("OTHER", Why.NOT_FETCHED),))) == ()


def test_a_result_without_an_id_has_no_trace() -> None:
    assert of(replace(FINDING, because=(replace(EVIDENCE, reference="Observation/?"),))) == ()


def test_a_dosage_that_is_no_dosage_has_no_trace() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    assert of(unreadable(deep)) == ()
    assert of(unreadable(10**5_000)) == ()


def test_nothing_of_the_patient_can_be_read_in_a_trace() -> None:
    told = "".join(of())

    assert not any(word in told for word in ("p1", "city", "Observation", "PAIR"))


# What is left out


def shown(finding: Finding = WARNING, hook: str = "order-select", **changes: Any) -> Earlier:
    ago = NOW - timedelta(hours=1)
    return replace(Earlier(of(finding)[0], hook, "card-1", "instance-1", ago), **changes)


def told(
    *earlier: Earlier,
    finding: Finding = WARNING,
    hook: str = "order-sign",
    repeats: Repeats | None = None,
    mutes: Mutes | None = None,
) -> list[LeftOut]:
    known = replace(KNOWN, repeats=repeats or Repeats(), mutes=mutes or Mutes())
    moment = Moment(hook, "instance-2", NOW)
    return list(left_out([(finding, of(finding))], earlier, moment, known).values())


MUTES = Mutes(reasons=("tolerated",))
SHOWN = [LeftOut("pair-firstin", "poor", "shown", "card-1")]
SILENT = [LeftOut("pair-firstin", "poor", "muted", "card-1")]


def test_what_order_select_showed_is_left_out_at_signing() -> None:
    assert told(shown()) == SHOWN


def test_hooks_may_share_an_instance_as_careless_clients_do() -> None:
    assert told(shown(hook_instance="instance-2")) == SHOWN


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("order-sign", "order-sign"),
        ("order-select", "order-select"),
        ("order-sign", "order-select"),
        ("order-select", "patient-view"),
        ("patient-view", "order-sign"),
        ("patient-view", "order-select"),
    ],
)
def test_no_other_hook_answers_for_another(before: str, now: str) -> None:
    assert told(shown(hook=before), hook=now, repeats=Repeats(patient_view="warning")) == []


def test_after_the_hours_of_the_policy_it_is_shown_again() -> None:
    old = shown(at=NOW - timedelta(hours=2))

    assert told(old, repeats=Repeats(within_hours=2)) == []
    assert told(old, repeats=Repeats(within_hours=3)) == SHOWN


@pytest.mark.parametrize(
    ("least", "expected"), [("info", []), ("warning", []), ("critical", SHOWN)]
)
def test_order_sign_repeats_what_is_at_least_as_urgent_as_policy_says(
    least: str, expected: list[LeftOut]
) -> None:
    assert told(shown(), repeats=Repeats(order_sign=least)) == expected


def test_patient_view_counts_other_openings_of_the_chart_only() -> None:
    info = replace(
        WARNING, outcome=replace(WARNING.outcome, branch=replace(AVOID, indicator="info"))
    )
    policy = Repeats(patient_view="warning", patient_view_days=30)
    before = shown(info, "patient-view", at=NOW - timedelta(days=29))

    def seen(*earlier: Earlier, finding: Finding = info) -> list[LeftOut]:
        return told(*earlier, finding=finding, hook="patient-view", repeats=policy)

    assert seen(before) == SHOWN
    assert seen(replace(before, hook_instance="instance-2")) == []
    assert seen(replace(before, at=NOW - timedelta(days=30))) == []
    assert seen(shown(hook="patient-view"), finding=WARNING) == []
    assert told(before, finding=info, hook="patient-view") == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "patient-view"])
def test_a_mute_holds_at_every_hook_for_its_days(hook: str) -> None:
    muted = shown(hook=MUTED, at=NOW - timedelta(days=89))

    assert told(muted, hook=hook, mutes=MUTES) == SILENT
    assert told(replace(muted, at=NOW - timedelta(days=90)), hook=hook, mutes=MUTES) == []


def test_a_rule_that_policy_never_mutes_is_shown() -> None:
    muted = shown(hook=MUTED)

    assert told(muted, mutes=replace(MUTES, never=("pair-firstin",))) == []
    assert told(muted, mutes=replace(MUTES, never=("another",))) == SILENT


def test_mutes_end_when_the_site_no_longer_has_lasting_reasons() -> None:
    assert told(shown(hook=MUTED), mutes=Mutes()) == []


def test_the_mute_is_told_before_the_showing() -> None:
    later = shown(at=NOW, card="card-2")

    assert told(later, shown(hook=MUTED), mutes=MUTES) == SILENT


def test_each_finding_is_left_out_by_itself() -> None:
    other = replace(WARNING, rule=replace(RULE, id="other"))
    traced = [(other, of(other)), (WARNING, of(WARNING))]

    found = left_out(traced, [shown()], Moment("order-sign", "i", NOW), KNOWN)

    assert list(found) == [1]


def test_the_store_is_asked_only_where_policy_lets_something_be_left_out() -> None:
    def asked(repeats: Repeats | None = None, mutes: Mutes | None = None) -> list[bool]:
        known = replace(KNOWN, repeats=repeats or Repeats(), mutes=mutes or Mutes())
        hooks = ("order-select", "order-sign", "patient-view")
        return [may_leave_out(hook, known) for hook in hooks]

    assert asked() == [False, True, False]
    assert asked(Repeats(order_sign="info")) == [False, False, False]
    assert asked(Repeats(order_sign="info", critical=("a",))) == [False, True, False]
    assert asked(Repeats(patient_view="warning")) == [False, True, True]
    assert asked(mutes=MUTES) == [True, True, True]


def test_the_longest_memory_is_that_of_the_policy() -> None:
    short = Repeats(patient_view_days=1, within_hours=48)

    assert longest_memory(KNOWN) == timedelta(days=365)
    assert longest_memory(replace(KNOWN, repeats=short, mutes=Mutes(days=1))) == timedelta(days=2)


# Laws


RULES = st.sampled_from([(), ("other",), ("pair-firstin",)])
REPEATS = st.builds(
    Repeats,
    order_sign=st.sampled_from(INDICATORS),
    patient_view=st.sampled_from(INDICATORS[:2]),
    within_hours=st.integers(1, 168),
    patient_view_days=st.integers(1, 365),
    critical=RULES,
)
MUTING = st.builds(
    Mutes,
    reasons=st.sampled_from([(), ("tolerated",)]),
    days=st.integers(1, 365),
    never=RULES,
    critical=RULES,
)
HOOKS = st.sampled_from(["order-select", "order-sign", "patient-view"])
AGES = st.timedeltas(timedelta(0), timedelta(days=400))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """The finding with any indicator, dose and gaps."""
    indicator = draw(st.sampled_from(INDICATORS))
    dose = draw(st.sampled_from([{}, {DRUG: Dose(Decimal(10), "mg")}]))
    found = ordered(dose=dose)
    branch = draw(st.sampled_from([AVOID, REDUCE]))
    outcome = replace(found.outcome, branch=replace(branch, indicator=indicator))
    gaps = draw(st.lists(st.builds(Missing, st.sampled_from("ab"), st.sampled_from(Why))))
    return replace(found, outcome=outcome, missing=tuple(gaps))


def every_showing(draw: st.DrawFn, own: Traces) -> list[Earlier]:
    """A store that has seen *own* at every hook, and muted them."""
    hooks = ("order-select", "order-sign", "patient-view", MUTED)
    return [
        Earlier(trace, hook, "card-1", "instance-1", NOW - draw(AGES))
        for trace in own
        for hook in hooks
    ]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Finding, Knowledge, list[LeftOut]]:
    """A finding, the knowledge, and what is left out of it although all of it was seen before."""
    finding = draw(findings())
    known = replace(KNOWN, repeats=draw(REPEATS), mutes=draw(MUTING))
    own = of(finding)
    moment = Moment(draw(HOOKS), "instance-2", NOW)
    found = left_out([(finding, own)], every_showing(draw, own), moment, known)
    return finding, known, list(found.values())


@given(calls())
def test_a_critical_card_is_never_left_out_unless_policy_names_its_rule(
    call: tuple[Finding, Knowledge, list[LeftOut]],
) -> None:
    finding, known, silent = call
    named = {"shown": known.repeats.critical, "muted": known.mutes.critical}

    if finding.indicator == "critical":
        assert all("pair-firstin" in named[each.why] for each in silent)


@given(calls())
def test_what_could_not_be_fetched_is_never_left_out(
    call: tuple[Finding, Knowledge, list[LeftOut]],
) -> None:
    finding, _, silent = call

    if any(gap.why is Why.NOT_FETCHED for gap in finding.missing):
        assert silent == []


@given(calls())
def test_a_rule_that_is_never_muted_is_never_muted(
    call: tuple[Finding, Knowledge, list[LeftOut]],
) -> None:
    _, known, silent = call

    if "pair-firstin" in known.mutes.never or not known.mutes.reasons:
        assert all(each.why != "muted" for each in silent)


CHANGES: dict[str, Callable[[Finding], Finding]] = {
    "a new result": lambda f: replace(f, because=(replace(EVIDENCE, reference="Observation/n"),)),
    "a newer date": lambda f: replace(f, because=(replace(EVIDENCE, on=date(2026, 2, 2)),)),
    "one result more": lambda f: replace(
        f, because=(EVIDENCE, replace(EVIDENCE, reference="Observation/n"))
    ),
    "another reading": lambda f: replace(f, calls={"PAIR": ()}),
    "another dose": lambda f: replace(
        f, order=replace(f.order, dose={DRUG: Dose(Decimal(77), "mg")})
    ),
    "another drug": lambda f: replace(f, drug="secondin"),
}


@st.composite
def changed_calls(draw: st.DrawFn) -> list[LeftOut]:
    """What is left out of a finding after the one that was seen before has changed."""
    dosed_before = ordered(dose={DRUG: Dose(Decimal(10), "mg")})
    branch = replace(AVOID, indicator=draw(st.sampled_from(INDICATORS)))
    before = replace(dosed_before, outcome=replace(dosed_before.outcome, branch=branch))
    seen = of(before)[:1]  # what is noted of a card is its finding's own trace
    named = ("pair-firstin",)
    known = replace(
        KNOWN,
        repeats=Repeats("critical", "warning", critical=named),
        mutes=Mutes(("tolerated",), critical=named),
    )
    kind = draw(st.sampled_from([*CHANGES, "new knowledge", "another severity"]))
    after, version = before, known
    if kind == "new knowledge":
        version = replace(known, version="another")
    elif kind == "another severity":
        other = draw(st.sampled_from([i for i in INDICATORS if i != branch.indicator]))
        outcome = replace(before.outcome, branch=replace(branch, indicator=other))
        after = replace(before, outcome=outcome)
    else:
        after = CHANGES[kind](before)
    moment = Moment(draw(HOOKS), "instance-2", NOW)
    traced = [(after, of(after, known=version))]
    return list(left_out(traced, every_showing(draw, seen), moment, version).values())


@given(changed_calls())
def test_a_new_result_order_severity_or_knowledge_ends_every_silence(
    silent: list[LeftOut],
) -> None:
    assert silent == []
