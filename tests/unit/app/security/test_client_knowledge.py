"""A client's own policy, within the site's."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.security.client_knowledge import knowledge_by_client
from app.security.clients import CdsClient
from app.settings import Settings, UnsafeSettings
from hooks.clinical.restrictions import Restrictions
from hooks.knowledge import Knowledge, KnowledgeError
from hooks.knowledge.policy import read_policy, with_policy
from hooks.knowledge.repeating import Mutes, Repeats
from tests.unit.hooks.bedside import KIDNEY
from tests.unit.hooks.small import RULE, TYPED_RULE, knowledge

SITE = knowledge(RULE, replace(TYPED_RULE, status="draft"))


def own(folder: Path, policy: str, site: str = "", known: Knowledge = SITE) -> Knowledge:
    """The knowledge of a client with *policy*, at a site with the policy *site*."""
    settings = settings_of(folder, policy, site)
    if settings.policy is not None:
        known = with_policy(known, read_policy(settings.policy))
    return knowledge_by_client(settings, known)["hospital"]


def settings_of(folder: Path, policy: str, site: str = "", **more: bool) -> Settings:
    (folder / "client.toml").write_text(policy)
    (folder / "site.toml").write_text(site)
    return Settings(
        clients=(CdsClient("hospital", policy=folder / "client.toml"), CdsClient("other")),
        policy=folder / "site.toml" if site else None,
        **more,  # type: ignore[arg-type]
    )


def statuses(known: Knowledge) -> list[str]:
    return [rule.status for rule in known.guidelines]


def test_a_policy_is_for_its_client_alone(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"[rules.{RULE.id}]\non = false\n")

    found = knowledge_by_client(settings, SITE)

    assert list(found) == ["hospital"]
    assert statuses(found["hospital"])[0] == "off"
    assert statuses(SITE)[0] == "active"


def test_what_the_site_shows_holds_where_the_client_says_nothing(tmp_path: Path) -> None:
    site = '[show]\npatient-view = "critical"\norder-sign = "warning"\n'

    found = own(tmp_path, '[show]\norder-sign = "info"\n', site)

    assert found.least == {"patient-view": "critical", "order-sign": "info"}


def test_tables_that_a_client_does_not_have_are_the_site_s(tmp_path: Path) -> None:
    site = f"""
    [restricted]
    use = "never"
    [repeats]
    order-sign = "info"
    [mute]
    never = ["{RULE.id}"]
    """

    found = own(tmp_path, "pre_test = 'never'\n", site)

    assert found.restrictions == Restrictions("never")
    assert found.repeats == Repeats(order_sign="info")
    assert found.mutes == Mutes(never=(RULE.id,))


def test_a_client_s_own_tables_hold_where_the_site_has_none(tmp_path: Path) -> None:
    found = own(tmp_path, '[restricted]\nuse = "always"\nsay = true\n[mute]\ndays = 7\n')

    assert found.restrictions == Restrictions("always", say=True)
    assert found.mutes == Mutes(days=7)


@pytest.mark.parametrize(
    ("client", "site", "holds"),
    [
        ("always", "never", "never"),
        ("never", "always", "never"),
        ("always", "with-consent", "with-consent"),
        ("with-consent", "always", "with-consent"),
    ],
)
def test_of_two_words_on_restricted_data_the_stricter_holds(
    tmp_path: Path, client: str, site: str, holds: str
) -> None:
    silent = f'[restricted]\nuse = "{site}"\norganisations = ["Organization/1"]\n'

    found = own(tmp_path, f'[restricted]\nuse = "{client}"\nsay = true\n', silent)

    assert found.restrictions == Restrictions(holds, False, False, ("Organization/1",))


def test_a_table_that_says_what_is_shipped_is_one(tmp_path: Path) -> None:
    shipped = '[restricted]\nuse = "with-consent"\n'

    assert own(tmp_path, shipped, '[restricted]\nuse = "always"\n').restrictions == Restrictions()
    assert own(tmp_path, '[restricted]\nuse = "always"\n', shipped).restrictions == Restrictions()


def test_what_the_site_never_mutes_a_client_does_not_mute(tmp_path: Path) -> None:
    site = f'[mute]\nnever = ["{RULE.id}"]\n'

    assert own(tmp_path, "[mute]\ndays = 7\n", site).mutes == Mutes(days=7, never=(RULE.id,))
    with pytest.raises(KnowledgeError, match="both under never and under critical"):
        own(tmp_path, f'[mute]\ncritical = ["{RULE.id}"]\n', site)


def test_a_rule_that_the_site_switched_off_stays_off(tmp_path: Path) -> None:
    found = own(tmp_path, f"[rules.{RULE.id}]\non = true\n", f"[rules.{RULE.id}]\non = false\n")

    assert statuses(found)[0] == "off"


def test_a_rule_that_the_site_keeps_on_stays_on(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"hospital: policy: .* switched off and may not be"):
        own(tmp_path, f"[rules.{RULE.id}]\non = false\n", f'never_off = ["{RULE.id}"]\n')


def test_the_faults_of_all_policies_are_told_with_the_client_s_name(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "drafts = 'on'\n")
    wrong = replace(settings.clients[0], name="clinic", policy=tmp_path / "clinic.toml")
    (tmp_path / "clinic.toml").write_text("[rules.no-such-rule]\non = false\n")

    with pytest.raises(KnowledgeError) as caught:
        knowledge_by_client(replace(settings, clients=(settings.clients[0], wrong)), SITE)

    told = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert told == ["hospital", "clinic"]


def test_a_policy_turns_on_no_rule_that_nobody_signed_where_review_is_required(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path, "drafts = true\n", require_review=True)
    signed = knowledge(
        replace(RULE, reviewed_by=("A person",)), replace(TYPED_RULE, status="draft")
    )

    with pytest.raises(UnsafeSettings, match=f"hospital: {TYPED_RULE.id}: nobody has signed"):
        knowledge_by_client(settings, signed)


def test_a_client_may_have_fewer_cards_than_the_site(tmp_path: Path) -> None:
    assert own(tmp_path, "", "most_cards = 3\n").most_cards == 3
    assert own(tmp_path, "most_cards = 2\n", "most_cards = 3\n").most_cards == 2


def test_a_group_that_the_site_switched_off_stays_off(tmp_path: Path) -> None:
    known = replace(SITE, biomarkers=(KIDNEY,))
    groups = "[groups]\nLAB = {}\n"

    found = own(tmp_path, groups.format("true"), groups.format("false"), known)

    assert [rule.status for rule in found.biomarkers] == ["off"]
