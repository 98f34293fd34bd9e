"""YAML text to plain data with places: libyaml's events, without what packs do not use and without silent traps."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import yaml

from salesrules.issue import YAML_LOADER, Issue
from salesrules.load.collector import collector_paused
from salesrules.load.cuts import Cuts, looks_odd, misread_in, odd_scalar, swallowed_items
from salesrules.load.places import Map, Seq, Source, Value, Written, plain
from salesrules.load.syntax_errors import explain
from salesrules.load.text import MAX_BYTES, invisible_characters

MAX_DEPTH = 60
MAX_VALUES = 2_000_000
MERGE_KEY = "<<"


@collector_paused()
def read(text: str, file: str) -> tuple[Value | None, list[Issue]]:
    """Read one YAML document; None when no data can be made of it. Data with issues is there to find further ones."""
    source = Source(file, text)
    if len(text) > MAX_BYTES:
        words = {"found": f"{len(text):,}", "limit": f"{MAX_BYTES:,}"}
        return None, [Issue("file.too_large", source.span(0, 0), words)]
    if issues := invisible_characters(text, file):
        return None, issues
    reader = _Reader(source)
    try:
        for event in yaml.parse(text, Loader=YAML_LOADER):
            reader.take(event)
            if reader.stopped:
                return None, reader.issues
    except yaml.MarkedYAMLError as error:
        return None, [*reader.issues, explain(error, source)]
    if reader.root is None or (reader.root.data is None and not reader.issues):
        return None, [*reader.issues, Issue("yaml.empty", source.span(0, 0))]
    return reader.root, reader.issues


class _Open:
    """A collection that is being read: its key in hand, whether it looks odd, the number of issues before it."""

    __slots__ = ("at", "content", "flow", "issues", "key", "odd")

    def __init__(self, content: Map | Seq, at: Written, flow: bool, issues: int) -> None:
        self.content = content
        self.issues = issues
        self.at = at
        self.flow = flow
        self.key: Written | None = None
        self.odd = False


class _Reader:
    """Builds Maps and Seqs from parser events, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.issues: list[Issue] = []
        self.root: Value | None = None
        self.stopped = False
        self.open: list[_Open] = []
        self.anchors: set[str] = set()
        self.values = 0
        self.documents = 0
        self.steps = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        step = self.steps.get(type(event))
        if step is not None:
            step(event)

    def _stop(self, code: str, event: Any, limit: int) -> None:
        self.issues.append(Issue(code, self._written(event).span, {"limit": f"{limit:,}"}))
        self.stopped = True

    def _written(self, event: Any) -> Written:
        return Written(self.source, event.start_mark, event.end_mark)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.issues.append(Issue("yaml.several_documents", self._written(event).span))
            self.stopped = True

    def _start(self, event: Any) -> None:
        at = self._written(event)
        self._forbid(event, at)
        content = Map() if isinstance(event, yaml.MappingStartEvent) else Seq()
        self.open.append(_Open(content, at, event.flow_style, len(self.issues)))
        if len(self.open) > MAX_DEPTH:
            self._stop("yaml.too_deep", event, MAX_DEPTH)

    def _end(self, event: Any) -> None:
        done = self.open.pop()
        if done.flow:
            done.at.end = event.end_mark
            if done.odd:
                cuts = Cuts(done.content, done.at)
                if cuts.all:
                    self._mend(done.content, cuts, done.issues)
                self.issues += misread_in(done.content)
        self._put(done.content, done.at)

    def _alias(self, event: Any) -> None:
        at = self._written(event)
        known = event.anchor in self.anchors
        words = {"name": event.anchor} if known else {"sign": "*"}
        self.issues.append(Issue("yaml.alias" if known else "yaml.leading_sign", at.span, words))
        self._put(None, at)

    def _scalar(self, event: Any) -> None:
        raw, style = event.value, event.style
        quote = style if style in ("'", '"', "|", ">") else ""
        written = Written(self.source, event.start_mark, event.end_mark, raw, quote)
        if event.tag is not None or event.anchor is not None:
            self._forbid(event, written)
        self.values += 1
        if self.values > MAX_VALUES:
            self._stop("yaml.too_many_values", event, MAX_VALUES)
        holder = self.open[-1] if self.open else None
        is_key = holder is not None and holder.key is None and isinstance(holder.content, Map)
        if not quote and looks_odd(raw):
            if holder is not None:
                holder.odd = True
            if issue := odd_scalar(written, is_key, holder is not None and holder.flow):
                self.issues.append(issue)
        if holder is not None and not quote and not holder.flow and isinstance(holder.content, Seq):
            self.issues += swallowed_items(written)
        if holder is not None and is_key:
            holder.key = written
        else:
            self._put(raw if quote else plain(raw), written)

    def _put(self, data: Any, written: Written) -> None:
        if not self.open:
            self.root = Value(data, written)
            return
        holder = self.open[-1]
        content = holder.content
        if isinstance(content, Seq):
            content.append(data)
            content.values_at.append(written)
            return
        at, holder.key = holder.key, None
        if at is None:
            self.issues.append(Issue("yaml.key_not_text", written.span))
            holder.key = Written(self.source, written.start, written.start, "", "'")
            return
        key = normalize("NFC", at.raw)
        if not at.quote and key in ("", MERGE_KEY):
            self.issues.append(Issue("yaml.merge_key" if key else "yaml.key_not_text", at.span))
            return
        if key in content:
            first = content.keys_at[key].span
            self.issues.append(Issue("yaml.duplicate_key", at.span, {"name": key}, other=first))
        if data is None and holder.flow and not written.raw:
            holder.odd = True
        content[key] = data
        content.keys_at[key] = at
        content.values_at[key] = written

    def _mend(self, content: Map | Seq, cuts: Cuts, since: int) -> None:
        """Report the values that a comma cut and make them whole, so that later steps check what was meant."""
        inside = [issue for issue in self.issues[since:] if not cuts.cover(issue)]
        self.issues[since:] = [*inside, *(cut.issue for cut in cuts.all)]
        if isinstance(content, Map):
            for key in [key for key, at in content.keys_at.items() if cuts.hold(at)]:
                del content[key], content.keys_at[key], content.values_at[key]
            for cut in cuts.all:
                content[cut.key], content.values_at[cut.key] = cut.data, cut.whole
        else:
            kept = [
                (data, at, cuts.of(at))
                for data, at in zip(content, content.values_at, strict=True)
                if not cuts.hold(at)
            ]
            content[:] = [cut.data if cut else data for data, _, cut in kept]
            content.values_at = [cut.whole if cut else at for _, at, cut in kept]

    def _forbid(self, event: Any, at: Written) -> None:
        if event.tag is not None and event.tag != "!":
            sign = event.tag.startswith("!")
            words = {"sign": "!"} if sign else {"name": event.tag.replace("tag:yaml.org,2002:", "!!")}
            self.issues.append(Issue("yaml.leading_sign" if sign else "yaml.tag", at.span, words))
        if event.anchor is not None:
            self.anchors.add(event.anchor)
            self.issues.append(Issue("yaml.anchor", at.span, {"name": event.anchor}))
