"""A small release of CPIC as its API gives it: invented genes and drugs, sound as it stands."""

from typing import Any

ApiRows = dict[str, list[dict[str, Any]]]


def release() -> ApiRows:
    """The tables; each test changes what it needs changed."""
    return {
        "gene": [
            {"symbol": "PAIR", "hgncid": "HGNC:1", "chr": "chr1", "lookupmethod": "PHENOTYPE"},
            {
                "symbol": "SCORED",
                "hgncid": "HGNC:3",
                "chr": "chr2",
                "lookupmethod": "ACTIVITY_SCORE",
            },
        ],
        "allele": [
            allele(1, "PAIR", "*1", "Normal function"),
            allele(2, "PAIR", "*2", "No function"),
            allele(3, "SCORED", "*1", "Normal function", "1.0"),
        ],
        "gene_result": [
            result(11, "PAIR", "Poor"),
            result(12, "PAIR", "Normal"),
            result(13, "SCORED", "Normal", "2.0"),
            result(14, "SCORED", "Indeterminate", "n/a"),
        ],
        "gene_result_lookup": [
            lookup(21, 11, "No function", "No function"),
            lookup(22, 12, "Normal function", "Normal function"),
            lookup(23, 13, "Normal function", "Normal function", "2.0"),
        ],
        "guideline": [
            {
                "id": 31,
                "name": "PAIR and firstin",
                "url": "https://society.example/1",
                "publication": [{"pmid": "7654321", "year": 2020}, {"pmid": None, "year": None}],
            }
        ],
        "drug": [
            {
                "drugid": "RxNorm:1001",
                "name": "firstin",
                "rxnormid": "1001",
                "atcid": ["A01AA01"],
                "guidelineid": 31,
            },
            {
                "drugid": "ATC:A01",
                "name": "mouth drugs",
                "rxnormid": None,
                "atcid": None,
                "guidelineid": None,
            },
        ],
        "pair_view": [
            {
                "pairid": 41,
                "drugid": "RxNorm:1001",
                "genesymbol": "PAIR",
                "cpiclevel": "A",
                "usedforrecommendation": "Yes",
                "provisional": False,
            }
        ],
        "recommendation": [
            recommendation(51, {"PAIR": "Poor"}, "Strong", "Avoid it"),
            recommendation(52, {"PAIR": "Normal"}, "Strong", "Use it"),
            recommendation(53, {"PAIR": "No Result", "SCORED": "2.0"}, "Optional", "Use it"),
        ],
        "test_alert": [
            {
                "id": 61,
                "drugid": "RxNorm:1001",
                "population": "general",
                "genes": ["PAIR"],
                "cdscontext": "Pre-test",
                "lookupkey": {"PAIR": "No Result"},
                "alerttext": ["Test first"],
            }
        ],
        "change_log": [{"date": "2026-08-12"}, {"date": "2026-08-03"}],
    }


def allele(
    key: int, gene: str, name: str, function: str | None, value: str | None = None
) -> dict[str, Any]:
    return {
        "id": key,
        "genesymbol": gene,
        "name": name,
        "clinicalfunctionalstatus": function,
        "activityvalue": value,
    }


def result(key: int, gene: str, phenotype: str, score: str = "n/a") -> dict[str, Any]:
    return {
        "id": key,
        "genesymbol": gene,
        "result": phenotype,
        "activityscore": score,
        "ehrpriority": "none",
    }


def lookup(
    key: int, result: int, first: str, second: str, score: str | None = None
) -> dict[str, Any]:
    return {
        "id": key,
        "phenotypeid": result,
        "function1": first,
        "function2": second,
        "activityvalue1": None,
        "activityvalue2": None,
        "totalactivityscore": score,
    }


def recommendation(
    number: int,
    key: dict[str, str],
    classification: str,
    text: str,
    drug: str = "RxNorm:1001",
    population: str = "general ",
) -> dict[str, Any]:
    return {
        "id": number,
        "guidelineid": 31,
        "drugid": drug,
        "population": population,
        "lookupkey": key,
        "phenotypes": {},
        "activityscore": {},
        "allelestatus": None,
        "classification": classification,
        "implications": {"PAIR": "so"},
        "drugrecommendation": text,
        "comments": None,
    }
