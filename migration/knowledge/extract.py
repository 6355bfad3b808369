"""Regenerate the generated knowledge from local copies of its sources, none of which is fetched.

    python -m migration.knowledge.extract --lifecycles products.json --sizes azure-vm-sizes.json \
        --prices azure-polandcentral.azpx --libcloud pricing.json --into migration/knowledge

Each source is optional and rewrites its own file: `lifecycles.toml`, `sizes.toml`, `prices.toml` (which needs both
`--prices` and `--libcloud`). The hand-written files are never touched. What is kept and what is left out is said in
the modules `extract_lifecycles`, `extract_sizes` and `extract_prices`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from migration.knowledge import extract_lifecycles, extract_prices, extract_sizes


def main(arguments: list[str]) -> int:
    """Write each file whose sources were given; 0 when done, 2 when prices were given without their other half."""
    asked = _parser().parse_args(arguments)
    into: Path = asked.into
    if (asked.prices is None) != (asked.libcloud is None):
        sys.stderr.write("Give --prices and --libcloud together: prices.toml is made of both.\n")
        return 2
    if asked.lifecycles:
        _write(into / "lifecycles.toml", extract_lifecycles.text(asked.lifecycles))
    if asked.sizes:
        _write(into / "sizes.toml", extract_sizes.text(asked.sizes))
    if asked.prices:
        _write(into / "prices.toml", extract_prices.text(asked.prices, asked.libcloud))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m migration.knowledge.extract", description="Regenerate knowledge from local copies.")
    parser.add_argument("--lifecycles", type=Path, help="products.json of endoflife.date")
    parser.add_argument("--sizes", type=Path, help="Azure VM sizes, JSON of SpareCores")
    parser.add_argument("--prices", type=Path, help="the .azpx snapshot of one region")
    parser.add_argument("--libcloud", type=Path, help="libcloud/data/pricing.json of the apache-libcloud wheel")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="folder to write into")
    return parser


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{file}: {len(text.splitlines())} lines\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
