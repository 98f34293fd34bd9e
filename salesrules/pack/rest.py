"""The mark of a field that holds every key of a mapping that no other field of its noun claims."""

from __future__ import annotations

REST = {"rest": True}
