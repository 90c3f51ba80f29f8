"""Where every public file comes from, what it may be used for and whom to cite.

A digest stands here where the publisher never changes the file; those of GDSC, STRING and GEO were taken from two or
more independent public records of the same download. A file without one is checked for its type and size, and its
digest at the first use is kept and compared.
"""

from dataclasses import dataclass

from drugripple.errors import SourceError, first_five

GEO = "https://ftp.ncbi.nlm.nih.gov/geo/series/GSE92nnn/GSE92742/suppl/GSE92742_Broad_LINCS_"
SANGER = "https://cmp.cog.sanger.ac.uk/download/"
SANGER_OLD = "https://cog.sanger.ac.uk/cancerrxgene/GDSC_release8.5/"
PASSPORTS = "https://cog.sanger.ac.uk/cmp/download/"
STRING = "https://stringdb-downloads.org/download/"
XENA = "https://gdc-hub.s3.us-east-1.amazonaws.com/download/"
CELLMINER = "https://discover.nci.nih.gov/cellminer/download/processeddataset/"

SANGER_TERMS = (
    "Sanger data usage policy (research and education, no resale): "
    "https://depmap.sanger.ac.uk/documentation/data-usage-policy/"
)
GDSC_PAPER = "Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017"
PASSPORTS_PAPER = "van der Meer et al. 2019, doi:10.1093/nar/gky872"
LINCS_TERMS = "LINCS data release policy (CC BY 4.0)"
LINCS_PAPER = "Subramanian et al. 2017, doi:10.1016/j.cell.2017.10.049"
STRING_PAPER = "Szklarczyk et al. 2023, doi:10.1093/nar/gkac1000"
XENA_TERMS = "open-access tier of the NCI Genomic Data Commons: https://gdc.cancer.gov/access-data/data-access-policies"
XENA_PAPER = "Goldman et al. 2020, doi:10.1038/s41587-020-0546-8"
NCI60_PAPER = "Reinhold et al. 2012, doi:10.1158/0008-5472.CAN-12-1370"
NCI60_TERMS = "CellMiner, NCI: free for research with citation, https://discover.nci.nih.gov/cellminer/"

TCGA_COHORTS = (
    "ACC", "BLCA", "BRCA", "CESC", "CHOL", "COAD", "DLBC", "ESCA", "GBM", "HNSC", "KICH", "KIRC", "KIRP", "LAML", "LGG",
    "LIHC", "LUAD", "LUSC", "MESO", "OV", "PAAD", "PCPG", "PRAD", "READ", "SARC", "SKCM", "STAD", "TGCT", "THCA",
    "THYM", "UCEC", "UCS", "UVM",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One file of one publisher."""

    name: str
    what: str
    url: str
    licence: str
    citation: str
    mirrors: tuple[str, ...] = ()
    """Other addresses of the same bytes, tried in order."""
    size: int | None = None
    """Bytes, where known."""
    sha256: str | None = None
    by_hand: str = ""
    """Where a person finds the file behind `url`, and how to use it, where no program may download it."""

    @property
    def file(self) -> str:
        """Name of the file in the cache."""
        return self.url.rsplit("/", 1)[-1]


def find_source(name: str) -> Source:
    """A record by name.

    Raises:
        SourceError: if there is none; names the nearest.
    """
    if name not in SOURCES:
        near = [known for known in SOURCES if known.split("-")[0] == name.lower().split("-")[0]]
        message = f"no dataset is called {name!r}; there are {len(SOURCES)}: {first_five(near or SOURCES)}"
        raise SourceError(message)
    return SOURCES[name]


def _geo(name: str, what: str, file: str, *, size: int | None = None, sha256: str | None = None) -> Source:
    return Source(name, what, f"{GEO}{file}", LINCS_TERMS, LINCS_PAPER, size=size, sha256=sha256)


def _string(name: str, what: str, kind: str, *, size: int | None = None, sha256: str | None = None) -> Source:
    url = f"{STRING}protein.{kind}.v12.0/9606.protein.{kind}.v12.0.txt.gz"
    return Source(name, what, url, "CC BY 4.0", STRING_PAPER, size=size, sha256=sha256)


_RECORDS = (
    Source(
        "gdsc1",
        "GDSC1 fitted dose responses, release 8.5",
        f"{SANGER}GDSC1_fitted_dose_response_27Oct23.xlsx",
        SANGER_TERMS,
        GDSC_PAPER,
        mirrors=(f"{SANGER_OLD}GDSC1_fitted_dose_response_27Oct23.xlsx",),
        size=30_348_857,
        sha256="6dfad242263d93b6814cc51146b15346d3c69abe1aba834a0977ba9e3fd3b6a5",
    ),
    Source(
        "gdsc2",
        "GDSC2 fitted dose responses, release 8.5",
        f"{SANGER}GDSC2_fitted_dose_response_27Oct23.xlsx",
        SANGER_TERMS,
        GDSC_PAPER,
        mirrors=(f"{SANGER_OLD}GDSC2_fitted_dose_response_27Oct23.xlsx",),
        size=22_112_537,
        sha256="0e99120a14a003dcbd3c27c020f1cfd35e38ee091067a2406f66c0d4dbc1c899",
    ),
    Source(
        "gdsc-compounds",
        "GDSC compounds: targets and pathways, release 8.5 (no structures)",
        f"{SANGER}screened_compounds_rel_8.5.csv",
        SANGER_TERMS,
        GDSC_PAPER,
        mirrors=(f"{SANGER_OLD}screened_compounds_rel_8.5.csv",),
        size=46_414,
    ),
    Source(
        "passports-rnaseq",
        "Cell Model Passports RNA-seq of cell lines: FPKM, TPM and counts, 2022-06-24",
        f"{PASSPORTS}rnaseq_all_20220624.zip",
        SANGER_TERMS,
        PASSPORTS_PAPER,
    ),
    Source(
        "passports-models",
        "Cell Model Passports list of models (changes with each release)",
        f"{PASSPORTS}model_list_latest.csv.gz",
        SANGER_TERMS,
        PASSPORTS_PAPER,
    ),
    _geo("gse92742-level5", "L1000 phase I signatures", "Level5_COMPZ.MODZ_n473647x12328.gctx.gz", size=19_900_000_000),
    _geo("gse92742-level3", "L1000 phase I wells", "Level3_INF_mlr12k_n1319138x12328.gctx.gz"),
    _geo(
        "gse92742-sig-info",
        "what each L1000 phase I signature is",
        "sig_info.txt.gz",
        sha256="19da29c0ee12ddf27f9698cd0da40beaff58657dcde9d382aae068737e831299",
    ),
    _geo("gse92742-inst-info", "what each L1000 phase I well is", "inst_info.txt.gz"),
    _geo("gse92742-cell-info", "L1000 phase I cell lines", "cell_info.txt.gz"),
    _geo("gse92742-pert-info", "L1000 phase I compounds, with structures", "pert_info.txt.gz"),
    _geo(
        "gse92742-gene-info",
        "L1000 phase I genes",
        "gene_info.txt.gz",
        sha256="741216ccc53320119b47ab006de3bcad48963c57087c9e07f50f0d6cd088711a",
    ),
    _string(
        "string-links",
        "STRING v12.0 human interactions with combined score",
        "links",
        size=83_164_437,
        sha256="3e22f32572211aa341d5b4bd08d30c32e693e294603202120936872f87719d4f",
    ),
    _string(
        "string-info",
        "STRING v12.0 human proteins with gene symbols",
        "info",
        sha256="144de4b0d98c6a7dfde6ddc2591cf88657f27b989eadff4f501450c3ed1f0f1c",
    ),
    _string(
        "string-aliases",
        "STRING v12.0 names of human proteins in other databases",
        "aliases",
        sha256="b65f730b993ed0c1bd72edf4565d3d425db42861101b29699704810e8f125680",
    ),
    Source(
        "wikipathways",
        "WikiPathways human gene sets (Entrez numbers), 2024-04-10",
        "https://data.wikipathways.org/20240410/gmt/wikipathways-20240410-gmt-Homo_sapiens.gmt",
        "CC0 1.0",
        "Agrawal et al. 2024, doi:10.1093/nar/gkad960",
    ),
    Source(
        "hgnc",
        "HGNC complete set: current, former and alias symbols of human genes (changes monthly)",
        "https://storage.googleapis.com/public-download-files/hgnc/tsv/tsv/hgnc_complete_set.txt",
        "CC0 1.0",
        "Seal et al. 2023, doi:10.1093/nar/gkac888",
    ),
    Source(
        "nci60-activity",
        "NCI-60 compound activity, z-scores of -log10 GI50 (CellMiner)",
        f"{CELLMINER}DTP_NCI60_ZSCORE.zip",
        "public domain (National Cancer Institute)",
        NCI60_PAPER,
    ),
    Source(
        "nci60-expression",
        "NCI-60 RNA-seq composite expression (CellMiner)",
        f"{CELLMINER}nci60_RNA__RNA_seq_composite_expression.zip",
        "public domain (National Cancer Institute)",
        NCI60_PAPER,
    ),
    Source(
        "tcga-genes",
        "gene symbols of the Ensembl rows in the TCGA files (GENCODE v36)",
        f"{XENA}gencode.v36.annotation.gtf.gene.probemap",
        XENA_TERMS,
        XENA_PAPER,
    ),
    *(
        Source(
            f"tcga-{cohort.lower()}",
            f"TCGA-{cohort} tumour expression, log2(FPKM + 1) (GDC hub of UCSC Xena)",
            f"{XENA}TCGA-{cohort}.star_fpkm.tsv.gz",
            XENA_TERMS,
            XENA_PAPER,
        )
        for cohort in TCGA_COHORTS
    ),
)

_BY_HAND = (
    Source(
        "csg2a-weights",
        "the authors' trained CSG2A networks: 978 landmark genes, stage 1 and stage 2",
        "https://github.com/eugenebang/CSG2A",
        "CC BY-NC-SA 4.0",
        "Bang, Koo and Kim 2024, doi:10.1093/bioinformatics/btae249",
        by_hand="the page links to the files; name the path of one as `backbone` of a network",
    ),
    Source(
        "mat-weights",
        "the published Molecule Attention Transformer, 42 million parameters",
        "https://github.com/ardigen/MAT",
        "MIT",
        "Maziarka et al. 2020, doi:10.48550/arXiv.2002.08264",
        by_hand="the page links to the file; name its path as `encoder` of a random network, or of stage 1",
    ),
    Source(
        "gdsctools",
        "tissues, mutations, copy-number changes and fusions of GDSC's cell lines (source package gdsctools 1.0.1)",
        "https://github.com/CancerRxGene/gdsctools",
        "BSD (the package); the events are GDSC's: " + SANGER_TERMS,
        GDSC_PAPER,
        size=4_729_445,
        sha256="72bba53d42150b88b1e186da5d12d94eb2c9f5ac529f4c9f800f98639cf9d82b",
        by_hand="the Python package index serves it as gdsctools-1.0.1.tar.gz, below the files of gdsctools 1.0.1; "
        "download it there (pip would run its setup.py) and put it into the folder of downloads, or name its path",
    ),
)
"""Files that a person downloads: weights on file-sharing sites, and a package that pip would run."""

SOURCES = {record.name: record for record in (*_RECORDS, *_BY_HAND)}
