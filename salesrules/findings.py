"""What the doctor found to sentences in a language, to JSON, and to files of rows with the reason beside each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from salesrules.audit.quality import Measured, Quality, Score
from salesrules.issue import Several, say
from salesrules.pack.pack import Pack
from salesrules.phrases import reject_text
from salesrules.sources.notes.doctor import Alias, Cache, Diagnosis, Garbled, Source
from salesrules.sources.notes.rejects import Rejected

HEADING = ("#file", "#row", "#field", "#reason")  # no column of a source that can be read is called so


def finding_texts(pack: Pack, found: Diagnosis, quality: Quality, lang: str) -> Iterator[tuple[str, list[str]]]:
    """Headings, and the lines below each; headings without lines are left out."""
    sources = [
        say("doctor.text_source" if source.encoding else "doctor.source", lang, **_words(source))
        for source in found.sources
    ]
    empty = [say("doctor.empty_field", lang, entity=entity, field=field) for entity, field in found.empty]
    kept = "doctor.kept" if found.cache.file else "doctor.not_kept"
    sections = {
        "doctor.sources": sources,
        "doctor.rejects": [reject_text(pack, reject, lang) for reject in found.rejects],
        "doctor.doubts": [issue.line(lang) for issue in found.doubts],
        "doctor.aliases": [say("doctor.alias", lang, **_words(alias)) for alias in found.aliases],
        "doctor.empty": empty,
        "doctor.garbled": [say("doctor.garbled_field", lang, **_words(field)) for field in found.garbled],
        "doctor.quality": list(_quality(pack, quality, lang)),
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


def _quality(pack: Pack, found: Quality, lang: str) -> Iterator[str]:
    """Each category with its score and who answers for it, and below it its rules."""
    for score in found.scores:
        category, steward = pack.categories[score.category], pack.roles[score.steward]
        words = {"category": category.label.in_(lang), "steward": steward.label.in_(lang)}
        yield say("doctor.score", lang, score=_share(score.met, score.asked), **words)
        for rule in (rule for rule in found.rules if rule.category == score.category):
            yield f"  {_rule(pack, rule, lang)}"


def _rule(pack: Pack, found: Measured, lang: str) -> str:
    entity = pack.entities[found.entity]
    words = {"entity": entity.label.in_(lang), "rule": entity.quality[found.rule].label.in_(lang)}
    words |= {"score": _share(found.met, found.asked), "asked": f"{found.asked:,}"}
    words |= {"wanted": f"{(found.at_least * 100).normalize():f}%"}
    if not found.asked:
        return say("doctor.rule_nothing", lang, **words)
    parts = [say("doctor.rule_enough" if found.enough else "doctor.rule_too_few", lang, **words)]
    if found.unmet:
        examples = Several.of(found.examples)
        parts.append(say("doctor.unmet", lang, count=f"{found.unmet:,}", examples=examples))
    if found.unknown:
        parts.append(say("doctor.unknown", lang, count=f"{found.unknown:,}"))
    return say("list.part", lang).join(parts)


def _share(part: int, whole: int) -> str:
    """A share rounded down to tenths of a percent, so that `100%` is said of all only."""
    tenths = part * 1000 // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10}%" if whole else "-"


def findings_json(found: Diagnosis, quality: Quality, lang: str) -> str:
    """The whole diagnosis as a JSON object; each reject says in the language what was wrong, shares are from 0 to 1."""
    whole = asdict(found)
    whole["quality"] = {
        "day": quality.day,
        "categories": [asdict(score) | {"share": _ratio(score)} for score in quality.scores],
        "rules": [
            asdict(rule)
            | {"at_least": float(rule.at_least), "share": _ratio(rule), "unmet": rule.unmet, "enough": rule.enough}
            for rule in quality.rules
        ],
    }
    for reject in whole["rejects"]:
        reject["text"] = cause_text(reject["reason"], lang)
    whole["doubts"] = [issue.line(lang) for issue in found.doubts]
    whole["empty"] = [{"entity": entity, "field": field} for entity, field in found.empty]
    return json.dumps(whole, ensure_ascii=False, indent=2, default=str)


def _ratio(found: Measured | Score) -> float | None:
    return round(found.met / found.asked, 6) if found.asked else None


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
        writer.writerow([row.file, "" if row.row is None else row.row, row.field, cause_text(row.reason, lang), *cells])
    return out.getvalue()
