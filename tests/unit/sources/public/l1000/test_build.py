"""GSE92742 to a store: each compound profile beside the controls of its own batch, nothing lost in silence."""

import errno
import gzip

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ConfigError, GeneSpaceError, OutputError, SourceError
from drugripple.genes.space import GeneSpace
from drugripple.sources.public.l1000 import build as gse92742
from drugripple.sources.public.l1000.build import build_profiles
from drugripple.sources.public.l1000.gctx import write_gctx
from drugripple.sources.public.l1000.store import open_store

GENES = GeneSpace(("PAX8", "DDR1"))
ENTREZ = ("780", "6193", "7849")  # DDR1, RPS5, PAX8
SIGNATURES = [
    # sig_id, pert_id, pert_type, cell_id, dose, unit, time
    ("B1_A375_24H:V1", "DMSO", "ctl_vehicle", "A375", "-666", "-666", "24"),
    ("B2_MCF7_6H:C1", "BRD-1", "trt_cp", "MCF7", "9.7", "um", "6"),
    ("B1_A375_24H:C2", "BRD-1", "trt_cp", "A375", "37.0", "nM", "24"),
    ("B1_A375_24H:V2", "DMSO", "ctl_vehicle", "A375", "-666", "-666", "24"),
    ("B1_A375_24H:C3", "BRD-2", "trt_cp", "A375", "7.2", "µM", "24"),
    ("B2_MCF7_6H:V1", "DMSO", "ctl_vehicle", "MCF7", "0.1", "%", "6"),
    ("B1_A375_24H:V3", "DMSO", "ctl_vehicle", "A375", "-666", "-666", "24"),
    ("B1_A375_24H:SH", "TRCN1", "trt_sh", "A375", "-666", "-666", "96"),
    ("B3_PC3_24H:C1", "BRD-1", "trt_cp", "PC3", "10", "um", "24"),  # no control in its batch
    ("B1_A375_24H:C4", "BRD-3", "trt_cp", "A375", "10", "um", "24"),  # structure withheld
    ("B1_A375_24H:C5", "BRD-1", "trt_cp", "A375", "-666", "-666", "24"),  # no dose
    ("B1_A375_24H:C6", "BRD-1", "trt_cp", "A375", "10", "um", "96"),  # another time
    ("B1_A375_24H:C7", "BRD-4", "trt_cp", "A375", "10", "um", "24"),  # structure unreadable
    ("B1_A375_24H:C8", "BRD-1", "trt_cp", "A375", "-3", "um", "24"),  # negative dose
]
FIELDS = ("sig_id", "pert_id", "pert_type", "cell_id", "pert_dose", "pert_dose_unit", "pert_time")
TIGHT_MIB = (len(SIGNATURES) * gse92742.ANNOTATION_BYTES_A_SAMPLE + 120) / 2**20
"""Leaves 96 bytes for a matrix of 30 bytes a sample: three samples at once."""
VALUES = np.array([[10 * row + gene for gene in range(3)] for row in range(len(SIGNATURES))], dtype=np.float32)


def write_world(folder, signatures=SIGNATURES, *, level=5, values=VALUES, entrez=ENTREZ):
    write_gctx(folder / "level.gctx", entrez, [s[0] for s in signatures][: len(values)], [values])
    table = pd.DataFrame(signatures, columns=list(FIELDS))
    if level == 3:
        table["rna_plate"] = table["sig_id"].str.partition(":")[0]
        table = table.rename(columns={"sig_id": "inst_id"})
    with gzip.open(folder / "info.txt.gz", "wt", encoding="utf-8") as file:
        table.to_csv(file, sep="\t", index=False)
    (folder / "gene_info.txt").write_text(
        "pr_gene_id\tpr_gene_symbol\tpr_is_lm\n780\tDDR1\t1\n6193\tRPS5\t1\n7849\tPAX8\t1\n"
    )
    (folder / "pert_info.txt").write_text(
        "pert_id\tpert_iname\tpert_type\tcanonical_smiles\n"
        "BRD-1\tethanol\ttrt_cp\tOCC\nBRD-2\tacetate\ttrt_cp\tCC(=O)[O-].[Na+]\nBRD-3\tsecret\ttrt_cp\trestricted\n"
        "BRD-4\tbroken\ttrt_cp\tC1CC\nBRD-5\tunused\ttrt_cp\tC\nDMSO\tDMSO\tctl_vehicle\tCS(C)=O\n"
    )
    return [folder / name for name in ("level.gctx", "info.txt.gz", "gene_info.txt", "pert_info.txt")]


def assert_same_store_under(folder, change):
    """What is built does not change with how the annotation is written."""
    files = write_world(folder)
    build_profiles(*files, folder / "one", genes=GENES)
    table = pd.read_csv(files[1], sep="\t", dtype=str, keep_default_na=False)
    change(table).to_csv(files[1], sep="\t", index=False)
    build_profiles(*files, folder / "two", genes=GENES)
    first, second = (open_store(folder / name) for name in ("one", "two"))
    for name in ("dose_um", "hours", "treated"):
        assert getattr(second, name).tolist() == getattr(first, name).tolist()


def test_each_profile_stands_beside_the_median_control_of_its_batch(tmp_path):
    """B1 has controls 0, 30, 60 (median 30); B2 has 50. Gene order PAX8, DDR1 = rows 2 and 0 of the file."""
    build_profiles(*write_world(tmp_path), tmp_path / "store", genes=GENES)
    table = open_store(tmp_path / "store")
    assert table.basal.genes == GENES
    assert table.basal.scale is ExpressionScale.L1000_Z
    assert table.basal.samples == ("B1_A375_24H", "B2_MCF7_6H")
    assert table.basal.values.tolist() == [[32, 30], [52, 50]]
    assert table.treated.tolist() == [[12, 10], [22, 20], [42, 40]]
    assert table.basal_row.tolist() == [1, 0, 0]
    assert table.cell_line == ("MCF7", "A375", "A375")
    assert table.plate == ("B2_MCF7_6H", "B1_A375_24H", "B1_A375_24H")
    assert table.hours.tolist() == [6, 24, 24]
    assert [table.compounds.smiles[row] for row in table.compound_row] == ["CCO", "CCO", "CC(=O)O"]
    assert table.compounds.ids == ("acetate", "ethanol")


def test_doses_are_rounded_to_those_of_the_paper_on_a_log_scale(tmp_path):
    """9.7 -> 10; 37 nM = 0.037 -> 0.04; 7.2 -> 10, nearer than 5 by ratio though not by difference."""
    build_profiles(*write_world(tmp_path), tmp_path / "store", genes=GENES)
    assert open_store(tmp_path / "store").dose_um.tolist() == [10, 0.04, 10]


def test_doses_may_stay_as_measured(tmp_path):
    build_profiles(*write_world(tmp_path), tmp_path / "store", genes=GENES, doses_um=None)
    np.testing.assert_allclose(open_store(tmp_path / "store").dose_um, [9.7, 0.037, 7.2])


def test_lost_profiles_are_listed_with_reason(tmp_path):
    built = build_profiles(*write_world(tmp_path), tmp_path / "store", genes=GENES)
    assert built.rows == 3
    assert built.dropped.to_numpy().tolist() == [
        ["no control in the batch", "PC3", "BRD-1", 1],
        ["no dose in micromolar", "A375", "BRD-1", 2],
        ["no usable structure", "A375", "BRD-3", 1],
        ["no usable structure", "A375", "BRD-4", 1],
        ["time is not 6, 24, 48 h", "A375", "BRD-1", 1],
    ]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "store" / "dropped.parquet"), built.dropped)


def test_blocks_of_any_size_give_the_same_store(tmp_path):
    files = write_world(tmp_path)
    build_profiles(*files, tmp_path / "a", genes=GENES)
    build_profiles(*files, tmp_path / "b", genes=GENES, memory_mib=TIGHT_MIB)
    for name in ("treated.npy", "basal.npy", "profiles.parquet", "compounds.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_progress_ends_at_the_number_of_samples_needed(tmp_path):
    seen = []
    build_profiles(
        *write_world(tmp_path), tmp_path / "s", genes=GENES, memory_mib=TIGHT_MIB, progress=lambda *n: seen.append(n)
    )
    assert seen == [("profiles", done, 7) for done in (3, 6, 7)]


def test_too_little_memory_is_refused_before_anything_is_written(tmp_path):
    files = write_world(tmp_path)
    with pytest.raises(ConfigError, match=r"annotation of 14 samples takes about 0 MiB, but memory_mib is 0\.001"):
        build_profiles(*files, tmp_path / "store", genes=GENES, memory_mib=0.001)
    assert not (tmp_path / "store").exists()


def test_level_3_is_put_on_the_robust_z_of_its_controls(tmp_path):
    """Plates P1..P3 have control medians 4, 5, 7: median 5, MAD 1; a well at 7.9652 is two deviations up."""
    wells = [
        *(
            (f"P{plate}:V{well}", "DMSO", "ctl_vehicle", "A375", "-666", "-666", "24")
            for plate in (1, 2, 3)
            for well in (1, 2, 3)
        ),
        ("P3:C1", "BRD-1", "trt_cp", "A375", "10", "um", "24"),
    ]
    gene = np.array([3, 4, 9, 5, 5, 1, 7, 7, 7, 7.9652])
    files = write_world(tmp_path, wells, level=3, values=np.stack([gene, gene, gene + 1], axis=1).astype("f4"))
    build_profiles(*files, tmp_path / "store", genes=GENES)
    table = open_store(tmp_path / "store")
    assert table.basal.scale is ExpressionScale.ROBUST_Z
    np.testing.assert_allclose(table.treated, [[2, 2]], atol=1e-4)
    np.testing.assert_allclose(table.basal.values[:, 0], [-1 / 1.4826, 0, 2 / 1.4826], atol=1e-5)
    assert table.plate == ("P3",)
    np.testing.assert_allclose(np.load(tmp_path / "store" / "scaler.npz")["median"], [6, 5])


def test_a_control_that_the_matrix_lacks_is_left_out_of_the_median(tmp_path):
    """B1 has controls 0 and 30 in the matrix; the third would be row 6."""
    build_profiles(*write_world(tmp_path, values=VALUES[:6]), tmp_path / "store", genes=GENES)
    assert open_store(tmp_path / "store").basal.values.tolist() == [[17, 15], [52, 50]]


def test_profiles_that_the_matrix_lacks_are_listed(tmp_path):
    built = build_profiles(*write_world(tmp_path, values=VALUES[:8]), tmp_path / "store", genes=GENES)
    assert set(built.dropped["reason"]) == {"not in the matrix"}
    assert built.rows == 3


@pytest.mark.parametrize(
    ("dose_form", "time_form", "times"),
    [
        ("{} um", "{} h", 1),
        ("{}um", "{}h", 1),
        ("{} uM", "{} hr", 1),
        ("{} \u00b5M", "{} hours", 1),
        ("{} uM", "{} min", 60),
        ("{} um", "{}.0min", 60),
    ],
)
def test_phase_two_writes_dose_and_time_with_their_units(tmp_path, dose_form, time_form, times):
    def phase_two(table):
        known = table["pert_dose"] != "-666"
        micromolar = table["pert_dose"].where(table["pert_dose_unit"].str.lower() != "nm", "0.04")
        dose = micromolar.map(dose_form.format).where(known, "-666")
        time = table["pert_time"].map(lambda cell: time_form.format(int(cell) * times))
        two = table.drop(columns=["pert_dose", "pert_dose_unit", "pert_time"])
        return two.assign(pert_idose=dose, pert_itime=time)

    assert_same_store_under(tmp_path, phase_two)


def test_a_unit_of_time_in_its_own_column_counts(tmp_path):
    def in_minutes(table):
        minutes = (table["pert_time"].astype(int) * 60).astype(str)
        return table.assign(pert_time=minutes, pert_time_unit="min")

    assert_same_store_under(tmp_path, in_minutes)


def test_samples_of_the_matrix_that_no_annotation_knows_are_listed(tmp_path):
    files = write_world(tmp_path)
    table = pd.read_csv(files[1], sep="\t", dtype=str, keep_default_na=False)
    table[table["sig_id"] != "B1_A375_24H:C3"].to_csv(files[1], sep="\t", index=False)
    built = build_profiles(*files, tmp_path / "store", genes=GENES)
    assert ["sample is not in info.txt.gz", "", "", 1] in built.dropped.to_numpy().tolist()


@pytest.mark.parametrize(
    ("entrez", "gene_table"),
    [
        (ENTREZ, "780\tRPS5\n6193\tDDR1\n7849\tPAX8\n"),
        (tuple(f"b'{gene}'" for gene in ENTREZ), ""),
        (("200814_at", "x", "y"), "200814_at\tDDR1\nx\tRPS5\ny\tPAX8\n"),
    ],
    ids=["a number wins over the symbol beside it", "ids show how Python writes bytes", "probes of the gene table"],
)
def test_genes_are_known_by_their_numbers_and_else_by_the_gene_table(tmp_path, entrez, gene_table):
    files = write_world(tmp_path, entrez=entrez)
    if gene_table:
        files[2].write_text(f"pr_gene_id\tpr_gene_symbol\n{gene_table}")
    build_profiles(*files, tmp_path / "store", genes=GENES)
    assert open_store(tmp_path / "store").treated.tolist() == [[12, 10], [22, 20], [42, 40]]


def test_old_symbols_are_found_under_their_current_ones(tmp_path):
    """GSE92742 calls GFUS by its former symbol TSTA3."""
    files = write_world(tmp_path, entrez=("a", "b", "c"))
    files[2].write_text("pr_gene_id\tpr_gene_symbol\na\tTSTA3\nb\tRPS5\nc\tPAX8\n")
    build_profiles(*files, tmp_path / "store", genes=GeneSpace(("GFUS",)))
    assert open_store(tmp_path / "store").treated[:, 0].tolist() == [10, 20, 40]


def test_a_gene_that_is_not_measured_is_named(tmp_path):
    with pytest.raises(GeneSpaceError, match=r"lacks 1 of 2 genes: \['EGFR'\]"):
        build_profiles(*write_world(tmp_path), tmp_path / "store", genes=GeneSpace(("DDR1", "EGFR")))


@pytest.mark.parametrize(("position", "name"), [(1, "info.txt.gz"), (2, "gene_info.txt"), (3, "pert_info.txt")])
def test_an_empty_annotation_is_named(tmp_path, position, name):
    files = write_world(tmp_path)
    files[position].write_bytes(b"")
    with pytest.raises(SourceError, match=f"{name} is empty"):
        build_profiles(*files, tmp_path / "store", genes=GENES)


def test_a_truncated_annotation_is_named(tmp_path):
    files = write_world(tmp_path)
    files[1].write_bytes(files[1].read_bytes()[:-30])
    with pytest.raises(SourceError, match=r"info\.txt\.gz cannot be read"):
        build_profiles(*files, tmp_path / "store", genes=GENES)


def test_an_annotation_of_another_kind_is_refused(tmp_path):
    files = write_world(tmp_path)
    with pytest.raises(SourceError, match=r"gene_info\.txt has neither sig_id \(Level 5\) nor inst_id"):
        build_profiles(files[0], files[2], files[2], files[3], tmp_path / "store", genes=GENES)


def test_an_annotation_without_plates_is_refused(tmp_path):
    files = write_world(tmp_path, level=3)
    table = pd.read_csv(files[1], sep="\t", dtype=str).drop(columns=["rna_plate", "cell_id"])
    table.to_csv(files[1], sep="\t", index=False)
    with pytest.raises(SourceError, match=r"lacks 2 of 8 columns: \['cell_id', 'rna_plate'\]"):
        build_profiles(*files, tmp_path / "store", genes=GENES)


def test_repeated_signatures_are_refused(tmp_path):
    files = write_world(tmp_path, [*SIGNATURES, SIGNATURES[1]])
    with pytest.raises(SourceError, match=r"sample ids repeat: \['B2_MCF7_6H:C1'\]"):
        build_profiles(*files, tmp_path / "store", genes=GENES)


def test_a_matrix_without_any_control_is_refused(tmp_path):
    treated_only = [s for s in SIGNATURES if s[2] != "ctl_vehicle"]
    files = write_world(tmp_path, treated_only, values=VALUES[: len(treated_only)])
    with pytest.raises(SourceError, match="none of 9 compound profiles is usable"):
        build_profiles(*files, tmp_path / "store", genes=GENES)


def test_controls_of_another_vehicle_are_left_out_and_listed(tmp_path):
    """Water in place of one batch's DMSO leaves that batch without a control."""
    signatures = [(s[0], "H2O", *s[2:]) if s[0].startswith("B2") and s[2] == "ctl_vehicle" else s for s in SIGNATURES]
    files = write_world(tmp_path, signatures, values=VALUES)
    dropped = build_profiles(*files, tmp_path / "store", genes=GENES).dropped
    assert ["control in another vehicle than DMSO", "MCF7", "H2O", 1] in dropped.to_numpy().tolist()
    assert "no control in the batch" in set(dropped.loc[dropped["cell_line"] == "MCF7", "reason"])


def test_a_failure_in_the_middle_leaves_nothing(tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    files = write_world(tmp_path)
    before = set(tmp_path.iterdir())
    monkeypatch.setattr(gse92742, "_write_medians", refuse)
    with pytest.raises(OutputError, match="no space left on the disk"):
        build_profiles(*files, tmp_path / "store", genes=GENES)
    assert set(tmp_path.iterdir()) == before
