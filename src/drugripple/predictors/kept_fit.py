"""What a fit that is kept between epochs was made from: only from the same may it be gone on with."""

from drugripple.config import Record
from drugripple.data.response import ResponseTable
from drugripple.runtime.digest import content_digest
from drugripple.training.made_from import MadeFrom


def rows_made_from(train: ResponseTable, valid: ResponseTable) -> MadeFrom:
    """Digests of training and validation rows, and of what they are rows of."""
    expression = train.expression
    measured = (column for part in (train, valid) for column in (part.sample_row, part.compound_row, part.values))
    return {
        "expression": content_digest(*expression.samples, *expression.genes.symbols, expression.values),
        "responses": content_digest(*measured),
        "molecules": content_digest(*train.compounds.smiles),
    }


def settings_made_from(settings: Record) -> MadeFrom:
    """The digest of settings."""
    return {"the settings": content_digest(settings.model_dump_json())}
