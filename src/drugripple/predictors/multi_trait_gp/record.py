"""The record of the multi-trait Gaussian process, apart from its code, which needs SciPy."""

from drugripple.predictors.method import Method

CLASS = "drugripple.predictors.multi_trait_gp.predictor:MultiTraitGP"
INPUTS = "names, ranks of all genes, Morgan counts, targets, pathway"
RECORDS = (
    Method(
        "multi_trait_gp",
        CLASS,
        INPUTS,
        "Zhou and Stephens 2014, doi:10.1038/nmeth.2848 (multi-trait mixed models); compounds are the traits",
    ),
    Method(
        "multi_trait_gp_studies",
        CLASS,
        INPUTS,
        "as multi_trait_gp; means of new compounds also from the GDSC1, NCI-60 and CTRPv2 of the data folder",
        made_with="drugripple.predictors.multi_trait_gp.with_studies:with_studies",
    ),
)
