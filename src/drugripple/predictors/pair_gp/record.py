"""The record of the pair Gaussian process, apart from its code, which needs scikit-learn."""

from drugripple.predictors.method import Method

RECORDS = (
    Method(
        "product_kernel_gp",
        "drugripple.predictors.pair_gp.product_kernel:ProductKernel",
        "names, all genes, Morgan counts, targets, pathway",
        "Pahikkala et al. 2013, doi:10.1007/s10994-012-5340-7; Cichonska et al. 2018 (pairwiseMKL)",
    ),
)
