"""What makes `rxhooks kb update` refuse: rows that contradict each other, or tables that shrink."""

from collections import Counter
from collections.abc import Iterator, Mapping

from app.kb.shapes import ApiRow
from app.kb.snapshot import ApiTables, Tables
from hooks.clinical.genes import NO_RESULT
from hooks.knowledge.schemas import STRENGTHS

LEAST_KEPT = 0.95  # of the rows of a table, from one update to the next
REFERENCES = (
    ("gene_result_lookup", "phenotypeid", "gene_result", "id"),
    ("allele", "genesymbol", "gene", "symbol"),
    ("gene_result", "genesymbol", "gene", "symbol"),
    ("drug", "guidelineid", "guideline", "id"),
    ("pair_view", "drugid", "drug", "drugid"),
    ("recommendation", "drugid", "drug", "drugid"),
    ("recommendation", "guidelineid", "guideline", "id"),
    ("test_alert", "drugid", "drug", "drugid"),
)


def contradictions(api: ApiTables) -> list[str]:
    """What no sound release can hold, within the tables of one."""
    return [*_dangling(api), *_classifications(api), *_keys(api), *_twice(api)]


def losses(old: Tables, new: Tables) -> list[str]:
    """What got lost between two releases: too many rows, or all rows of a drug."""
    return [*_shrunk(old, new), *_dropped(old, new)]


def _dangling(api: ApiTables) -> Iterator[str]:
    for table, column, other, key in REFERENCES:
        known = {row[key] for row in api[other]}
        odd = {row[column] for row in api[table] if row[column] is not None} - known
        for value in sorted(odd, key=str):
            yield f"{table}: {column} {value!r} is not in {other}"


def _classifications(api: ApiTables) -> Iterator[str]:
    found = Counter(row["classification"].strip() for row in api["recommendation"])
    for word, count in sorted(found.items()):
        if word.lower() not in STRENGTHS:
            yield f"recommendation: unknown classification {word!r} ({count} rows)"


def _keys(api: ApiTables) -> Iterator[str]:
    """Every value of a lookup key is a result, a score or a status of its gene."""
    known = _results(api)
    odd = Counter(
        f"{gene} {value!r}"
        for row in api["recommendation"]
        for gene, value in row["lookupkey"].items()
        if value not in known.get(gene, frozenset())
        and not (value == NO_RESULT and len(row["lookupkey"]) > 1)
    )
    for value, count in sorted(odd.items()):
        yield f"recommendation: lookup key {value} is not in gene_result ({count} rows)"


def _results(api: ApiTables) -> Mapping[str, set[str]]:
    scored = {row["symbol"] for row in api["gene"] if row["lookupmethod"] == "ACTIVITY_SCORE"}
    found: dict[str, set[str]] = {}
    for row in api["gene_result"]:
        gene = row["genesymbol"]
        value = row["activityscore"] if gene in scored else row["result"]
        if value is not None:
            found.setdefault(gene, set()).add(value.strip())
    return found


def _twice(api: ApiTables) -> Iterator[str]:
    names = {row["drugid"]: row["name"] for row in api["drug"]}
    found = Counter(_who(row, names) for row in api["recommendation"])
    for who, count in found.items():
        if count > 1:
            yield f"recommendation: {who}: is there {count} times"


def _who(row: ApiRow, names: Mapping[str, str]) -> str:
    key = ", ".join(f"{gene} {value}" for gene, value in sorted(row["lookupkey"].items()))
    return f"{names.get(row['drugid'], row['drugid'])}, {row['population'].strip()}, {key}"


def _shrunk(old: Tables, new: Tables) -> Iterator[str]:
    for name, rows in old.items():
        if len(new[name]) < LEAST_KEPT * len(rows):
            yield f"{name}: had {len(rows)} rows, has {len(new[name])}: more than 5 % fewer"


def _dropped(old: Tables, new: Tables) -> Iterator[str]:
    """Drugs of a guideline that had recommendations and have none."""
    before = Counter(row["drug"] for row in old.get("recommendations", ()))
    now = {row["drug"] for row in new["recommendations"]}
    guided = {row["drug"]: row["cpic_guideline"] for row in new["drugs"]}
    for drug in sorted(before.keys() - now):
        guideline = guided.get(drug) or "its guideline is not named any more"
        yield f"{drug}: all of its {before[drug]} recommendations are gone ({guideline})"
