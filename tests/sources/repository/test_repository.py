"""Made-up repositories: what their top says, REUSE, licences of folders, tables inside, GitHub and GitLab; and real ones."""

import base64
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor import audit
from auditor.errors import BadInput, NotReachable
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import _repository_hosts as hosts
from auditor.sources import _repository_reuse as reuse
from auditor.sources import repository, source
from auditor.target import Target
from tests.sources.huggingface.hub import serving

BY = "https://creativecommons.org/licenses/by/4.0/"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><metadata><rdf:RDF><cc:Work rdf:about="">'
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by-nc/4.0/"/></cc:Work></rdf:RDF></metadata></svg>'
)

TABLE = "id,url,license\na,https://x.example/a,CC0-1.0\nb,https://x.example/b,CC-BY-NC-4.0\n"


def folder(path: Path, files: dict[str, str | bytes]) -> Target:
    for name, said in files.items():
        place = path / "birds" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(said if isinstance(said, bytes) else said.encode())
    return Target(str(path / "birds"), path / "birds")


def rows(target: Target, store: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the claims by level, without the columns that say nothing."""
    said: dict[str, list[dict[str, Any]]] = {"dataset": [], "items": []}
    for page in repository.fetch(target, Get(store, allow=["127.0.0.1"])):
        for batch in source(page.source).parse(page):
            said[page.level] += [{k: v for k, v in row.items() if v is not None} for row in batch.to_pylist()]
    return said


def licenses(items: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in items:
        found.setdefault(row["item_id"], []).extend([row["license_text"]] if "license_text" in row else [])
    return found


def test_each_file_at_the_top_says_its_own_word_for_word(tmp_path: Path) -> None:
    target = folder(
        tmp_path,
        {
            "LICENSE": "MIT License",
            "LICENSE-DATA.md": "The photos are CC BY-NC 4.0.",
            "LICENSE-CODE": "Apache-2.0",
            "README.md": "# Birds\n\n## Usage\n\nfly\n\n## License\n\nFor research only.\n\n## Code license\n\nMIT\n",
            "CITATION.cff": "cff-version: 1.2.0\ntitle: Birds\ntype: dataset\nlicense: [CC-BY-4.0, CC0-1.0]\n",
            "pyproject.toml": '[project]\nname = "b"\nlicense = {text = "BSD-3-Clause"}\n',
            "DESCRIPTION": "Package: birds\nLicense: file LICENSE\n",
            "img.jpg": b"\xff\xd8",
        },
    )
    assert best(target) == "repository"
    said = rows(target, tmp_path / "s")
    assert not said["items"]
    assert {(c["place"], c.get("scope"), c["license_text"]) for c in said["dataset"]} == {
        ("license-file", "software", "MIT License"),  # since LICENSE-DATA.md stands beside it
        ("license-file", None, "The photos are CC BY-NC 4.0."),
        ("license-file", "software", "Apache-2.0"),
        ("readme", None, "For research only."),
        ("readme", "software", "MIT"),
        ("citation", None, "CC-BY-4.0 OR CC0-1.0"),
        ("package-metadata", "software", "BSD-3-Clause"),
    }
    assert {c["authority"] for c in said["dataset"]} == {"uploader"}


def test_the_readme_against_the_licence_file_is_a_conflict_that_names_both(
    tmp_path: Path, auditor: Callable[..., Any]
) -> None:
    target = folder(tmp_path, {"LICENSE": "CC-BY-4.0", "README.md": "# Birds\n\n## License\n\nCC BY-NC 4.0\n"})
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    (row,) = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert (row["level"], row["license_concluded"], row["category"]) == ("dataset", "NOASSERTION", "non-commercial")
    assert "CC-BY-4.0" in row["conflict"] and "CC-BY-NC-4.0" in row["conflict"]


def test_a_licence_at_the_top_is_inherited_by_no_row(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    target = folder(tmp_path, {"LICENSE": "CC0-1.0", "data/birds.csv": "id,url\na,https://x.example/a\n"})
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    (row,) = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert (row["item_id"], row["verdict"], row["license_declared"]) == ("a", "undetermined", "NONE")


def test_rows_that_state_licences_are_the_items(tmp_path: Path) -> None:
    target = folder(
        tmp_path, {"LICENSE": "MIT", "data/birds.csv": TABLE, "src/load.py": "# SPDX-License-Identifier: MIT\n"}
    )
    said = rows(target, tmp_path / "s")
    assert licenses(said["items"]) == {"a": ["CC0-1.0"], "b": ["CC-BY-NC-4.0"]}


def test_a_licence_file_of_a_folder_speaks_of_the_files_in_it(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    target = folder(
        tmp_path,
        {
            "LICENSE": "MIT",
            "owls/LICENSE.txt": "CC-BY-4.0",
            "owls/a.jpg": b"\xff\xd8",
            "owls/pages/p.html": "<p>",
            "owls/night/README.md": "# Night\n\n## License\n\nCC BY-NC 4.0\n",
            "owls/night/b.jpg": b"\xff\xd8",
            "owls/own.svg": SVG,
            "owls/birds.csv": TABLE,
            "herons/README.md": "# Herons\n\nGrey.\n",
            "third_party/fly/LICENSE": "GPL-3.0-only",
            "third_party/fly/fly.c": "int fly;",
        },
    )
    said = rows(target, tmp_path / "s")
    assert licenses(said["items"]) == {
        "owls/a.jpg": ["CC-BY-4.0"],
        "owls/pages/p.html": ["CC-BY-4.0"],
        "owls/night/b.jpg": ["CC BY-NC 4.0"],
        "owls/own.svg": ["CC-BY-4.0"],
        "third_party/fly/fly.c": [],
        "a": ["CC0-1.0"],
        "b": ["CC-BY-NC-4.0"],
    }, "of a table whose rows are items, the rows"
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    verdicts = {r["item_id"]: r["verdict"] for r in found}
    assert verdicts["owls/a.jpg"] == "free" and verdicts["owls/night/b.jpg"] == "non-free"
    assert verdicts["owls/own.svg"] != "free", "what is embedded in a file stands before what its folder says"
    assert verdicts["third_party/fly/fly.c"] == "undetermined" and "herons/README.md" not in verdicts


def test_a_picture_is_bound_by_the_licence_nearest_above_it(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """In a folder that nothing at its top speaks of, pictures or drawings; and by REUSE's file beside it."""
    for kind, body in (("jpg", b"\xff\xd8\xff"), ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")):
        top = tmp_path / kind
        files = {
            f"owls/a.{kind}": body,
            f"owls/night/b.{kind}": body,
            f"herons/c.{kind}": body,
            f"d.{kind}": body,
            f"e.{kind}": body,
            "owls/LICENSE": b"CC-BY-NC-4.0",
            "herons/README.md": b"# Herons\n\n## License\n\nCC BY 4.0\n",
            f"e.{kind}.license": b"SPDX-License-Identifier: CC-BY-ND-4.0\n",
        }
        for name, content in files.items():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_bytes(content)
        assert auditor("audit", top, "-o", tmp_path / f"{kind}.audit").code == 0
        found = pq.read_table(tmp_path / f"{kind}.audit" / "findings").to_pylist()
        assert {r["item_id"]: (r["license_concluded"], r["verdict"]) for r in found} == {
            f"owls/a.{kind}": ("CC-BY-NC-4.0", "non-free"),
            f"owls/night/b.{kind}": ("CC-BY-NC-4.0", "non-free"),
            f"herons/c.{kind}": ("CC-BY-4.0", "free"),
            f"d.{kind}": ("NOASSERTION", "undetermined"),
            f"e.{kind}": ("CC-BY-ND-4.0", "non-free"),
        }


@pytest.mark.parametrize(
    ("name", "text", "category", "heard"),
    [
        ("README", "Birds.\n\nThis data set is licensed under CC BY-NC 4.0.\n", "non-commercial", "uploader"),
        (
            "README.md",
            "# Birds\nAll photos were released under the\nCC BY-NC 4.0 licence.\n",
            "non-commercial",
            "uploader",
        ),
        ("README.md", "# Birds\n\nThe images are available for research only.\n", "academic-only", "uploader"),
        ("README.md", "# Birds\n\nSome works are not free. Wikipedia is under CC BY-SA 4.0.\n", "unknown", None),
        ("README_zh.md", "# Birds\n\n## License\n\nCC BY-NC 4.0\n", "non-commercial", "uploader"),
        ("LIESMICH.md", "# Birds\n\n## Lizenz\n\nCC BY-NC 4.0\n", "non-commercial", "uploader"),
        (".zenodo.json", '{"title": "Birds", "license": {"id": "cc-by-nc-4.0"}}', "non-commercial", "uploader"),
        ("NOTICE", "The images are CC BY-NC 4.0 by Example.\n", "non-commercial", "mention"),
        ("COPYRIGHT", "All rights reserved.\n", "proprietary", "mention"),
    ],
)
def test_what_the_top_says_in_other_forms(
    name: str, text: str, category: str, heard: str | None, tmp_path: Path
) -> None:
    files = {"LICENSE": "Apache-2.0", "a.bin": "x", name: text} if heard == "mention" else {"a.csv": TABLE, name: text}
    info = audit(folder(tmp_path, files).name, tmp_path / "out").info["dataset"]
    assert info["conclusion"]["category"] == category
    assert [s["authority"] for s in info["statements"] if s["text"] != "Apache-2.0"] == ([heard] if heard else [])


def test_a_licence_file_beside_pictures_is_heard_where_a_table_lists_them(tmp_path: Path) -> None:
    target = folder(tmp_path, {"birds.csv": TABLE, "img/a.jpg": b"\xff\xd8\xff", "img/LICENSE": "CC-BY-NC-4.0"})
    found = audit(target.name, tmp_path / "out").findings.to_table().to_pylist()
    assert {r["item_id"]: r["verdict"] for r in found} == {"a": "free", "b": "non-free", "img/a.jpg": "non-free"}


def test_what_reuse_says_of_a_table_is_heard_of_the_whole(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    side = {"t.csv.license": "SPDX-License-Identifier: CC-BY-NC-4.0\n"}
    for number, more in enumerate((side, side | {"LICENSE": "MIT"}, {"notes/about.txt": "Not for commercial use."})):
        target = folder(tmp_path / str(number), {"t.csv": TABLE} | more)
        done = auditor("audit", target.name, "-o", tmp_path / f"{number}.audit")
        assert done.code == 0, done.err
        info = json.loads((tmp_path / f"{number}.audit" / "audit.json").read_text())
        heard = [s["category"] for s in info["dataset"]["statements"] if s["authority"] == "mention"]
        assert heard == ["non-commercial"], more
        assert info["dataset"]["conclusion"]["verdict"] != "free"


REUSE = {
    "REUSE.toml": 'version = 1\n[[annotations]]\npath = "**"\nSPDX-License-Identifier = "CC0-1.0"\n'
    'SPDX-FileCopyrightText = "2020 Ann"\n'
    '[[annotations]]\npath = ["media/*.jpg", "media/**/*.wav"]\nprecedence = "override"\nSPDX-License-Identifier = "CC-BY-4.0"\n'
    '[[annotations]]\npath = "mixed/*"\nprecedence = "aggregate"\nSPDX-License-Identifier = ["MIT", "CC-BY-SA-4.0"]\n'
    '[[annotations]]\npath = "odd\\\\*.txt"\nSPDX-License-Identifier = "ISC"\n',
    "media/a.jpg": b"\xff\xd8 SPDX-License-Identifier: CC-BY-NC-4.0\n",
    "media/deep/b.jpg": b"\xff\xd8",
    "media/deep/c.wav": "RIFF",
    "media/d.png": b"\x89PNG\x00\nSPDX-License-Identifier: MIT\n",
    "media/d.png.license": "SPDX-FileCopyrightText: 2021 Bob\nSPDX-License-Identifier: CC-BY-ND-4.0\n",
    "mixed/e.txt": "# SPDX-License-Identifier: CC-BY-NC-4.0\n",
    "own.html": "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n<!-- REUSE-IgnoreStart SPDX-License-Identifier: MIT REUSE-IgnoreEnd -->",
    "odd*.txt": "x",
    "oddly.txt": "x",
    "below/REUSE.toml": 'version = 1\n[[annotations]]\npath = "f.txt"\nSPDX-License-Identifier = "LicenseRef-Bird"\n',
    "below/f.txt": "x",
    "below/g.txt": "x",
    "LICENSES/LicenseRef-Bird.txt": "You may look at the bird.",
    "LICENSES/MIT.txt": "MIT License ...",
    "empty.txt": "",
}


def test_reuse_says_the_licence_of_each_file(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    target = folder(tmp_path, {**REUSE, "birds.csv": TABLE})
    assert best(target) == "repository"
    said = rows(target, tmp_path / "s")
    files = {n: t for n, t in licenses(said["items"]).items() if "." in n}
    assert files == {
        "media/a.jpg": ["CC-BY-4.0"],
        "media/deep/b.jpg": ["CC0-1.0"],
        "media/deep/c.wav": ["CC-BY-4.0"],
        "media/d.png": ["CC-BY-ND-4.0"],
        "mixed/e.txt": ["CC-BY-NC-4.0 AND MIT AND CC-BY-SA-4.0"],
        "own.html": ["GPL-3.0-or-later"],
        "odd*.txt": ["ISC"],
        "oddly.txt": ["CC0-1.0"],
        "below/f.txt": ["You may look at the bird."],
        "below/g.txt": ["CC0-1.0"],
    }
    by_name = {r["item_id"]: r for r in said["items"]}
    assert by_name["media/d.png"]["copyright_text"] == "2021 Bob"
    assert by_name["media/deep/b.jpg"]["copyright_text"] == "2020 Ann"
    assert by_name["own.html"]["place"] == "header" and by_name["oddly.txt"]["place"] == "reuse"
    assert licenses(said["items"])["b"] == ["CC-BY-NC-4.0"], "rows that state licences are items in place of their file"
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert {r["item_id"]: r["verdict"] for r in found}["mixed/e.txt"] == "non-free"


def test_a_changed_reuse_toml_is_read_again(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    toml = 'version = 1\n[[annotations]]\npath = "**"\nSPDX-License-Identifier = "{}"\n'
    for license_ in ("CC0-1.0", "MIT"):
        target = folder(tmp_path, {"REUSE.toml": toml.format(license_), "a.txt": "x"})
        assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
        found = [r for f in (tmp_path / "audit/findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
        assert [(r["item_id"], r["license_concluded"]) for r in found] == [("a.txt", license_)]


def test_dep5_adds_to_what_a_file_says_of_itself(tmp_path: Path) -> None:
    dep5 = (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: 2020 Ann\n"
        "License: CC0-1.0\n\nFiles: media/*\nCopyright: 2021 Bob\nLicense: CC-BY-SA-4.0\n"
    )
    target = folder(
        tmp_path,
        {".reuse/dep5": dep5, "a.py": "# SPDX-License-Identifier: MIT\n", "media/deep/b.jpg": b"\xff", "c.txt": "c"},
    )
    assert best(target) == "repository"
    assert licenses(rows(target, tmp_path / "s")["items"]) == {
        "a.py": ["MIT AND CC0-1.0"],
        "c.txt": ["CC0-1.0"],
        "media/deep/b.jpg": ["CC-BY-SA-4.0"],
    }


def test_tags_alone_speak_of_their_files_and_of_no_other(tmp_path: Path) -> None:
    target = folder(tmp_path, {"LICENSE": "CC0-1.0", "a.py": "# SPDX-License-Identifier: MIT\n", "b.jpg": b"\xff\xd8"})
    assert licenses(rows(target, tmp_path / "s")["items"]) == {"a.py": ["MIT"], "b.jpg": []}


def test_a_broken_reuse_toml_is_one_sentence(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    target = folder(tmp_path, {"REUSE.toml": "version = [", "a.txt": "x"})
    run = auditor("audit", target.name, "-o", tmp_path / "audit")
    assert run.code == 2 and "REUSE.toml is no TOML" in run.err and "Traceback" not in run.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/* SPDX-License-Identifier: MIT */", ("MIT",)),
        ("<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->", ("MIT OR Apache-2.0",)),
        ("| SPDX-License-Identifier: CC-BY-4.0  *|", ("CC-BY-4.0",)),
        ("SPDX-License-Identifier: MIT, but for research only", ("MIT, but for research only",)),
        ("SPDX-License-Identifier: MIT\nSPDX-License-Identifier: ISC\n", ("MIT", "ISC")),
        ("REUSE-IgnoreStart\nSPDX-License-Identifier: MIT\n", ()),
        ("SPDX-License-Identifier:\n", ()),
        ("SPDX-License-Identifier: " + ">" * 100_000, ()),
    ],
)
def test_tags_are_taken_whole(text: str, said: tuple[str, ...]) -> None:
    assert reuse.tags(text).licenses == said


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("https://github.com/ann/birds", ("github", "ann/birds", None, "")),
        ("https://github.com/ann/birds.git", ("github", "ann/birds", None, "")),
        ("https://www.github.com/ann/birds/", ("github", "ann/birds", None, "")),
        ("https://github.com/ann/birds/tree/v1.0/data/owls", ("github", "ann/birds", "v1.0", "data/owls")),
        ("git@github.com:ann/birds.git", ("github", "ann/birds", None, "")),
        ("https://api.github.com/repos/ann/birds", ("github", "ann/birds", None, "")),
        ("https://gitlab.com/ann/flock/birds", ("gitlab", "ann/flock/birds", None, "")),
        ("https://gitlab.com/ann/birds/-/tree/main/data", ("gitlab", "ann/birds", "main", "data")),
        ("https://gitlab.example.org/ann/birds", ("gitlab", "ann/birds", None, "")),
        ("https://gitlab.com/ann/birds/-/raw/main/data.csv", None),
        ("https://gitlab.com/ann/birds/blob/main/data.csv", None),
        ("https://gitlab.com/ann/birds/-/issues", None),
        ("https://github.com/ann", None),
        ("https://github.com/ann/birds/blob/main/data.csv", None),
        ("https://github.com/ann/birds/releases/download/1/data.zip", None),
        ("https://github.com/ann/birds/tree/main/../../x", None),
        ("https://github.com.evil.example/ann/birds", None),
        ("https://raw.githubusercontent.com/ann/birds/main/data.csv", None),
    ],
)
def test_names_of_repositories(name: str, wanted: tuple[str, str, str | None, str] | None) -> None:
    found = hosts.of(Target(name))
    assert (found and (found.host, found.path, found.ref, found.below)) == wanted


def archive(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, said in files.items():
            entry = tarfile.TarInfo(f"ann-birds-abc123/{name}")
            entry.size = len(said.encode())
            tar.addfile(entry, io.BytesIO(said.encode()))
    return packed.getvalue()


FILES = {
    "LICENSE": "CC-BY-4.0",
    "README.md": "# B\n\n## License\n\nCC BY-NC 4.0\n",
    "data/birds.csv": TABLE,
}
ABOUT = {
    "full_name": "ann/birds", "license": {"key": "cc-by-4.0", "name": "Creative Commons Attribution 4.0 International", "spdx_id": "CC-BY-4.0"},
    "fork": True, "parent": {"full_name": "bob/birds", "html_url": "https://github.com/bob/birds"}, "default_branch": "main",
}  # fmt: skip


@pytest.fixture
def github() -> Iterator[tuple[str, list[str]]]:
    with serving({"/repos/ann/birds": json.dumps(ABOUT).encode(), "/repos/ann/birds/tarball": archive(FILES)}) as (
        address,
        asked,
    ):
        yield address, asked


def test_github_is_asked_for_the_repository_and_its_archive(
    tmp_path: Path, github: tuple[str, list[str]], auditor: Callable[..., Any]
) -> None:
    address, asked = github
    url = "https://github.com/ann/birds"
    for _ in range(2):
        run = auditor("audit", url, "-o", tmp_path / "audit", "--endpoint", f"github={address}")
        assert run.code == 0, run.err
    assert asked == ["/repos/ann/birds", "/repos/ann/birds/tarball"], "a second run asks nothing again"
    info = json.loads((tmp_path / "audit" / "audit.json").read_text())
    said = {(s["authority"], s["license"]) for s in info["dataset"]["statements"]}
    assert said == {("aggregator", "CC-BY-4.0"), ("uploader", "CC-BY-4.0"), ("uploader", "CC-BY-NC-4.0")}
    assert info["dataset"]["conclusion"]["verdict"] != "free"
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert {r["item_id"]: r["license_concluded"] for r in found} == {"a": "CC0-1.0", "b": "CC-BY-NC-4.0"}


def test_a_folder_of_a_repository_keeps_what_its_top_says(tmp_path: Path) -> None:
    files = FILES | {"data/README.md": "# Data\n\n## License\n\nAsk Ann.\n"}
    ref = {"/repos/ann/birds": json.dumps(ABOUT).encode(), "/repos/ann/birds/tarball/v1": archive(files)}
    with serving(ref) as (address, _):
        target = Target("https://github.com/ann/birds/tree/v1/data", endpoints={"github": address})
        said = rows(target, tmp_path / "s")
    assert {(c["place"], c["license_text"]) for c in said["dataset"]} == {
        ("host", "CC-BY-4.0"),
        ("license-file", "CC-BY-4.0"),
        ("readme", "CC BY-NC 4.0"),
        ("readme", "Ask Ann."),
    }
    assert [c["was_derived_from"] for c in said["dataset"] if c["place"] == "host"] == [
        ["https://github.com/bob/birds"]
    ]
    assert licenses(said["items"]) == {"a": ["CC0-1.0"], "b": ["CC-BY-NC-4.0"]}
    with serving(ref) as (address, _), pytest.raises(BadInput, match="no folder nest"):
        list(
            repository.fetch(
                Target("https://github.com/ann/birds/tree/v1/nest", endpoints={"github": address}),
                Get(tmp_path / "t", allow=["127.0.0.1"]),
            )
        )


@pytest.mark.parametrize("about", [ABOUT, ABOUT | {"size": 5 << 20}])
def test_where_the_archive_is_not_to_be_had_the_top_is_read(tmp_path: Path, about: dict[str, Any]) -> None:
    """By GitHub's contents API: names, and each file in base64."""
    answers = {"/repos/ann/birds": json.dumps(about).encode()}
    answers["/repos/ann/birds/contents"] = json.dumps(
        [{"name": n, "type": "file"} for n in FILES if "/" not in n] + [{"name": "data", "type": "dir"}]
    ).encode()
    for name, text in FILES.items():
        body = {"encoding": "base64", "content": base64.encodebytes(text.encode()).decode()}
        answers[f"/repos/ann/birds/contents/{name}"] = json.dumps(body).encode()
    told: list[str] = []
    with serving(answers) as (address, asked):
        target = Target("https://github.com/ann/birds", endpoints={"github": address}, told=told.append)
        said = rows(target, tmp_path / "s")
    assert {(c["place"], c["license_text"]) for c in said["dataset"] if c["place"] != "host"} == {
        ("license-file", "CC-BY-4.0"),
        ("readme", "CC BY-NC 4.0"),
    }
    assert not said["items"] and any("not fetched" in t for t in told)
    assert ("/repos/ann/birds/tarball" in asked) == ("size" not in about)


def test_gitlab_is_asked_in_its_own_way(tmp_path: Path) -> None:
    project = "/api/v4/projects/ann/flock/birds"
    about = {
        "path_with_namespace": "ann/flock/birds",
        "license": {"key": "other", "name": "Other"},
        "default_branch": "main",
    }
    answers = {
        f"{project}?license=true": json.dumps(about).encode(),
        f"{project}/repository/archive.tar.gz": archive(FILES),
    }
    with serving(answers) as (address, _):
        said = rows(Target("https://gitlab.com/ann/flock/birds", endpoints={"gitlab": address}), tmp_path / "s")
    assert {c["place"] for c in said["dataset"]} == {"license-file", "readme"}, (
        "a licence that the host can't name says nothing"
    )
    assert set(licenses(said["items"])) == {"a", "b"}


def test_gitlabs_top_is_read_where_the_archive_is_not_to_be_had(tmp_path: Path) -> None:
    project = "/api/v4/projects/ann/birds"
    answers = {f"{project}?license=true": json.dumps({"path_with_namespace": "ann/birds", "license": None}).encode()}
    answers[f"{project}/repository/tree"] = json.dumps(
        [{"name": "LICENSE", "type": "blob"}, {"name": "d", "type": "tree"}]
    ).encode()
    answers[f"{project}/repository/files/LICENSE/raw?ref=HEAD"] = b"CC-BY-4.0"
    with serving(answers) as (address, _):
        said = rows(Target("https://gitlab.com/ann/birds", endpoints={"gitlab": address}), tmp_path / "s")
    assert [(c["place"], c["license_text"]) for c in said["dataset"]] == [("license-file", "CC-BY-4.0")]


def test_a_repository_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with serving({}) as (address, _), pytest.raises(NotReachable, match="404"):
        rows(Target("https://github.com/ann/none", endpoints={"github": address}), tmp_path / "s")


def test_other_sources_keep_their_folders(tmp_path: Path) -> None:
    coco = {
        "images": [{"id": 1, "license": 1, "file_name": "a.jpg"}],
        "annotations": [],
        "licenses": [{"id": 1, "name": "x", "url": BY}],
    }
    target = folder(tmp_path, {"LICENSE": "MIT", "instances.json": json.dumps(coco)})
    assert best(target) == "coco"
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "notes.txt").write_text("nothing")
    assert repository.knows(Target("plain", tmp_path / "plain")) == 0.0


def test_the_real_reuse_files(real_data: Path, tmp_path: Path) -> None:
    root = real_data / "reuse"
    rules = reuse.rules(root, ["REUSE.toml"])
    nothing = reuse.Tags()
    assert rules.of("docs/reuse-lint.rst", nothing)[0].licenses == ("CC-BY-SA-4.0",)
    assert rules.of("docs/man/reuse.rst", nothing)[0].licenses == ()
    assert rules.of("tests/resources/fake/x.py", reuse.Tags(("MIT",)))[0].licenses == ("GPL-3.0-or-later",)
    assert rules.of("changelog.d/added/1.md", nothing)[0].licenses == ("CC-BY-SA-4.0 OR GPL-3.0-or-later",)
    said = [reuse.tags_of(f).licenses for f in sorted(root.rglob("*.license"))]
    assert len(said) == 3 and all(len(s) == 1 for s in said)


def test_an_archive_of_a_repository_is_audited_as_one(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    place = tmp_path / "birds-main.tar.gz"
    place.write_bytes(archive(FILES))
    assert auditor("audit", place, "-o", tmp_path / "audit").code == 0
    info = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert {(s["place"], s["license"]) for s in info["dataset"]["statements"]} == {
        ("license-file", "CC-BY-4.0"),
        ("readme", "CC-BY-NC-4.0"),
    }
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert {r["item_id"]: r["license_concluded"] for r in found} == {"a": "CC0-1.0", "b": "CC-BY-NC-4.0"}


def test_an_audit_that_lies_in_the_folder_is_no_part_of_it(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    target = folder(
        tmp_path, {"README.md": "# B\n\n## License\n\nCC0\n", "data/birds.csv": TABLE, "node_modules/x/data.csv": TABLE}
    )
    for _ in range(2):
        assert auditor("audit", target.name, "-o", tmp_path / "birds" / "birds.audit").code == 0
        found = (tmp_path / "birds" / "birds.audit" / "findings").glob("*.parquet")
        assert sorted(r["item_id"] for f in found for r in pq.read_table(f).to_pylist()) == ["a", "b"]


def test_what_is_embedded_in_a_file_speaks_beside_reuse(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    toml = 'version = 1\n[[annotations]]\npath = "**"\nSPDX-License-Identifier = "CC0-1.0"\n'
    target = folder(tmp_path, {"REUSE.toml": toml, "a.svg": SVG, "b.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    said = {r["item_id"]: (r["license_concluded"], r["category"], r["verdict"]) for r in found}
    assert said["b.svg"] == ("CC0-1.0", "free", "free")
    assert said["a.svg"][1:] == ("non-commercial", "non-free")


def test_pictures_beside_a_licence_file_are_items_that_inherit_nothing(
    tmp_path: Path, auditor: Callable[..., Any]
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
    target = folder(tmp_path, {"LICENSE": "CC0-1.0", "a.png": png, "img/b.png": png, "img/c.png": png})
    assert auditor("audit", target.name, "-o", tmp_path / "audit").code == 0
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert {r["item_id"]: r["verdict"] for r in found} == dict.fromkeys(
        ("a.png", "img/b.png", "img/c.png"), "undetermined"
    )


def test_links_that_lead_out_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SPDX-License-Identifier: LicenseRef-secret\n")
    target = folder(
        tmp_path,
        {"README.md": "# B\n\n## License\n\nCC0\n", "a.txt": "# SPDX-License-Identifier: MIT\n", "LICENSES/x": "x"},
    )
    for name in ("LICENSE", "a.txt.license", "LICENSES/MIT.txt", "CITATION.cff"):
        (tmp_path / "birds" / name).symlink_to(tmp_path / "secret")
    assert "secret" not in json.dumps(rows(target, tmp_path / "s"))


def test_a_licence_file_of_any_encoding_and_one_that_is_none(tmp_path: Path) -> None:
    target = folder(tmp_path, {"LICENSE.txt": "CC-BY-4.0".encode("utf-16"), "COPYING": b"\x00\x01" * 99})
    told: list[str] = []
    said = rows(replace(target, told=told.append), tmp_path / "s")
    assert [c["license_text"] for c in said["dataset"]] == ["CC-BY-4.0"]
    assert any("COPYING is no plain text" in t for t in told)
