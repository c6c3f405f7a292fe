"""Made-up debian/copyright files, whole, odd and broken, beside their source tree and alone; and the real ones."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import audit
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import _dep5, debian_copyright
from auditor.target import Target

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
WHOLE = f"""{FORMAT}Upstream-Name: herons
Upstream-Contact: Ann Example <ann@heron.example>
License: GPL-3+

Files: *
Copyright: 2001 Ann Example
           2002 Ben Example
License: GPL-3+

# a comment between
Files: data/*.csv data/notes.txt
Copyright: 2003 Bird club
License: CC-BY-SA-3.0 or club
Source: https://birds.example/data

Files: data/old?.csv
Copyright: 2004 Cy Example
License: club

License: club
 Birds may be watched.
 .
 They may not be sold.
"""


def pages(file: Path, told: list[str] | None = None) -> list[Any]:
    target = Target(str(file), file, told=(told if told is not None else []).append)
    assert best(target) == "debian_copyright"
    return list(debian_copyright.fetch(target, Get(file.parent / "store", offline=True)))


def run(file: Path, level: str = "items", told: list[str] | None = None) -> list[dict[str, Any]]:
    batches = [b for p in pages(file, told) if p.level == level for b in debian_copyright.parse(p)]
    return [{k: v for k, v in row.items() if v is not None} for b in batches for row in b.to_pylist()]


def made(path: Path, text: str, name: str = "heron.copyright") -> Path:
    file = path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_alone_its_items_are_the_files_paragraphs(tmp_path: Path) -> None:
    told: list[str] = []
    items = run(made(tmp_path, WHOLE), told=told)
    base = {"vocabulary": "debian", "authority": "aggregator", "kind": "files"}
    assert items == [
        base
        | {
            "item_id": "*",
            "row": 0,
            "license_text": "GPL-3+",
            "copyright_text": "2001 Ann Example\n           2002 Ben Example",
        },
        base
        | {"item_id": "data/*.csv data/notes.txt", "row": 1, "license_text": "CC-BY-SA-3.0 or club"}
        | {"copyright_text": "2003 Bird club", "was_derived_from": ["https://birds.example/data"]},
        base
        | {"item_id": "data/old?.csv", "row": 2, "copyright_text": "2004 Cy Example"}
        | {"license_text": "club\nBirds may be watched.\n\nThey may not be sold."},
    ]
    assert told == [debian_copyright.PARAGRAPHS]


def test_the_header_speaks_of_the_whole(tmp_path: Path) -> None:
    row, *parts = run(made(tmp_path, WHOLE), "dataset")
    assert (row["title"], row["license_text"], row["authority"]) == ("herons", "GPL-3+", "dataset")
    assert [p["label"] for p in parts] == ["*", "data/*.csv data/notes.txt", "data/old?.csv"]
    file = made(tmp_path, WHOLE, "src/debian/copyright")
    made(tmp_path, "x", "src/README")
    assert len(run(file, "dataset")) == 1, "beside its tree each file has its own"


DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:cc="http://creativecommons.org/ns#"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><metadata><rdf:RDF><cc:Work rdf:about="">
 <cc:license rdf:resource="http://creativecommons.org/licenses/{}/"/></cc:Work></rdf:RDF></metadata></svg>"""


def test_what_is_embedded_in_a_file_stands_before_its_paragraph(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    made(tmp_path, WHOLE, "src/debian/copyright")
    for name, licence in (("stork", "by-nc-sa/2.0"), ("heron", "by/4.0")):
        made(tmp_path, DRAWING.format(licence), f"src/art/{name}.svg")
    made(tmp_path, "x", "src/README")
    done = auditor("audit", tmp_path / "src/debian/copyright", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    found = {r["item_id"]: r for r in pq.read_table(tmp_path / "out/findings").to_pylist()}
    assert found["README"]["verdict"] == "free" and found["README"]["conflict"] is None
    assert found["art/stork.svg"]["verdict"] == "non-free"
    assert found["art/stork.svg"]["license_concluded"] == "CC-BY-NC-SA-2.0"
    assert found["art/stork.svg"]["conflict"].startswith("embedded against aggregator")
    assert found["art/heron.svg"]["verdict"] != "free", "freer than the archive says: a conflict"
    assert found["art/heron.svg"]["license_concluded"] == "NOASSERTION"


def test_beside_its_tree_the_items_are_the_files_and_the_last_match_wins(tmp_path: Path) -> None:
    file = made(tmp_path, WHOLE, "src/debian/copyright")
    for name in ("README", "data/a.csv", "data/old1.csv", "data/deep/b.csv", "data/notes.txt", "data/c.txt", ".git/x"):
        made(tmp_path / "src", "x", name)
    said = {i["item_id"]: i["license_text"].split("\n")[0] for i in run(file)}
    assert said == {
        "README": "GPL-3+",
        "data/a.csv": "CC-BY-SA-3.0 or club",
        "data/c.txt": "GPL-3+",
        "data/deep/b.csv": "CC-BY-SA-3.0 or club",  # `*` crosses folders
        "data/notes.txt": "CC-BY-SA-3.0 or club",
        "data/old1.csv": "club",
    }


def test_another_tree_is_another_page(tmp_path: Path) -> None:
    file = made(tmp_path, WHOLE, "src/debian/copyright")
    made(tmp_path / "src", "x", "a")
    first = [p.key for p in pages(file)]
    made(tmp_path / "src", "x", "b").rename(tmp_path / "src/c")
    (tmp_path / "src/a").rename(tmp_path / "src/b")
    assert [p.key for p in pages(file)] != first


def test_what_is_installed_is_not_looked_for_where_the_file_is_given_alone(tmp_path: Path) -> None:
    file = made(tmp_path, WHOLE, "tree/usr/share/doc/heron/copyright")
    made(tmp_path, "x", "tree/usr/share/heron/old1.csv")
    assert [i["kind"] for i in run(file)] == ["files"] * 3


def test_a_file_that_no_paragraph_matches_says_nothing(tmp_path: Path) -> None:
    file = made(tmp_path, f"{FORMAT}\nFiles: a\nCopyright: A\nLicense: Expat\n", "src/debian/copyright")
    for name in ("a", "b"):
        made(tmp_path / "src", "x", name)
    assert [(i["item_id"], i.get("license_text")) for i in run(file)] == [("a", "Expat"), ("b", None)]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("License: Expat\n Permission is hereby granted", ["Expat"]),
        ("License: Expat\nLicense: CC-BY-NC-4.0", ["Expat", "CC-BY-NC-4.0"]),
        ("License: Expat and\n CC-BY-NC-4.0", ["Expat and\nCC-BY-NC-4.0"]),
        ("License: heron-1 or GPL-2+\n Text of both", ["heron-1 or GPL-2+"]),
        ("License: heron-1\n Not to be sold.", ["heron-1\nNot to be sold."]),
        ("License:\n Only words.", ["Only words."]),
        ("license: Expat", ["Expat"]),
        ("License:", [None]),
        ("Comment: none", [None]),
    ],
)
def test_a_licence_field_is_given_word_for_word(field: str, said: list[str | None], tmp_path: Path) -> None:
    items = run(made(tmp_path, f"{FORMAT}\nFiles: *\nCopyright: A\n{field}\n"))
    stated = [i for i in items if i["authority"] != "mention"]
    assert [(i["row"], i.get("license_text")) for i in stated] == [(0, s) for s in said]
    assert not any("error" in i for i in items)


def test_what_stands_under_a_known_name_can_only_restrict(tmp_path: Path) -> None:
    own = "License: Expat\n Permission is hereby granted, but not for commercial purposes.\n"
    paragraph = "\nFiles: b.c\nCopyright: B\nLicense: MIT\n\nLicense: MIT\n Not for commercial use.\n"
    (tmp_path / "copyright").write_text(f"{FORMAT}\nFiles: a.c\nCopyright: A\n{own}{paragraph}")
    found = audit(str(tmp_path / "copyright"), tmp_path / "a").findings.to_table().to_pylist()
    assert [(r["item_id"], r["verdict"], r["category"]) for r in found] == [
        ("a.c", "undetermined", "non-commercial"),
        ("b.c", "undetermined", "non-commercial"),
    ]


def test_one_broken_paragraph_costs_no_other(tmp_path: Path) -> None:
    text = f"{FORMAT}\nFiles: a\nCopyright: A\n2002 B\nLicense: Expat\n\nFiles: b\\c\nLicense: Expat\n\nFiles: d\nLicense: ISC\n"
    items = run(made(tmp_path, text))
    assert [i["item_id"] for i in items] == ["a", "b\\c", "d"]
    assert items[0]["error"] == "a line of it is neither a field nor goes on with one: 2002 B"
    assert "glob that is not allowed" in items[1]["error"]
    assert items[2]["license_text"] == "ISC" and "error" not in items[2]


def test_files_that_a_broken_glob_may_mean_are_errors(tmp_path: Path) -> None:
    text = f"{FORMAT}\nFiles: *\nLicense: Expat\n\nFiles: b\\c\nLicense: NC\n\nFiles: d\nLicense: ISC\n"
    file = made(tmp_path, text, "src/debian/copyright")
    for name in ("a", "d"):
        made(tmp_path / "src", "x", name)
    said = run(file)
    assert ["error" in i for i in said] == [True, False]


def test_what_stands_without_empty_line_or_indent_is_still_read(tmp_path: Path) -> None:
    text = (
        f"{FORMAT}\nFiles: a\nLicense: Expat\nFiles: b\nLicense: heron\n\nLicense: heron\n One line.\n\nAnother line.\n"
    )
    items = run(made(tmp_path, text.replace("\n", "\r\n")))
    assert [(i["item_id"], i["license_text"]) for i in items] == [
        ("a", "Expat"),
        ("b", "heron\nOne line.\nAnother line."),
    ]


def test_text_that_no_machine_reads_is_one_statement_on_the_whole(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    text = "This package was debianized by Ann Example.\n\nLicense: GPL, but not to be sold.\n"
    file = made(tmp_path, text, "usr/share/doc/heron/copyright")
    (row,) = run(file, "dataset")
    assert row["license_text"] == text.strip() and run(file) == []
    done = auditor("audit", file, "-o", tmp_path / "out")
    assert done.code == 0 and "not machine-readable" in done.err
    found = pq.read_table(tmp_path / "out/findings").to_pylist()
    assert [(f["level"], f["verdict"]) for f in found] == [("dataset", found[0]["verdict"])] and found[0][
        "verdict"
    ] != "free"


def test_words_before_the_header_hide_no_paragraph(tmp_path: Path) -> None:
    items = run(
        made(tmp_path, f"This package was debianized by Ann.\n\nIt came from <http://heron.example/>.\n\n{WHOLE}")
    )
    assert [i["item_id"] for i in items] == ["*", "data/*.csv data/notes.txt", "data/old?.csv"]


def test_other_deb822_files_are_not_taken_for_it(tmp_path: Path) -> None:
    for text in ("Format: 3.0 (quilt)\nSource: heron\n", "Package: heron\nVersion: 1\n", "#a:\n" * 5000, ""):
        file = made(tmp_path, text, "heron.dsc")
        assert debian_copyright.knows(Target(str(file), file)) == 0


@given(st.text(), st.booleans())
def test_any_text_is_read_without_a_traceback(text: str, header: bool) -> None:
    said = _dep5.read(FORMAT + "\n" + text if header else text)
    said.matchers()
    assert all(isinstance(p.patterns, list) for p in said.files)


@given(st.lists(st.sampled_from(["GPL-2+", "Expat", "club and x", "other"]), min_size=1, max_size=20))
def test_as_many_items_as_files_paragraphs(names: list[str]) -> None:
    text = FORMAT + "".join(f"\nFiles: d{i}/*\nCopyright: A\nLicense: {n}\n words\n" for i, n in enumerate(names))
    said = _dep5.read(text)
    assert [p.licenses[0][0] for p in said.files] == names


def test_real_files_give_an_item_a_files_paragraph(real_data: Path) -> None:
    files = [f for f in sorted((real_data / "debian_copyright").rglob("*")) if f.suffix == ".copyright"]
    assert len(files) > 500
    total = 0
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        counted = len(re.findall(r"^Files:", text, re.MULTILINE | re.IGNORECASE)) if "\nFormat:" in f"\n{text}" else 0
        rows = {i["row"] for i in run(file)}
        assert len(rows) == counted, file.name
        total += counted
    assert total > 5000
