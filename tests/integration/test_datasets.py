"""From a publisher's server to checked tables: each format fetched over HTTP, built and read back."""

import dataclasses
import functools
import gzip
import hashlib
import http.server
import threading
import zipfile

import openpyxl
import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.data.tables import ExpressionScale
from drugripple.errors import DigestError, SourceError
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public import registry
from drugripple.sources.public.build import BUILDS, GROUPS, build_dataset, fetch_dataset, list_datasets
from drugripple.sources.public.genesets import read_gmt
from drugripple.sources.public.l1000.gctx import write_gctx
from drugripple.sources.public.l1000.store import open_store
from drugripple.sources.public.tcga import read_tumours
from drugripple.sources.public.tidy import read_gdsc, read_prior

HGNC = (
    "hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
    "HGNC:1\tDDR1\tx\tApproved\tCAK\tNTRK4\t780\tENSG00000204580\n"
    "HGNC:2\tCAVIN1\tx\tApproved\t\tPTRF\t284119\tENSG00000177469\n"
)
COLUMNS = (
    "DATASET", "CELL_LINE_NAME", "COSMIC_ID", "SANGER_MODEL_ID", "TCGA_DESC", "DRUG_ID", "DRUG_NAME", "PUTATIVE_TARGET",
    "PATHWAY_NAME", "LN_IC50", "AUC",
)  # fmt: skip


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder that stands in for every publisher; digests and sizes of the real files do not apply to it."""
    folder = tmp_path / "published"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name, record in registry.SOURCES.items():
        url = f"http://127.0.0.1:{web.server_address[1]}/{record.file}"
        record = dataclasses.replace(record, url=url, mirrors=(), sha256=None, size=None)
        monkeypatch.setitem(registry.SOURCES, name, record)
    yield folder
    web.shutdown()
    thread.join()
    web.server_close()


def publish(folder, name, content):
    data = content.encode() if isinstance(content, str) else content
    path = folder / registry.SOURCES[name].file
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def publish_gdsc(folder):
    for name, dataset in (("gdsc1", "GDSC1"), ("gdsc2", "GDSC2")):
        workbook = openpyxl.Workbook()
        workbook.active.append(COLUMNS)
        workbook.active.append((dataset, "HCC-1", 1, "SIDM1", "LUAD", 7, "Ethanol", "X", "Y", 1.5, 0.9))
        workbook.active.append((dataset, "HCC-2", 2, "SIDM2", "LUAD", 7, "Ethanol", "X", "Y", -0.5, 0.9))
        workbook.save(folder / registry.SOURCES[name].file)
    publish(folder, "gdsc-compounds", "DRUG_ID,DRUG_NAME\n7,Ethanol\n")


def publish_passports(folder):
    table = (
        "model_id,,SIDM1,SIDM2\nmodel_name,,HCC1,HCC2\ndataset_name,,a,a\ndata_source,,sanger,sanger\n"
        "gene_id,symbol,,\nSIDG1,DDR1,1023,3\nSIDG2,PTRF,0,1\n"
    )
    with zipfile.ZipFile(folder / registry.SOURCES["passports-rnaseq"].file, "w") as archive:
        archive.writestr("rnaseq_fpkm_20220624.csv", table)
        archive.writestr("rnaseq_tpm_20220624.csv", "")
    models = "model_id,model_name,tissue,model_type\nSIDM1,HCC1,Lung,Cell Line\nSIDM2,HCC2,Liver,Cell Line\n"
    publish(folder, "passports-models", models)


def test_gdsc_and_passports_become_a_response_table(server, tmp_path):
    """The lines keep GDSC's names though the Passports spell them otherwise; log2(1023 + 1) = 10."""
    publish_gdsc(server)
    publish_passports(server)
    publish(server, "hgnc", HGNC)
    downloads, out = tmp_path / "downloads", tmp_path / "tidy"
    fetched = [*fetch_dataset("gdsc", folder=downloads), *fetch_dataset("passports", folder=downloads)]
    fetched += fetch_dataset("hgnc", folder=downloads)
    assert all(path.parent == downloads for path in fetched)
    (downloads / "structures.csv").write_text("drug,smiles\nEthanol,OCC\n")
    built = build_dataset("gdsc", [downloads], out)
    assert built.summary == "4 responses to 2 drugs."
    build_dataset("passports", [downloads], out)
    table = read_gdsc(out, "GDSC2").table
    assert table.expression.samples == ("HCC-1", "HCC-2")
    assert table.expression.tissue == ("Lung", "Liver")
    assert table.expression.scale is ExpressionScale.LOG2_FPKM
    assert table.expression.genes.symbols == ("CAVIN1", "DDR1")
    assert table.expression.values.tolist() == [[0, 10], [1, 2]]
    assert table.values.tolist() == [1.5, -0.5]


def test_gdsc_without_structures_says_so(server, tmp_path):
    publish_gdsc(server)
    fetched = fetch_dataset("gdsc2", folder=tmp_path)
    assert build_dataset("gdsc", fetched, tmp_path / "tidy").summary.endswith("that no row has one yet.")


def test_string_becomes_a_prior(server, tmp_path):
    publish(server, "string-links", "protein1 protein2 combined_score\n9606.A 9606.B 950\n9606.B 9606.A 950\n")
    publish(server, "string-info", "#string_protein_id\tpreferred_name\n9606.A\tDDR1\n9606.B\tPTRF\n")
    publish(server, "string-aliases", "#string_protein_id\talias\tsource\n9606.A\tx\tUniProt_AC\n")
    publish(server, "hgnc", HGNC)
    fetched = fetch_dataset("string", folder=tmp_path) + fetch_dataset("hgnc", folder=tmp_path)
    assert build_dataset("string", fetched, tmp_path / "tidy").summary == (
        "1 pairs of genes with a score above 900, from 2 of 2 links. Nothing was left out."
    )
    assert read_prior(tmp_path / "tidy", GeneSpace(("CAVIN1", "DDR1"))).edges.tolist() == [[0, 1]]


def test_a_packed_gctx_becomes_a_store(server, tmp_path):
    genes = [gene.entrez_id for gene in SymbolMap.landmarks().genes]
    values = pd.DataFrame([[float(i)] * 978 for i in range(3)]).to_numpy("float32")
    write_gctx(tmp_path / "plain.gctx", genes, ["B:V", "B:1", "B:2"], [values])
    publish(server, "gse92742-level5", (tmp_path / "plain.gctx").read_bytes())
    publish(
        server,
        "gse92742-sig-info",
        "sig_id\tpert_id\tpert_type\tcell_id\tpert_dose\tpert_dose_unit\tpert_time\n"
        "B:V\tDMSO\tctl_vehicle\tA375\t-666\t-666\t24\nB:1\tP1\ttrt_cp\tA375\t10\tum\t24\nB:2\tP1\ttrt_cp\tA375\t1\tum\t24\n",
    )
    publish(server, "gse92742-pert-info", "pert_id\tpert_iname\tcanonical_smiles\nP1\tethanol\tOCC\n")
    publish(server, "gse92742-gene-info", "pr_gene_id\tpr_gene_symbol\n780\tDDR1\n")
    seen = []
    fetched = fetch_dataset("gse92742", folder=tmp_path / "d", progress=lambda *step: seen.append(step))
    assert {what for what, _, _ in seen} == set(GROUPS["gse92742"])
    built = build_dataset("gse92742", fetched, tmp_path / "store")
    assert built.summary == "2 profiles of 1 compounds, 1 controls."
    table = open_store(tmp_path / "store")
    assert table.treated[:, 0].tolist() == [1.0, 2.0]
    assert table.basal.genes == SymbolMap.landmarks().space


def test_tcga_cohorts_become_one_table_on_their_shared_genes(server, tmp_path):
    publish(server, "tcga-genes", "id\tgene\tchrom\nE1\tDDR1\tchr1\nE2\tPAX8\tchr2\n")
    publish(server, "tcga-acc", "Ensembl_ID\tTCGA-AA-0001-01A\nE1\t1.5\nE2\t2\n")
    publish(server, "tcga-ucs", "Ensembl_ID\tTCGA-BB-0002-01A\nE1\t2.5\n")
    fetched = [fetch_dataset(name, folder=tmp_path)[0] for name in ("tcga-genes", "tcga-acc", "tcga-ucs")]
    assert build_dataset("tcga", fetched, tmp_path / "tidy").summary == "2 patients of 2 cohorts."
    tumours = read_tumours(tmp_path / "tidy")
    assert (tumours.samples, tumours.tissue) == (("TCGA-AA-0001", "TCGA-BB-0002"), ("ACC", "UCS"))
    assert (tumours.genes.symbols, tumours.values.tolist()) == (("DDR1",), [[1.5], [2.5]])
    assert tumours.scale is ExpressionScale.LOG2_FPKM


def test_wikipathways_get_symbols(server, tmp_path):
    publish(server, "wikipathways", "Set%WikiPathways_20240410%WP1%Homo sapiens\tu\t780\t284119\t999999\n")
    publish(server, "hgnc", HGNC)
    fetched = fetch_dataset("wikipathways", folder=tmp_path) + fetch_dataset("hgnc", folder=tmp_path)
    built = build_dataset("wikipathways", fetched, tmp_path / "tidy")
    assert read_gmt(built.written[0]) == {"Set WP1": ("DDR1", "CAVIN1")}
    assert built.summary == "1 gene sets. Left out: 1 member (no known gene)."
    assert (tmp_path / "tidy" / "left_out_wikipathways.csv").read_text() == "reason,name,rows\nno known gene,999999,1\n"


def test_an_altered_file_is_refused(server, tmp_path, monkeypatch):
    publish(server, "gse92742-gene-info", "altered")
    record = dataclasses.replace(registry.SOURCES["gse92742-gene-info"], sha256=hashlib.sha256(b"true").hexdigest())
    monkeypatch.setitem(registry.SOURCES, "gse92742-gene-info", record)
    with pytest.raises(DigestError, match="not the published file and was deleted"):
        fetch_dataset("gse92742-gene-info", folder=tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_damaged_download_builds_nothing(server, tmp_path):
    publish(server, "string-links", "protein1 protein2 combined_score\n" + "9606.A 9606.B 950\n" * 999)
    publish(server, "string-info", "#string_protein_id\tpreferred_name\n9606.A\tDDR1\n9606.B\tPAX8\n")
    paths = [fetch_dataset(name, folder=tmp_path)[0] for name in ("string-links", "string-info")]
    paths[0].write_bytes(paths[0].read_bytes()[:-12])
    with pytest.raises(SourceError, match=r"links\.v12\.0\.txt\.gz cannot be read"):
        build_dataset("string", paths, tmp_path / "tidy")
    assert not (tmp_path / "tidy").exists()


def test_a_missing_file_is_named(server, tmp_path):
    publish(server, "string-info", "#string_protein_id\tpreferred_name\n9606.A\tDDR1\n")
    info = fetch_dataset("string-info", folder=tmp_path)
    with pytest.raises(SourceError, match=r"string also needs \['protein\.links'\]; `drugripple data fetch string`"):
        build_dataset("string", info, tmp_path / "tidy")


def test_files_of_no_use_and_files_too_many_are_named(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"string does not know what \['holiday\.jpg'\] is"):
        build_dataset("string", [tmp_path / "holiday.jpg"], tmp_path / "tidy")
    names = ["a.protein.links.txt", "b.protein.links.txt", "protein.info.txt"]
    for name in names:
        (tmp_path / name).write_text("x")
    with pytest.raises(SourceError, match=r"takes one file as protein\.links, got 2"):
        build_dataset("string", [tmp_path / name for name in names], tmp_path / "tidy")


def test_unknown_names_are_answered_with_the_known_ones(tmp_path):
    with pytest.raises(SourceError, match=r"no build called 'ccle'; there are .*'gdsc'"):
        build_dataset("ccle", [], tmp_path)
    with pytest.raises(SourceError, match="no dataset is called 'ccle'"):
        fetch_dataset("ccle", folder=tmp_path)


def fetched(*arguments):
    return exit_code_of(lambda: app(["data", "fetch", *(str(argument) for argument in arguments)]))


def test_fetch_refuses_an_altered_file_in_one_line(server, tmp_path, monkeypatch, capsys):
    publish(server, "hgnc", HGNC)
    record = dataclasses.replace(registry.SOURCES["hgnc"], sha256=hashlib.sha256(b"published").hexdigest())
    monkeypatch.setitem(registry.SOURCES, "hgnc", record)
    assert fetched("hgnc", "--folder", tmp_path / "here") == 2
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert "hgnc_complete_set.txt" in told
    assert "is not the published file and was deleted" in told
    assert not (tmp_path / "here").exists()


def test_fetch_that_was_interrupted_is_one_line_and_goes_on_later(server, tmp_path, monkeypatch, capsys):
    """Half of the file stands as NAME.part after a broken connection; the next call brings the whole."""
    publish(server, "hgnc", HGNC)
    whole = http.server.SimpleHTTPRequestHandler.copyfile
    monkeypatch.setattr(Quiet, "copyfile", lambda self, source, out: out.write(source.read(100)), raising=False)
    assert fetched("hgnc", "--folder", tmp_path) == 2
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert "hgnc was not downloaded" in told
    names = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert names == {"hgnc_complete_set.txt.part", "hgnc_complete_set.txt.part.version"}
    monkeypatch.setattr(Quiet, "copyfile", whole)
    assert fetched("hgnc", "--folder", tmp_path) == 0
    assert (tmp_path / "hgnc_complete_set.txt").read_text() == HGNC
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        "hgnc_complete_set.txt",
        "hgnc_complete_set.txt.sha256",
    }


def test_the_list_names_every_file_and_where_it_is(tmp_path):
    (tmp_path / "hgnc_complete_set.txt").write_text("x")
    listed = list_datasets(tmp_path).set_index("name")
    assert len(listed) == len(registry.SOURCES) + 1
    assert listed.loc["hgnc", "here"] == str(tmp_path / "hgnc_complete_set.txt")
    assert listed.loc["gdsc2", "here"] == ""
    assert listed.loc["gdsc2", "mib"] == "21.1"
    assert (listed[["what", "licence", "citation", "url"]] != "").all(axis=None)
    assert listed.loc["gdsc2", "sha256"].startswith("0e99120a")
    assert {member for members in GROUPS.values() for member in members} <= set(listed.index)
    assert set(GROUPS) - {"nci60"} <= set(BUILDS)
