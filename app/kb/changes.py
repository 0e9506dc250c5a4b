"""What changed between two folders of CPIC tables, told by gene and drug for a pharmacist."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from app.kb.compare import Row, row_of
from app.kb.snapshot import Cells, Tables

MOST_NAMED = 8
Keyed = Mapping[tuple[str, ...], Cells]


def changes(old: Tables, new: Tables) -> list[str]:
    """Sentences on genes, then on drugs; one that says so if nothing changed."""
    found = [
        *(_skipped(old, new)),
        *(_alleles(old, new) if "alleles" in old else ()),
        *(_phenotypes(old, new) if "phenotypes" in old else ()),
        *(_drugs(old, new) if "drugs" in old else ()),
        *(_recommendations(old, new) if "recommendations" in old else ()),
    ]
    return found or ["Nothing changed for any gene or drug."]


def _skipped(old: Tables, new: Tables) -> Iterator[str]:
    """Tables that had nothing before, so that their silence means nothing."""
    missing = sorted(new.keys() - old.keys())
    if missing:
        yield f"No earlier table to compare with: {', '.join(missing)}."


def _alleles(old: Tables, new: Tables) -> Iterator[str]:
    before, now = (_by(tables["alleles"], "gene", "allele") for tables in (old, new))
    yield from _grouped(
        before,
        now,
        _allele_change,
        ("allele changed", "alleles changed"),
        ("new allele", "new alleles"),
        ("allele is gone", "alleles are gone"),
    )


def _allele_change(name: tuple[str, ...], was: Cells, now: Cells) -> str:
    """`*9 was Uncertain function, is Normal function`; empty if nothing changed."""
    words = _changed(was, now, "clinical_function"), _changed(was, now, "activity_value")
    value = f"activity value {words[1]}" if words[1] else ""
    told = ", ".join(filter(None, (words[0], value)))
    return f"{name[0]} {told}" if told else ""


def _phenotypes(old: Tables, new: Tables) -> Iterator[str]:
    columns = ("gene", "function_1", "function_2", "activity_score")
    before, now = (_by(tables["phenotypes"], *columns) for tables in (old, new))
    changed: dict[str, list[str]] = {}
    for key in sorted(before.keys() & now.keys()):
        words = _changed(before[key], now[key], "phenotype")
        if words:
            pair = " + ".join(filter(None, key[1:3])) or f"score {key[3]}"
            changed.setdefault(key[0], []).append(f"{pair} {words}")
    for gene, told in changed.items():
        count = _count(told, "rule to the phenotype changed", "rules to the phenotype changed")
        yield f"{gene}: {count}: {_some(told, '; ')}"


def _drugs(old: Tables, new: Tables) -> Iterator[str]:
    before, now = (_by(tables["drugs"], "drug") for tables in (old, new))
    for column, words in (
        ("cpic_guideline", "guideline"),
        ("rxnorm_ingredient_cui", "RxNorm code"),
        ("atc_codes", "ATC codes"),
    ):
        for key in sorted(before.keys() & now.keys()):
            told = _changed(before[key], now[key], column)
            if told:
                yield f"{key[0]}: {words}: {told}"
    for told, drugs in (
        ("New in CPIC's list of drugs", now.keys() - before.keys()),
        ("No longer in CPIC's list of drugs", before.keys() - now.keys()),
    ):
        if drugs:
            yield f"{told}: {_some(sorted(drug for (drug,) in drugs))}"


def _recommendations(old: Tables, new: Tables) -> Iterator[str]:
    before, now = (_rows(tables["recommendations"]) for tables in (old, new))
    for drug in sorted(before.keys() | now.keys()):
        was, is_ = before.get(drug, {}), now.get(drug, {})
        if not was or not is_:
            told = "has recommendations now" if is_ else "has no recommendations any more"
            genes = sorted({row.genes for row in (*was.values(), *is_.values())})
            yield f"{drug}: {told} ({len(was or is_)} rows; {', '.join(genes)})"
            continue
        yield from _drug_rows(drug, was, is_)


def _drug_rows(drug: str, was: Mapping[str, Row], now: Mapping[str, Row]) -> Iterator[str]:
    both = sorted(was.keys() & now.keys())
    strength = [
        f"{who} was {was[who].strength}, is {now[who].strength}"
        for who in both
        if was[who].strength != now[who].strength
    ]
    words = [who for who in both if was[who].text != now[who].text]
    notes = [who for who in both if was[who].note != now[who].note]
    for found, one, many in (
        (strength, "recommendation changed its strength", "recommendations changed their strength"),
        (words, "recommendation has other words", "recommendations have other words"),
        (notes, "remark of CPIC changed", "remarks of CPIC changed"),
        (sorted(now.keys() - was.keys()), "new recommendation", "new recommendations"),
        (sorted(was.keys() - now.keys()), "recommendation is gone", "recommendations are gone"),
    ):
        if found:
            yield f"{drug}: {_count(found, one, many)}: {_some(found, '; ')}"


def _rows(rows: Iterable[Cells]) -> dict[str, dict[str, Row]]:
    """Recommendations by drug, then by population and lookup key."""
    found: dict[str, dict[str, Row]] = {}
    for row in map(row_of, rows):
        found.setdefault(row.drug, {})[row.who] = row
    return found


def _grouped(
    before: Keyed,
    now: Keyed,
    change: Callable[[tuple[str, ...], Cells, Cells], str],
    *words: tuple[str, str],
) -> Iterator[str]:
    """By the first part of the key: what changed, what is new, what is gone."""
    for group in sorted({key[0] for key in (*before, *now)}):
        was = {key[1:]: row for key, row in before.items() if key[0] == group}
        is_ = {key[1:]: row for key, row in now.items() if key[0] == group}
        both = sorted(was.keys() & is_.keys())
        told = [text for key in both if (text := change(key, was[key], is_[key]))]
        new = [" ".join(key) for key in sorted(is_.keys() - was.keys())]
        gone = [" ".join(key) for key in sorted(was.keys() - is_.keys())]
        for found, (one, many), between in zip(
            (told, new, gone), words, ("; ", ", ", ", "), strict=True
        ):
            if found:
                yield f"{group}: {_count(found, one, many)}: {_some(found, between)}"


def _by(rows: Iterable[Cells], *columns: str) -> Keyed:
    return {tuple(row.get(column, "") for column in columns): row for row in rows}


def _changed(was: Cells, now: Cells, column: str) -> str:
    """`was A, is B`; empty if nothing changed, or the earlier table has no such column."""
    if was.get(column, now[column]) == now[column]:
        return ""
    return f"was {was[column] or 'empty'}, is {now[column] or 'empty'}"


def _count(found: list[str], one: str, many: str) -> str:
    return f"{len(found)} {one if len(found) == 1 else many}"


def _some(found: list[str], between: str = ", ") -> str:
    more = len(found) - MOST_NAMED
    return between.join(found[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
