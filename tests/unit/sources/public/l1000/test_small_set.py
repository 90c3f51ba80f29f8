"""The small L1000 set: one scale, each profile beside its own control, and terms of use respected."""

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import SourceError, TableError
from drugripple.sources.public.l1000 import small_set as l1000

CONDITIONS = pd.DataFrame(
    {
        "profile_id": ["p3", "p1", "p2", "p4", "p5"],
        "compound": ["BRD-K1", "aspirin", "nameless", "doseless", "aspirin"],
        "canonical_smiles": ["CC", "CC", None, "CO", "CC"],
        "cell_line": ["A375", "MCF7", "A375", "A375", "A375"],
        "dose_um": [10.0, 0.5, 1.0, np.nan, 3.0],
        "time_h": [24.0, 6.0, 6.0, 6.0, 6.0],
        "plate": ["X1", None, "X1", "X1", "X9"],
        "basal_id": ["c2", "c1", "c2", "c2", "c1"],
        "source": ["MIT thing", "MIT thing", "MIT thing", "MIT thing", "cmap/l1ktools"],
        "moa": [None, "COX inhibitor", None, None, None],
        "target": [None, "PTGS2", None, None, None],
        "r_to_basal": [0.69, 0.7, 0.9, 0.9, 0.9],
    }
)


def write_world(folder, **changes):
    """Two genes; three reference lines give gene A median 5, MAD 1 and gene B median 8, MAD 2."""
    profiles = {"A": [5.0, 6.4826, 0.0, 0.0, 5.0], "B": [8.0, 8.0, 0.0, 0.0, 8.0]}
    frames = {
        "genes": pd.DataFrame({"symbol": ["B", "A"]}),
        "conditions": CONDITIONS,
        "perturbed": pd.DataFrame({"profile_id": CONDITIONS["profile_id"], **profiles}),
        "basal": pd.DataFrame(
            {"basal_id": ["r1", "r2", "r3", "c2", "c1"], "A": [4.0, 5, 6, 5, 5], "B": [6.0, 8, 10, 8, 10.9652]}
        ),
        "basal_meta": pd.DataFrame(
            {
                "basal_id": ["r1", "r2", "r3", "c2", "c1"],
                "kind": ["cell_line_dmso_mean"] * 3 + ["plate_dmso_mean"] * 2,
                "source": ["MIT thing"] * 4 + ["cmap/l1ktools"],
                "cell_line": ["L1", "L2", "L3", "A375", "MCF7"],
            }
        ),
        "consensus_drugbank": pd.DataFrame({"drugbank_id": ["DB2", "DB1"], "A": [200.0, 1.0], "B": [-30.0, 2.0]}),
        "consensus_drugbank_meta": pd.DataFrame(
            {
                "drugbank_id": ["DB2", "DB1"],
                "pert_id": [None, "BRD-K1"],
                "compound": ["two", "one"],
                "canonical_smiles": ["CC", "C"],
                "moa": [None, "COX inhibitor"],
                "target": [None, "PTGS2"],
            }
        ),
    } | changes
    (folder / "l1000").mkdir()
    for name, frame in frames.items():
        frame.to_parquet(folder / "l1000" / f"{name}.parquet")
    return folder


def test_profiles_and_controls_stand_on_the_scale_of_the_reference_lines(tmp_path):
    """p1 has A = 5 + 1.4826 (one deviation of MAD 1); its control c1 has B = 8 + 1.4826 · 2."""
    table, _, scaler = l1000.read_profiles(write_world(tmp_path), redistributable_only=False)
    assert table.basal.genes.symbols == ("B", "A")
    assert scaler.median.tolist() == [8.0, 5.0]
    assert table.basal.scale is ExpressionScale.ROBUST_Z
    assert table.basal.samples == ("c1", "c2")
    np.testing.assert_allclose(table.treated, [[0, 1], [0, 0], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(table.basal.values, [[1, 0], [0, 0]], atol=1e-6)


def test_each_profile_keeps_its_own_condition(tmp_path):
    table = l1000.read_profiles(write_world(tmp_path), redistributable_only=False).table
    assert table.basal_row.tolist() == [0, 1, 0]
    assert table.dose_um.tolist() == [0.5, 10.0, 3.0]
    assert table.hours.tolist() == [6.0, 24.0, 6.0]
    assert table.cell_line == ("MCF7", "A375", "A375")
    assert table.plate == ("c1", "X1", "X9")
    assert table.weight.tolist() == [1.0, 0.25, 1.0]


def test_a_speaking_name_wins_over_a_broad_number(tmp_path):
    compounds = l1000.read_profiles(write_world(tmp_path), redistributable_only=False).table.compounds
    assert (compounds.ids, compounds.names) == (("aspirin",), ("aspirin (BRD-K1)",))
    assert (compounds.targets, compounds.mechanism) == (("PTGS2",), ("COX inhibitor",))


def test_each_profile_keeps_its_own_compound(tmp_path):
    conditions = CONDITIONS.assign(canonical_smiles=["C", "CC", None, "CO", "CC"])
    table = l1000.read_profiles(write_world(tmp_path, conditions=conditions), redistributable_only=False).table
    assert [table.compounds.smiles[row] for row in table.compound_row] == ["CC", "C", "CC"]


def test_lost_profiles_are_listed(tmp_path):
    dropped = l1000.read_profiles(write_world(tmp_path), redistributable_only=True).dropped
    assert dropped.to_numpy().tolist() == [
        ["no SMILES", "A375", "nameless", 1],
        ["no dose", "A375", "doseless", 1],
        ["terms do not allow redistribution", "A375", "aspirin", 1],
    ]


@pytest.mark.parametrize("dose", [0.0, -1.0])
def test_profile_at_no_dose_or_of_no_structure_is_listed(tmp_path, dose):
    conditions = CONDITIONS.replace({"dose_um": {0.5: dose}, "canonical_smiles": {"CO": "C1CC"}}).fillna({"dose_um": 1})
    table, dropped, _ = l1000.read_profiles(write_world(tmp_path, conditions=conditions), redistributable_only=False)
    assert table.dose_um.tolist() == [10.0, 3.0]
    reason = dropped.set_index("drug")["reason"]
    assert reason["aspirin"] == "no dose"
    assert reason["doseless"].startswith("SMILES 'C1CC' cannot be read")


def test_consensus_of_no_structure_is_left_out(tmp_path):
    meta = pd.read_parquet(write_world(tmp_path) / "l1000" / "consensus_drugbank_meta.parquet").replace("CC", "C1CC")
    meta.to_parquet(tmp_path / "l1000" / "consensus_drugbank_meta.parquet")
    assert l1000.read_consensus(tmp_path, redistributable_only=False).compounds.ids == ("DB1",)


def test_unlicensed_wells_are_left_out_on_request(tmp_path):
    write_world(tmp_path)
    assert l1000.read_basal(tmp_path).samples == ("c1", "c2", "r1", "r2", "r3")
    assert l1000.read_basal(tmp_path, redistributable_only=True).samples == ("c2", "r1", "r2", "r3")
    assert l1000.read_basal_lines(tmp_path, redistributable_only=True) == ("A375", "L1", "L2", "L3")


def test_consensus_is_clipped_and_drugbank_structures_stay_out_on_request(tmp_path):
    write_world(tmp_path)
    everything = l1000.read_consensus(tmp_path, redistributable_only=False)
    assert everything.compounds.ids == ("DB1", "DB2")
    assert everything.change.tolist() == [[2.0, 1.0], [-10.0, 10.0]]
    free = l1000.read_consensus(tmp_path, redistributable_only=True)
    assert (free.compounds.ids, free.compounds.targets) == (("DB1",), ("PTGS2",))
    assert free.change.tolist() == [[2.0, 1.0]]


def test_a_profile_without_its_control_is_refused(tmp_path):
    conditions = CONDITIONS.assign(basal_id="c7")
    with pytest.raises(SourceError, match=r"basal\.parquet lacks 1 of 1 profiles: \['c7'\]"):
        l1000.read_profiles(write_world(tmp_path, conditions=conditions), redistributable_only=False)


def test_a_repeated_profile_is_refused(tmp_path):
    basal = pd.DataFrame({"basal_id": ["r1", "r1"], "A": [1.0, 2.0], "B": [1.0, 2.0]})
    with pytest.raises(SourceError, match=r"basal_id repeats: \['r1'\]"):
        l1000.read_profiles(write_world(tmp_path, basal=basal), redistributable_only=False)


def test_profiles_of_which_none_is_usable_are_refused(tmp_path):
    conditions = CONDITIONS.assign(dose_um=-1.0, canonical_smiles="C")
    with pytest.raises(SourceError, match=r"none of 5 profiles is usable.*no dose"):
        l1000.read_profiles(write_world(tmp_path, conditions=conditions), redistributable_only=False)


def test_a_value_that_is_not_finite_is_refused(tmp_path):
    frame = pd.DataFrame({"profile_id": CONDITIONS["profile_id"], "A": [np.inf] * 5, "B": [1.0] * 5})
    with pytest.raises(TableError, match="3 treated values are NaN or infinite"):
        l1000.read_profiles(write_world(tmp_path, perturbed=frame), redistributable_only=False)


@pytest.mark.shared
def test_real_counts_are_those_of_the_data_sheet(shared_data):
    """DATA.md: 2,202 profiles, 7 without SMILES and 10 without dose (one lacks both); 349 and 23 wells of l1ktools."""
    table, dropped, _ = l1000.read_profiles(shared_data, redistributable_only=False)
    assert (len(table), dropped["rows"].sum()) == (2186, 16)
    free = l1000.read_profiles(shared_data, redistributable_only=True)
    assert len(free.table) == 2186 - 349
    assert not any("LJP009" in plate for plate in free.table.plate)
    assert len(l1000.read_basal(shared_data)) == 854
    assert len(l1000.read_basal(shared_data, redistributable_only=True)) == 854 - 23
    assert len(l1000.read_consensus(shared_data, redistributable_only=False)) == 1170
    assert len(l1000.read_consensus(shared_data, redistributable_only=True)) == 643


@pytest.mark.shared
def test_real_profiles_resemble_their_own_control_more_than_another(shared_data):
    """DATA.md: on log2 values r is 0.92 with the own control and 0.75 with a shuffled one."""
    table, _, scaler = l1000.read_profiles(shared_data, redistributable_only=False)
    back = lambda z: z * scaler.scale_ + scaler.median  # noqa: E731
    treated, basal = back(table.treated), back(table.basal.values)
    shuffled = np.random.default_rng(0).permutation(table.basal_row)

    def mean_r(rows):
        return np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(treated, basal[rows], strict=True)])

    assert mean_r(table.basal_row) == pytest.approx(0.92, abs=0.01)
    assert mean_r(shuffled) == pytest.approx(0.75, abs=0.02)
