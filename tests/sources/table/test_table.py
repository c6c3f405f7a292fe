"""Tables: every row comes out, whatever the form; columns are recognised, given, or named as left aside."""

import bz2
import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import auditor
from auditor.errors import BadInput, BadOption
from auditor.sources import _table_read, _table_roles, _table_sniff, table
from auditor.sources._table_parts import in_text, parts
from auditor.target import Target
from tests.conftest import Run

FOLDERS = ("laion_img2dataset", "conceptual_captions", "bioregistry", "mteb", "aws_open_data_registry", "the_stack")
RECORDS: list[dict[str, Any]] = [
    {
        "id": f"x{i}",
        "image_url": f"https://h.example/{i}",
        "license": ["CC BY 4.0", None, "CC0"][i % 3],
        "title": f"é{i}, “q”",
    }
    for i in range(30)
]


def found(path: Path, out: Path, **options: Any) -> list[dict[str, Any]]:
    done = auditor.audit(str(path), out, **options)
    return sorted(done.findings.to_table().to_pylist(), key=lambda r: r["row"])


def as_csv(records: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def as_parquet(records: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), sink, row_group_size=7)
    return sink.getvalue()


def as_xml(records: list[dict[str, Any]], inside: str = "{}", elements: bool = False) -> bytes:
    """Return the records as elements of a list, their fields as attributes or as children."""
    listed = ElementTree.Element("images")
    for record in records:
        fields = {k: v for k, v in record.items() if v is not None}
        one = ElementTree.SubElement(listed, "image", {} if elements else fields)
        for name, value in fields.items() if elements else ():
            ElementTree.SubElement(one, name).text = value
    ElementTree.indent(listed)
    said = inside.format(ElementTree.tostring(listed, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-16"?>\n{said}'.encode("utf-16") if elements else said.encode()


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return sink.getvalue().to_pybytes()


FORMS: dict[str, Callable[[], bytes]] = {
    "t.csv": lambda: as_csv(RECORDS),
    "t.tsv": lambda: as_csv(RECORDS, "\t"),
    "semicolons.csv": lambda: as_csv(RECORDS, ";"),
    "tabs.csv": lambda: as_csv(RECORDS, "\t"),
    "t.csv.gz": lambda: gzip.compress(as_csv(RECORDS)),
    "t.csv.bz2": lambda: bz2.compress(as_csv(RECORDS)),
    "t.csv.xz": lambda: lzma.compress(as_csv(RECORDS)),
    "t.csv.zst": lambda: zstd(as_csv(RECORDS)),
    "utf16.csv": lambda: as_csv(RECORDS).decode().encode("utf-16"),
    "marked.csv": lambda: b"\xef\xbb\xbf" + as_csv(RECORDS),
    "latin.csv": lambda: as_csv(RECORDS).decode().replace("“", "«").replace("”", "»").encode("cp1252"),
    "t.parquet": lambda: as_parquet(RECORDS),
    "t.jsonl": lambda: "".join(json.dumps(r) + "\n" for r in RECORDS).encode(),
    "t.jsonl.gz": lambda: gzip.compress("".join(json.dumps(r) + "\n" for r in RECORDS).encode()),
    "t.json": lambda: json.dumps(RECORDS).encode(),
    "pretty.json": lambda: json.dumps(RECORDS, indent=2).encode(),
    "keyed.json": lambda: json.dumps({r["id"]: {k: v for k, v in r.items() if k != "id"} for r in RECORDS}).encode(),
    "inside.json": lambda: json.dumps({"version": 1, "images": RECORDS}).encode(),
    "t.xml": lambda: as_xml(RECORDS),
    "t.xml.gz": lambda: gzip.compress(as_xml(RECORDS, '<set xmlns="urn:x"><info a="1" b="2"/>{}</set>')),
    "elements.xml": lambda: as_xml(RECORDS, elements=True),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_one_table_gives_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FORMS[name]())
    rows = found(tmp_path / name, tmp_path / "out")
    assert [r["item_id"] for r in rows] == [r["id"] for r in RECORDS]
    assert [r["item_url"] for r in rows] == [r["image_url"] for r in RECORDS]
    assert [r["statement"] for r in rows] == [r["license"] for r in RECORDS]
    assert [r["license_concluded"] for r in rows] == [["CC-BY-4.0", "NOASSERTION", "CC0-1.0"][i % 3] for i in range(30)]
    assert [r["row"] for r in rows] == list(range(30))
    titles = [r["title"] for r in RECORDS]
    assert [r["title"] for r in rows] == (
        [t.replace("“", "«").replace("”", "»") for t in titles] if name == "latin.csv" else titles
    )


def test_records_before_the_break_stay(tmp_path: Path) -> None:
    for name, broken in (("t.xml", as_xml(RECORDS)[:-300]), ("t.json", json.dumps(RECORDS).encode()[:-300])):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / name).write_bytes(broken)
        (folder / "whole.csv").write_bytes(as_csv(RECORDS[:1]))
        rows = found(folder, tmp_path / f"of-{folder.name}")
        [wrong] = [r for r in rows if "is no whole XML" in r["reason"] or "is not whole JSON" in r["reason"]]
        assert wrong["verdict"] == "undetermined" and len(rows) > (22 if name == "t.xml" else 1)
        with pytest.raises(BadInput, match="get the file again"):
            auditor.audit(str(folder / name), tmp_path / "alone")


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]>' + as_xml(RECORDS),
        b'<plan width="1" height="2"><path d="M0" id="a"/><rect x="1" y="2"/></plan>',
        b"<page><title>a</title><text>b</text></page>",
    ],
)
def test_xml_that_is_unsafe_or_no_list_of_records_is_no_table(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_bytes(text)
    assert table.knows(Target("t.xml", tmp_path / "t.xml")) == 0.0


def test_malformed_rows_are_findings_in_their_places(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "id,license\na,MIT\nb,MIT,too,many\nc\nd,CC0\n" + "".join(f"e{i},MIT\n" for i in range(20))
    )
    rows = found(tmp_path / "t.csv", tmp_path / "out")
    assert len(rows) == 24 and [r["row"] for r in rows] == list(range(24))
    assert [bool(r["error"]) for r in rows[:4]] == [False, True, True, False]
    assert "too,many" in rows[1]["error"] and rows[1]["verdict"] == "undetermined"
    (tmp_path / "t.jsonl").write_text(
        '{"id": "a", "license": "MIT"}\n{"id": broken\n[1]\n{"id": "b", "license": "CC0"}\n'
    )
    rows = found(tmp_path / "t.jsonl", tmp_path / "out2")
    assert [bool(r["error"]) for r in rows] == [False, True, True, False]


def test_columns_given_by_name_number_and_template(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "k;where;what\n1;creativecommons.org;/licenses/by/4.0/\n2;cc.evil.example;/licenses/by/4.0/\n"
        "3; http://creativecommons.org;/licenses/by-nc/4.0/\n"
    )
    rows = found(tmp_path / "t.csv", tmp_path / "o", columns={"item_id": "0", "license_url": "https://{where}{what}"})
    assert [(r["item_id"], r["license_concluded"]) for r in rows] == [
        *(("1", "CC-BY-4.0"), ("2", "NOASSERTION"), ("3", "CC-BY-NC-4.0")),
    ]


def test_what_looks_like_a_licence_and_has_no_role_is_named(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "t.csv").write_text("id,license,remark_rights\n1,MIT,CC BY-NC 4.0\n2,MIT,CC BY-NC 4.0\n")
    run = auditor("audit", tmp_path / "t.csv", "-o", tmp_path / "out")
    assert "can only restrict: remark_rights" in run.err and "remark_rights" in run.out
    (tmp_path / "t.csv").write_text("id,license,remark\n1,MIT,CC BY-NC 4.0\n2,MIT,CC BY-NC 4.0\n")
    run = auditor("audit", tmp_path / "t.csv", "-o", tmp_path / "out")
    assert "not used: remark" in run.err and "remark" in run.out


def test_a_folder_called_like_a_dataset_does_not_inherit_its_licence(tmp_path: Path) -> None:
    (tmp_path / "wikidata").mkdir()
    (tmp_path / "wikidata" / "t.csv").write_text("id,title\n1,a\n2,b\n")
    rows = found(tmp_path / "wikidata", tmp_path / "out")
    assert {r["license_concluded"] for r in rows} == {"NOASSERTION"}


def test_a_glob_is_one_audit(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("license\nMIT\nCC0\n")
    rows = found(tmp_path / "*.csv", tmp_path / "out")
    assert sorted(r["item_id"] for r in rows) == ["a.csv#0", "a.csv#1", "b.csv#0", "b.csv#1"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["MIT", "CC0", ""])), min_size=2, max_size=40))
def test_rows_in_are_rows_out(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "title", "license"])
        writer.writerows([(f"i{n}", title.replace("\0", ""), said) for n, (title, said) in enumerate(rows)])
    (page,) = table.fetch(Target(name=str(path), path=path), None)  # type: ignore[arg-type]
    assert sum(batch.num_rows for batch in table.parse(page)) == len(rows)


def independent(path: Path, form: dict[str, Any]) -> int:
    """Count a file's records with the standard library and pyarrow's metadata alone."""
    if path.suffix == ".parquet":
        return int(pq.ParquetFile(path).metadata.num_rows)
    if path.suffix == ".jsonl":
        return sum(bool(line.strip()) for line in path.read_bytes().splitlines())
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix == ".csv" or '\t"' in text:
        try:
            rows = [
                r
                for r in csv.reader(io.StringIO(text), delimiter="," if path.suffix == ".csv" else "\t", strict=True)
                if r
            ]
        except csv.Error:
            rows = []
        if len({len(r) for r in rows}) == 1:
            return len(rows) - form["header"]
    return sum(bool(line.strip()) for line in text.split("\n")) - form["header"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_real_tables(folder: str, real_data: Path, tmp_path: Path) -> None:
    csv.field_size_limit(1 << 30)
    seen = 0
    for path in sorted((real_data / folder).rglob("*")):
        if path.suffix not in (".csv", ".tsv", ".jsonl", ".parquet", ".txt"):
            continue
        form = _table_sniff.sniff(path)
        if form is None:
            assert path.suffix == ".txt", path
            continue
        done = auditor.audit(str(path), tmp_path / f"out{seen}")
        assert done.findings.count_rows() == independent(path, form), path
        report = done.report()
        assert report.items == sum(report.verdicts.values()) == sum(report.categories.values())
        seen += 1
    assert seen


@pytest.mark.parametrize(
    ("inside", "concluded", "verdict"),
    [
        ("<rights>CC BY 4.0</rights>", "CC-BY-4.0", "free"),
        ("<rights>CC BY 4.0</rights><rights>CC0-1.0</rights>", "CC-BY-4.0 AND CC0-1.0", "free"),
        ("<rights>All rights reserved</rights><rights>CC BY 4.0</rights>", None, "non-free"),
        ("<rights>CC BY 4.0</rights><rights>by agreement</rights>", "NOASSERTION", "undetermined"),
        ('<rights>CC0-1.0</rights><photo license="CC BY-NC 4.0"/>', None, "non-free"),
        ('<rights xml:lang="en">CC BY-NC 4.0</rights>', "CC-BY-NC-4.0", "non-free"),
        (
            '<license url="https://creativecommons.org/licenses/by-nc/4.0/">Creative Commons</license>',
            "CC-BY-NC-4.0",
            "non-free",
        ),
    ],
)
def test_all_that_a_record_of_xml_says_binds(inside: str, concluded: str | None, verdict: str, tmp_path: Path) -> None:
    """As Dublin Core has it, a field may come several times, and a part of a record has one of its own."""
    record = "<dc:record xmlns:dc='urn:dc'><dc:title>A heron</dc:title>{}</dc:record>"
    (tmp_path / "t.xml").write_text(f"<list><header/>{record.format(inside) * 2}</list>")
    for row in found(tmp_path / "t.xml", tmp_path / "out"):
        assert row["verdict"] == verdict and (concluded is None or row["license_concluded"] == concluded)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ('<set license="CC0-1.0"><i id="1" a="x"/><i id="2" a="y"/></set>', 2),  # said of the list, not of its records
        ('<set><all license="CC0-1.0" by="z"><i id="1" a="x"/><i id="2" a="y"/></all></set>', 0),
        ('<set><i id="1" license="MIT"/></set>', 1),
        (
            '<set><i id="1" license="MIT"><part id="p" n="1"/></i><i id="2" license="MIT"><part id="q" n="2"/></i></set>',
            2,
        ),
    ],
)
def test_what_is_a_record_of_xml(text: str, items: int, tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text(text)
    if not items:
        assert table.knows(Target("t.xml", tmp_path / "t.xml")) == 0.0
    else:
        rows = found(tmp_path / "t.xml", tmp_path / "out")
        assert [r["item_id"] for r in rows] == [str(n + 1) for n in range(items)]
        assert {r["verdict"] for r in rows} == {"undetermined" if text.startswith("<set license") else "free"}


@pytest.mark.parametrize(
    ("place", "tag", "field"),
    [
        ("nltk/index.xml", "package", "license"),
        ("stackexchange/stackoverflow_2024_head_tail/Posts.xml", "row", "ContentLicense"),
    ],
)
def test_real_records_of_xml(place: str, tag: str, field: str, real_data: Path, tmp_path: Path) -> None:
    rows = found(real_data / place, tmp_path / "out")
    stated = [e.get(field) or None for e in ElementTree.parse(real_data / place).iter(tag)]
    assert [r["statement"] for r in rows] == stated and len(stated) > 2


def test_names_are_recognised_however_they_are_spelt() -> None:
    for name in ("License URL", "licenseUrl", "LICENSE_URL", "license-url", "licenseURL"):
        roles = _table_roles.recognise({name: ["https://creativecommons.org/licenses/by/4.0/"]}, {}, named=True)
        assert roles.columns == {"license_url": [name]}, name


def test_lists_bind_as_a_whole() -> None:
    assert _table_read.text(["MIT", "GPL-3.0"]) == "MIT AND GPL-3.0"
    assert _table_read.text([]) is None


def test_what_is_said_inside_a_record_binds_with_it(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"id": 1, "license": "CC0-1.0", "photos": []},
        {
            "id": 2,
            "license": "CC0-1.0",
            "photos": [{"id": 9, "license": "CC0-1.0"}, {"id": 8, "license": "CC-BY-NC-4.0"}],
        },
        {"id": 3, "license": "CC0-1.0", "photos": [{"id": 7, "license": None}]},
        {"id": 4, "license": "CC0-1.0", "photos": [{"id": 6, "license": "CC-BY-4.0"}]},
        {"id": 5, "license": "CC-BY-NC-4.0", "photos": [{"id": 5, "license": "CC0-1.0"}]},
        {"id": 6, "license": None, "photos": [{"id": 4, "license": "CC0-1.0"}]},
        {"id": 8, "license": "CC0-1.0", "photos": [{"license": "CC0-1.0", "rights": "All rights reserved"}]},
        {"id": 7, "license": "CC0-1.0", "photos": [{"frames": [{"license": {"name": "ask me", "url": ""}}]}]},
    ]
    wanted = [
        ("1", "free", "CC0-1.0"),
        ("2", "non-free", "CC0-1.0 AND CC-BY-NC-4.0"),
        ("3", "undetermined", "NOASSERTION"),
        ("4", "free", "CC0-1.0 AND CC-BY-4.0"),
        ("5", "non-free", "CC-BY-NC-4.0 AND CC0-1.0"),
        ("6", "undetermined", "NOASSERTION"),
        ("8", "non-free", "CC0-1.0 AND LicenseRef-All-Rights-Reserved"),
        ("7", "undetermined", "NOASSERTION"),
    ]
    forms = {
        "t.jsonl": "".join(json.dumps(r) + "\n" for r in records).encode(),
        "t.json": json.dumps(records).encode(),
        "answer.json": json.dumps({"total_results": 7, "results": records}).encode(),
        "t.parquet": as_parquet(records),
    }
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        told: list[str] = []
        rows = found(tmp_path / name, tmp_path / f"{name}.out", told=told.append)
        assert [(r["item_id"], r["verdict"], r["license_concluded"]) for r in rows] == wanted, name
        assert rows[1]["category"] == "non-commercial" and "CC-BY-NC-4.0" in rows[1]["reason"], name
        assert any("inside the records" in t and "photos" in t for t in told), name


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["CC-BY-NC-4.0", None, 3]), lambda v: st.lists(v, min_size=1, max_size=2), max_leaves=3
    ),
    st.integers(1, 6),
)
def test_nothing_inside_a_record_makes_it_freer_or_is_lost(said: Any, deep: int) -> None:
    record: Any = {"license_code": said}
    for place in range(deep):
        record = {"a": record} if place % 2 else {"a": [{"b": 1}, record]}
    assert parts({"license": "CC0-1.0"} | record, {"license"})


def test_what_another_column_says_can_only_restrict(tmp_path: Path) -> None:
    rows = (
        "1,CC BY 4.0,non-commercial only,",
        "2,CC0,,All rights reserved",
        "3,MIT,,MIT",
        "4,MIT,,see the museum",
        "5,CC BY-NC 4.0,,CC0",
    )
    (tmp_path / "t.csv").write_text("\n".join(["id,license,usage_restrictions,rights", *rows]))
    told: list[str] = []
    done = auditor.audit(str(tmp_path / "t.csv"), tmp_path / "a", told=told.append)
    found = [(r["verdict"], r["category"]) for r in done.findings.to_table().to_pylist()]
    assert found == [
        ("undetermined", "non-commercial"),
        ("undetermined", "proprietary"),
        ("free", "free"),
        ("free", "free"),
        ("non-free", "non-commercial"),
    ]
    assert any("can only restrict: usage_restrictions, rights" in said for said in told)


def test_one_record_alone_is_one_item_whatever_it_lists(tmp_path: Path) -> None:
    """A museum's answer on one object: Cleveland's `share_license_status`, the Met's `objectID`."""
    people, images = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Ben"}], {"web": {"url": "https://m.example/7.jpg"}}
    ours = {"id": 7, "title": "Kettle", "share_license_status": "CC0", "creators": people, "images": images}
    met = {"objectID": 9, "title": "Jug", "rightsAndReproduction": "© Ann", "constituents": people}
    listed = {"id": "set", "license": "CC0-1.0", "items": [{"id": "a"}, {"id": "b"}]}
    wanted: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        (ours, [("7", "CC0-1.0")]),
        (met, [("9", "NOASSERTION")]),
        (listed, [("a", "NOASSERTION"), ("b", "NOASSERTION")]),
    ]
    for number, (record, expected) in enumerate(wanted):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(record, indent=1))
        assert [(r["item_id"], r["license_concluded"]) for r in found(path, tmp_path / f"{number}.out")] == expected
    kept = tmp_path / "kept.json"
    auditor.Audit(tmp_path / "0.out").filter(kept, form="original")
    assert json.loads(kept.read_text()) == ours


@pytest.mark.parametrize("form", ["tsv", "parquet"])
def test_what_objects_in_json_text_say_can_only_restrict(form: str, tmp_path: Path) -> None:
    """Openverse's `meta_data` keeps `license_url` and `raw_license_url` beside the columns."""
    by, nc = "https://creativecommons.org/licenses/by/3.0/", "http://creativecommons.org/licenses/by-nc/3.0/"
    said: list[tuple[str, dict[str, Any] | None, str]] = [
        ("by", {"description": "a river", "license_url": by}, "free"),
        ("by", {"license_url": by, "raw_license_url": nc}, "undetermined"),
        ("by", {"license_url": by, "note": "x", "rights": "All rights reserved"}, "undetermined"),
        ("by", {"license": {"name": "CC BY-NC 4.0"}}, "undetermined"),
        ("by", {"raw_license_url": None, "description": 'a "license" of noncommercial rivers: none'}, "free"),
        ("by", None, "free"),
        ("by-nc", {"raw_license_url": by}, "non-free"),
        ("by-nc", {"raw_license_url": nc}, "non-free"),
    ]
    records = [
        {"identifier": f"n{n}", "license": code, "license_version": "3.0", "meta_data": json.dumps(m) if m else None}
        for n, (code, m, _) in enumerate(said)
    ]
    path = tmp_path / f"t.{form}"
    lines = ["\t".join(v or "\\N" for v in r.values()) for r in ({k: k for k in records[0]}, *records)]
    path.write_bytes(as_parquet(records) if form == "parquet" else "\n".join(lines).encode())
    assert [r["verdict"] for r in found(path, tmp_path / "out")] == [v for _, _, v in said]


def test_objects_in_json_text_end_however_many_keys_they_have() -> None:
    text = json.dumps({f"license_{n}": "CC BY 4.0" for n in range(20_000)})
    assert 0 < sum(len(words) for _, words in in_text(pa.array([text, None, "{}"]))) < 200


def test_a_column_on_usage_can_only_restrict(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,license,usage\n1,CC BY 4.0,research use only\n2,CC BY 4.0,12 times\n")
    done = auditor.audit(str(tmp_path / "t.csv"), tmp_path / "a")
    assert done.findings.to_table().column("verdict").to_pylist() == ["undetermined", "free"]


def test_a_description_that_speaks_of_terms_can_only_restrict(tmp_path: Path) -> None:
    rows = (
        '1,CC BY 4.0,"Rain on a roof. Please do not re-upload my sounds."',
        "2,CC0,Rain on a roof",
        '3,CC BY 3.0,"YOU CAN use it, but not ""re-distribute"" it as stock material."',
        '4,,"Rain, licensed under CC0, you may use it."',
        "5,,Supplier of rain for research purposes.",
    )
    (tmp_path / "t.csv").write_text("\n".join(["id,license,description", *rows]))
    done = auditor.audit(str(tmp_path / "t.csv"), tmp_path / "a")
    found = [r["verdict"] for r in done.findings.to_table().to_pylist()]
    assert found == ["undetermined", "free", "undetermined", "undetermined", "undetermined"]


def test_records_inside_an_answer(tmp_path: Path) -> None:
    """As APIs nest them; other lists are named, and an object that states a licence is a record, whatever it lists."""
    photos = [
        {
            "id": str(n),
            "owner": "1@N01",
            "secret": "abcdef",
            "server": "65535",
            "farm": 66,
            "title": "A",
            "license": said,
        }
        for n, said in enumerate(("4", "0", "11"))
    ]
    answer = {"photos": {"page": 1, "total": 3, "photo": photos}, "stat": "ok", "others": {"more": [{"a": 1}]}}
    (tmp_path / "a.json").write_text(json.dumps(answer))
    told: list[str] = []
    rows = found(tmp_path / "a.json", tmp_path / "out", told=told.append)
    assert [(r["item_id"], r["license_concluded"], r["was_derived_from"]) for r in rows] == [
        ("0", "CC-BY-2.0", ["flickr:photo:0"]),
        ("1", "LicenseRef-All-Rights-Reserved", ["flickr:photo:1"]),
        ("2", "CC-BY-4.0", ["flickr:photo:2"]),
    ]
    assert any("other lists in it are not read: others.more" in t for t in told)
    (tmp_path / "one.json").write_text(json.dumps({"set": {"license": "CC0-1.0", "photos": [{"id": 1}]}}))
    assert _table_sniff.sniff(tmp_path / "one.json") is None


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_parquet_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    table_ = pa.table({"id": ["a", "b", "c"], "license": ["MIT", "CC0", None], "label": ["x", None, "y"]})
    pq.write_table(table_, tmp_path / "t.parquet", use_dictionary=False, column_encoding=encoding)
    rows = found(tmp_path / "t.parquet", tmp_path / "out")
    assert [(r["item_id"], r["license_concluded"], r["label"]) for r in rows] == [
        *(("a", "MIT", "x"), ("b", "CC0-1.0", None), ("c", "NOASSERTION", "y")),
    ]


def test_tables_of_a_dataset_whose_ids_are_one_list_the_same_items(tmp_path: Path) -> None:
    """FSD50K: labels in dev.csv, licences in dev_clips_info_FSD50K.json, under Freesound's ids in both."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "dev.csv").write_text('fname,labels,mids,split\n7,"Rain,Water",/m/1,train\n8,Bark,/m/2,val\n')
    info = {
        n: {"title": f"t{n}", "license": f"http://creativecommons.org/licenses/{c}/3.0/", "uploader": "ann", "tags": []}
        for n, c in (("8", "by-nc"), ("7", "by"), ("9", "by"))
    }
    (tmp_path / "d" / "dev_clips_info_FSD50K.json").write_text(json.dumps(info))
    audit = auditor.audit(str(tmp_path / "d"), tmp_path / "out", manifest="fsd50k")
    rows = sorted(audit.findings.to_table().to_pylist(), key=lambda r: r["item_id"])
    assert [(r["item_id"], r["title"], r["label"], r["split"], r["license_concluded"]) for r in rows] == [
        ("freesound:7", "t7", "Rain,Water", "train", "CC-BY-3.0"),
        ("freesound:8", "t8", "Bark", "val", "CC-BY-NC-3.0"),
        ("freesound:9", "t9", None, None, "CC-BY-3.0"),
    ]
    assert audit.verify()
    alone = auditor.audit(str(tmp_path / "d"), tmp_path / "alone").findings.to_table().column("item_id").to_pylist()
    assert sorted(alone) == [
        "7",
        "7~2",
        "8",
        "8~2",
        "9",
    ]  # without the dataset's word two tables may mean different things by an id


LINKS: list[dict[str, Any]] = [
    {
        "provider_domain": "a.example",
        "content_path": path,
        "content_query_string": "",
        "cc_domain": "creativecommons.org",
        "cc_license": where,
    }
    for path, where in (
        ("/essay", "/licenses/by-sa/4.0/"),
        ("/essay", "/licenses/by-nc-sa/3.0/us/"),
        ("/what-is-cc", "/publicdomain/zero/1.0/"),
    )
]


def test_links_on_a_page_do_not_license_it(tmp_path: Path) -> None:
    """A page may link to several licences, or speak of one: what such a table holds can restrict, and frees nothing."""
    (tmp_path / "links.parquet").write_bytes(as_parquet(LINKS))
    got = found(tmp_path / "links.parquet", tmp_path / "audit")
    assert [(r["verdict"], r["license_declared"]) for r in got] == [
        ("undetermined", "CC-BY-SA-4.0"),
        ("non-free", "LicenseRef-CC-BY-NC-SA-3.0-US"),
        ("undetermined", "CC0-1.0"),
    ]
    assert "nothing shows that it is the item's licence" in got[0]["reason"]


def test_the_user_can_say_that_licences_are_only_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(as_csv(RECORDS))
    got = found(tmp_path / "t.csv", tmp_path / "audit", columns={"authority": "mention"})
    assert {r["verdict"] for r in got} == {"undetermined"}
    with pytest.raises(BadOption, match="only `mention` can be said"):
        found(tmp_path / "t.csv", tmp_path / "other", columns={"authority": "host"})


def test_real_links_in_common_crawl_free_no_page(real_data: Path, tmp_path: Path) -> None:
    got = auditor.audit(str(real_data / "openverse" / "commoncrawl_cc_links"), tmp_path / "audit").findings.to_table()
    assert got.num_rows == 12_435
    assert "free" not in got.column("verdict").to_pylist()
