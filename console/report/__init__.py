"""The report: one self-contained page, made from the workspace's files only."""

from __future__ import annotations

from console.report.inputs import Inputs, read_inputs
from console.report.page import render

__all__ = ["Inputs", "read_inputs", "render"]
