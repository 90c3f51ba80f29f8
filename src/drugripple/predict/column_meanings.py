"""What every column of predictions means, in the words that a workbook has beside them."""

COLUMN_MEANINGS = {
    "sample": "the sample, as you call it",
    "id": "the compound, as your table identifies it",
    "compound": "the compound, as you call it",
    "dose_um": "dose that the network is asked about, in micromolar",
    "hours": "time that the network is asked about, in hours",
    "ln_ic50": "predicted natural logarithm of the IC50 in micromolar; pIC50 = 6 - ln_ic50 / ln 10",
    "ic50_um": "predicted IC50 in micromolar; times 1000 for nanomolar",
    "ln_gi50": "predicted natural logarithm of the GI50 in micromolar",
    "gi50_um": "predicted GI50 in micromolar",
    "auc": "predicted area under the dose-response curve; lower is more sensitive",
    "activity_area": "predicted area above the dose-response curve; higher is more sensitive",
    "z_score": "predicted z-score of activity; higher is more sensitive",
    "low_um": "lower end of the interval, in micromolar",
    "high_um": "upper end of the interval, in micromolar",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "measured_um": "what was measured of this very pair in training, in micromolar; blank for others",
    "measured": "what was measured of this very pair in training; blank for others",
    "kind": "whether sample and compound are known to the model, or new",
    "sample_percentile": "percent of the training samples that are predicted to respond to this compound with a lower "
    "value; low for an IC50: hit harder than most",
    "compound_percentile": "percent of the training compounds to which this sample is predicted to respond with a "
    "lower value",
    "nearest_samples": "the nearest training samples that were measured with this compound, and what was measured",
    "sample_similarity": "correlation of expression with the nearest training sample",
    "nearest_compound": "the most similar training compound",
    "compound_similarity": "Tanimoto similarity with the most similar training compound (Morgan counts); 1 is the same",
    "target": "genes that the compound hits, where known",
    "mechanism": "how the compound acts, where known",
    "compound_r": "correlation of predicted and measured response to this compound over samples that the fit had not "
    "seen; near 0, the model does not know whom it hits",
    "compound_n": "number of samples behind compound_r",
    "measured_min_um": "lowest IC50 that was measured of this compound, in micromolar",
    "measured_median_um": "median of what was measured of this compound, in micromolar",
    "measured_max_um": "highest IC50 that was measured of this compound, in micromolar",
    "measured_min": "lowest value that was measured of this compound",
    "measured_median": "median of what was measured of this compound",
    "measured_max": "highest value that was measured of this compound",
    "tested_um": "highest concentration at which the compound was tested, where known; a prediction above it is an "
    "extrapolation",
    "sample_seen": "whether the model was trained with a sample of this name",
    "compound_seen": "whether the model was trained with this structure",
    "in_domain": "whether the question lies where the model learnt",
    "domain_reason": "if it does not, why",
}
"""Each column by its name."""
