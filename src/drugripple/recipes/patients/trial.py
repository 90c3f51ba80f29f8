"""Patients, what they took and how they fared, and what a model says of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import TableError
from drugripple.evaluation.responders import FEWEST, score_drugs
from drugripple.recipes.patients.models import PatientModel

ANSWERS = ("Complete Response", "Partial Response")
"""Answers that make a responder; stable and progressive disease do not."""


@dataclass(frozen=True)
class Trial:
    """Patients with expression and an answer to a drug."""

    cases: pd.DataFrame
    """patient, drug, cancer, responder; each patient and drug once."""
    compounds: CompoundTable
    """The drugs, by name."""
    without: pd.DataFrame
    """Answers that could not be used: drug, reason, rows."""

    def predict(self, model: PatientModel, tumours: ExpressionTable) -> pd.DataFrame:
        """Predicted response of every patient of the trial to every drug of it."""
        asked = sorted(set(self.cases["patient"]))
        place = {name: row for row, name in enumerate(tumours.samples)}
        some = tumours.take(np.array([place[name] for name in asked], dtype=np.int64))
        return pd.DataFrame(model(some, self.compounds), index=asked, columns=list(self.compounds.names))

    def score(
        self,
        predicted: pd.DataFrame,
        *,
        lower_is_sensitive: bool = True,
        fewest: int = FEWEST,
        draws: int = 10_000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """The tests of `evaluation.score_drugs`."""
        return score_drugs(
            self.cases, predicted, lower_is_sensitive=lower_is_sensitive, fewest=fewest, draws=draws, seed=seed
        )

    def counts(self) -> pd.DataFrame:
        """Responders and non-responders of every drug, the most patients first."""
        found = self.cases.groupby("drug")["responder"].agg(responders="sum", patients="count").reset_index()
        found["non_responders"] = found["patients"] - found["responders"]
        order = ["drug", "patients", "responders", "non_responders"]
        return found.sort_values(["patients", "drug"], ascending=[False, True], ignore_index=True)[order]


def trial_of(answers: pd.DataFrame, tumours: ExpressionTable) -> Trial:
    """The patients' answers that can be used: with expression, a structure of the drug, and no contradiction.

    Args:
        answers: patient, drug, smiles, and responder (1 or 0) or response (Ding's four classes); cancer where known.
        tumours: their expression; `tissue` is the cancer type where the answers do not name one.

    Raises:
        TableError: if a column is missing, or nothing is left.
    """
    table = _complete(answers, tumours)
    repeated = table.groupby(["patient", "drug"])["responder"].transform("nunique")
    reason = pd.Series("", index=table.index)
    reason[table.duplicated(["patient", "drug"])] = "repeated row"
    reason[repeated > 1] = "contradictory rows"
    reason[table["smiles"].isna()] = "no structure"
    reason[~table["patient"].isin(tumours.samples)] = "no expression"
    lost = table.assign(reason=reason)[reason != ""].groupby(["drug", "reason"]).size().rename("rows").reset_index()
    kept = table[reason == ""]
    if kept.empty:
        message = f"none of {len(table)} answers has expression and a structure: {reason.value_counts().to_dict()}"
        raise TableError(message)
    smiles = kept.drop_duplicates("drug").set_index("drug")["smiles"].sort_index()
    compounds = CompoundTable.from_smiles(smiles.astype(str).tolist(), names=[str(name) for name in smiles.index])
    columns = ["patient", "drug", "cancer", "responder"]
    return Trial(kept[columns].reset_index(drop=True), compounds, lost)


def _complete(answers: pd.DataFrame, tumours: ExpressionTable) -> pd.DataFrame:
    lacking = [name for name in ("patient", "drug", "smiles") if name not in answers]
    if "responder" not in answers and "response" not in answers:
        lacking.append("responder")
    if lacking:
        message = f"the responses of patients lack {', '.join(lacking)}; they have {', '.join(map(str, answers))}"
        raise TableError(message)
    table = answers.copy()
    if "responder" not in table:
        table["responder"] = table["response"].isin(ANSWERS).astype(int)
    cancer_of = dict(zip(tumours.samples, tumours.tissue, strict=True))
    own = table["patient"].map(cancer_of).fillna("").astype(str)
    table["cancer"] = table["cancer"].fillna("").astype(str) if "cancer" in table else own
    return table.astype({"patient": str, "drug": str})
