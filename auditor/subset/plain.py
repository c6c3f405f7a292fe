"""The items that pass as a table or a list: Parquet, CSV, JSON lines, URLs."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.report.section import FORMULA
from auditor.schema import FINDING

if TYPE_CHECKING:
    import duckdb

OPTIONS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}
URLS = "FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE ''"


def write(db: "duckdb.DuckDBPyConnection", form: str, out: Path) -> None:
    """Write the findings that pass; the file appears whole or not at all."""
    partial = out.with_name(out.name + ".tmp")
    names = [f.name for f in FINDING]
    if form == "urls":
        query = r"SELECT regexp_replace(item_url, '[\r\n\t]', '', 'g') FROM f WHERE passes AND item_url IS NOT NULL"
        options = URLS
    else:
        columns = ", ".join(_plain(n) if form == "csv" else n for n in names)
        query, options = f"SELECT {columns} FROM f WHERE passes", OPTIONS[form]
    db.execute(f"COPY ({query} ORDER BY page_key, row) TO '{str(partial).replace(chr(39), chr(39) * 2)}' ({options})")
    os.replace(partial, out)


def _plain(name: str) -> str:
    """Return the SQL of a column for a spreadsheet: lists joined, no formula."""
    kind = str(FINDING.field(name).type)
    text = f"array_to_string({name}, ' ')" if kind.startswith("list") else name
    if kind in ("string", "list<item: string>"):
        return f"CASE WHEN regexp_matches({text}, '{FORMULA}') THEN '''' || {text} ELSE {text} END AS {name}"
    return name
