"""Many names, each with a number: what models are made of, in little memory. Needs numpy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a text one by one, empty ones left out; never all of them at once."""
    return (line[0] for line in re.finditer(r"[^\n]+", text))


class Names:
    """The names of the features, each with its column. Two numbers a name: a dictionary of 200,000 words takes 40 MB."""

    def __init__(self, names: Iterable[str]) -> None:
        hashes = np.fromiter(map(hash, names), dtype=np.int64)
        self._columns = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._columns]

    def __len__(self) -> int:
        return len(self._hashes)

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """Return the column of each name, -1 for one that is not among them."""
        if not len(self):
            return np.full(len(names), -1, dtype=np.int32)
        asked = np.fromiter(map(hash, names), dtype=np.int64, count=len(names))
        places = np.minimum(np.searchsorted(self._hashes, asked), len(self) - 1)
        return np.where(self._hashes[places] == asked, self._columns[places], -1)
