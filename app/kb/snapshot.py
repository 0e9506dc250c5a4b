"""A folder of CPIC tables: from rows of the API to CSV files, and back from the files.

The columns are those that `rxhooks kb compare` reads, and further ones under the names that
CPIC's own fields suggest. The API's row ids are left out: they change with every release.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from app.kb.shapes import ApiRow

Cells = dict[str, str]
Tables = Mapping[str, Sequence[Cells]]
ApiTables = Mapping[str, Sequence[ApiRow]]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "genes": ("gene", "hgnc_id", "lookup_method", "chromosome"),
    "alleles": ("gene", "allele", "clinical_function", "activity_value"),
    "phenotypes": (
        "gene",
        "activity_score",
        "function_1",
        "function_2",
        "value_1",
        "value_2",
        "phenotype",
    ),
    "gene_result_priority": ("gene", "phenotype", "activity_score", "ehr_priority"),
    "drugs": (
        "drug",
        "rxnorm_ingredient_cui",
        "cpic_drugid",
        "atc_codes",
        "cpic_guideline",
        "guideline_url",
        "guideline_pmids",
    ),
    "pairs": ("drug", "gene", "cpic_level", "used_for_recommendation", "provisional"),
    "recommendations": (
        "drug",
        "rxnorm_cui",
        "population",
        "genes",
        "lookup_key",
        "phenotypes",
        "activity_scores",
        "allele_status",
        "classification",
        "implications",
        "recommendation_text",
        "comments",
        "guideline",
        "guideline_url",
        "guideline_pmids",
    ),
    "test_alerts": ("drug", "population", "genes", "context", "lookup_key", "alert_text"),
}
MANIFEST = "manifest.json"


def tables_of(api: ApiTables) -> dict[str, list[Cells]]:
    """The CSV tables of the API's rows; what they refer to must be there (see `checks`)."""
    drugs = {row["drugid"]: row for row in api["drug"]}
    guidelines = {row["id"]: row for row in api["guideline"]}
    results = {row["id"]: row for row in api["gene_result"]}
    rows = {
        "genes": [_cells(row, "symbol", "hgncid", "lookupmethod", "chr") for row in api["gene"]],
        "alleles": [
            _cells(row, "genesymbol", "name", "clinicalfunctionalstatus", "activityvalue")
            for row in api["allele"]
        ],
        "phenotypes": [
            _phenotype(row, results[row["phenotypeid"]]) for row in api["gene_result_lookup"]
        ],
        "gene_result_priority": [
            _cells(row, "genesymbol", "result", "activityscore", "ehrpriority")
            for row in api["gene_result"]
        ],
        "drugs": [_drug(row, guidelines.get(row["guidelineid"])) for row in api["drug"]],
        "pairs": [_pair(row, drugs[row["drugid"]]) for row in api["pair_view"]],
        "recommendations": [
            _recommendation(row, drugs[row["drugid"]], guidelines[row["guidelineid"]])
            for row in api["recommendation"]
        ],
        "test_alerts": [_alert(row, drugs.get(row["drugid"])) for row in api["test_alert"]],
    }
    return {
        name: [dict(zip(COLUMNS[name], cells, strict=True)) for cells in sorted(found)]
        for name, found in rows.items()
    }


def read(folder: Path) -> dict[str, list[Cells]]:
    """The tables that are in *folder*, which may be fewer, or have further columns.

    ValueError where a file is not the one that the folder's manifest pins.
    """
    pinned = _pinned(folder)
    found = {}
    for name in COLUMNS:
        if not _file(folder, name).is_file():
            continue
        content = _file(folder, name).read_bytes()
        if pinned.get(name, _sha256(content)) != _sha256(content):
            raise ValueError(f"{name}.csv is not as {MANIFEST} pins it")
        found[name] = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return found


def foreign(folder: Path) -> list[str]:
    """What is in *folder* and was not written by `write`: it would be lost."""
    ours = {MANIFEST, *(_file(folder, name).name for name in COLUMNS)}
    if not folder.is_dir():
        return []
    return sorted(file.name for file in folder.iterdir() if file.name not in ours)


def write(folder: Path, tables: Tables, about: Mapping[str, str]) -> None:
    """Put *tables* and their manifest in the place of *folder*: all of them, or none.

    *about* joins the manifest, which pins the rows and the SHA-256 of each file. The folder is
    exchanged as a whole; if that fails, the earlier one stays or comes back.
    """
    files = {_file(folder, name).name: _csv(name, rows) for name, rows in tables.items()}
    pinned = {
        name: {"rows": len(rows), "sha256": _sha256(files[f"{name}.csv"])}
        for name, rows in tables.items()
    }
    manifest = json.dumps({**about, "tables": pinned}, indent=2, sort_keys=True) + "\n"
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in {**files, MANIFEST: manifest.encode()}.items():
            (draft / name).write_bytes(content)
        draft.chmod(0o755)
        _exchange(draft, folder)
    except BaseException:
        rmtree(draft, ignore_errors=True)
        raise


def _exchange(draft: Path, folder: Path) -> None:
    earlier = draft.with_name(f"{draft.name}-earlier")
    if not folder.exists():
        draft.rename(folder)
        return
    folder.rename(earlier)
    try:
        draft.rename(folder)
    except OSError:
        earlier.rename(folder)
        raise
    rmtree(earlier, ignore_errors=True)


def _pinned(folder: Path) -> dict[str, str]:
    """The SHA-256 of each table that *folder*'s manifest pins; empty without a manifest."""
    if not (folder / MANIFEST).is_file():
        return {}
    tables = json.loads((folder / MANIFEST).read_bytes())["tables"]
    return {name: table["sha256"] for name, table in tables.items()}


def _csv(name: str, rows: Iterable[Cells]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cells(row: ApiRow, *names: str) -> tuple[str, ...]:
    return tuple(_text(row[name]) for name in names)


def _text(value: Any) -> str:
    """A cell: texts as they are, maps and lists as JSON with sorted keys."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _phenotype(row: ApiRow, result: ApiRow) -> tuple[str, ...]:
    return (
        _text(result["genesymbol"]),
        *_cells(row, "totalactivityscore", "function1", "function2"),
        *_cells(row, "activityvalue1", "activityvalue2"),
        _text(result["result"]),
    )


def _drug(row: ApiRow, guideline: ApiRow | None) -> tuple[str, ...]:
    codes = "; ".join(row["atcid"] or ())
    return (*_cells(row, "name", "rxnormid", "drugid"), codes, *_guideline(guideline))


def _guideline(row: ApiRow | None) -> tuple[str, ...]:
    """Name, URL and PMIDs; empty where a drug has no guideline."""
    if row is None:
        return "", "", ""
    pmids = sorted({each["pmid"] for each in row["publication"] if each["pmid"]})
    return (*_cells(row, "name", "url"), "; ".join(pmids))


def _pair(row: ApiRow, drug: ApiRow) -> tuple[str, ...]:
    others = ("genesymbol", "cpiclevel", "usedforrecommendation", "provisional")
    return (_text(drug["name"]), *_cells(row, *others))


def _recommendation(row: ApiRow, drug: ApiRow, guideline: ApiRow) -> tuple[str, ...]:
    return (
        *_cells(drug, "name", "rxnormid"),
        _text(row["population"]).strip(),
        "; ".join(sorted(row["lookupkey"])),
        *_cells(row, "lookupkey", "phenotypes", "activityscore", "allelestatus"),
        *_cells(row, "classification", "implications", "drugrecommendation", "comments"),
        *_guideline(guideline),
    )


def _alert(row: ApiRow, drug: ApiRow | None) -> tuple[str, ...]:
    return (
        _text(drug["name"]) if drug else "",
        _text(row["population"]).strip(),
        "; ".join(row["genes"] or ()),
        *_cells(row, "cdscontext", "lookupkey", "alerttext"),
    )
