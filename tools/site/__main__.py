"""Build the documentation site.

python -m tools.site                   into out/site
python -m tools.site --out FOLDER      elsewhere
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from shutil import rmtree

from tools.site.assemble import assemble
from tools.site.links import broken_links

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Assemble the pages and let MkDocs build them, strictly; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.site", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "site", help="folder for the site")
    options = parser.parse_args(arguments)
    pages = assemble(ROOT)
    broken = broken_links(pages)
    if broken:
        print("links that lead nowhere:", *broken, sep="\n  ")
        return 1
    source = options.out / "source"
    rmtree(source, ignore_errors=True)
    for place, text in pages.items():
        file = source / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    (options.out / "mkdocs.yml").write_text((ROOT / "tools" / "site" / "mkdocs.yml").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(command, cwd=options.out, env=environment, check=False)
    if done.returncode == 0:
        print(options.out / "html" / "index.html")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
