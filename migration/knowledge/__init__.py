"""What is known about systems, sizes, prices, licences and places: TOML facts with sources, and how they are read."""

from migration.knowledge.load import load_knowledge
from migration.knowledge.model import FileNote, Knowledge

__all__ = ["FileNote", "Knowledge", "load_knowledge"]
