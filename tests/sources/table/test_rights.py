"""A column of rights that names who has them, beside a column that holds the licence; and the other way round."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.table.test_table import found

PD = "http://web.resource.org/cc/PublicDomain"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
NAMED = [
    ("Ada Lovelace", PD, "free"),
    ("codifier", PD, "free"),
    (None, PD, "free"),
    ("© 2005 Ben & Co.", PD, "free"),
    ("Public Domain", PD, "free"),
    ("Ada, all rights reserved", PD, "non-free"),
    ("Free Art License", PD, "undetermined"),
    ("used with permission", PD, "undetermined"),
    ("Ada Lovelace; alle Rechte vorbehalten", PD, "undetermined"),
    ("Ada Lovelace", None, "undetermined"),
    ("Ada Lovelace", "https://creativecommons.org/licenses/by-nc/4.0/", "non-free"),
    *(("Ada Lovelace", PD, "free") for _ in range(5)),
]


@pytest.mark.parametrize("column", ["cc_license", "license_url", "item_license"])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_names_of_who_has_the_rights_are_no_licence(column: str, form: str, tmp_path: Path) -> None:
    """Openclipart's metadata: `rights` is dc:rights, a name, and `cc_license` the licence; what speaks of terms there counts."""
    rows: list[dict[str, Any]] = [{"path": f"{n}.svg", "rights": r, column: c} for n, (r, c, _) in enumerate(NAMED)]
    path = tmp_path / f"t.{form}"
    if form == "jsonl":
        path.write_text("\n".join(json.dumps(r | {column: [r[column] or ""]}) for r in rows))
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    assert [r["verdict"] for r in found(path, tmp_path / "out")] == [v for _, _, v in NAMED]


@pytest.mark.parametrize(
    ("rights", "concluded"),
    [
        ("Public domain in the USA.", "LicenseRef-public-domain-in-a-country"),
        ("Copyrighted. Read the copyright notice inside this book for details.", "NOASSERTION"),
        ("InC", "LicenseRef-rightsstatements-InC-1.0"),
        ("by-nc", None),
    ],
)
def test_a_column_of_rights_that_speaks_of_them_stays_the_statement(
    rights: str, concluded: str | None, tmp_path: Path
) -> None:
    """Project Gutenberg's catalogue as a table: its `cc_license` is that of the catalogue, not of the book."""
    rows = [{"id": n, "rights": rights, "cc_license": CC0} for n in range(4)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for row in found(tmp_path / "t.jsonl", tmp_path / "out"):
        assert row["verdict"] != "free"
        assert concluded is None or row["license_concluded"] == concluded


def test_rights_beside_a_plain_licence_can_only_restrict(tmp_path: Path) -> None:
    said = ["Ada Lovelace", "Ben", "© Ann, some rights reserved", "CC0", "All rights reserved"]
    rows = [{"id": n, "license": "CC BY 4.0", "rights": r} for n, r in enumerate(said)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found_ = found(tmp_path / "t.jsonl", tmp_path / "out")
    assert [r["verdict"] for r in found_] == ["free", "free", "free", "free", "undetermined"]
