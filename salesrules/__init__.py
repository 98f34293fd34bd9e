"""Rules of a sales organisation as files: checked, run on real data, enforced cell by cell."""

__version__ = "0.1.0"
