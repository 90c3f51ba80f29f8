"""What a default model scores that is built from the package index alone, as `make quickstart` builds it.

    python -m runs.from_index

Builds it in a temporary folder and writes results/default_model/from_index.csv. Two cores: three minutes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from drugripple import DefaultModelRun, build_default

RESULT = Path("results/default_model/from_index.csv")


def main() -> None:
    with TemporaryDirectory() as folder:
        scores = build_default(DefaultModelRun(out=Path(folder) / "default")).scores
    scores.round(6).to_csv(RESULT, index=False)
    print(scores.round(3).to_string())


if __name__ == "__main__":
    main()
