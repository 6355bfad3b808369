"""The policy pack, as Pulumi's Python language host starts it: `python -m pulumi.policy ENGINE THIS-FOLDER`.

Pulumi's policy SDK would serve here; we serve the protocol ourselves, for reasons in docs/decisions/0009-our-own-analyzer.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Pulumi runs this folder as a program of its own, wherever the project is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from policies.analyzer.serve import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
