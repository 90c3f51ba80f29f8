"""The tissues that CCLE writes behind the name of a cell line, as in MCF7_BREAST."""

import re

CCLE_TISSUES = (
    "ADRENAL_CORTEX", "AUTONOMIC_GANGLIA", "BILIARY_TRACT", "BONE", "BREAST", "CENTRAL_NERVOUS_SYSTEM", "CERVIX",
    "ENDOMETRIUM", "ENGINEERED", "EYE", "FIBROBLAST", "GASTROINTESTINAL_TRACT",
    "HAEMATOPOIETIC_AND_LYMPHOID_TISSUE", "KIDNEY", "LARGE_INTESTINE", "LIVER", "LUNG", "LYMPHOCYTE",
    "MATCHED_NORMAL_TISSUE", "OESOPHAGUS", "OVARY", "PANCREAS", "PLACENTA", "PLEURA", "PRIMARY", "PROSTATE",
    "SALIVARY_GLAND", "SKIN", "SMALL_INTESTINE", "SOFT_TISSUE", "STOMACH", "TESTIS", "THYROID",
    "UPPER_AERODIGESTIVE_TRACT", "URINARY_TRACT", "UVEA", "VULVA",
)  # fmt: skip
_SUFFIX = re.compile(rf"_({'|'.join(CCLE_TISSUES)})$| *\(({'|'.join(CCLE_TISSUES).replace('_', '[_ ]')})\)$")


def without_tissue(name: str) -> str:
    """A cell line's name without CCLE's tissue behind it, or the same in brackets.

    >>> without_tissue("MCF7_BREAST"), without_tissue("697_R"), without_tissue("K562 (LARGE INTESTINE)")
    ('MCF7', '697_R', 'K562')
    """
    return _SUFFIX.sub("", name)
