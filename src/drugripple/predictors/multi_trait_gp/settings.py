"""Settings of the multi-trait Gaussian process."""

from enum import StrEnum

from pydantic import Field

from drugripple.config import Record


class Structure(StrEnum):
    """What the mean of a new compound is predicted from."""

    AUTO = "auto"
    """MiniMol where its package is installed, else fingerprints."""
    MINIMOL = "minimol"
    FINGERPRINT = "fingerprint"
    """Fingerprint, annotated targets and mechanism."""


class Filling(StrEnum):
    """What stands in for pairs that were not measured while G and H are learnt."""

    MEAN = "mean"
    """The posterior mean of the missing pairs, exact; of its variance only the noise is counted."""
    DRAW = "draw"
    """A draw from the posterior of the missing pairs, exact: the expectation of the step is that of exact EM."""
    SWEEP = "sweep"
    """The mean after two more sweeps of imputation: lags behind the covariances, and needs no solver."""


class MultiTraitSettings(Record):
    """Sizes of the priors, and when to stop. Chosen on folds of another seed than the published ones."""

    length: float = Field(1.2, gt=0)
    """Length of the kernel of samples, in median squared distances."""
    common: float = Field(0.4, ge=0, le=1)
    """Prior correlation of any two compounds."""
    similar: float = Field(0.4, ge=0, le=1)
    """What likeness adds to it."""
    shared_variance: float = Field(0.7, gt=0)
    """Prior variance of g."""
    own_variance: float = Field(0.5, gt=0)
    """Prior variance of h."""
    noise: float = Field(0.6, gt=0)
    """Variance of one measurement that the fit starts with."""
    noise_floor: float = Field(0.2, gt=0)
    """Smallest variance of one measurement; keeps the learnt covariances from explaining every error."""
    shared_weight: float = Field(30.0, ge=0)
    """How many samples the prior of G counts for."""
    own_weight: float = Field(60.0, ge=0)
    """How many samples the prior of H counts for."""
    max_steps: int = Field(14, ge=1)
    patience: int = Field(3, ge=1)
    """Steps without a better validation error after which the fit stops."""
    refit: bool = True
    """Whether the fit is repeated with validation rows among the training rows, for the steps that they chose."""
    further_columns: bool = True
    """Whether new samples are told from compounds, too, that only another study measured in the same unit."""
    filling: Filling = Filling.MEAN
    structure: Structure = Structure.AUTO
    tolerance: float = Field(1e-3, gt=0)
    """Relative residual of the final linear system."""
