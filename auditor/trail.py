"""An item's evidence trail: its finding, the claims it rests on, how each was read, and the page with its hash."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditor.auditing import Audit
from auditor.errors import BadOption
from auditor.report.section import cut
from auditor.schema import PAGE, Page
from auditor.statements import PART
from auditor.store import page_of

WORDS, LONGEST = 500, 2000  # characters of a statement, which may be a whole licence, and of a line
SHOWN = (
    "license_declared",
    "license_concluded",
    "category",
    "access_category",
    "verdict",
    "reason",
    "conflict",
    "error",
)


def trail(folder: Path, item: str) -> str:
    """Return the trail of an item, as text a lawyer can follow; BadOption where the audit has no such item."""
    audit = Audit(folder)
    finding = _finding(audit, item)
    lines = [
        f"Item: {item}",
        *(f"  {n}: {finding[n]}" for n in ("item_url", "title", "creator") if finding[n]),
        "",
        "Finding",
    ]
    lines += [f"  {name}: {finding[name]}" for name in SHOWN if finding[name] is not None]
    lines += [f"  rules: {finding['license_comments']}", "", "Said of the item, word for word"]
    pages = list(pages_of(folder, finding["page_key"])) or list(pages_of(folder))
    held = [(page, claim) for page in pages for claim in _claims(page, finding, alone=len(pages) == 1)]
    lines += [f"  {line}" for _, claim in held for line in _said(claim)] or ["  nothing"]
    lines += ["", "Said of the dataset as a whole"]
    lines += [f"  {line}" for claim in audit.info["dataset"]["statements"] for line in _said(claim)] or ["  nothing"]
    from_pages = list(dict.fromkeys(p.key for p, _ in held))
    shown = [p for p in pages if p.key in from_pages] or pages[:1]
    if finding["origin"]:
        lines += ["", f"Said where it comes from ({finding['origin']}: {finding['origin_status']})"]
        found = list(_followed(folder, finding))
        lines += [f"  {line}" for _, claims in found for claim in claims for line in _said(claim)] or ["  nothing"]
        shown += [page for page, _ in found]
    return "\n".join(map(_safe, [*lines, "", "Pages", *(line for p in shown for line in _page(p)), ""]))


def _safe(line: str) -> str:
    """Return a line without a stranger's line breaks or control characters, as far in as it was."""
    return " " * (len(line) - len(line.lstrip(" "))) + cut(line, LONGEST)


def _finding(audit: Audit, item: str) -> dict[str, Any]:
    import pyarrow.compute as pc

    rows = audit.findings.to_table(filter=pc.field("item_id") == item).to_pylist()
    if not rows:
        raise BadOption(f"{audit.folder} has no item {item!r}: its findings list the ids it has.")
    return dict(rows[0])


def pages_of(folder: Path, key: str | None = None) -> Iterator[Page]:
    """Yield the pages of an audit, or the one of a key, in their order; a path inside the audit is made absolute."""
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    chosen = None if key is None else pc.field("page_key") == key
    table = ds.dataset(sorted((folder / "pages").glob("pages-*.parquet")), schema=PAGE).to_table(filter=chosen)
    for row in table.sort_by("number").to_pylist():
        yield page_of(row, folder)


def _followed(folder: Path, finding: dict[str, Any]) -> Iterator[tuple[Page, list[dict[str, Any]]]]:
    """Yield the stored answers for an item's origins, those that they name in turn after them, each with its claims."""
    from auditor.reach import named_by

    keys, seen = named_by([finding]), set[str]()
    while keys := [k for k in keys if k not in seen]:
        seen.update(keys)
        found = [(page, [c for c in _every(page) if c["item_id"] in keys]) for page in answers(folder, keys)]
        yield from found
        keys = named_by([c for _, claims in found for c in claims], own=False)


def answers(folder: Path, keys: list[str]) -> Iterator[Page]:
    """Yield the stored answers for origins, in the order of their addresses; of a request that was made again, the last."""
    from auditor.again import engine
    from auditor.reach import stored

    files = [str(p) for p in stored(folder)]
    if not files:
        return
    db = engine(folder)
    found = db.execute(  # the bodies are read of the few answers only
        "SELECT filename, file_row_number FROM read_parquet($files, filename = true, file_row_number = true)"
        " WHERE list_has_any(keys, $keys)"
        " QUALIFY row_number() OVER (PARTITION BY ask ORDER BY filename DESC, file_row_number DESC) = 1",
        {"files": files, "keys": keys},
    ).fetchall()
    rows: list[dict[str, Any]] = []
    for file in sorted({f for f, _ in found}):
        query = "SELECT * FROM read_parquet($file, file_row_number = true) WHERE list_contains($rows, file_row_number)"
        chosen = {"file": file, "rows": [n for f, n in found if f == file]}
        rows += db.sql(query, params=chosen).to_arrow_table().to_pylist()
    for row in sorted(rows, key=lambda r: str(r["locator"])):
        yield page_of(row, folder)


def _every(page: Page) -> Iterator[dict[str, Any]]:
    from auditor.sources import source

    for batch in source(page.source).parse(page):
        yield from batch.to_pylist()


def _claims(page: Page, finding: dict[str, Any], alone: bool) -> Iterator[dict[str, Any]]:
    """Derive the item's claims again from a page: by row where it is the item's own page, by id where several hold it."""
    from auditor.sources import source

    if page.level == "dataset" or (page.path and not Path(page.path).exists()):
        return
    name, wanted = ("row", finding["row"]) if alone else ("item_id", finding["item_id"])
    for batch in source(page.source).parse(page):
        if wanted in batch.column(batch.schema.get_field_index(name)).to_pylist():
            yield from (c for c in batch.to_pylist() if c[name] == wanted)


def _said(claim: dict[str, Any]) -> Iterator[str]:
    from auditor.licensing import read

    if claim.get("error"):
        yield f"{claim.get('authority') or 'uploader'}: {claim['error']}"
        return
    text, url = claim.get("license_text", claim.get("text")), claim.get("license_url", claim.get("url"))
    reading = read(text, url, claim.get("license_version"), claim.get("vocabulary"))
    words = " ".join(w for w in (text, url, claim.get("license_version")) if w) or "nothing of a licence"
    about = f" of its {claim['scope']}" if claim.get("scope") else ""
    if (claim.get("authority"), claim.get("scope")) == ("dataset", PART):
        about = ", which it comes from, of all items"
    where = "".join(f", {said}" for said in (claim.get("place"), claim.get("as_of")) if said)
    yield f"{claim.get('authority') or 'uploader'}{where}{about}: {cut(words, WORDS)}"
    yield f"  read as {reading.license} ({reading.category}) by {reading.rule}" + (
        f": {reading.note}" if reading.note else ""
    )


def _page(page: Page) -> list[str]:
    lines = [f"  {page.locator}, retrieved {page.retrieved}, status {page.status}, by source {page.source}"]
    if page.slice:
        lines.append(f"  slice {json.dumps(page.slice)}")
    return [*lines, f"  SHA-256 {page.sha256 or 'not taken: it has no bytes of its own'}"]
