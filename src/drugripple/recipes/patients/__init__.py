"""Patients: predictions for tumours, held against how the patients fared."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.patients.models import PatientModel as PatientModel
    from drugripple.recipes.patients.models import in_units_of as in_units_of
    from drugripple.recipes.patients.models import of_loaded as of_loaded
    from drugripple.recipes.patients.models import of_predictor as of_predictor
    from drugripple.recipes.patients.run import PatientsDone as PatientsDone
    from drugripple.recipes.patients.run import run_patients as run_patients
    from drugripple.recipes.patients.settings import PatientsRun as PatientsRun
    from drugripple.recipes.patients.transfer import Transfer as Transfer
    from drugripple.recipes.patients.transfer import Transferred as Transferred
    from drugripple.recipes.patients.transfer import transfer as transfer
    from drugripple.recipes.patients.trial import Trial as Trial
    from drugripple.recipes.patients.trial import trial_of as trial_of
else:
    __all__ = lazy_exports(__name__)
