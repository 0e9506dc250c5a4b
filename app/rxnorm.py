"""A site's own RxNorm release to drug_products.csv: `rxhooks terminology load RXNCONSO RXNREL`.

The files are read line by line: one holds over 500 MB. Of a relation `RXCUI1 | RELA | RXCUI2` the
*second* concept has RELA to the first (so the RxNorm Technical Documentation on RXNREL.RRF):
`IN | has_ingredient | SCDC` is a component that has an ingredient.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.terminology import (
    Amount,
    ingredient,
    ingredient_names,
    mixtures,
    product_row,
    product_rows,
)
from hooks.clinical.codes import DrugNames
from hooks.knowledge import Knowledge
from hooks.reading.drug_names import product_name

CONCEPTS, RELATIONS, ARCHIVE = 18, 16, 16  # columns, each closed by a bar
CLINICAL = frozenset({"SCD", "SBD"})
PACKS = frozenset({"GPCK", "BPCK"})
INGREDIENTS = frozenset({"IN", "PIN"})
NAMED = frozenset({"PIN", "MIN", "BN"})  # may stand on an order for want of a product
KEPT = CLINICAL | PACKS | INGREDIENTS | NAMED | {"SCDC"}
EDGES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "has_ingredient": (frozenset({"SCDC"}), frozenset({"IN"})),
    "has_precise_ingredient": (frozenset({"SCDC"}), frozenset({"PIN"})),
    "consists_of": (CLINICAL, frozenset({"SCDC"})),
    "contains": (PACKS, CLINICAL),
    "form_of": (frozenset({"PIN"}), frozenset({"IN"})),
    "has_part": (frozenset({"MIN"}), INGREDIENTS),
    "tradename_of": (CLINICAL | PACKS | {"BN"}, CLINICAL | PACKS | INGREDIENTS),
}
NEEDED = ("has_ingredient", "consists_of")
STEP = 50_000  # lines between two looks at the progress

Shown = Callable[[str, int, int], None]
Row = dict[str, str]


@dataclass(slots=True)
class Release:
    """What we take of a release: type and name of a concept, and what it leads to by relation."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    edges: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: {name: defaultdict(set) for name in EDGES}
    )

    def to(self, relation: str, code: str) -> set[str]:
        """The concepts that *code* has *relation* to."""
        return self.edges[relation].get(code, set())


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows of drug_products.csv, and remarks on codes of ours that RxNorm calls otherwise."""

    rows: tuple[Row, ...]
    by_name: int  # of them, how many had no relations and were read from their name
    retired: int  # of them, how many come from the archive
    remarks: tuple[str, ...]


def load_products(
    concepts: Path, relations: Path, archive: Path | None, knowledge: Knowledge, shown: Shown
) -> Loaded:
    """Every product, and precise ingredient, mixture and brand, that holds a drug of ours.

    ValueError where a file is not what it should be.
    """
    release = read_release(concepts, relations, shown)
    reader = _Reader(release, knowledge, ingredient_names(knowledge))
    rows = {row["rxnorm"]: row for row in reader.rows()}
    unrelated = reader.unrelated(rows)
    named = {row["rxnorm"]: row for row in product_rows(unrelated, reader.known)}
    rows |= named
    retired = list(_retired(archive, release, rows, reader.known, shown)) if archive else []
    return Loaded(
        (*rows.values(), *retired), len(named), len(retired), tuple(reader.misnamed(knowledge))
    )


def read_release(concepts: Path, relations: Path, shown: Shown) -> Release:
    """The concepts and relations that products need."""
    release = Release()
    for cells in _lines(concepts, CONCEPTS, shown):
        code, source, kind, name = cells[0], cells[11], cells[12], cells[14]
        if source == "RXNORM" and kind in KEPT:
            release.kinds[code], release.names[code] = kind, name
    for cells in _lines(relations, RELATIONS, shown):
        object_, subject, relation, source = cells[0], cells[4], cells[7], cells[10]
        if source == "RXNORM" and relation in EDGES:
            subjects, objects = EDGES[relation]
            if release.kinds.get(subject) in subjects and release.kinds.get(object_) in objects:
                release.edges[relation][subject].add(object_)
    for relation in NEEDED:
        if not release.edges[relation]:
            raise ValueError(f"{relations.name} has no {relation} between concepts of RXNORM")
    return release


@dataclass(frozen=True, slots=True)
class _Reader:
    release: Release
    knowledge: Knowledge
    known: DrugNames

    def rows(self) -> Iterator[Row]:
        """The rows that relations tell."""
        for code, kind in self.release.kinds.items():
            if kind in CLINICAL:
                yield from self._row(code, self._of_product(code))
            elif kind in PACKS:
                yield from self._row(code, self._of_pack(code))
            elif kind in NAMED:
                yield from self._row(code, self._of_name(code))

    def unrelated(self, rows: Mapping[str, Row]) -> list[tuple[str, str]]:
        """Products without relations, such as obsolete ones: code and name."""
        return [
            (code, self.release.names[code])
            for code, kind in self.release.kinds.items()
            if kind in CLINICAL | PACKS and code not in rows and not self._related(code)
        ]

    def misnamed(self, knowledge: Knowledge) -> Iterator[str]:
        """Codes of drugs.csv that the release does not have, or under a name we do not know."""
        for drug in knowledge.drugs.values():
            if not drug.rxnorm:
                continue
            name = self.release.names.get(drug.rxnorm)
            if name is None:
                yield f"drugs.csv: {drug.name}: RxNorm has no ingredient {drug.rxnorm}"
            elif drug.name not in self._drugs_called(name):
                yield f"drugs.csv: {drug.name}: RxNorm calls {drug.rxnorm} {name!r}"

    def _row(self, code: str, parts: list[tuple[str, Amount]]) -> Iterator[Row]:
        """The row of a concept whose *parts* are ingredient codes with what they are of ours."""
        mixed = mixtures((self._name(part) for part, _ in parts), self.known)
        swallowed = {name for drug in mixed for name in self.known.mixtures[drug]}
        rest = [(part, each) for part, each in parts if self._name(part) not in swallowed]
        amounts = [*(Amount(drug, None, "") for drug in mixed)]
        amounts += [amount for _, amount in rest if amount.drug]
        if amounts:
            name = self.release.names[code]
            said = product_name(name)
            brand = name if self.release.kinds[code] == "BN" else said.brand
            unknown = any(not amount.drug for _, amount in rest)
            yield product_row(code, name, amounts, unknown, said.form, brand)

    def _of_product(self, code: str) -> list[tuple[str, Amount]]:
        components = self.release.to("consists_of", code)
        if components:
            return [part for each in sorted(components) for part in self._of_component(each)]
        generic = self.release.to("tradename_of", code)
        return [part for each in sorted(generic) for part in self._of_product(each)]

    def _of_component(self, code: str) -> list[tuple[str, Amount]]:
        [said, *_] = product_name(self.release.names[code]).components
        found = self.release.to("has_ingredient", code) or self._forms(code)
        return [
            (part, Amount(drug, said.value, said.unit))
            for part in sorted(found)
            for drug in self._drugs(part)
        ]

    def _of_pack(self, code: str) -> list[tuple[str, Amount]]:
        """What all pieces of a pack hold together; they differ, so no amount is told."""
        held = self.release.to("contains", code) or {
            piece
            for generic in self.release.to("tradename_of", code)
            for piece in self.release.to("contains", generic)
        }
        parts = [(part, a.drug) for each in sorted(held) for part, a in self._of_product(each)]
        return [(part, Amount(drug, None, "")) for part, drug in dict.fromkeys(parts)]

    def _of_name(self, code: str) -> list[tuple[str, Amount]]:
        """What a precise ingredient, a mixture of ingredients or a brand stands for."""
        relations = ("form_of", "has_part", "tradename_of")
        found = {part for name in relations for part in self.release.to(name, code)}
        plain = {part for part in found if self.release.kinds[part] in INGREDIENTS}
        whole = {base for part in plain for base in (self.release.to("form_of", part) or {part})}
        return [
            (part, Amount(drug, None, "")) for part in sorted(whole) for drug in self._drugs(part)
        ]

    def _forms(self, component: str) -> set[str]:
        precise = self.release.to("has_precise_ingredient", component)
        return {base for part in precise for base in self.release.to("form_of", part)}

    def _drugs(self, part: str) -> list[str]:
        """Our drugs that the ingredient *part* is: by its code, else by its name; or one empty."""
        coded = self.knowledge.drug_codes.get(("rxnorm", part), ())
        return sorted(coded or self._drugs_called(self.release.names[part])) or [""]

    def _drugs_called(self, name: str) -> frozenset[str]:
        said = ingredient(name, self.known)
        whole = {drug for drug in self.known.mixtures if drug.casefold() == name.casefold()}
        return self.known.words.get(said, frozenset()) | whole

    def _name(self, part: str) -> str:
        return ingredient(self.release.names[part], self.known)

    def _related(self, code: str) -> bool:
        return any(self.release.to(name, code) for name in ("consists_of", "contains"))


def _retired(
    archive: Path, release: Release, rows: Mapping[str, Row], known: DrugNames, shown: Shown
) -> Iterator[Row]:
    """Archived products: as the concept that they were merged into, else as their name says."""
    seen: set[str] = set()
    for cells in _lines(archive, ARCHIVE, shown):
        name, code, source, kind, merged = cells[2], *cells[12:16]
        if source != "RXNORM" or kind not in CLINICAL | PACKS or code in release.kinds:
            continue
        if code in seen or not code.isdecimal():
            continue
        seen.add(code)
        if merged in rows:
            yield {**rows[merged], "rxnorm": code, "display": name}
        elif merged not in release.kinds:
            yield from product_rows([(code, name)], known)


def _lines(file: Path, columns: int, shown: Shown) -> Iterator[list[str]]:
    """The rows of RXNORM itself in an RRF file, cell by cell."""
    size = file.stat().st_size
    done = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            done += len(line)
            if number % STEP == 0:
                shown(file.name, done, size)
            if line.count(b"|") != columns:
                found = line.count(b"|")
                raise ValueError(f"{file.name}: line {number} has {found} columns, not {columns}")
            if b"|RXNORM|" in line:
                yield line.decode("utf-8").split("|")
    shown(file.name, size, size)


def counted(rows: Iterable[Row]) -> int:
    """How many drugs of ours *rows* hold."""
    return len({text.rsplit(" ", 2)[0] for row in rows for text in row["strengths"].split(";")})
