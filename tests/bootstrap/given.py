"""The settings that tests of the first day start from, and the command run upon them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from stacks.bootstrap import BootstrapSettings

ROOT = Path(__file__).parents[2]
SETTINGS = """
council = "exb"
subscription = "aaaaaaaa-0000-4000-8000-0000000000aa"
tenant = "bbbbbbbb-0000-4000-8000-0000000000bb"
storage_account = "stexbpulumi"
key_vault = "kv-exb-pulumi"
network = "listed"
addresses = ["80.1.2.0/28", "80.1.3.9/32"]
[github]
repository = "exampleborough/cloud"
[[trust]]
identity = "up"
name = "azure-devops"
issuer = "https://tokens.example/1"
subject = "sc://exampleborough/cloud/up"
"""


def settings_with(**changed: Any) -> BootstrapSettings:
    """The settings with some of them changed."""
    return BootstrapSettings.model_validate({**tomllib.loads(SETTINGS), **changed})


def unless(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`unless bootstrap` in a folder."""
    command = [sys.executable, "-m", "console", "bootstrap", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)} | variables, capture_output=True, text=True, check=False
    )
