"""One file per job, table or figure; composes everything else."""
