"""Scales of expression that a network cannot read, and what to do about each."""

from enum import StrEnum


class Unusable(StrEnum):
    """Scales that a network cannot read."""

    COUNTS = "raw counts"
    FEW_NUMBERS = "calls, classes or rounded logarithms, or counts of very few reads"
    LOG_COUNTS = "the logarithm of raw counts"
    LINEAR = "linear TPM, FPKM or intensities"
    SCALED_COUNTS = "counts that were divided by size factors"
    CONSTANT = "one constant"
    UNKNOWN = "an unknown scale"
    NEGATIVE = "an unknown scale with values on both sides of 0"
    BASE_UNKNOWN = "a logarithm whose base does not show"


ADVICE = {
    Unusable.COUNTS: "convert counts to TPM (divide by gene length, scale each sample to a million), then log2(x + 1); "
    "a column 'length' beside all genes does that here; if they are TPM or FPKM without their decimals, state it "
    "(`--scale tpm`)",
    Unusable.FEW_NUMBERS: "give expression from before it was rounded or put into classes; counts as log2(TPM + 1)",
    Unusable.LOG_COUNTS: "take the logarithm back, convert the counts to TPM (divide by gene length, scale each sample "
    "to a million), then log2(x + 1)",
    Unusable.LINEAR: "take log2(x + 1) of every value, or state that they are tpm or fpkm (`--scale tpm`); the default "
    "model, which reads the order of genes alone, takes them as they are",
    Unusable.SCALED_COUNTS: "convert them to TPM (divide by gene length, scale each sample to a million), then "
    "log2(x + 1); a column 'length' beside all genes does that here; the default model, which reads the order of genes "
    "alone, takes them as they are",
    Unusable.CONSTANT: "export the file again",
    Unusable.UNKNOWN: "give log2(TPM + 1), log2(FPKM + 1), RMA or z-scores, leave missing values blank, or state the "
    "scale",
    Unusable.NEGATIVE: "give log2(TPM + 1), log2(FPKM + 1), RMA or z-scores, or state the scale; the default model, "
    "which reads the order of genes alone, takes them as they are",
    Unusable.BASE_UNKNOWN: "state the scale (log2_tpm_floor, log2_fpkm_floor) if it is log2; if not, multiply ln by "
    "1.4427 or log10 by 3.3219, which makes it log2, or give all genes",
}
"""What to do about a scale that a network cannot read."""
