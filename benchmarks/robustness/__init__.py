"""Bad and odd files, as people really have them, through the real commands: the right answer or one clear refusal.

python -m benchmarks.robustness                     about 2,000 files of every kind, into results/robustness.csv
python -m benchmarks.robustness --only text --files 300 --seed 7
python -m benchmarks.robustness --show 20           also print the command and the output of what went wrong

Each kind is a generator of files; what a file should give is known when it is made. A process of its own runs them, so
that a crash or an endless wait costs one file.
"""
