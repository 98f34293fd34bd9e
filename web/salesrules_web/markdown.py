"""Markdown of a pack to what a page may show: no HTML of its own, no pictures, no styles, headings below the page's."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

_BELOW = 2  # levels of headings that the page has above
_LEADS = ("https://", "http://", "mailto:")


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Whether a link may be one: to the web or to a mailbox, and to nothing on this machine or in this product."""
        return url.lower().startswith(_LEADS)


_READER = _Reader("commonmark", {"html": False}).enable("table").disable("image")


def shown(text: str) -> Markup:
    """The text as HTML; tags in it are shown as they are typed, and links lead to web and mail addresses only."""
    tokens = _READER.parse(text)
    for token in tokens:
        token.attrs.pop("style", None)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _BELOW)}"
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704 - the reader has escaped all of it
