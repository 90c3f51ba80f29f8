"""Which part of a structure is the drug: counter-ions by a list, complexes by their ligands, text of any origin."""

import pytest
from rdkit import Chem

from drugripple.chem.complexes import NAMED
from drugripple.chem.counter_ions import HOSTS, KNOWN, is_counter_ion, plain_form
from drugripple.chem.molecule import reduce_all, standardise
from drugripple.chem.parent import ORDINARY, reduce_structure
from drugripple.chem.spelling import DOUBTFUL, LONGEST, Written, split_structure
from drugripple.errors import CompoundError

PYRVINIUM = "CN(C)c1ccc2c(ccc(/C=C/c3cc(C)n(-c4ccccc4)c3C)[n+]2C)c1"
PAMOATE = "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C([O-])=O)cc3ccccc23)c1O"
LAURYL_SULFATE = "CCCCCCCCCCCCOS([O-])(=O)=O"
LACTOBIONATE = "OC[C@@H](O)[C@@H](O[C@@H]1O[C@H](CO)[C@H](O)[C@H](O)[C@H]1O)[C@H](O)[C@@H](O)C(O)=O"
BETA_CYCLODEXTRIN = (
    "C(C1C2C(C(C(O1)OC3C(OC(C(C3O)O)OC4C(OC(C(C4O)O)OC5C(OC(C(C5O)O)OC6C(OC(C(C6O)O)OC7C(OC(C(C7O)O)OC8C(OC(O2)C(C8O)O)"
    "CO)CO)CO)CO)CO)CO)O)O)O"
)

CISPLATIN = (
    "N.N.Cl[Pt]Cl",
    "N.N.[Cl-].[Cl-].[Pt+2]",
    "[NH3+][Pt-2]([NH3+])(Cl)Cl",
    "[H][N]([H])([H])[Pt](Cl)(Cl)[N]([H])([H])[H]",
    "[NH3]->[Pt+2](<-[NH3])(<-[Cl-])<-[Cl-]",
    "N[Pt](N)(Cl)Cl",
    "[NH2-].[NH2-].Cl[Pt+2]Cl",
    "[Cl-].[Cl-].N[Pt+2]N",
)
SPELLINGS = {
    "cisplatin": CISPLATIN,
    "carboplatin": (
        "C1CC(C1)(C(=O)O)C(=O)O.[NH2-].[NH2-].[Pt+2]",
        "N[Pt]1(N)OC(=O)C2(CCC2)C(=O)O1",
        "[NH3+][Pt-2]1([NH3+])OC(=O)C2(CCC2)C(=O)O1",
        "N.N.O=C1O[Pt]OC(=O)C12CCC2",
        "N.N.[O-]C(=O)C1(CCC1)C([O-])=O.[Pt++]",
    ),
    "oxaliplatin": (
        "C1CCC(C(C1)[NH-])[NH-].C(=O)(C(=O)O)O.[Pt+2]",
        "O=C1O[Pt]2(OC1=O)N[C@@H]1CCCC[C@H]1N2",
        "NC1CCCCC1N.[O-]C(=O)C([O-])=O.[Pt+4]",
        "[NH2]1[C@@H]2CCCC[C@H]2[NH2]->[Pt+2]<-1.[O-]C(=O)C(=O)[O-]",
    ),
    "auranofin": (
        "CCP(CC)(CC)=[Au]S[C@@H]1O[C@H](COC(C)=O)[C@@H](OC(C)=O)[C@H](OC(C)=O)[C@H]1OC(C)=O",
        "CCP(CC)CC.CC(=O)OCC1OC([S-])C(OC(C)=O)C(OC(C)=O)C1OC(C)=O.[Au+]",
    ),
}


@pytest.mark.parametrize(
    ("counter_ion", "drug"),
    [(PAMOATE, PYRVINIUM), (LAURYL_SULFATE, "CCN"), (LACTOBIONATE, "CC(CCc1ccc(O)cc1)NCCc1ccc(O)c(O)c1"),
     (BETA_CYCLODEXTRIN, "CC(C)Cc1ccc(cc1)C(C)C(=O)O"), ("[B-](c1ccccc1)(c1ccccc1)(c1ccccc1)c1ccccc1", PYRVINIUM)],
    ids=["pamoate", "lauryl sulfate", "lactobionate", "cyclodextrin", "tetraphenylborate"],
)  # fmt: skip
def test_known_counter_ion_is_never_the_parent_however_large(counter_ion, drug):
    reduction = reduce_structure(f"{drug}.{counter_ion}")
    assert reduction.parent == reduce_structure(drug).parent
    assert len(reduction.left_out) == 1
    assert not reduction.unsure


def test_every_counter_ion_is_listed_once_and_leaves_a_drug_beside_it():
    forms = [plain_form(Chem.MolFromSmiles(text)) for text in KNOWN]
    assert len(set(forms)) == len(forms) > 150
    drug = "CC(=O)Nc1ccc(O)cc1"
    assert {reduce_structure(f"{text}.{drug}").parent for text in KNOWN} == {drug}


def test_beta_cyclodextrin_is_the_published_structure():
    assert plain_form(Chem.MolFromSmiles(HOSTS[1])) == plain_form(Chem.MolFromSmiles(BETA_CYCLODEXTRIN))


def test_counter_ion_is_known_in_any_charge_and_stereochemistry():
    for text in ("[O-]C(=O)/C=C/C(=O)[O-]", "OC(=O)/C=C\\C(=O)O", "OC(=O)[C@H](O)[C@@H](O)C(O)=O", "[13CH3]C(=O)O"):
        assert is_counter_ion(Chem.MolFromSmiles(text))


def test_of_two_drugs_the_larger_is_kept_and_said_to_be_unsure():
    reduction = reduce_structure("CC(=O)Nc1ccc(O)cc1.CN1CCC[C@H]1c1cccnc1")
    assert reduction.unsure
    assert reduction.left_out == ("CC(=O)Nc1ccc(O)cc1",)


@pytest.mark.parametrize("smiles", ["CCN.CCN.Cl.Cl", "CC(=O)[O-].[Na+]", "c1ccncc1CN.c1ccncc1CN.OC(=O)CC(O)=O"])
def test_repeats_of_the_parent_and_simple_salts_are_sure(smiles):
    assert not reduce_structure(smiles).unsure


@pytest.mark.parametrize(
    ("salt", "drug"),
    [
        ("OC(=O)CC(O)(CC(O)=O)C(O)=O.C1CNCCN1", "C1CNCCN1"),
        ("OC(=O)C(O)C(O)C(O)=O.NCC(=O)O", "NCC(=O)O"),
        ("OC(=O)c1cccnc1.CCN", "O=C(O)c1cccnc1"),
    ],
)
def test_of_two_that_are_seldom_a_drug_the_amine_of_a_plain_acid_is_kept_and_said_to_be_unsure(salt, drug):
    reduction = reduce_structure(salt)
    assert (reduction.parent, reduction.unsure) == (drug, True)


METHYLENE_BLUE = "CN(C)c1ccc2nc3ccc(N(C)C)cc3[s+]c2c1"


@pytest.mark.parametrize("drug", [METHYLENE_BLUE, "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1"])
@pytest.mark.parametrize("salt", ["[Cl-].Cl[Zn]Cl", "[Cl-].[Zn+2].[Cl-].[Cl-]", "Cl[Fe-](Cl)(Cl)Cl", "O=[Ti]=O"])
def test_a_plain_salt_of_a_metal_beside_a_drug_is_left_out(drug, salt):
    assert reduce_structure(f"{drug}.{salt}").parent == drug


@pytest.mark.parametrize(
    ("smiles", "metal"),
    [
        ("[O-]n1ccccc1=S.[O-]n1ccccc1=S.[Zn+2]", "[Zn]"),
        ("c1ccc2c(c1)ccc1cccnc12.Cl[Cu]Cl", "[Cu]"),
        ("CCCCCCCN.CCCCCCCN.Cl[Pt]Cl", "[Pt]"),
        ("CC(=O)[O-].CC(=O)[O-].[Zn+2]", "[Zn]"),
    ],
)
def test_a_metal_with_organic_ligands_stays_in_the_parent(smiles, metal):
    parent = standardise(smiles).parent
    assert metal in parent
    assert standardise(parent).parent == parent


BESIDE = ("O", "[Na+].[Cl-]", "CS(C)=O", "CN(C)C=O.O", "OC[C@@H](O)[C@@H](O)[C@H](O)[C@H](O)CO")


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("name", ["cisplatin", "carboplatin", "oxaliplatin"])
def test_a_platinum_drug_is_known_with_solvents_and_salt_beside_it(name, beside):
    assert {standardise(f"{text}.{beside}").parent for text in SPELLINGS[name] if "[Pt+4]" not in text} == {NAMED[name]}


@pytest.mark.parametrize(
    "prodrug",
    [
        "N.N.[Pt](O)(O)(Cl)Cl",
        "[NH2-].[NH2-].O.O.[Cl][Pt+2][Cl]",
        "N.N.O.O.[Cl][Pt+2][Cl]",
        "N.N.[Pt](OC(C)=O)(OC(C)=O)(Cl)Cl",
        "N.N.O.O.O=C(O)C1(C(=O)O)CCC1.[Pt]",
    ],
)
def test_a_prodrug_of_platinum_four_is_not_its_drug(prodrug):
    parent = standardise(prodrug).parent
    assert parent not in NAMED.values()
    assert standardise(parent).parent == parent


@pytest.mark.parametrize("smiles", ["CCO\u2026", "CCO\u2122", "CC\u00e9O", "\uff23\uff23\uff2f"])
def test_a_character_that_no_smiles_holds_is_named(smiles):
    with pytest.raises(CompoundError, match=r"cannot be read: '.*' \(U\+[0-9A-F]{4}\) is no character of SMILES"):
        standardise(smiles)
    assert standardise("CCO |$\u2026$|").parent == "CCO"


@pytest.mark.parametrize(("name", "smiles"), [(name, text) for name, texts in SPELLINGS.items() for text in texts])
def test_metal_drug_is_one_molecule_in_every_spelling(name, smiles):
    assert standardise(smiles).parent == NAMED[name]


def test_named_complexes_are_written_canonically_and_stay_apart():
    parents = {name: standardise(smiles).parent for name, smiles in NAMED.items()}
    assert parents == NAMED
    assert len({standardise(smiles) for smiles in NAMED.values()}) == len(NAMED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O=C1O[Zn]OC(=O)C1", "[Zn+2].[O-]C(=O)CC(=O)[O-]"),
        ("[Fe+2].[CH-]1C=CC=C1.[CH-]1C=CC=C1", "C1=CC(C=C1)[Fe]C1C=CC=C1"),
        ("[Na+].[Na+].[O-]C(=O)CC(S[Au])C(=O)[O-]", "OC(=O)CC([S-])C(=O)O.[Au+]"),
        ("Cl[Cu]Cl", "[Cl-].[Cl-].[Cu+2]"),
        ("O=[V](O)(O)O", "[V+5].[O-2].[OH-].[OH-].[OH-]"),
    ],
)
def test_a_complex_goes_by_its_ligands_and_its_metal(one, other):
    assert standardise(one) == standardise(other)


def test_carbon_bound_to_mercury_and_tin_stays_bound():
    assert standardise("CC(=O)O[Hg]c1ccccc1").parent == "CC(=O)O.[Hg][c]1ccccc1"
    assert "[Sn]" in standardise("CCCC[Sn](Cl)(CCCC)CCCC").parent.split(".")[0]


@pytest.mark.parametrize(
    ("given", "parent"),
    [
        ("[CH3:1][OH:2]", "CO"),
        ("C[C@H](N)C(=O)O |&1:1|", "C[C@H](N)C(=O)O"),
        ("  CCO\u200b ", "CCO"),
        ("CC(=O)[O\u2212]", "CC(=O)O"),
        ("CCN\u00a0", "CCN"),
    ],
)
def test_atom_maps_extensions_and_odd_signs_do_not_change_the_structure(given, parent):
    assert standardise(given).parent == parent


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("CCO", Written("CCO", "")),
        ("CCO ethyl alcohol", Written("CCO", "ethyl alcohol")),
        ("CCO\tZ2\t46.07", Written("CCO", "Z2")),
        ("C[C@H](N)C(=O)O |&1:1| Z1", Written("C[C@H](N)C(=O)O", "Z1")),
        ("C[C@H](N)C(=O)O |&1:1|\tZ1\tnote", Written("C[C@H](N)C(=O)O", "Z1")),
        ("C[C@H](N)C(=O)O\t|&1:1|\tZ1", Written("C[C@H](N)C(=O)O", "Z1")),
    ],
)
def test_line_is_split_into_structure_and_title(line, written):
    assert split_structure(line) == written


@pytest.mark.parametrize("smiles", ["[CH999]", "[#999]", "C(" * 300, "\x00", "C\x00C", "\ud800", "💊"])
def test_what_rdkit_throws_over_is_a_clear_refusal(smiles):
    with pytest.raises(CompoundError, match="cannot be read"):
        standardise(smiles)


def test_text_beyond_the_limit_is_never_parsed(monkeypatch):
    monkeypatch.setattr(Chem, "MolFromSmiles", None)
    with pytest.raises(CompoundError, match=r"'big'.*\(20,000 characters\) is longer than 2,000"):
        standardise("C" * 20_000, name="big")


def test_long_structures_are_read_by_another_process_and_are_the_same(monkeypatch):
    peptide = "NC(C)C(=O)" * 45 + "O"
    assert DOUBTFUL < len(peptide) < LONGEST
    here = reduce_structure(peptide)
    monkeypatch.setattr("drugripple.chem.molecule.reduce_structure", None)
    found = reduce_all([peptide, f"{peptide}.Cl", "x" * 500], names={"x" * 500: "ham"})
    assert found.found[peptide] == here
    assert found.found[f"{peptide}.Cl"].parent == here.parent
    assert "compound 'ham'" in found.faults["x" * 500]


DOPAMINE = "NCCc1ccc(O)c(O)c1"
BOUND_ACIDS = ("CC(=O)O", "O=C(c1ccccc1)O", "CS(=O)(=O)O", "CCCCCCCCCCCCOS(=O)(=O)O", "Cl", "Br")


@pytest.mark.parametrize("acid", BOUND_ACIDS)
@pytest.mark.parametrize(
    ("metal", "valence"), [("Na", 1), ("K", 1), ("Li", 1), ("Ca", 2), ("Mg", 2), ("Zn", 2), ("Al", 3), ("Fe", 3)]
)
def test_a_metal_salt_written_with_bonds_is_the_salt_written_as_ions(acid: str, metal: str, valence: int) -> None:
    ending = acid[-1] if acid.endswith("O") else acid
    bound = f"[{metal}]" + "".join(f"({acid})" for _ in range(valence))
    if acid.endswith("O"):  # the acid's last oxygen holds the metal
        bound = f"[{metal}]" + "".join(f"(O{_turned(acid)})" for _ in range(valence))
    ions = ".".join([f"[{ending}-]" if ending != "O" else f"{acid[:-1]}[O-]"] * valence)
    charge = f"+{valence}" if valence > 1 else "+"
    beside, apart = (reduce_structure(f"{DOPAMINE}.{salt}") for salt in (bound, f"{ions}.[{metal}{charge}]"))
    assert (beside.parent, beside.key) == (apart.parent, apart.key)
    assert beside.parent == reduce_structure(DOPAMINE).parent


def _turned(acid: str) -> str:
    """The acid without its last oxygen, written from the atom that holds it."""
    return {
        "CC(=O)O": "C(C)=O",
        "O=C(c1ccccc1)O": "C(=O)c1ccccc1",
        "CS(=O)(=O)O": "S(C)(=O)=O",
        "CCCCCCCCCCCCOS(=O)(=O)O": "S(=O)(=O)OCCCCCCCCCCCC",
    }[acid]


@pytest.mark.parametrize(
    ("bound", "ions"),
    [
        ("CC(=O)O[Na]", "CC(=O)[O-].[Na+]"),
        ("[K]OC(=O)C1CC1", "O=C([O-])C1CC1.[K+]"),
        ("CC1=CC(=O)N([Na])S(=O)(=O)O1", "CC1=CC(=O)[N-]S(=O)(=O)O1.[Na+]"),
        ("CCN(CC)C(=S)S[Na]", "CCN(CC)C(=S)[S-].[Na+]"),
        ("CC(=O)O[Zn]OC(C)=O", "CC(=O)[O-].CC(=O)[O-].[Zn+2]"),
        ("OC(=O)CC(S[Au])C(=O)O[Na]", "OC(=O)CC(S[Au])C(=O)[O-].[Na+]"),
    ],
)
def test_bonds_to_a_metal_do_not_change_what_a_salt_is(bound: str, ions: str) -> None:
    assert reduce_structure(bound).parent == reduce_structure(ions).parent


@pytest.mark.parametrize(
    ("written", "neutral"),
    [("CCl", True), ("c1cc[nH]c1", True), ("C[C@H](N)O", True), ("BrI", False), ("ClCl", False),
     ("C[N+](C)(C)C", False), ("C[O-]", False), ("CC.C", False), ("C*", False),
     ("C[Hg]C", False), ("O=S(=O)(O)Cl", False)],
)  # fmt: skip
def test_only_a_structure_with_carbon_and_without_charges_is_ordinary_by_its_text(written, neutral):
    assert bool(ORDINARY.fullmatch(written)) is neutral
