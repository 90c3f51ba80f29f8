"""What a response value means; imports nothing heavy."""

from enum import StrEnum


class Measure(StrEnum):
    """What a response value means."""

    LN_IC50 = "ln_ic50"
    """Natural logarithm of the IC50 in micromolar; lower is more sensitive."""
    LN_GI50 = "ln_gi50"
    """Natural logarithm of the GI50 in micromolar; lower is more sensitive."""
    AUC = "auc"
    """Area under the dose-response curve as its source states it; lower is more sensitive."""
    ACTIVITY_AREA = "activity_area"
    """Area above the dose-response curve as its source states it; higher is more sensitive."""
    Z_SCORE = "z_score"
    """z-score of activity within a compound; higher is more sensitive."""

    @property
    def label(self) -> str:
        """The name of this measure in a report.

        >>> Measure.LN_IC50.label, Measure.AUC.label, Measure.ACTIVITY_AREA.label
        ('ln IC50', 'AUC', 'activity area')
        """
        spelt = {Measure.LN_IC50: "ln IC50", Measure.LN_GI50: "ln GI50", Measure.AUC: "AUC", Measure.Z_SCORE: "z-score"}
        return spelt.get(self, self.value.replace("_", " "))

    @property
    def lower_is_sensitive(self) -> bool:
        """Whether a lower value means a more sensitive sample."""
        return self not in (Measure.ACTIVITY_AREA, Measure.Z_SCORE)

    @property
    def micromolar(self) -> str:
        """The name of the concentration whose logarithm this is, with its unit; blank where it is no concentration."""
        return {Measure.LN_IC50: "ic50_um", Measure.LN_GI50: "gi50_um"}.get(self, "")
