"""A random sample of the followed origins, asked once more: how many still say the same?"""

import math
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from auditor import sources
from auditor.errors import BadOption
from auditor.fetch import Get
from auditor.report.section import number
from auditor.schema import Page

SAID = ("license_text", "license_url", "license_version", "vocabulary", "scope", "authority")
NAMED = 10
Z = 1.959964  # of a 95 % interval of the normal distribution


@dataclass(frozen=True, slots=True)
class Asked:
    """Of `asked` origins how many say of their licence what they said; which don't; how many did not answer."""

    asked: int
    same: int
    other: list[str]
    unanswered: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share that says the same, by Wilson's score."""
        return wilson(self.same, self.asked - self.unanswered)

    def lines(self) -> list[str]:
        """Return what was asked and what has changed, for the page."""
        answered = self.asked - self.unanswered
        missing = f" {number(self.unanswered)} did not answer." if self.unanswered else ""
        if not answered:
            return [f"Asked again: {number(self.asked)} origins.{missing}"]
        low, high = self.interval
        lines = [
            f"Asked again: of {number(answered)} origins drawn at random {number(self.same)} say the same of their licence: "
            f"{self.same / answered:.1%} (95 % interval {low:.1%} to {high:.1%}).{missing}"
        ]
        lines += [f"  says something else now: {key}" for key in self.other[:NAMED]]
        return lines + ([f"  {number(len(self.other) - NAMED)} more"] if len(self.other) > NAMED else [])


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (E. B. Wilson 1927); (0, 1) where nothing was drawn."""
    if not of:
        return 0.0, 1.0
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def ask(folder: Path, count: int, seed: int | None, endpoints: Mapping[str, str], allow: Collection[str]) -> Asked:
    """Ask for `count` of the origins that were answered for good, through the door; nothing of the audit is changed."""
    from auditor.trail import answers

    keys = _drawn(folder, count, seed)
    before = _said(answers(folder, keys), keys)
    with tempfile.TemporaryDirectory(prefix="auditor-verify-") as place:
        store = Path(place)
        with Get(store / "files", endpoints=endpoints, allow=allow, asked=store / "pages") as get:
            now = _said((p for s, some in _by_source(keys).items() for p in sources.source(s).items(some, get)), keys)
    other = [k for k in keys if now[k] is not None and now[k] != before[k]]
    unanswered = sum(now[k] is None for k in keys)
    return Asked(len(keys), len(keys) - len(other) - unanswered, other, unanswered)


def _drawn(folder: Path, count: int, seed: int | None) -> list[str]:
    import random

    import pyarrow as pa
    import pyarrow.parquet as pq

    from auditor.reach import ASKED, asked

    tables = [pq.read_table(f, schema=ASKED).filter(pc.field("final")) for f in asked(folder)]
    keys = pc.unique(pa.concat_tables(tables).column("key")) if tables else []
    if not len(keys):
        raise BadOption(f"--ask-again: no origin of {folder} was asked and answered: audit it with --follow first.")
    return [keys[i].as_py() for i in random.Random(seed).sample(range(len(keys)), min(count, len(keys)))]


def _by_source(keys: Iterable[str]) -> dict[str, list[str]]:
    from auditor.reach import served

    found: dict[str, list[str]] = {}
    for key in keys:
        prefix = max((p for p in served() if key.startswith(p)), key=len)
        found.setdefault(served()[prefix], []).append(key)
    return found


def _said(pages: Iterable[Page], keys: list[str]) -> dict[str, frozenset[Any] | None]:
    """Return what pages say of the licence of each key; None where no answer was had."""
    found: dict[str, set[Any] | None] = dict.fromkeys(keys)
    for page in pages:
        if page.context.get("failure"):
            continue
        for key in page.context.get("keys") or []:
            if key in found:
                found[key] = found[key] or set()
        for batch in sources.source(page.source).parse(page):
            for claim in batch.to_pylist():
                held = found.get(claim["item_id"])
                if held is not None:
                    held.add((*(claim.get(n) for n in SAID), claim.get("error")))
    return {k: None if v is None else frozenset(v) for k, v in found.items()}
