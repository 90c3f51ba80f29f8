"""Kinds of drugs by what they hit, how, or what people call them: MEK inhibitors, EGFR, taxanes, platinum."""

import re
from collections.abc import Sequence
from functools import cache

from drugripple.sources.user.drug_names import Drug, known_drug

SHORTEST_FAMILY = 3
"""Letters that a family of genes has in common, at least: HDAC, AKT."""
_FILLERS = frozenset({
    "agent", "alkaloid", "all", "anti", "any", "based", "c", "class", "compound", "drug", "dual", "group", "mimetic",
    "molecule", "pan", "poison", "receptor", "selective", "small", "targeted", "targeting", "the", "therapy",
    "treatment", "type",
})  # fmt: skip
"""Words that tell no kind."""
_GENERAL = frozenset(
    {"and", "cancer", "dna", "i", "ii", "in", "mechanism", "mutant", "not", "of", "pathway", "synthesis"}
)
"""Words of mechanisms that tell a kind only beside others."""
_INHIBITORS = frozenset({"inhibitor", "blocker"})
_INHIBIT = frozenset({"inhibitor", "antagonist", "degrader", "destabiliser", "stabiliser"})
"""What stands in the mechanism of a drug that inhibits."""
_TYROSINE_KINASES = (
    "ABL1 ALK AXL BTK CSF1R EGFR EPHA2 ERBB2 ERBB3 ERBB4 FGFR1 FGFR2 FGFR3 FGFR4 FLT1 FLT3 FLT4 IGF1R INSR JAK1 JAK2 "
    "JAK3 KDR KIT MET NTRK1 NTRK2 NTRK3 PDGFRA PDGFRB RET ROS1 SRC SYK"
)
_SERINE_KINASES = (
    "ACVR1B AKT1 ATM ATR AURKA AURKB BRAF CDK1 CDK2 CDK4 CDK6 CDK9 CHEK1 CHEK2 CHUK EIF2AK3 GSK3A GSK3B IKBKB LRRK2 "
    "MAP2K1 MAPK1 MAPK3 MAPK8 MAPK14 MTOR NUAK1 PDPK1 PIM1 PLK1 PRKACA PRKCA PRKDC RAF1 ROCK1 RPS6KA1 RPS6KB1 TBK1 "
    "TGFBR1 WEE1"
)
_ANTIMETABOLITES = ("antimetabolite", "antifolate", "thymidylate synthase", "ribonucleotide reductase")
_CYTOTOXICS = (
    *_ANTIMETABOLITES, "alkylating", "crosslinker", "topoisomerase", "microtubule", "transcription", "breaks", "groove",
)  # fmt: skip
_SPOKEN: dict[str, Sequence[str]] = {
    "1": ("i",), "2": ("ii",),
    "androgen": ("AR",), "antiandrogen": ("androgen antagonist",),
    "antimetabolite": _ANTIMETABOLITES,
    "bcr": ("ABL1",), "bh3": ("BCL2", "BCL2L1", "MCL1"),
    "chemotherapeutic": _CYTOTOXICS, "chemotherapy": _CYTOTOXICS, "cytotoxic": _CYTOTOXICS,
    "chk1": ("CHEK1",), "chk2": ("CHEK2",),
    "endocrine": ("ESR1", "AR", "CYP17A1", "CYP19A1"), "hormone": ("ESR1", "AR", "CYP17A1", "CYP19A1"),
    "erk": ("MAPK1", "MAPK3"), "erk1": ("MAPK3",), "erk2": ("MAPK1",), "estrogen": ("ESR1",), "oestrogen": ("ESR1",),
    "epigenetic": ("HDAC", "methyltransferase", "bromodomain", "DOT1L", "EZH2", "KDM1A", "PRMT5", "KMT5A"),
    "her1": ("EGFR",), "her2": ("ERBB2",), "hypomethylating": ("DNMT1",), "imid": ("CRBN",),
    "kinase": (*_TYROSINE_KINASES.split(), *_SERINE_KINASES.split(), "broad kinase"),
    "mek": ("MAP2K1", "MAP2K2"), "mek1": ("MAP2K1",), "mek2": ("MAP2K2",),
    "nitrosourea": ("carmustine", "lomustine", "streptozocin"),
    "p38": ("MAPK14",), "pi3k": ("PIK3CA", "PIK3CB", "PIK3CD", "PIK3CG"),
    "platin": ("cisplatin", "carboplatin", "oxaliplatin"), "platinum": ("cisplatin", "carboplatin", "oxaliplatin"),
    "raf": ("BRAF", "RAF1"), "s6k": ("RPS6KB1",), "serd": ("oestrogen degrader",), "smac": ("IAP",),
    "smoothened": ("SMO",), "taxane": ("paclitaxel", "docetaxel", "cabazitaxel"),
    "tki": _TYROSINE_KINASES.split(), "topo": ("topoisomerase",), "topo1": ("TOP1",), "topo2": ("TOP2A",),
    "trk": ("NTRK1", "NTRK2", "NTRK3"), "tubulin": ("microtubule",), "tyrosine": _TYROSINE_KINASES.split(),
    "vegf": ("KDR", "FLT1", "FLT4"), "vegfr": ("KDR", "FLT1", "FLT4"),
    "vinca": ("vinblastine", "vincristine", "vinorelbine"), "wnt": ("tankyrase",),
}  # fmt: skip
"""What people say for genes, for words of a mechanism, or for some drugs by name."""


def of_kind(text: str, known: Sequence[str]) -> list[str]:
    """The known compounds of a kind of drug: by genes that they hit, their mechanism, or what a kind is called.

    All words have to fit. A word is a gene, a family of genes, a word of the mechanism, or what people say for these.

    >>> of_kind("MEK inhibitors", ["Trametinib", "Erlotinib"]), of_kind("EGFR", ["Erlotinib", "compound 7"])
    (['Trametinib'], ['Erlotinib'])
    >>> of_kind("taxanes", ["Docetaxel", "Vincristine"]), of_kind("HDAC", ["Vorinostat", "Olaparib"])
    (['Docetaxel'], ['Vorinostat'])
    """
    joined = re.sub(r"(?<=[a-z])-(?=\d)", "", text.casefold())  # BCL-2
    joined = re.sub(r"\b([a-z]+)(\d)/(\d)\b", r"\1\2 \1\3", joined)  # MEK1/2 is of both
    said = [_forms(word) for word in re.findall(r"\w+", joined)]
    asked = [forms for forms in said if not forms & (_FILLERS | _INHIBITORS)]
    if all(forms & _GENERAL or len(max(forms, key=len)) == 1 for forms in asked):
        return []
    inhibitors = any(forms & _INHIBITORS for forms in said)
    drugs = ((name, known_drug(name)) for name in known)
    return [
        name
        for name, drug in drugs
        if drug is not None
        and all(_fits(forms, drug) for forms in asked)
        and (not inhibitors or _INHIBIT & _words(drug.mechanism))
    ]


def _forms(word: str) -> set[str]:
    """A word as it stands, and in the singular if it may be a plural."""
    return {word, word.removesuffix("s")} - {""}


def _fits(forms: set[str], drug: Drug) -> bool:
    """Whether one of the forms of a word, or what is said by it, is of a drug."""
    genes, does = drug.targets.casefold().split(", "), _words(drug.mechanism)
    for form in forms:
        if any(gene == form or _is_of_family(gene, form) for gene in genes):
            return True
        if form in does or drug.name in (spoken := _SPOKEN.get(form, ())):
            return True
        if any(meant.casefold() in genes or _words(meant) <= does for meant in spoken):
            return True
    return False


def _is_of_family(gene: str, family: str) -> bool:
    """Whether a gene is one of a family: its number or letter behind it."""
    rest = gene[len(family) :] if gene.startswith(family) else ""
    return len(family) >= SHORTEST_FAMILY and bool(re.fullmatch(r"\d+[a-z]?|[a-z]\d?", rest))


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
