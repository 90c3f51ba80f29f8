"""The ways in which programs write a gene's name, and what spreadsheets make of it."""

import re
from collections.abc import Iterator, Sequence, Set
from datetime import date, timedelta

ENSEMBL = re.compile(r"(ENSG\d{11})(\.\d+)?")
ENTREZ = re.compile(r"(\d+)(\.0+)?")
BRACKETS = re.compile(r"([^\s|()]+)\s*\(([^\s()]+)\)")
"""`TP53 (7157)`, as DepMap writes."""
ENSEMBL_FIRST = re.compile(r"(ENSG\d{11})(?:\.\d+)?[_:.-](.+)")
"""`ENSG00000141510.18_TP53`."""
ENSEMBL_LAST = re.compile(r"(.+?)[_:.-](ENSG\d{11})(?:\.\d+)?")
SHORTEST_ID = 3
"""A shorter number in brackets may count copies: `TP53 (2)` is TP53, not the gene whose Entrez id is 2."""
GENOME = re.compile(r"(?:HG\d\d|GRCH\d\d)[_:.-]+(.+)|GENE[:-](.+)|(?:ENTREZ|NCBI|GENEID)[:_](.+)")
"""`GRCh38_TP53` of a genome of two species, `gene:ENSG…` and `gene-TP53` of GFF files."""
R_BRACKETS = re.compile(r"(.+)\.\.(\d+|ENSG\d{11})\.")
"""`TP53..7157.`, which R's make.names writes for `TP53 (7157)`."""
R_NUMBER = re.compile(r"X(\d+)(\.0+)?")
"""`X7157`, which R's make.names writes for `7157`, in a list of Entrez ids."""
CHIP_ID = re.compile(r"(\d+|ENSG\d{11})_AT")
"""`7157_at` of a chip definition by Entrez ids (BrainArray)."""
AFFYMETRIX = re.compile(r".+_[a-z]_at", re.IGNORECASE)
"""`1007_s_at`: beside such names, `1053_at` is a probe set too, not an Entrez id."""
SEVERAL = re.compile(r"\s*///?\s*|;\s*")
REPEATED = re.compile(r"(.+?)(?:\.\.\.\d+|[._-]\d{1,2})")
"""`TP53.1` beside `TP53`, as pandas and R rename a second column, `TP53-1` of scanpy, `TP53_2`, and `TP53...2`
of R's readr."""
MOUSE = re.compile(r"[A-Z][a-z0-9-]*[a-z][a-z0-9-]*")

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar janvier janv ene enero gen gennaio janeiro januari",
            "feb february februar fév févr février fev febrero febbraio fevereiro februari",
            "mar march mär märz mrz mars marzo março mrt maart",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio maio mei maj",
            "jun june juni juin junio giu giugno junho",
            "jul july juli juil juillet julio lug luglio julho",
            "aug august août aout ago agosto augustus augusti",
            "sep sept september septembre septiembre set settembre setembro",
            "oct october okt oktober octobre octubre ott ottobre out outubro",
            "nov november novembre noviembre novembro",
            "dec december dez dezember déc décembre dic diciembre dicembre dezembro",
        ),
        start=1,
    )
    for word in words.split()
}
STEMS = {3: ("MARCHF", "MTARC"), 9: ("SEPTIN",), 10: ("POU2F", "SLC22A"), 12: ("DELEC",)}
"""The families once called MARCH and MARC, SEPT, OCT and DEC, by their current stems."""
GAPS = frozenset("-/ .月")
_GAP = r"[-/ .]+"
DAY_WORD = re.compile(rf"(?P<day>\d{{1,2}}){_GAP}(?P<word>[^\W\d_]+)\.?({_GAP}\d{{2,4}})?")
WORD_DAY = re.compile(rf"(?P<word>[^\W\d_]+)\.?{_GAP}(?P<day>\d{{1,2}})")
ISO = re.compile(r"\d{4}[-/](?P<month>\d{2})[-/](?P<day>\d{2})([ T]00:00:00)?")
EAST_ASIAN = re.compile(r"(\d{4}年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
NUMBERS = re.compile(r"(?P<one>\d{1,2})(?P<gap>[-/.])(?P<two>\d{1,2})(?P=gap)(\d{4}|\d{2})")
SERIAL = re.compile(r"([345]\d{4})(\.0)?")
"""Days since 1899-12-30, as a spreadsheet stores a date: 2000 to 2036 lie in this range."""


def spellings(name: str, *, entrez: bool = False, chip_ids: bool = True) -> Iterator[str]:
    """The names that a text may hold, in capitals, the most reliable first.

    `entrez` says that it stands among Entrez ids, `chip_ids` that `7157_at` names a gene and not a probe set.

    >>> list(spellings("ENSG00000141510.18_TP53")), list(spellings("HLA.A..3105."))
    (['ENSG00000141510.18_TP53', 'ENSG00000141510', 'TP53'], ['HLA.A..3105.', '3105', 'HLA.A', 'HLA-A'])
    >>> set(spellings("ENSG00000141510.2"))
    {'ENSG00000141510'}
    """
    text = name.strip().upper()
    if entrez and (match := R_NUMBER.fullmatch(name.strip())):
        text = match[1]
    yield _key(text)
    if text.endswith("_PAR_Y"):  # GENCODE's second copy of a gene that lies on both sex chromosomes
        return
    for part in tuple(_parts(text, chip_ids=chip_ids)) or (text,):
        yield _key(part)
        if "." in part and not ENSEMBL.fullmatch(part):  # R's make.names writes HLA.A for HLA-A
            yield part.replace(".", "-")


def _parts(text: str, *, chip_ids: bool) -> Iterator[str]:
    if "|" in text:
        parts = [part.strip() for part in text.split("|")]
        identifiers = [
            part for part in parts if ENSEMBL.fullmatch(part) or (len(parts) == 2 and ENTREZ.fullmatch(part))
        ]
        yield from identifiers
        yield from (part for part in parts if part not in identifiers and not ENTREZ.fullmatch(part))
    elif match := BRACKETS.fullmatch(text) or R_BRACKETS.fullmatch(text):
        yield from match.group(1, 2) if len(match[2]) < SHORTEST_ID else match.group(2, 1)
    elif "ENSG" in text and not ENSEMBL.fullmatch(text) and (match := ENSEMBL_FIRST.fullmatch(text)):
        yield match[1]
        if not _may_count(match[2]):
            yield match[2]
    elif "ENSG" in text and not ENSEMBL.fullmatch(text) and (match := ENSEMBL_LAST.fullmatch(text)):
        yield match[2]
        if not _may_count(match[1]):
            yield match[1]
    elif match := GENOME.fullmatch(text):
        yield next(group for group in match.groups() if group)
    elif chip_ids and (match := CHIP_ID.fullmatch(text)):
        yield match[1]


def _may_count(part: str) -> bool:
    """Whether a number beside an Ensembl id may be its version or count copies, and no Entrez id."""
    return part.isdigit() and len(part) < SHORTEST_ID


def several(name: str) -> tuple[str, ...]:
    """The different names of a probe that measures several genes; nothing for an ordinary name.

    >>> several("TP53 /// WRAP53"), several("TP53 /// TP53"), several("TP53")
    (('TP53', 'WRAP53'), ('TP53',), ())
    """
    parts = SEVERAL.split(name.strip())
    return tuple(dict.fromkeys(part for part in parts if part)) if len(parts) > 1 else ()


def repeated_name(name: str, names: Set[str]) -> str:
    """The name that a program changed because it stood twice; blank where it did not.

    Args:
        name: as the file has it.
        names: all names of the file, in capitals.

    >>> repeated_name("TP53.1", {"TP53", "TP53.1"}), repeated_name("AC011043.1", {"TP53", "AC011043.1"})
    ('TP53', '')
    >>> repeated_name("TBCE-1", {"TBCE", "TBCE-1"}), repeated_name("NKX2-1", {"TP53", "NKX2-1"})
    ('TBCE', '')
    """
    match = REPEATED.fullmatch(name.strip())
    return match[1] if match and ("..." in name or match[1].upper() in names) else ""


def written_as_mouse(names: Sequence[str]) -> bool:
    """Whether most names are capitalised as those of mouse and rat genes are.

    >>> written_as_mouse(["Trp53", "Myc", "Xist"]), written_as_mouse(["TP53", "C1orf112", "MYC"])
    (True, False)
    """
    words = [name for name in names if sum(sign.isalpha() for sign in name) > 1]
    return 2 * sum(bool(MOUSE.fullmatch(name)) for name in words) > len(words)


def is_excel_date(name: str) -> bool:
    """Whether a gene name is a date.

    >>> [is_excel_date(name) for name in ("1-Mar", "Sep-01", "2024-03-01", "1. Mrz", "SEPT1", "MARCHF1")]
    [True, True, True, True, False, False]
    """
    return bool(_dates(name))


def genes_before_excel(name: str) -> tuple[str, ...]:
    """Current symbols of the genes that a spreadsheet would have turned into this date.

    >>> genes_before_excel("1-Mar"), genes_before_excel("2024-09-07"), genes_before_excel("TP53")
    (('MARCHF1', 'MTARC1'), ('SEPTIN7',), ())
    """
    genes = [f"{stem}{day}" for month, day in _dates(name) for stem in STEMS.get(month, ())]
    return tuple(dict.fromkeys(genes))


def genes_before_serial(name: str) -> tuple[str, ...]:
    """Symbols that a date may have been which became the number of a day; nothing where no gene fits.

    >>> genes_before_serial("44256"), genes_before_serial("44200")
    (('MARCHF1', 'MTARC1'), ())
    """
    match = SERIAL.fullmatch(name.strip())
    if not match:
        return ()
    day = date(1899, 12, 30) + timedelta(days=int(match[1]))
    return tuple(f"{stem}{day.day}" for stem in STEMS.get(day.month, ())) if day.day <= 15 else ()


def _dates(name: str) -> list[tuple[int, int]]:
    """The months and days that a text may mean; a month of 0 is a date that no gene became."""
    text = name.strip()
    if not GAPS.intersection(text):
        return []
    if match := DAY_WORD.fullmatch(text) or WORD_DAY.fullmatch(text):
        month = MONTHS.get(match["word"].lower())
        return [(month, int(match["day"]))] if month else []
    if match := ISO.fullmatch(text) or EAST_ASIAN.fullmatch(text):
        return [(int(match["month"]), int(match["day"]))]
    if match := NUMBERS.fullmatch(text):
        one, two = int(match["one"]), int(match["two"])
        return [(one, two), (two, one)] if one != two else [(one, two)]
    return []


def _key(text: str) -> str:
    identifier = ENSEMBL.fullmatch(text) or ENTREZ.fullmatch(text)
    return identifier[1] if identifier else text
