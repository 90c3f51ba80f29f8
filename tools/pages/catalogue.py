"""Every table that a page may name between markers."""

from tools.pages.biomarkers import BIOMARKERS
from tools.pages.claims import CLAIMS
from tools.pages.default_model import DEFAULT_MODEL
from tools.pages.equations import EQUATIONS
from tools.pages.page import Table
from tools.pages.paper import PAPER
from tools.pages.robustness import ROBUSTNESS
from tools.pages.rooms import ROOMS
from tools.pages.scores import SCORES
from tools.pages.speed import SPEED

TABLES: dict[str, Table] = {
    **SCORES, **CLAIMS, **SPEED, **DEFAULT_MODEL, **BIOMARKERS, **PAPER, **ROOMS, **ROBUSTNESS, **EQUATIONS
}  # fmt: skip
