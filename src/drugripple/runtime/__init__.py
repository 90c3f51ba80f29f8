"""The ground floor: how files are written, locked, checked and vouched for; knows errors only."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.runtime.atomic import PART as PART
    from drugripple.runtime.atomic import clear_abandoned as clear_abandoned
    from drugripple.runtime.atomic import gunzip as gunzip
    from drugripple.runtime.atomic import sync as sync
    from drugripple.runtime.atomic import whole_file as whole_file
    from drugripple.runtime.atomic import whole_folder as whole_folder
    from drugripple.runtime.atomic import write_csv as write_csv
    from drugripple.runtime.atomic import write_json as write_json
    from drugripple.runtime.atomic import write_text as write_text
    from drugripple.runtime.cells import SAFE_CELLS as SAFE_CELLS
    from drugripple.runtime.cells import for_spreadsheets as for_spreadsheets
    from drugripple.runtime.cells import harmless as harmless
    from drugripple.runtime.damaged import reading as reading
    from drugripple.runtime.digest import content_digest as content_digest
    from drugripple.runtime.digest import file_digest as file_digest
    from drugripple.runtime.digest import file_digests as file_digests
    from drugripple.runtime.digest import folder_digest as folder_digest
    from drugripple.runtime.disk import free_bytes as free_bytes
    from drugripple.runtime.disk import write_error as write_error
    from drugripple.runtime.lock import holder_of as holder_of
    from drugripple.runtime.lock import lock_file as lock_file
    from drugripple.runtime.lock import lock_folder as lock_folder
    from drugripple.runtime.lock import try_lock as try_lock
    from drugripple.runtime.mapped import read_rows as read_rows
    from drugripple.runtime.mapped import release as release
    from drugripple.runtime.nesting import DEEPEST as DEEPEST
    from drugripple.runtime.nesting import read_json_text as read_json_text
    from drugripple.runtime.nesting import read_toml_text as read_toml_text
    from drugripple.runtime.nesting import shallow as shallow
    from drugripple.runtime.notes import heard as heard
    from drugripple.runtime.notes import tell as tell
    from drugripple.runtime.outputs import files_below as files_below
    from drugripple.runtime.outputs import refuse_existing as refuse_existing
    from drugripple.runtime.outputs import refuse_file as refuse_file
    from drugripple.runtime.outputs import refuse_inputs as refuse_inputs
    from drugripple.runtime.outputs import refuse_other_content as refuse_other_content
    from drugripple.runtime.progress import Progress as Progress
    from drugripple.runtime.progress import no_progress as no_progress
    from drugripple.runtime.progress import notebook_progress as notebook_progress
    from drugripple.runtime.provenance import Origin as Origin
    from drugripple.runtime.provenance import commit as commit
    from drugripple.runtime.provenance import hardware as hardware
    from drugripple.runtime.provenance import today as today
    from drugripple.runtime.provenance import versions as versions
    from drugripple.runtime.sealed import read_sealed as read_sealed
    from drugripple.runtime.sealed import read_sealed_json as read_sealed_json
    from drugripple.runtime.sealed import write_sealed as write_sealed
    from drugripple.runtime.sealed import write_sealed_json as write_sealed_json
    from drugripple.runtime.svg import without_styles as without_styles
    from drugripple.runtime.threads import one_thread as one_thread
    from drugripple.runtime.workers import Backend as Backend
    from drugripple.runtime.workers import restarts_untold as restarts_untold
    from drugripple.runtime.workers import worker_pool as worker_pool
else:
    __all__ = lazy_exports(__name__)
