"""What an upgrade of the library changes, of whom, and what to do about it first.

`difference` compares two releases as an architecture makes them; it asks nothing of Azure and changes nothing.
"""

from stacks.library.difference.between import difference
from stacks.library.difference.model import Change, Counts, Difference, Kind, Point, Release, Verb, Weight

__all__ = ["Change", "Counts", "Difference", "Kind", "Point", "Release", "Verb", "Weight", "difference"]
