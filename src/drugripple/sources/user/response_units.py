"""Units that published and users' response tables come in; imports nothing heavy."""

from enum import StrEnum

LARGEST_LN_IC50 = 30.0
"""Beyond e^30 micromolar lies no concentration: larger numbers are on another scale."""


class ResponseUnit(StrEnum):
    """What the numbers of a response column are."""

    LN_IC50_UM = "ln_ic50_um"
    LOG10_IC50_UM = "log10_ic50_um"
    LOG10_IC50_M = "log10_ic50_m"
    IC50_UM = "ic50_um"
    IC50_NM = "ic50_nm"
    IC50_M = "ic50_m"
    PIC50 = "pic50"
    """-log10 of the IC50 in molar."""
    LN_GI50_UM = "ln_gi50_um"
    PGI50 = "pgi50"
    """-log10 of the GI50 in molar."""
    AUC = "auc"
    """Area under the dose-response curve; lower is more sensitive."""
    ACTIVITY_AREA = "activity_area"
    """Area above the dose-response curve; higher is more sensitive."""
    Z_SCORE = "z_score"


COLUMNS = {
    "lnic50": ResponseUnit.LN_IC50_UM,
    "lnic50um": ResponseUnit.LN_IC50_UM,
    "lnic50curvecurator": ResponseUnit.LN_IC50_UM,
    "log10ic50um": ResponseUnit.LOG10_IC50_UM,
    "log10ic50m": ResponseUnit.LOG10_IC50_M,
    "ic50um": ResponseUnit.IC50_UM,
    "ic50micromolar": ResponseUnit.IC50_UM,
    "ic50umoll": ResponseUnit.IC50_UM,
    "ic50nm": ResponseUnit.IC50_NM,
    "ic50nanomolar": ResponseUnit.IC50_NM,
    "ic50nmoll": ResponseUnit.IC50_NM,
    "ic50molar": ResponseUnit.IC50_M,
    "ic50m": ResponseUnit.IC50_M,
    "pic50": ResponseUnit.PIC50,
    "neglog10ic50m": ResponseUnit.PIC50,
    "lngi50um": ResponseUnit.LN_GI50_UM,
    "lngi50": ResponseUnit.LN_GI50_UM,
    "pgi50": ResponseUnit.PGI50,
    "neglog10gi50molar": ResponseUnit.PGI50,
    "auc": ResponseUnit.AUC,
    "aucctrp": ResponseUnit.AUC,
    "auccurvecurator": ResponseUnit.AUC,
    "areaundercurve": ResponseUnit.AUC,
    "actarea": ResponseUnit.ACTIVITY_AREA,
    "activityarea": ResponseUnit.ACTIVITY_AREA,
    "aac": ResponseUnit.ACTIVITY_AREA,
    "aacrecomputed": ResponseUnit.ACTIVITY_AREA,
    "zscore": ResponseUnit.Z_SCORE,
    "znegloggi50": ResponseUnit.Z_SCORE,
}
"""Units by the column's name in lower case without signs, the preferred first where a table has several."""

UNCLEAR = frozenset(
    {
        *("ic50", "logic50", "log10ic50", "log2ic50", "ec50", "response", "value", "standardvalue", "y", "label"),
        *("gi50", "logic50um", "logic50nm", "logic50m", "log2ic50um", "ic50curvecurator"),
    }
)
"""Columns that hold a response, but do not say in which unit."""
CONCENTRATIONS = frozenset({"ic50", "value", "standardvalue"})
"""Unclear columns that may be concentrations: a column of units says which."""
