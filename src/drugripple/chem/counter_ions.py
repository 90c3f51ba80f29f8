"""Ions, acids, bases and solvents that stand beside a drug in its salt: never its parent, however large they are."""

from collections.abc import Sequence
from functools import lru_cache

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

CARBON = 6

ACIDS = (
    "C(=O)(O)O", "OC=O", "CC(=O)O", "CCC(=O)O", "CCCC(=O)O", "CC(C)(C)C(=O)O", "OCC(=O)O", "CC(O)C(=O)O",
    "OC(=O)C(F)(F)F", "OC(=O)C(O)=O", "OC(=O)CC(O)=O", "OC(=O)CCC(O)=O", "OC(=O)CCCC(O)=O", "OC(=O)CCCCC(O)=O",
    "OC(=O)C=CC(O)=O", "OC(=O)CC(O)C(O)=O", "OC(=O)C(O)C(O)C(O)=O", "OC(=O)CC(O)(CC(O)=O)C(O)=O",
    "OC(=O)CCC(=O)C(O)=O", "OC(=O)CCCCCCCCC(O)=O",
)  # fmt: skip
"""Carbonate to sebacate: formate, acetate, propionate, butyrate, pivalate, glycolate, lactate, trifluoroacetate,
oxalate, malonate, succinate, glutarate, adipate, maleate and fumarate, malate, tartrate, citrate, oxoglutarate."""

FATTY_ACIDS = (
    "CCCCCC(=O)O", "CCCCCCC(=O)O", "CCCCCCCC(=O)O", "CCCCCCCCCC(=O)O", "CCCCCCCCCCCC(=O)O", "CCCCCCCCCCCCCC(=O)O",
    "CCCCCCCCCCCCCCCC(=O)O", "CCCCCCCCCCCCCCCCCC(=O)O", "CCCCCCCCC=CCCCCCCCC(=O)O", "C=CCCCCCCCCC(=O)O",
)  # fmt: skip
"""Caproate, enanthate, caprylate, caprate, laurate, myristate, palmitate, stearate, oleate, undecylenate."""

SULFONIC_ACIDS = (
    "CS(=O)(=O)O", "CCS(=O)(=O)O", "OCCS(=O)(=O)O", "OS(=O)(=O)CCS(=O)(=O)O", "OS(=O)(=O)C(F)(F)F",
    "OS(=O)(=O)c1ccccc1", "Cc1ccc(cc1)S(=O)(=O)O", "Clc1ccc(cc1)S(=O)(=O)O", "OS(=O)(=O)c1ccc2ccccc2c1",
    "OS(=O)(=O)c1cccc2c1cccc2S(=O)(=O)O", "CC1(C)C2CCC1(CS(=O)(=O)O)C(=O)C2", "COS(=O)(=O)O", "CCOS(=O)(=O)O",
    "CCCCCCCCCCCCOS(=O)(=O)O", "CCCCCCCCCCCCCCOS(=O)(=O)O", "CCCCCCCCCCCCCCCCOS(=O)(=O)O",
    "CCCCCCCCCCCCS(=O)(=O)O", "CCCCC(CC)COC(=O)CC(C(=O)OCC(CC)CCCC)S(=O)(=O)O", "OS(=O)(=O)NC1CCCCC1",
    "O=C(O)c1cc(ccc1O)S(=O)(=O)O", "OC(=O)CS(=O)(=O)O", "NCCS(=O)(=O)O",
    "CC(C)(C)c1cc2c(cc1)c(S(=O)(=O)O)cc(c2)C(C)(C)C", "O=S(=O)(O)NS(=O)(=O)C(F)(F)F",
    "O=S(=O)(NS(=O)(=O)C(F)(F)F)C(F)(F)F",
)  # fmt: skip
"""Mesylate, esylate, isethionate, edisylate, triflate, besylate, tosylate, closylate, napsylate, napadisylate,
camsylate, methyl and ethyl sulfate, lauryl, myristyl and cetyl sulfate, dodecylsulfonate, docusate, cyclamate,
sulfosalicylate, sulfoacetate, taurine, dibudinate, bistriflimide."""

LARGE_ACIDS = (
    "OC(=O)c1ccc2ccccc2c1O", "OC(=O)c1cc2ccccc2cc1O", "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(O)=O)cc3ccccc23)c1O",
    "OC(=O)c1ccccc1C(=O)c1ccc(O)cc1", "O=C(O)C(OC(=O)c1ccccc1)C(OC(=O)c1ccccc1)C(=O)O",
    "Cc1ccc(cc1)C(=O)OC(C(=O)O)C(OC(=O)c1ccc(C)cc1)C(=O)O", "[B-](c1ccccc1)(c1ccccc1)(c1ccccc1)c1ccccc1",
    "Oc1c(cc(cc1[N+](=O)[O-])[N+](=O)[O-])[N+](=O)[O-]",
)  # fmt: skip
"""Xinafoates, pamoate, hybenzate, the acylated tartrates of resolutions, tetraphenylborate, picrate."""

AROMATIC_ACIDS = (
    "OC(=O)c1ccccc1", "OC(=O)c1ccccc1O", "OC(=O)c1cc(O)ccc1O", "OC(=O)c1ccc(O)cc1", "OC(=O)c1cc(O)c(O)c(O)c1",
    "OC(=O)c1ccccc1C(O)=O", "OC(=O)c1ccc(cc1)C(O)=O", "OC(=O)C=Cc1ccccc1", "OC(=O)C(O)c1ccccc1",
    "OC(=O)CNC(=O)c1ccccc1", "CC(=O)Nc1ccc(cc1)C(O)=O", "OC(=O)c1cccnc1", "OC(=O)c1cc(=O)[nH]c(=O)[nH]1",
    "O=C1NS(=O)(=O)c2ccccc12", "CC1=CC(=O)NS(=O)(=O)O1", "Cn1c(=O)c2[nH]c(Cl)nc2n(C)c1=O",
)  # fmt: skip
"""Benzoate, salicylate, gentisate, hydroxybenzoate, gallate, phthalates, cinnamate, mandelate, hippurate, acedoben,
nicotinate, orotate, saccharin, acesulfame, teoclate."""

SUGAR_ACIDS = (
    "OCC(O)C(O)C(O)C(O)C(=O)O", "OCC(O)C(O)C(O)C(O)C(O)C(=O)O", "OC(=O)C(O)C(O)C(O)C(O)C(=O)O",
    "O=CC(O)C(O)C(O)C(O)C(=O)O", "OC1OC(C(O)C(O)C1O)C(=O)O", "OCC(O)C1OC(=O)C(O)=C1O",
    "OCC(O)C(OC1OC(CO)C(O)C(O)C1O)C(O)C(O)C(=O)O", "OCC(O)COP(=O)(O)O", "OCC1OC(OP(=O)(O)O)C(O)C(O)C1O",
    "CC(C)(CO)C(O)C(=O)NCCC(=O)O",
)  # fmt: skip
"""Gluconate, gluceptate, saccharate and mucate, glucuronate (both forms), ascorbate, lactobionate, glycerophosphate,
glucose phosphate, pantothenate."""

AMINO_ACIDS = (
    "NCC(=O)O", "CC(N)C(=O)O", "NC(CC(=O)O)C(=O)O", "NC(CCC(=O)O)C(=O)O", "NCCCCC(N)C(=O)O", "NCCCC(N)C(=O)O",
    "NC(=N)NCCCC(N)C(=O)O", "NC(Cc1c[nH]cn1)C(=O)O", "O=C1CCC(N1)C(=O)O", "O=C(O)C1CCCN1", "C[N+](C)(C)CC(=O)[O-]",
)  # fmt: skip
"""Glycine, alanine, aspartate, glutamate, lysine, ornithine, arginine, histidine, pidolate, proline, betaine."""

BASES = (
    "CN", "CNC", "CN(C)C", "CCN", "CCNCC", "CCN(CC)CC", "CC(C)(C)N", "CC(C)N", "NCCN", "C1CNCCN1", "NCCO", "OCCNCCO",
    "OCCN(CCO)CCO", "CN(C)CCO", "OCCN1CCCC1", "C1COCCN1", "CN1CCOCC1", "NC(CO)(CO)CO", "CNCC(O)C(O)C(O)C(O)CO",
    "NCC(O)C(O)C(O)C(O)CO", "OCC1OC(O)C(N)C(O)C1O", "C[N+](C)(C)CCO", "C[N+](C)(C)C", "CC[N+](CC)(CC)CC",
    "CCCC[N+](CCCC)(CCCC)CCCC", "C(NCc1ccccc1)CNCc1ccccc1", "NC1CCCCC1", "C1CCC(CC1)NC1CCCCC1", "c1ccncc1",
    "c1c[nH]cn1", "NC(=N)N", "NC(N)=O", "NCc1ccccc1", "C[C@H](N)c1ccccc1", "C(Cc1ccccc1)NCc1ccccc1",
    "CC(C)C1=CC2=CCC3C(C)(CNCCNCC4(C)CCCC5(C)C4CC=C4C=C(CCC54)C(C)C)CCCC3(C)C2CC1", "CN1CCNCC1",
)  # fmt: skip
"""Small amines, ethylenediamine, piperazines, ethanolamines, deanol, epolamine, morpholines, tromethamine, meglumine,
glucamine, glucosamine, choline, tetraalkylammonium, benzathine, cyclohexylamines, pyridine, imidazole, guanidine,
urea, benzylamines, benethamine, hydrabamine."""

SOLVENTS = (
    "C", "CO", "CCO", "CC(C)O", "CCCO", "CCCCO", "CC(C)=O", "CC#N", "CS(C)=O", "CN(C)C=O", "CC(=O)N(C)C",
    "CCOC(C)=O", "CCOCC", "COC(C)(C)C", "C1CCOC1", "C1COCCO1", "ClCCl", "ClC(Cl)Cl", "Cc1ccccc1", "c1ccccc1",
    "CCCCCC", "CCCCCCC", "C1CCCCC1", "CC(O)CO", "OCCO", "OCC(O)CO", "CN1CCCC1=O", "S=C=N", "C#N", "[S-]C#N",
)  # fmt: skip
"""Solvents of crystals, propylene glycol, glycerol, and the small ions of carbon and nitrogen."""

HOSTS = tuple(
    "OCC1OC2OC3C(O)C(O)C(OC3CO)" + "".join(f"OC{i}C(O)C(O)C(OC{i}CO)" for i in range(4, 2 + units)) + "OC1C(O)C2O"
    for units in (6, 7, 8)
)
"""α-, β- and γ-cyclodextrin, which carry a drug inside."""

SUGARS = (
    "OCC(O)C(O)C(O)C(O)CO", "OCC1OC(O)C(O)C(O)C1O", "OCC1OC(OC2C(CO)OC(O)C(O)C2O)C(O)C(O)C1O",
    "OCC1OC(OC2(CO)OC(CO)C(O)C2O)C(O)C(O)C1O", "OCC1OC(OC2OC(CO)C(O)C(O)C2O)C(O)C(O)C1O",
)  # fmt: skip
"""Mannitol and sorbitol, glucose, lactose, sucrose and trehalose, which a drug is dried with."""

NEVER = FATTY_ACIDS + SULFONIC_ACIDS + LARGE_ACIDS + SUGAR_ACIDS + SOLVENTS + HOSTS + SUGARS
"""What is no drug beside anything else."""
SELDOM = AROMATIC_ACIDS + AMINO_ACIDS + BASES
"""What is a drug beside one of those, or beside one of `ACIDS`, alone (ethylamine of its lauryl sulfate, piperazine of
its citrate)."""
KNOWN = NEVER + ACIDS + SELDOM


def is_counter_ion(fragment: Chem.Mol) -> bool:
    """Whether a fragment is a known counter-ion or solvent, in any charge and stereochemistry.

    >>> is_counter_ion(Chem.MolFromSmiles("OC(=O)c1cc2ccccc2c(Cc2c(O)c(C([O-])=O)cc3ccccc23)c1O"))
    True
    """
    return plain_form(fragment) in _rank()


def is_never_a_drug(fragment: Chem.Mol) -> bool:
    """Whether a fragment is in `NEVER`."""
    return _rank().get(plain_form(fragment)) == 0


def has_carbon(fragment: Chem.Mol) -> bool:
    """Whether a fragment is organic."""
    return any(atom.GetAtomicNum() == CARBON for atom in fragment.GetAtoms())


def drugs_among(fragments: Sequence[Chem.Mol]) -> list[Chem.Mol]:
    """The fragments that may be the drug: those not listed, else `SELDOM`, else `ACIDS`, else all."""
    if len(fragments) < 2:
        return list(fragments)
    ranks = [_rank().get(plain_form(fragment), 3) for fragment in fragments]
    return [fragment for fragment, rank in zip(fragments, ranks, strict=True) if rank == max(ranks)]


def plain_form(fragment: Chem.Mol) -> str:
    """Canonical SMILES of a fragment without charge, stereochemistry and isotopes, for comparison."""
    plain = rdMolStandardize.Uncharger().uncharge(Chem.Mol(fragment))
    Chem.RemoveStereochemistry(plain)
    for atom in plain.GetAtoms():
        atom.SetIsotope(0)
    return str(Chem.MolToSmiles(plain))


@lru_cache(maxsize=1)
def _rank() -> dict[str, int]:
    """The likelier a drug, the higher; what is not listed is likelier than all."""
    ranked = ((NEVER, 0), (ACIDS, 1), (SELDOM, 2))
    return {plain_form(Chem.MolFromSmiles(text)): rank for texts, rank in ranked for text in texts}
