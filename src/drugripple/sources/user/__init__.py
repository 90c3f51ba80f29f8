"""A user's own files: expression and compounds in, checked tables or one clear error out."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.sources.user.answers import read_answers as read_answers
    from drugripple.sources.user.column_names import plain as plain
    from drugripple.sources.user.compound_findings import ExaminedCompounds as ExaminedCompounds
    from drugripple.sources.user.compound_findings import positive as positive
    from drugripple.sources.user.compound_findings import reason_for as reason_for
    from drugripple.sources.user.compound_library import LINES_AT_ONCE as LINES_AT_ONCE
    from drugripple.sources.user.compound_library import library_blocks as library_blocks
    from drugripple.sources.user.compound_source import Source as Source
    from drugripple.sources.user.compound_source import listed as listed
    from drugripple.sources.user.compound_source import open_source as open_source
    from drugripple.sources.user.compounds import compounds_in as compounds_in
    from drugripple.sources.user.compounds import examine_compounds as examine_compounds
    from drugripple.sources.user.compounds import excluded_keys as excluded_keys
    from drugripple.sources.user.compounds import read_compounds as read_compounds
    from drugripple.sources.user.compounds import read_treatments as read_treatments
    from drugripple.sources.user.compounds import structures_of as structures_of
    from drugripple.sources.user.delimited import DelimitedText as DelimitedText
    from drugripple.sources.user.delimited import number_in as number_in
    from drugripple.sources.user.delimited import open_text as open_text
    from drugripple.sources.user.delimited import with_points as with_points
    from drugripple.sources.user.doctor import Content as Content
    from drugripple.sources.user.doctor import Diagnosis as Diagnosis
    from drugripple.sources.user.doctor import Examination as Examination
    from drugripple.sources.user.doctor import examine as examine
    from drugripple.sources.user.drug_kinds import of_kind as of_kind
    from drugripple.sources.user.drug_names import Drug as Drug
    from drugripple.sources.user.drug_names import annotated as annotated
    from drugripple.sources.user.drug_names import known_drug as known_drug
    from drugripple.sources.user.drug_names import match_compounds as match_compounds
    from drugripple.sources.user.drug_names import no_compound as no_compound
    from drugripple.sources.user.drug_names import other_names as other_names
    from drugripple.sources.user.drug_names import usual_name as usual_name
    from drugripple.sources.user.drug_names import usual_names as usual_names
    from drugripple.sources.user.expression import read_expression as read_expression
    from drugripple.sources.user.expression_scale import LOG2_AT_MOST as LOG2_AT_MOST
    from drugripple.sources.user.file_format import FILES as FILES
    from drugripple.sources.user.file_format import OF_STRUCTURES as OF_STRUCTURES
    from drugripple.sources.user.file_format import FileKind as FileKind
    from drugripple.sources.user.file_format import file_meant as file_meant
    from drugripple.sources.user.file_format import kind_of as kind_of
    from drugripple.sources.user.findings import Finding as Finding
    from drugripple.sources.user.findings import Level as Level
    from drugripple.sources.user.findings import Topic as Topic
    from drugripple.sources.user.findings import problem_of as problem_of
    from drugripple.sources.user.matching import match_names as match_names
    from drugripple.sources.user.matrix import label as label
    from drugripple.sources.user.matrix import labels_of as labels_of
    from drugripple.sources.user.presence import require_inputs as require_inputs
    from drugripple.sources.user.response_columns import COMPOUND_NAMES as COMPOUND_NAMES
    from drugripple.sources.user.response_columns import SAMPLE_NAMES as SAMPLE_NAMES
    from drugripple.sources.user.response_columns import STRUCTURES as STRUCTURES
    from drugripple.sources.user.response_columns import Companions as Companions
    from drugripple.sources.user.response_columns import response_columns as response_columns
    from drugripple.sources.user.response_frame import ResponseFrame as ResponseFrame
    from drugripple.sources.user.response_frame import open_responses as open_responses
    from drugripple.sources.user.response_units import LARGEST_LN_IC50 as LARGEST_LN_IC50
    from drugripple.sources.user.response_units import ResponseUnit as ResponseUnit
    from drugripple.sources.user.responses import BoundedResponses as BoundedResponses
    from drugripple.sources.user.responses import load_responses as load_responses
    from drugripple.sources.user.responses import read_bounded_responses as read_bounded_responses
    from drugripple.sources.user.responses import read_responses as read_responses
    from drugripple.sources.user.stated_bounds import Bounds as Bounds
    from drugripple.sources.user.stated_scale import StatedScale as StatedScale
    from drugripple.sources.user.stated_units import HOURS_PER_UNIT as HOURS_PER_UNIT
    from drugripple.sources.user.stated_units import MICROMOLAR_PER_UNIT as MICROMOLAR_PER_UNIT
    from drugripple.sources.user.stated_units import quantities as quantities
    from drugripple.sources.user.structure_columns import names_structures as names_structures
    from drugripple.sources.user.text_table import read_table as read_table
else:
    __all__ = lazy_exports(__name__)
