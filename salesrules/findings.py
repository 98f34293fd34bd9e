"""What the doctor found to sentences in a language, to JSON, and to files of rows with the reason beside each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from salesrules.issue import say
from salesrules.phrases import reject_text
from salesrules.sources.doctor import Alias, Cache, Diagnosis, Garbled, Source
from salesrules.sources.rejects import Rejected

HEADING = ("#file", "#row", "#field", "#reason")  # no column of a source that can be read is called so


def finding_texts(found: Diagnosis, lang: str) -> Iterator[tuple[str, list[str]]]:
    """Headings, and the lines below each; headings without lines are left out."""
    sources = [
        say("doctor.text_source" if source.encoding else "doctor.source", lang, **_words(source))
        for source in found.sources
    ]
    empty = [say("doctor.empty_field", lang, entity=entity, field=field) for entity, field in found.empty]
    kept = "doctor.kept" if found.cache.file else "doctor.not_kept"
    sections = {
        "doctor.sources": sources,
        "doctor.rejects": [reject_text(reject, lang) for reject in found.rejects],
        "doctor.doubts": [issue.line(lang) for issue in found.doubts],
        "doctor.aliases": [say("doctor.alias", lang, **_words(alias)) for alias in found.aliases],
        "doctor.empty": empty,
        "doctor.garbled": [say("doctor.garbled_field", lang, **_words(field)) for field in found.garbled],
        "doctor.cache": [say(kept, lang, **_words(found.cache))],
    }
    for code, lines in sections.items():
        if lines:
            yield say(code, lang), lines


def _words(noun: Source | Alias | Garbled | Cache) -> dict[str, str]:
    """The parts of a noun as words of a sentence, numbers grouped."""
    parts = asdict(noun).items()
    return {name: _word(part) for name, part in parts}


def _word(part: object) -> str:
    if isinstance(part, datetime):
        return f"{part:%Y-%m-%d %H:%M} UTC"
    return f"{part:,}" if isinstance(part, int) else str(part)


def findings_json(found: Diagnosis, lang: str) -> str:
    """The whole diagnosis as a JSON object; each reject says in the language what was wrong."""
    whole = asdict(found)
    for reject in whole["rejects"]:
        reject["text"] = cause_text(reject["reason"], lang)
    whole["doubts"] = [issue.line(lang) for issue in found.doubts]
    whole["empty"] = [{"entity": entity, "field": field} for entity, field in found.empty]
    return json.dumps(whole, ensure_ascii=False, indent=2, default=str)


def cause_text(reason: str, lang: str) -> str:
    """Why a row was left out, or a value emptied."""
    return say(f"cause.{reason.partition('.')[2]}", lang)


def rejects_csv(found: Rejected, lang: str) -> str:
    """The rows as CSV with every column that they came with; a row stands once for each reason."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*HEADING, *found.columns])
    for row in found.rows:
        cells = ["" if cell is None else cell for cell in row.cells]
        writer.writerow([row.file, row.row, row.field, cause_text(row.reason, lang), *cells])
    return out.getvalue()
