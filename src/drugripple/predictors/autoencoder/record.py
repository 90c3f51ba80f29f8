"""The records of the autoencoder of responses, apart from its code, which needs SciPy and torch."""

from drugripple.predictors.method import Method

INPUTS = "names, ranks of all genes"
RECORDS = (
    Method(
        "autoencoder",
        "drugripple.predictors.autoencoder.predictor:ResponseAutoencoder",
        INPUTS,
        "denoising autoencoders of rows with gaps: Sedhain et al. 2015, doi:10.1145/2740908.2742726; Wu et al. 2016, "
        "doi:10.1145/2835776.2835837",
    ),
    Method(
        "default_autoencoder",
        "drugripple.predictors.known_pairs:KnownPairEnsemble",
        "as default",
        "default; a fifth of the answer of known samples and compounds is that of autoencoder",
        made_with="drugripple.predictors.known_pairs:default_with_autoencoder",
        read_from="drugripple.sources.public.auxiliary_studies:auxiliary_files",
    ),
)
