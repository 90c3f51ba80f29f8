"""A refusal names what is wrong with the file, not what went wrong while it was read."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError, SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public.cell_model_passports import read_models
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.header_faults import refuse_second_header
from drugripple.sources.user.text_lines import Line

PLAIN = "gene,A,B\nTP53,2.5,3.25\nMYC,7.5,4.125\nEGFR,5.75,6.5\n"


def refused(path: Path, content: str | bytes, told: str, name: str = "x.csv") -> None:
    file = path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DrugrippleError, match=told):
        read_expression(file)


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE html>\n<html><head><title>Sign in, please</title></head></html>\n",
        "\n\n  <html>\n<body>a,b</body></html>\n",
        "\ufeff<?xml version='1.0'?><rows/>\n",
        "<svg xmlns='x'></svg>\n",
    ],
)
def test_a_web_page_under_the_name_of_a_table_is_told(tmp_path: Path, content: str) -> None:
    refused(tmp_path, content, "it is a web page or XML, no table")
    (tmp_path / "x.smi").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match="it is a web page or XML"):
        read_compounds(tmp_path / "x.smi")


@pytest.mark.parametrize(
    "content", ['{"TP53": [1.5, 2.5]}\n', '[\n {"name": "A"},\n {"name": "B"}\n]\n', "{}\n", '[["A", 1.5]]\n', '["A"]']
)
def test_json_under_the_name_of_a_table_is_told(tmp_path: Path, content: str) -> None:
    refused(tmp_path, content, "it is JSON, no table")


def test_smiles_in_brackets_are_no_json(tmp_path: Path) -> None:
    (tmp_path / "x.smi").write_text("[NH4+].[Cl-] salt\n[13CH3]O methanol\n")
    assert read_compounds(tmp_path / "x.smi").names == ("salt", "methanol")


@pytest.mark.parametrize("sign", [";", "|"])
def test_a_first_line_that_names_another_sign_than_parts_the_columns_is_told(tmp_path: Path, sign: str) -> None:
    refused(tmp_path, f"sep={sign}\n{PLAIN}", rf"its first line says that '\{sign}' parts the columns.*parted by ','")


def test_a_header_over_two_lines_is_told(tmp_path: Path) -> None:
    head = "sample,lung,skin\n,A549,A375\n"
    refused(tmp_path, head + PLAIN.split("\n", 1)[1], r"stand words where all other rows have numbers.*'A549', 'A375'")
    refused(tmp_path, PLAIN.replace("TP53", "unit,TPM,TPM\nTP53"), r"other rows have numbers \(\['TPM', 'TPM'\]\)")


def test_no_row_is_no_second_header() -> None:
    refuse_second_header(Path("a.csv"), Line(1, "sample,TP53"), [], ".")
    refuse_second_header(Path("a.csv"), Line(1, "sample,TP53"), [["sample", "units"]], ".")


def test_a_line_break_inside_a_quoted_header_is_told(tmp_path: Path) -> None:
    refused(tmp_path, '"gene\nname",A,B\nTP53,2.5,3.25\nMYC,7.5,4.125\n', "line 1 opens a quote that it does not close")


@pytest.mark.parametrize(
    "content",
    [
        "gene;A;B\nTP53;1,5;2.5\nMYC;3,5;4.5\nEGFR;5,5;6.5\n",
        "gene;A;B;C\nTP53;1,5;2,5;1,1\nMYC;3,5;4,5;1,1\nEGFR;5,5;6.5;1,2\n",
        'gene,A,B\nTP53,"1,5",2.5\nMYC,3.5,4.5\nEGFR,5.5,6.5\n',
    ],
)
def test_decimal_commas_beside_decimal_points_are_told(tmp_path: Path, content: str) -> None:
    refused(tmp_path, content, "decimal commas and decimal points by turns")


@pytest.mark.parametrize(
    ("rows", "ambiguous"),
    [
        (["1.250;2.500", "3.125;7.250", "1.111;2.222"], True),
        (["1.250;9", "3.125;7.250", "8;2.222"], True),
        (["1.250;2.5", "3.125;7.250", "1.111;2.222"], False),
        (["1.250;0.125", "3.125;7.250", "1.111;2.222"], False),
        ([f"{2 + i / 1000:.3f};{3 + i / 7:.3f}" for i in range(40)], False),
    ],
    ids=["three digits", "with hundreds", "one decimal", "zero before the point", "many"],
)
def test_points_in_a_spreadsheets_file_that_may_part_thousands_are_refused(
    tmp_path: Path, rows: list[str], ambiguous: bool
) -> None:
    genes = ["TP53", "MYC", "EGFR", *(f"G{i}" for i in range(40))]
    content = "gene;A;B\n" + "".join(f"{gene};{row}\n" for gene, row in zip(genes, rows, strict=False))
    (tmp_path / "x.csv").write_text(content)
    if ambiguous:
        with pytest.raises(SourceError, match="its points may be decimal marks or part thousands"):
            read_expression(tmp_path / "x.csv")
    else:
        expected = [[float(cell) for cell in row.split(";")] for row in rows]
        np.testing.assert_allclose(read_expression(tmp_path / "x.csv").values.T, np.float32(expected))
    (tmp_path / "y.csv").write_text(content.replace(";", ","))
    assert len(read_expression(tmp_path / "y.csv")) == 2


def test_doses_that_may_be_thousands_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("name;smiles;dose_um;hours\na;CCO;1.250;24\nb;CCN;2.500;24\n")
    with pytest.raises(SourceError, match=r"may be decimal marks or part thousands \(such as \['1\.250', '2\.500'\]\)"):
        read_compounds(tmp_path / "x.csv")


def test_utf_16_without_its_mark_or_broken_off_is_told(tmp_path: Path) -> None:
    refused(tmp_path, PLAIN.encode("utf-16-le"), "it is UTF-16 text without its mark")
    refused(tmp_path, PLAIN.encode("utf-16") + b"\n", "its text begins as UTF-16 and goes on otherwise")


def test_names_in_latin_1_are_told_in_an_h5ad(tmp_path: Path) -> None:
    import anndata

    path = tmp_path / "x.h5ad"
    anndata.AnnData(
        np.ones((2, 2), np.float32), pd.DataFrame(index=["A", "B"]), pd.DataFrame(index=["TP53", "MYC"])
    ).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        attributes = dict(file["obs/_index"].attrs)
        del file["obs/_index"]
        file["obs"].create_dataset(
            "_index", data=np.array([b"\xe9t\xe9", b"B"], dtype="S3").astype(h5py.string_dtype())
        )
        file["obs/_index"].attrs.update(attributes)
    with pytest.raises(SourceError, match="its names hold text that is not UTF-8"):
        read_expression(path)


def test_a_mark_before_the_passports_header_is_no_part_of_it(tmp_path: Path) -> None:
    text = "model_id,model_name,tissue\nSIDM00001,A549,Lung\n"
    (tmp_path / "models.csv").write_text(text, encoding="utf-8-sig")
    assert read_models(tmp_path / "models.csv")["sanger_model_id"].tolist() == ["SIDM00001"]


def test_a_row_for_each_gene_and_sample_is_told_from_genes_that_repeat(tmp_path: Path) -> None:
    long = "Gene,Cell line,nTPM\n" + "".join(
        f"{gene},{line},{i}.5\n" for i, gene in enumerate(("TP53", "MYC", "EGFR")) for line in ("A375", "HT29")
    )
    refused(tmp_path, long, r"it has a row for each gene and 'Cell line'.*pivot")
    repeated = "ID,Gene,A375\n1_at,TP53,2.5\n2_at,TP53,2.25\n3_at,MYC,7.5\n"
    refused(tmp_path, repeated, "merge or drop the extra ones")


def test_cells_that_are_no_numbers_are_shown(tmp_path: Path) -> None:
    refused(tmp_path, "gene,A,B\nTP53,25%,30%\nMYC,75%,40%\n", r"no column of numbers .*'25%', '30%'")


def test_a_minus_of_a_word_processor_is_a_minus(tmp_path: Path) -> None:
    minus = "\N{MINUS SIGN}"
    (tmp_path / "x.csv").write_text(f"gene,A,B\nTP53,{minus}1.5,0.25\nMYC,0.75,{minus}0.5\n", encoding="utf-8")
    np.testing.assert_array_equal(read_expression(tmp_path / "x.csv").values, [[-1.5, 0.75], [0.25, -0.5]])


def test_a_sample_without_values_is_told_from_genes_without_values(tmp_path: Path) -> None:
    refused(tmp_path, "gene,A,B\nTP53,2.5,\nMYC,7.5,\nEGFR,5.75,6.5\n", r"1 sample has no value for most.*\['B'\]")
    refused(tmp_path, "gene,A,B\nTP53,2.5,3\nMYC,,\nEGFR,5.75,6.5\n", r"2 values are missing in 1 of 3 genes")


GENES = ["TP53", "MYC", "EGFR", "JUN", "STAT1", "CCND1", "HLA-DRA", "EGR1"]


@pytest.mark.parametrize(
    "pattern",
    [
        *("HGNC:{}", "{}_HUMAN", "sp|P0463{i}|{}_HUMAN", "rna_{}", "exp.{}", "{}_expression", "log2_{}", "'{}"),
        *("715{i}_{}", "{}__715{i}", "{}-201", "{} ENSG0000014151{i}", "\u200b{}", "{};MIR4640"),
    ],
)
def test_names_that_hold_a_gene_among_other_words_are_told_with_the_part_to_keep(tmp_path: Path, pattern: str) -> None:
    names = [pattern.format(gene, i=i) for i, gene in enumerate(GENES)]
    rows = "".join(f"{name},{i + 2.5},{i + 3.25}\n" for i, name in enumerate(names))
    refused(tmp_path, f"gene,A,B\n{rows}", r"keep only that, as 'TP53' of|as 'ENSG00000141510' of")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("P0{i}637", "proteins of UniProt"), ("NM_00054{i}.6", "transcripts"), ("ILMN_165{i}", "probe sets"),
        ("mm10_Trp5{i}", "mouse or rat"), ("word{i}", "name them by human gene symbols"),
    ],
)  # fmt: skip
def test_what_names_are_instead_of_genes_is_told(tmp_path: Path, name: str, told: str) -> None:
    rows = "".join(f"{name.format(i=i)},{i + 2.5},{i + 3.25}\n" for i in range(1, 9))
    refused(tmp_path, f"id,A,B\n{rows}", told)


@pytest.mark.parametrize(
    ("head", "cells", "told"),
    [
        ("inchikey", ["AAKJLRGGTJKAMG-UHFFFAOYSA-N", "WAEXFXRVDQXREF-UHFFFAOYSA-N"], "it is an InChIKey"),
        ("cas", ["183321-74-6", "149647-78-9"], "it is a CAS number"),
        ("cid", ["176870", "5311"], "it is a number, as PubChem's are"),
    ],
)
def test_identifiers_in_place_of_structures_are_told_by_their_kind(tmp_path, head, cells, told) -> None:
    (tmp_path / "c.csv").write_text("\n".join([head, *cells]) + "\n")
    with pytest.raises(DrugrippleError, match=f"{told}.*look the structures up"):
        read_compounds(tmp_path / "c.csv")


@pytest.mark.parametrize("cell", ["{}%", "'{}", '"=""{}"""', "{} log2", "{}D+00"])
def test_cells_that_are_no_plain_numbers_are_told_with_the_cure(tmp_path: Path, cell: str) -> None:
    rows = "".join(f"{gene},{cell.format(i + 2.5)},{cell.format(i + 3.5)}\n" for i, gene in enumerate(GENES))
    refused(tmp_path, f"gene,A,B\n{rows}", "write plain numbers such as 7.25")


def test_a_line_in_quotes_as_a_whole_is_told(tmp_path: Path) -> None:
    refused(tmp_path, "".join(f'"{line}"\n' for line in PLAIN.splitlines()), "every line stands in quotes as one cell")


@pytest.mark.parametrize("name", ["x.csv.bz2", "x.csv.xz", "x.feather", "x.pkl"])
def test_a_format_that_is_not_read_is_refused_with_the_cure(tmp_path: Path, name: str) -> None:
    refused(tmp_path, b"BZh91AY", "unpack it first|to_parquet", name)


def test_numbers_with_a_point_under_a_header_of_samples_name_them(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"sample,{','.join(GENES)}\n" + "".join(
        f"{p}.{v}," + ",".join(str(p + v + i / 4) for i in range(len(GENES))) + "\n" for p in (1, 2) for v in (1, 2)
    ))  # fmt: skip
    assert read_expression(tmp_path / "x.csv").samples == ("1.1", "1.2", "2.1", "2.2")


def test_hdf5_that_is_no_anndata_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5ad", "w") as file:
        file["matrix"] = np.ones((3, 2))
        file["row_attrs/Gene"] = np.array(["TP53", "MYC", "EGFR"], dtype="S")
    with pytest.raises(SourceError, match=r"it is HDF5, but no AnnData .*matrix"):
        read_expression(tmp_path / "x.h5ad")


def test_tables_below_each_other_with_other_orders_of_samples_are_told(tmp_path: Path) -> None:
    refused(tmp_path, f"{PLAIN}gene,B,A\nJUN,3.25,4.5\n", "line 5 is a header again, in another order")


def test_atoms_without_their_hydrogens_are_no_compound() -> None:
    table = read_compounds(
        pd.DataFrame({"name": ["selfies", "tempo"], "smiles": ["[C][C][O]", "CC1(C)CCCC(C)(C)N1[O]"]})
    )
    assert table.names == ("tempo",)
    assert any("lacks 6 hydrogens" in note for note in table.notes)


@pytest.mark.parametrize("parted", ["1'866.43", "1.866,43", "1\u202f866,43", "1 866,43", '"1,866.43"', "12.345.678"])
def test_marks_of_thousands_are_told(tmp_path: Path, parted: str) -> None:
    sign = ";" if "," in parted and '"' not in parted else ","
    lines = [["gene", "A", "B"], ["TP53", parted, "30"], ["MYC", "7", "4"], ["EGFR", "5", "6"], ["RB1", "5", "6"]]
    content = "\n".join(sign.join(line) for line in lines) + "\n"
    refused(tmp_path, content, "1 value is not a number .*; save it without marks of thousands")


def test_a_header_in_the_middle_is_told_by_its_line(tmp_path: Path) -> None:
    rows = "A,2.5,7.5,5.75\nB,3.25,4.125,6.5\n"
    head = "sample,TP53,MYC,EGFR\n"
    refused(
        tmp_path, head + rows + head + rows.replace("A", "C").replace("B", "D"), "line 4 is the header again; delete"
    )


def test_as_many_words_as_are_kept_are_told_as_at_least_so_many(tmp_path: Path) -> None:
    lines = ["gene," + ",".join(f"S{i}" for i in range(600))]
    lines += [f"{gene}," + ",".join(["2.5"] * 300 + ["high"] * 300) for gene in ("TP53", "MYC", "EGFR", "RB1")]
    lines += [f"{gene}," + ",".join(["2.5"] * 600) for gene in ("PTEN", "KRAS", "BRAF", "ALK", "MET")]
    refused(tmp_path, "\n".join(lines) + "\n", "at least 1,000 values are not numbers")


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_more_than_a_million_fields_is_refused_before_it_is_taken_apart(tmp_path: Path, packed: bool) -> None:
    content = b"sample" + b",G" * 1_000_001 + b"\nA" + b",1" * 1_000_001 + b"\n"
    told = "line 1 has 1,000,002 fields; expected at most 1,000,000"
    refused(tmp_path, gzip.compress(content, 1) if packed else content, told, "x.csv.gz" if packed else "x.csv")


def test_rounded_tpm_that_look_like_counts_are_told_to_state_it(tmp_path: Path) -> None:
    values = np.random.default_rng(0).lognormal(3, 2, (4, 60)).round().astype(int)
    frame = pd.DataFrame(values, index=list("ABCD"), columns=list(SymbolMap.landmarks().space.symbols[:60]))
    told = r"raw counts .*; if they are TPM or FPKM without their decimals, state it \(`--scale tpm`\)"
    refused(tmp_path, frame.rename_axis("sample").to_csv(), told)
