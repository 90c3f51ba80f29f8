#!/usr/bin/env bash
# Table 1 of the classical baselines, in order of cost. Resumes: finished folds are never done again.
# LOCK, if set, names a file that is held for one model and scheme at a time.
set -uo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
run() { if [ -n "${LOCK:-}" ]; then flock "$LOCK" nice -n 5 "$@"; else "$@"; fi; }
naive=global_mean,drug_mean,line_mean,tissue_mean,tissue_drug_mean,additive,nearest_drug
for models in "$naive" product_kernel_gp svm ridge; do
  run "$PYTHON" runs/classical_table1.py --models "$models"
done
for models in lightgbm rf; do
  for schemes in disjoint cell_blind drug_blind mixed; do
    for folds in 0,1,2 3,4,5 6,7,8,9; do
      OMP_NUM_THREADS=2 run "$PYTHON" runs/classical_table1.py --models "$models" --schemes "$schemes" --folds "$folds"
    done
  done
done
run "$PYTHON" runs/classical_table1.py --summarise
