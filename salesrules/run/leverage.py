"""Groupings of rows to how much each row weighs in all that sums over their groups can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

_NOTHING = 1e-13  # of all rows: what is computed of a sum that tells nothing beyond the others is noise
_SURE = 1e-6  # rows; in between nobody can tell noise from what many groups, each with a large factor, tell of one row


@dataclass(frozen=True, slots=True)
class Told:
    """What sums over the parts of some groupings tell of some rows, kinds of which lie in the same parts.

    Whatever such sums are added and subtracted, the outcome is a sum over the rows, each with a factor. Its leverage
    says how far a row can stand out in that: over all outcomes, the largest share that the square of its factor has of
    the squares of all. An outcome about n rows gives one of them a share of at least 1/n. So where the leverage of
    every row is below 1/n, nothing is told about n rows or fewer.

    `rows` has the number of rows of each kind, above 0, and `parts` for each grouping the column of each kind.
    `inverse` is a generalised inverse of the cross table of all columns.
    Source: hat matrix of least squares; Hoaglin and Welsch 1978.
    """

    rows: Numbers
    parts: tuple[Codes, ...]
    inverse: Numbers

    @classmethod
    def in_all(cls, rows: Numbers) -> Told:
        """What the sum over all rows tells."""
        return cls(rows, (np.zeros(len(rows), np.int64),), np.array([[1 / rows.sum()]]))

    def with_grouping(self, part: Codes, parts: int) -> Told | None:
        """What is told if the sum of each part of another grouping is too; None if that cannot be told for sure.

        Args: part: that of each kind, from 0 on, below `parts`.
        """
        size = len(self.inverse)
        across = np.zeros((size, parts))
        for known in self.parts:
            cells = np.bincount(known * parts + part, self.rows, size * parts)
            across += cells.reshape(size, parts)
        known_of = self.inverse @ across
        beyond = np.diag(np.bincount(part, self.rows, parts)) - across.T @ known_of
        values, vectors = np.linalg.eigh((beyond + beyond.T) / 2)
        new = values > _SURE
        if (values[~new] > _NOTHING * self.rows.sum()).any():
            return None
        if not new.any():
            return self
        own = (vectors[:, new] / values[new]) @ vectors[:, new].T
        mixed = known_of @ own
        inverse = np.block([[self.inverse + mixed @ known_of.T, -mixed], [-mixed.T, own]])
        return Told(self.rows, (*self.parts, part + size), inverse)

    def leverage(self) -> Numbers:
        """That of a row of each kind, from 0 to 1."""
        found = np.zeros(len(self.rows))
        for at, part in enumerate(self.parts):
            found += self.inverse[part, part]
            for other in self.parts[:at]:
                found += 2 * self.inverse[part, other]
        return found
