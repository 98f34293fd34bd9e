"""A name for people in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """What people read instead of an id.

    Keys:
      en: in English
      zh: in Chinese
    """

    en: str
    zh: str

    def in_(self, lang: str) -> str:
        """The label in one language, `en` or `zh`."""
        return self.zh if lang == "zh" else self.en
