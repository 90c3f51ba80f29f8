"""AnnData in and out: predictions stand beside the observations that they are of, whatever names them."""

import anndata
import numpy as np
import pandas as pd
import pytest

import drugripple
from drugripple.errors import TableError
from drugripple.integrations.anndata import add_predictions

pytestmark = pytest.mark.filterwarnings("error")


def predicted(samples=("A", "B"), compounds=("x", "y"), measure="ln_ic50", **columns):
    """Sample by sample, values 0, 1, 2, …"""
    count = len(samples) * len(compounds)
    table = pd.DataFrame(
        {
            "sample": np.repeat(samples, len(compounds)), "id": np.tile(compounds, len(samples)),
            "compound": np.tile(compounds, len(samples)), "dose_um": 10.0, "hours": 24.0,
            measure: np.arange(count) * 1.0,
        }
    ).assign(**columns)  # fmt: skip
    table.attrs["notes"] = ["a note"]
    return table


def cells(*names, **obs):
    return anndata.AnnData(
        np.zeros((len(names), 2), dtype=np.float32), pd.DataFrame(obs, index=names), pd.DataFrame(index=["TP53", "MYC"])
    )


def test_predictions_go_to_their_observation_and_others_stay_undefined():
    adata = cells("B", "C", "A")
    add_predictions(adata, predicted())
    found = adata.obsm["drugripple"]
    assert found.columns.tolist() == ["x", "y"]
    np.testing.assert_array_equal(found.to_numpy(), [[2, 3], [np.nan, np.nan], [0, 1]])
    assert adata.uns["drugripple"]["measure"] == "ln_ic50"
    assert adata.uns["drugripple"]["notes"].tolist() == ["a note"]


def test_samples_may_be_named_by_a_column_of_observations():
    adata = cells("0", "1", line=["B", "A"])
    add_predictions(adata, predicted(measure="auc"), key="auc")
    np.testing.assert_array_equal(adata.obsm["auc"]["y"], [3, 1])


def test_columns_are_told_apart_and_can_be_written(tmp_path):
    """Names that two compounds share, a dose series, and a slash."""
    adata = cells("A")
    treatments = pd.DataFrame(
        {
            "id": ["1", "2", "3", "3"], "compound": ["same", "same", "a/b", "a/b"],
            "dose_um": [10, 10, 0.5, 10], "hours": 24.0,
        }
    )  # fmt: skip
    add_predictions(adata, treatments.assign(sample="A", ln_ic50=[1.0, 2.0, 3.0, 4.0]))
    expected = ["same (1)", "same (2)", "a|b, 0.5 uM, 24 h", "a|b, 10 uM, 24 h"]
    adata.write_h5ad(tmp_path / "with.h5ad")
    for one in (adata, anndata.read_h5ad(tmp_path / "with.h5ad")):
        assert one.obsm["drugripple"].columns.tolist() == expected
        assert one.obsm["drugripple"].to_numpy().tolist() == [[1, 2, 3, 4]]
        assert list(one.uns["drugripple"]["compound"]) == ["same", "same", "a/b", "a/b"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (predicted(samples=("A", "Z")), r"1 predicted samples are not among the 2 observations: \['Z'\]"),
        (predicted().drop(columns="hours"), r"lacks the columns \['hours'\]"),
        (predicted().drop(columns="ln_ic50"), "lacks the columns one of"),
        (pd.concat([predicted(), predicted()]), "predicts a pair more than once"),
    ],
)
def test_other_tables_are_refused(table, told):
    with pytest.raises(TableError, match=told):
        add_predictions(cells("A", "B"), table)


def test_an_anndata_is_predicted_and_keeps_its_predictions(place):
    samples = pd.read_csv(place / "samples.csv").set_index("sample")
    adata = anndata.AnnData(samples.to_numpy(), pd.DataFrame(index=samples.index), pd.DataFrame(index=samples.columns))
    assert np.array_equal(drugripple.read_expression(adata).values, samples.to_numpy().astype(np.float32))
    model = drugripple.load(place / "my_run")
    table = model.predict(adata[2:5], place / "compounds.csv", scale="robust_z")
    add_predictions(adata, table)
    found = adata.obsm["drugripple"]
    assert found.notna().all(axis=1).tolist() == [2 <= i < 5 for i in range(12)]
    one = table[table["sample"] == samples.index[3]].set_index("compound")["ln_ic50"]
    assert found.loc[samples.index[3]].to_dict() == one.to_dict()


def test_predictions_of_the_default_model_bring_their_intervals(place):
    samples = pd.read_csv(place / "samples.csv").set_index("sample")
    adata = anndata.AnnData(samples.to_numpy(), pd.DataFrame(index=samples.index), pd.DataFrame(index=samples.columns))
    table = drugripple.load("default").predict(adata, place / "compounds.csv")
    add_predictions(adata, table)
    low, high = (np.log(adata.obsm[f"drugripple_{end}_um"]) for end in ("low", "high"))
    assert ((low < adata.obsm["drugripple"]) & (adata.obsm["drugripple"] < high)).all(axis=None)
    one = table[table["sample"] == samples.index[3]].set_index("compound")["ln_ic50"]
    assert adata.obsm["drugripple"].loc[samples.index[3]].to_dict() == one.to_dict()
    assert "dose_um" not in adata.uns["drugripple"]
    value = adata.obsm["drugripple_ic50_um"]
    assert (adata.obsm["drugripple_low_um"] < value).all(axis=None)
    assert (value < adata.obsm["drugripple_high_um"]).all(axis=None)
