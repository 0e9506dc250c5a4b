"""RxNorm product names to hooks/knowledge/drug_products.csv: `rxhooks terminology names FILE`.

Only products with an ingredient of drugs.csv are kept. The input is a CSV with the columns
`rxcui` and `name`, e.g. the list of a client's drug picker. An ingredient counts only if its whole
name is that of a drug, or that and words for a salt or a make of it: `vitamin K 2` or
`aripiprazole lauroxil` is not the drug that it begins with.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from hooks.clinical.codes import DrugNames, words_of
from hooks.knowledge import Knowledge
from hooks.reading.drug_names import Component, drugs_in, product_name

COLUMNS = ("rxnorm", "display", "strengths", "others", "form", "brand")
# fmt: off
SALTS = frozenset({
    "hydrochloride", "dihydrochloride", "sulfate", "sulfates", "hemisulfate", "bisulfate",
    "maleate", "hydrobromide", "bromide", "phosphate", "diphosphate", "fumarate", "acetate",
    "citrate", "calcium", "bitartrate", "tartrate", "chloride", "gluconate", "succinate",
    "aspartate", "saccharate", "sodium", "potassium", "magnesium", "disodium", "dipotassium",
    "mesylate", "dimesylate", "mesylates", "besylate", "tosylate", "malate", "lactate",
    "lactobionate", "nitrate", "iodide", "pamoate", "tannate", "stearate", "estolate",
    "ethylsuccinate", "palmitate", "polistirex", "napsylate", "polygalacturonate", "tromethamine",
    "erbumine", "oxalate", "benzoate", "edisylate", "hemihydrate", "monohydrate", "dihydrate",
    "terephthalate", "orotate", "camsylate", "polacrilex", "enanthate", "cypionate", "undecanoate",
    "decanoate", "trihydrate", "anhydrous", "hydrate", "extract", "modified", "usp",
})  # as RxNorm writes them behind the ingredient: salts, simple esters, hydrates, and makes
# fmt: on


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a drug one piece of a product holds; without a value it is not told."""

    drug: str
    value: Decimal | None
    unit: str

    def __str__(self) -> str:
        if self.value is None or not self.unit:
            return f"{self.drug} ? ?"
        return f"{self.drug} {self.value.normalize():f} {self.unit}"


def product_rows(names: Iterable[tuple[str, str]], known: DrugNames) -> Iterator[dict[str, str]]:
    """The rows of drug_products.csv for (code, name) pairs; *known* has no brands."""
    for code, name in names:
        parts = product_name(name)
        found = [(ingredient(each.name, known), each) for each in parts.components]
        mixed = mixtures((said for said, _ in found if said), known)
        parts_only = _parts(mixed, known) - known.words.keys()
        rest = [(said, each) for said, each in found if said not in parts_only]
        amounts = [*(Amount(drug, None, "") for drug in mixed), *_amounts(rest, known)]
        unknown = any(not known.words.get(said) for said, _ in rest)
        if amounts:
            yield product_row(code, name, amounts, unknown, parts.form, parts.brand)


def product_row(
    code: str, name: str, amounts: Iterable[Amount], others: object, form: str, brand: str
) -> dict[str, str]:
    """One row of drug_products.csv; *others* is whether there is more in the product."""
    return {
        "rxnorm": code,
        "display": name,
        "strengths": ";".join(str(amount) for amount in summed(amounts)),
        "others": "yes" if others else "",
        "form": form,
        "brand": brand,
    }


def ingredient(name: str, known: DrugNames) -> str:
    """The known name that *name* is, whole or without its salt; empty if it is none."""
    words = list(words_of(name))
    parts = _parts(known.mixtures, known)
    while words:
        said = " ".join(words)
        if said in known.words or said in parts:
            return said
        if words.pop() not in SALTS:
            return ""
    return ""


def mixtures(names: Iterable[str], known: DrugNames) -> list[str]:
    """The fixed combinations of which *names* are all parts."""
    said = set(names)
    return [drug for drug, parts in known.mixtures.items() if parts <= said]


def summed(amounts: Iterable[Amount]) -> list[Amount]:
    """Each drug once: two salts of it add up, if both are told in one unit."""
    found: dict[str, Amount] = {}
    for amount in amounts:
        earlier = found.get(amount.drug)
        found[amount.drug] = amount if earlier is None else _sum(earlier, amount)
    return list(found.values())


def left_out(names: Iterable[tuple[str, str]], known: DrugNames) -> list[str]:
    """Ingredients that hold a drug's name among other words and were not taken for it."""
    components = {each.name for _, name in names for each in product_name(name).components}
    odd = (name for name in components if drugs_in(name, known) and not ingredient(name, known))
    return sorted(odd, key=str.casefold)


def ingredient_names(knowledge: Knowledge) -> DrugNames:
    """Names and synonyms of the ingredients, without brands."""
    drugs = knowledge.drugs.values()
    return DrugNames.of(((name, [drug.name]) for drug in drugs for name in drug.words), drugs)


def read_names(file: Path) -> list[tuple[str, str]]:
    """The (code, name) pairs of a CSV with the columns `rxcui` and `name`."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = [(row["rxcui"], row["name"]) for row in csv.DictReader(text)]
    strange = [code for code, _ in rows if not code.isdecimal()]
    if strange:
        raise ValueError(f"{strange[0]!r} is no rxcui")
    return rows


def write_products(rows: Iterable[Mapping[str, str]], out: TextIO) -> None:
    """Write *rows* as drug_products.csv, in the order of their codes."""
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: int(row["rxnorm"])))


def _amounts(rest: Iterable[tuple[str, Component]], known: DrugNames) -> Iterator[Amount]:
    for said, component in rest:
        for drug in sorted(known.words.get(said, ())):
            yield Amount(drug, component.value, component.unit)


def _parts(drugs: Iterable[str], known: DrugNames) -> frozenset[str]:
    return frozenset().union(*(known.mixtures[drug] for drug in drugs))


def _sum(one: Amount, other: Amount) -> Amount:
    if one.value is None or other.value is None or one.unit != other.unit:
        return Amount(one.drug, None, "")
    return Amount(one.drug, one.value + other.value, one.unit)
