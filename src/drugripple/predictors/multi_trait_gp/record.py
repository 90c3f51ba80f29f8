"""The records of the multi-trait Gaussian process, apart from its code, which needs SciPy."""

from drugripple.predictors.method import Method
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

CLASS = "drugripple.predictors.multi_trait_gp.predictor:MultiTraitGP"
WITH_STUDIES = "drugripple.predictors.multi_trait_gp.with_studies:with_studies"
WITH_STUDIES_AND_MINIMOL = "drugripple.predictors.multi_trait_gp.with_studies:with_studies_and_minimol"
STUDIES = "drugripple.sources.public.auxiliary_studies:auxiliary_files"
INPUTS = "names, ranks of all genes, Morgan counts, targets, pathway"
MINIMOL = f"{INPUTS}, MiniMol embeddings"
RECORDS = (
    Method(
        "multi_trait_gp",
        CLASS,
        INPUTS,
        "Zhou and Stephens 2014, doi:10.1038/nmeth.2848 (multi-trait mixed models); compounds are the traits",
        settings={"settings": MultiTraitSettings(structure=Structure.FINGERPRINT)},
    ),
    Method(
        "multi_trait_gp_minimol",
        CLASS,
        MINIMOL,
        "as multi_trait_gp; means of new compounds by Kläser et al. 2024, arXiv:2404.14986",
        settings={"settings": MultiTraitSettings(structure=Structure.MINIMOL), "name": "multi_trait_gp_minimol"},
    ),
    Method(
        "multi_trait_gp_studies",
        CLASS,
        INPUTS,
        "as multi_trait_gp; means of new compounds also from the GDSC1, NCI-60 and CTRPv2 of the data folder",
        made_with=WITH_STUDIES,
        read_from=STUDIES,
    ),
    Method(
        "default",
        CLASS,
        MINIMOL,
        "as multi_trait_gp, with both: what `drugripple predict` uses without a model of its user's",
        made_with=WITH_STUDIES_AND_MINIMOL,
        read_from=STUDIES,
    ),
)
