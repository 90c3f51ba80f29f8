"""The records of the peers, from the TOML beside each file: citation, the paper's row, published hyper-parameters.

No torch is imported, because the catalogue is read by those who need none of the peers.

    design      module of the peer, which has a `DESIGN`
    made_by     its predictor and, as `made_with`, what makes it from a data folder, and as `read_from`, what lists the
                files that this reads, where they are of its own
    inputs      what it reads of a sample and a compound
    citation
    paper       the sixteen numbers of its row in Table 1
    knowledge   which files of a data folder it reads, if any
    settings    published values
    forms       further forms by name, each with the settings in which it differs
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from drugripple.config import Record, read_run
from drugripple.predictors.method import Method, PaperRow

HERE = Path(__file__).parent
PREDICTOR = "drugripple.predictors.peers.predictor:Peer"
KNOWLEDGE = "drugripple.predictors.peers.knowledge:files_of_knowledge"
WITH_KNOWLEDGE = "drugripple.predictors.peers.knowledge:peer_with_knowledge"


class Needs(Record):
    """What a peer reads of a data folder. Each list names patterns; the first line that matches anything is read."""

    gene_sets: tuple[tuple[str, ...], ...] = ()
    interactions: bool = False
    smiles: tuple[tuple[str, ...], ...] = ()


class PeerRecord(Record):
    """The TOML beside a peer."""

    design: str = ""
    made_by: str = PREDICTOR
    made_with: str = ""
    read_from: str = ""
    inputs: str
    citation: str
    paper: tuple[float, ...] = ()
    knowledge: Needs | None = None
    settings: dict[str, object] = Field(default_factory=dict)
    forms: dict[str, dict[str, object]] = Field(default_factory=dict)


class FormOfPeer(Record):
    """A name of the catalogue: a peer in one of its forms; the blank one is the published."""

    record: PeerRecord
    form: str = ""

    @property
    def settings(self) -> Mapping[str, object]:
        """The settings of this form."""
        return {**self.record.settings, **self.record.forms.get(self.form, {})}


@cache
def forms() -> Mapping[str, FormOfPeer]:
    """Every peer in every form, by the name that the catalogue has for it.

    >>> list(forms())[:2]
    ['graphdrp', 'graphdrp_gat']
    """
    return _forms_of(ORDER)


@cache
def forms_apart() -> Mapping[str, FormOfPeer]:
    """Forms of peers that have a predictor of their own.

    >>> list(forms_apart())
    ['drvae', 'drvae_released']
    """
    return _forms_of(APART)


def _forms_of(peers: tuple[str, ...]) -> dict[str, FormOfPeer]:
    found: dict[str, FormOfPeer] = {}
    for name in peers:
        record = read_run(HERE / f"{name}.toml", PeerRecord)
        found[name] = FormOfPeer(record=record)
        found |= {f"{name}_{form}": FormOfPeer(record=record, form=form) for form in record.forms}
    return found


ORDER = ("graphdrp", "pathdnn", "precily", "drpreter", "deepcovdr", "deeptta", "ensemble_mf")
"""The peers in the order of the paper's Table 1, then the one that it does not have."""
APART = ("drvae",)
"""Peers with a predictor of their own, which the paper discusses and does not run."""


def _method(name: str, found: FormOfPeer) -> Method:
    record = found.record
    return Method(
        name,
        record.made_by,
        record.inputs,
        record.citation,
        PaperRow.printed(*record.paper) if record.paper and not found.form else None,
        {"name": name},
        record.made_with or (WITH_KNOWLEDGE if record.knowledge else ""),
        record.read_from or (KNOWLEDGE if record.knowledge else ""),
    )


RECORDS = tuple(_method(name, found) for name, found in (*forms().items(), *forms_apart().items()))
