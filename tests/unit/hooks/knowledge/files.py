"""A small knowledge as files, sound as it stands; each test breaks what it needs broken."""

from collections.abc import Mapping
from pathlib import Path

GENE = """
symbol = "PAIR"
hgnc = "HGNC:1"
method = "function-pair"
source = "society"

[[reported_as]]
code = "loinc:1-8"
display = "PAIR gene test"
holds = "genotype"
source = "LOINC"

[test]
code = "loinc:1-8"
display = "PAIR gene test"
source = "LOINC"

[alleles]
"*1" = "normal"
"*2" = "none"

[aliases]
"Wild Type" = "*1"

[phenotypes]
"none + none" = "Poor"
"none + normal" = "Intermediate"
"normal + normal" = "Normal"
"""
SCORED = """
symbol = "SCORED"
hgnc = "HGNC:2"
method = "activity-score"
source = "society"

[alleles]
"*1" = "1.0"
"*4" = "0.0"

[scores]
"Poor" = "score 0"
"Normal" = "score > 0"
"""
READS = "sha256:" + "0" * 64
RULE = f"""
id = "pair-firstin"
title = "PAIR and firstin"
status = "active"
genes = ["PAIR"]
drugs = ["firstin"]
source = "society"
when_unknown = "suggest-test"
question = "whether {{drug}} will work"
known_limits = "Everything here is invented."

[[recommendation]]
id = "not-normal"
when.PAIR = ["Poor", "Intermediate"]
strength = "strong"
indicator = "warning"
action = {{ do = "avoid", replace_with = [{{ drug = "secondin" }}] }}
summary = "{{Drug}} will not work: PAIR not normal"
advice = "Use secondin."
rationale = "It is so."
reads = "{READS}"

[[no_action]]
id = "normal"
when.PAIR = ["Normal"]
strength = "strong"
action = {{ do = "standard-dose" }}
reads = "{READS}"

[[cannot_tell]]
id = "indeterminate"
when.PAIR = ["Indeterminate"]
strength = "n/a"
action = {{ do = "no-recommendation" }}
"""
SOURCES = """
[society]
title = "Guideline of a society"
label = "Society"
licence = "CC0-1.0"
read = "2026-11-21"
"""
MODEL = """
name = "iwpc"
title = "An equation"
unit = "mg"
results = ["weekly_mg"]
source = "society"
known_limits = "Everything here is invented."

[[input]]
name = "age"
kind = "number"
label = "age"
unit = "years"
step = "10"
span = { from = "18", up_to = "99" }

[[input]]
name = "pair"
kind = "choice"
label = "PAIR"
default = "unknown"
aliases = { zero = "none" }

[coefficients.pharmacogenetic]
intercept = "5"
age = "-0.25"
"pair none" = "-1"
"pair unknown" = "-0.5"
"""
FILES = {
    "genes/PAIR.toml": GENE,
    "models/iwpc.toml": MODEL,
    "genes/SCORED.toml": SCORED,
    "guidelines/pair-firstin.toml": RULE,
    "sources.toml": SOURCES,
    "drugs.csv": """\
name,rxnorm,atc,synonyms,source
firstin,1001,A01AA01,Primin; firstine,RxNorm
secondin,1002,A01AA02;A01AA30,,RxNorm
""",
    "drug_products.csv": """\
rxnorm,display,strengths,others,form,brand
2001,firstin 10 MG Oral Tablet [Onemark],firstin 10 mg,,Oral Tablet,Onemark
2002,firstin and more,firstin ? ?;secondin 5 mg,yes,Oral Tablet,
""",
    "conditions.csv": """\
name,system,code,display,match,source
stroke,icd10cm,I63,Cerebral infarction,category,ICD
angina,icd10cm,I20.0,Unstable angina,exact,ICD
""",
    "condition_names.csv": """\
name,label,words,source
stroke,stroke,,made up
rare,a rare one,rare disease;very rare,made up
nameless,one without codes,,made up
""",
    "result_codes.csv": """\
system,code,display,holds,source
loinc,84413-4,Genotype display name,genotype,LOINC
""",
    "result_answers.csv": """\
system,code,display,means,source
loinc,LA9657-3,Poor metabolizer,Poor,LOINC
""",
    "phenotype_terms.csv": """\
text,means,source
Poor Metaboliser,Poor,CPIC
""",
    "override_reasons.csv": """\
system,code,display,source
https://reasons.example,tolerated,Tolerated before,CDS Hooks
""",
    "inhibitors.csv": """\
gene,drug,role,strength,factor,checked,source
SCORED,secondin,inhibitor,strong,0,yes,FDA
SCORED,secondin,inducer,moderate,,no,FDA
""",
    "analytes.csv": """\
name,system,code,display,unit,max_age_days,source
weight,loinc,3-4,Body weight,kg,365,LOINC
weight,loinc,4-2,Body weight measured,kg,365,LOINC
""",
    "units.csv": """\
analyte,unit,factor,offset,low,high,source
weight,kg,1,,0.3,400,UCUM
weight,odd,0.5,2,0.3,400,invented
""",
    "allele_variants.csv": """\
gene,allele,chromosome,position,ref,alt,shift,rsid,position_37,ref_37,source,source_37
PAIR,*2,chr1,100,G,A,0,rs1001,90,,society,society
SCORED,*4,chr2,200,CT,C,2,rs1002,,,society,
""",
    "variant_genes.csv": """\
gene,reference,copies,rule,not_called,transcript,source
PAIR,*1,two,,,NM_1,society
SCORED,*1,two,,,,society
""",
    "variant_names.csv": """\
gene,name,position,ref,alt,source
PAIR,c.10C>T,100,G,A,society
""",
    "reference_sequences.csv": """\
accession,assembly,chromosome,source
NC_000001.11,GRCh38,chr1,society
NC_000001.10,GRCh37,chr1,society
""",
    "elements.csv": """\
name,kind,unit,label,argument,asks,reads,source
age,number,a,age,,patient,,FHIR
cond,truth,,,condition,conditions,,FHIR
""",
    "drug_classes.csv": """\
class,drug,source
FIRST,firstin,made up
""",
    "drug_class_names.csv": """\
class,label
FIRST,a drug of the first class
""",
    "findings.csv": """\
name,system,code,display,label,max_age_days,source
antibody,loinc,13952-7,An antibody,antibody,365,made up
""",
    "analyte_notes.csv": """\
name,what,system,code,display,value,source
weight,prefer,loinc,4-2,Body weight measured,,made up
""",
    "finding_answers.csv": """\
finding,system,code,display,means,source
,loinc,LA6576-8,Positive,positive,made up
""",
    "finding_words.csv": """\
finding,means,pattern,source
,negative,not detected,made up
""",
    "markers.csv": """\
name,label,method,parts,genes,negative_in,pattern,ruled_out,source_class,pathogenic,zygosity,\
both_copies,code_text,positive,negative,source
MARK_1,marker one,positive-wins,,PAIR,all,Arg1His,Arg1His,germline,yes,homozygous,both,mark,\
high,low,made up
MARK_2,marker two,either,MARK_1 STAIN,,,,,,,,,,,,made up
""",
    "marker_genes.csv": """\
symbol,hgnc,synonyms,source
PAIR,HGNC:1,PEAR PAAR,society
""",
    "marker_tests.csv": """\
marker,system,code,display,part,source
STAIN,loinc,5-9,A stain,yes,LOINC
MARK_1,loinc,6-7,A test,,LOINC
""",
    "marker_answers.csv": """\
system,code,display,means,source
loinc,LA1-1,Uncertain,uncertain,LOINC
""",
    "family_history.csv": """\
name,label,condition,below_age,source
ovarian,ovarian cancer in a first-degree relative,ovarian,,made up
early,an early stroke in a first-degree relative,stroke,60,made up
""",
    "orderables.csv": """\
name,system,code,display,source
antibody,loinc,13952-7,An antibody,made up
""",
    "retired.csv": """\
id,on,why
old-rule,2026-01-01,replaced
""",
}


def written(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """*folder* with the small knowledge in it; *changes* are other or further files."""
    return _write(folder, {**FILES, **(changes or {})})


def site(folder: Path, changes: Mapping[str, str]) -> Path:
    """*folder* as a site's own: a rule under an id of its own, and a source."""
    own = RULE.replace('"pair-firstin"', '"site-rule"').replace('"society"', '"hospital"')
    files = {
        "guidelines/site-rule.toml": own,
        "sources.toml": SOURCES.replace("[society]", "[hospital]"),
    }
    return _write(folder, {**files, **changes})


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
