"""A site's policy: what it may change, what is refused, and where each setting comes from."""

from dataclasses import replace
from pathlib import Path

import pytest

from hooks.clinical.codes import Coding
from hooks.clinical.elements import Term
from hooks.clinical.markers import Marker, Markers
from hooks.clinical.restrictions import Restrictions
from hooks.knowledge import Knowledge, KnowledgeError
from hooks.knowledge.policy import Policy, RulePolicy, effective, read_policy, with_policy
from hooks.knowledge.repeating import Mutes, Repeats
from tests.unit.hooks.bedside import rule as rule_on_data
from tests.unit.hooks.small import RULE, SCORED_RULE, TYPED_RULE, knowledge

DRAFT = replace(TYPED_RULE, status="draft")
SILENT = replace(SCORED_RULE, when_unknown="stay-silent")
WARNING = replace(RULE, id="warning-firstin", when_unknown="warn")
KNOWN = knowledge(RULE, SILENT, DRAFT, WARNING)
WHOLE = """
country = "GB"
drafts = true
pre_test = "always"
never_off = ["scored-firstin"]

[show]
patient-view = "warning"

[rules.pair-firstin]
on = false
reason = "decided by the committee"

[rules.scored-firstin]
when_unknown = "warn"
indicators = { poor = "info" }

[[override_reason]]
system = "https://site.example/reasons"
code = "tolerated"
display = "Tolerated before"

[restricted]
use = "never"
say = true
prefetch = true
organisations = ["Organization/1"]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "policy.toml"
    file.write_text(text, "utf-8")
    return file


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        read_policy(written(folder, text))
    return caught.value.problems


def not_for(known: Knowledge, policy: Policy) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        with_policy(known, policy)
    return caught.value.problems


def rule(known: Knowledge, name: str) -> object:
    return next(each for each in known.guidelines if each.id == name)


# Reading


def test_a_policy_is_read_whole(tmp_path: Path) -> None:
    assert read_policy(written(tmp_path, WHOLE)) == Policy(
        rules={
            "pair-firstin": RulePolicy(on=False, reason="decided by the committee"),
            "scored-firstin": RulePolicy(when_unknown="warn", indicators={"poor": "info"}),
        },
        show={"patient-view": "warning"},
        pre_test="always",
        drafts=True,
        never_off=("scored-firstin",),
        override_reasons=(Coding("https://site.example/reasons", "tolerated", "Tolerated before"),),
        restricted=Restrictions("never", True, True, ("Organization/1",)),
        country="GB",
    )


def test_an_empty_policy_changes_nothing(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, ""))

    assert policy == Policy()
    assert with_policy(KNOWN, policy).guidelines == KNOWN.guidelines


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[show]\npatient-view = "loud"', "show.patient-view: Must be one of: info"),
        ('[show]\nopen-chart = "info"', "show.open-chart: Must be one of: order-select"),
        ('country = "uk"', "country: String does not match"),
        ('drafts = "on"', "drafts: Not a valid boolean."),
        ('pre_test = "sometimes"', "pre_test: Must be one of: as-the-rule, always, never."),
        ("strict = true", "strict: Unknown field."),
        ("[rules.a]\nof = false", "rules.a.of: Unknown field."),
        ('[rules.a]\nindicators = { b = "red" }', "rules.a.indicators.b: Must be one of: info"),
        ('[restricted]\nuse = "sometimes"', "restricted.use: Must be one of: with-consent"),
        ('[restricted]\norganisations = ["us"]', "restricted.organisations.0: String does not"),
        ('[[override_reason]]\ncode = "a"', "override_reason.0.system: Missing data"),
        ("show = ", "Invalid value"),
    ],
)
def test_what_a_policy_may_not_say_is_told(tmp_path: Path, text: str, problem: str) -> None:
    [first, *_] = refused(tmp_path, text)

    assert first.startswith(f"policy.toml: {problem}")


# Applying


def test_what_is_done_with_restricted_data_is_the_site_s_choice() -> None:
    assert with_policy(KNOWN, Policy()).restrictions == Restrictions("with-consent")
    never = Restrictions("never")
    assert with_policy(KNOWN, Policy(restricted=never)).restrictions == never


def test_the_settings_on_restricted_data_are_told() -> None:
    told = {name: value for name, value, _ in effective(KNOWN, Policy())}
    assert [told[f"restricted.{name}"] for name in ("use", "say", "organisations")] == [
        *("with-consent", "false", "none")
    ]
    own = Policy(restricted=Restrictions(organisations=("Organization/1",)))
    assert ("restricted.organisations", "Organization/1", "policy") in list(effective(KNOWN, own))


def test_a_rule_that_is_off_judges_nothing() -> None:
    changed = with_policy(KNOWN, Policy({"pair-firstin": RulePolicy(on=False)}))

    assert [each.id for each in changed.rules_for("firstin")] == [
        "scored-firstin",
        "warning-firstin",
    ]


def test_the_country_of_the_site_reaches_the_knowledge() -> None:
    assert with_policy(KNOWN, Policy(country="GB")).country == "GB"
    assert with_policy(KNOWN, Policy()).country == ""


def test_drafts_judge_where_the_site_wants_them() -> None:
    assert DRAFT.id in [r.id for r in with_policy(KNOWN, Policy(drafts=True)).rules_for("firstin")]
    assert DRAFT.id not in [r.id for r in with_policy(KNOWN, Policy()).rules_for("firstin")]


@pytest.mark.parametrize(
    ("pre_test", "told"),
    [
        ("as-the-rule", ["suggest-test", "stay-silent", "suggest-test", "warn"]),
        ("always", ["suggest-test", "suggest-test", "suggest-test", "warn"]),
        ("never", ["stay-silent"] * 4),
    ],
)
def test_whether_a_missing_test_is_suggested_is_the_site_s_choice(
    pre_test: str, told: list[str]
) -> None:
    changed = with_policy(KNOWN, Policy(pre_test=pre_test))

    assert [each.when_unknown for each in changed.guidelines] == told


def test_a_rule_s_own_setting_goes_before_the_general_one() -> None:
    policy = Policy({"pair-firstin": RulePolicy(when_unknown="warn")}, pre_test="never")

    assert with_policy(KNOWN, policy).guidelines[0].when_unknown == "warn"


def test_an_indicator_may_be_changed_and_nothing_else() -> None:
    policy = Policy({"pair-firstin": RulePolicy(indicators={"poor": "info"})})
    changed = with_policy(KNOWN, policy).guidelines[0]

    assert changed.branches[0] == replace(RULE.branches[0], indicator="info")
    assert changed.branches[1:] == RULE.branches[1:]


def test_override_reasons_of_the_site_replace_ours() -> None:
    own = (Coding("https://site.example", "x", "X"),)

    assert with_policy(KNOWN, Policy(override_reasons=own)).override_reasons == own
    assert with_policy(KNOWN, Policy()).override_reasons == KNOWN.override_reasons


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (Policy({"gone": RulePolicy()}), "there is no rule 'gone'"),
        (Policy(never_off=("gone",)), "there is no rule 'gone'"),
        (
            Policy({"pair-firstin": RulePolicy(on=False)}, never_off=("pair-firstin",)),
            "pair-firstin is switched off and may not be",
        ),
        (
            Policy({"pair-firstin": RulePolicy(indicators={"normal": "info"})}),
            "pair-firstin has no branch 'normal' that shows a card",
        ),
    ],
)
def test_a_policy_for_what_is_not_there_stops_the_start(policy: Policy, problem: str) -> None:
    assert not_for(KNOWN, policy) == [f"policy: {problem}"]


# Tumours


TUMOUR = rule_on_data('pos("antibody") or egfr < 30', catalogue="TUM-900")
MARKED = replace(
    knowledge(),
    biomarkers=(TUMOUR, rule_on_data('pos("antibody")', id="other", catalogue="GER-900")),
    markers=Markers({"antibody": Marker("antibody", "a marker")}),
)


def hushed(policy: Policy) -> dict[str, frozenset[Term]]:
    return {each.id: each.hushed for each in with_policy(MARKED, policy).biomarkers}


def test_tumour_rules_do_not_tell_of_missing_results_until_a_site_sends_them() -> None:
    marker = frozenset({Term("pos", ("antibody",))})

    assert hushed(Policy()) == {TUMOUR.id: marker, "other": frozenset()}


def test_a_site_that_sends_results_of_tumours_is_told_what_is_missing(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, "[tumour]\nstructured = true\n"))

    assert policy == Policy(structured_tumours=True)
    assert hushed(policy) == {TUMOUR.id: frozenset(), "other": frozenset()}
    told = {name: (value, origin) for name, value, origin in effective(MARKED, policy)}
    assert told["tumour.structured"] == ("true", "policy")


# Telling


def test_every_setting_tells_where_it_comes_from(tmp_path: Path) -> None:
    told = {
        name: (value, origin)
        for name, value, origin in effective(KNOWN, read_policy(written(tmp_path, WHOLE)))
    }

    assert told["show.patient-view"] == ("warning", "policy")
    assert told["show.order-sign"] == ("info", "default")
    assert told["pre_test"] == ("always", "policy")
    assert told["drafts"] == ("on", "policy")
    assert told["country"] == ("GB", "policy")
    assert ("country", "not set", "default") in effective(KNOWN, Policy())
    assert told["override_reasons"] == ("1", "policy")
    assert told["pair-firstin"] == ("off", "policy: decided by the committee")
    assert told["scored-firstin"] == ("active, may not be switched off", "default")
    assert told["scored-firstin.when_unknown"] == ("warn", "policy")
    assert told["scored-firstin/poor"] == ("info", "policy (rule: critical)")
    assert told["warning-firstin.when_unknown"] == ("warn", "rule")


def test_without_a_policy_all_is_as_the_rules_have_it() -> None:
    assert {origin for _, _, origin in effective(KNOWN, Policy())} == {"default", "rule"}


# What may be left out


REPEATS = """
[repeats]
order-sign = "warning"
patient-view = "warning"
within_hours = 12
patient_view_days = 30
critical = ["pair-firstin"]

[mute]
reasons = ["tolerated"]
days = 30
never = ["scored-firstin"]
critical = ["pair-firstin"]
"""


def test_what_may_be_left_out_is_read(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, REPEATS))

    known = with_policy(KNOWN, policy)

    assert known.repeats == Repeats("warning", "warning", 12, 30, ("pair-firstin",))
    assert known.mutes == Mutes(("tolerated",), 30, ("scored-firstin",), ("pair-firstin",))


def test_without_a_policy_critical_cards_are_repeated_and_nothing_is_muted() -> None:
    assert (KNOWN.repeats, KNOWN.mutes) == (Repeats(), Mutes())
    assert (Repeats().order_sign, Repeats().patient_view) == ("critical", "info")
    assert (Repeats().critical, Mutes().reasons, Mutes().critical) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[repeats]\norder-select = "info"', "order-select"),
        ('[repeats]\norder-sign = "never"', "order-sign"),
        ('[repeats]\npatient-view = "critical"', "patient-view"),
        ("[repeats]\nwithin_hours = 0", "within_hours"),
        ("[repeats]\nwithin_hours = 169", "within_hours"),
        ('[repeats]\nwithin_hours = "1"', "within_hours"),
        ("[repeats]\npatient_view_days = 366", "patient_view_days"),
        ("[mute]\ndays = 366", "days"),
        ("[mute]\ndays = 1.5", "days"),
        ('[mute]\nreasons = "tolerated"', "reasons"),
        ("[mute]\nrules_that_never_mute = []", "rules_that_never_mute"),
    ],
)
def test_a_wrong_word_on_what_may_be_left_out_is_named(
    tmp_path: Path, text: str, named: str
) -> None:
    [problem] = refused(tmp_path, text)

    assert named in problem


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (Policy(repeats=Repeats(critical=("x",))), "repeats.critical: there is no rule 'x'"),
        (Policy(mutes=Mutes(never=("x",))), "mute.never: there is no rule 'x'"),
        (Policy(mutes=Mutes(critical=("x",))), "mute.critical: there is no rule 'x'"),
        (
            Policy(mutes=Mutes(reasons=("x",))),
            "mute.reasons: no card offers the override reason 'x'",
        ),
        (
            Policy(mutes=Mutes(never=("pair-firstin",), critical=("pair-firstin",))),
            "mute: pair-firstin is both under never and under critical",
        ),
    ],
)
def test_what_may_be_left_out_names_rules_and_reasons_that_are_there(
    policy: Policy, problem: str
) -> None:
    assert not_for(KNOWN, policy) == [f"policy: {problem}"]


def test_a_site_s_own_reason_may_last() -> None:
    own = (Coding("https://site.example/reasons", "ours", "Ours"),)

    known = with_policy(KNOWN, Policy(override_reasons=own, mutes=Mutes(reasons=("ours",))))

    assert known.mutes.reasons == ("ours",)


def test_the_effective_policy_tells_what_may_be_left_out() -> None:
    policy = Policy(repeats=Repeats(within_hours=12), mutes=Mutes(reasons=("tolerated",)))

    told = {name: (value, origin) for name, value, origin in effective(KNOWN, policy)}

    assert told["repeats.order_sign"] == ("critical", "default")
    assert told["repeats.within_hours"] == ("12", "policy")
    assert told["repeats.critical"] == ("none", "default")
    assert told["mute.reasons"] == ("tolerated", "policy")
