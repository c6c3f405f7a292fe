"""Made-up wheels, npm packages, Debian packages and archives, given as files or by pip from a folder; and the registries."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.errors import AuditError, BadInput, NotReachable
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import _package_get as registry
from auditor.sources import package, source
from auditor.target import Target
from tests.sources.media import pictures
from tests.test_unpack import made_deb, made_tar, made_zip

NAME = "heron_data-1.2-py3-none-any.whl"
TABLE = b"item_id,license,url\nh1,CC0-1.0,https://h.example/1\nh2,CC-BY-NC-4.0,https://h.example/2\nh3,,https://h.example/3\n"
METADATA = "Metadata-Version: 2.4\nName: heron-data\nVersion: 1.2\nLicense-Expression: MIT\nLicense-File: LICENSE\n"
COPYRIGHT = (
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
    "Files: *\nCopyright: A\nLicense: Expat\n\nFiles: img/*\nCopyright: A\nLicense: CC-BY-NC-4.0\n"
)


def wheel(path: Path, files: dict[str, bytes] | None = None, metadata: str = METADATA, name: str = NAME) -> Path:
    """A wheel as PEP 427 describes it, that pip takes."""
    stem = "-".join(name.split("-")[:2])
    metadata = metadata.replace("Version: 1.2", f"Version: {name.split('-')[1]}")
    inside = {
        f"{n}": b for n, b in (files or {"heron/data.csv": TABLE, "heron/__init__.py": b"raise SystemExit(9)"}).items()
    }
    inside[f"{stem}.dist-info/METADATA"] = metadata.encode()
    inside[f"{stem}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    inside[f"{stem}.dist-info/RECORD"] = b""
    path.mkdir(parents=True, exist_ok=True)
    return made_zip(path / name, inside)


def run(name: str, store: Path, path: Path | None = None) -> tuple[list[Any], list[dict[str, Any]], list[str]]:
    """Return pages, claims and what was told; the name of the source must be `package`."""
    told: list[str] = []
    target = Target(name, path, told=told.append)
    assert best(target) == "package"
    pages = list(package.fetch(target, Get(store)))
    assert len({p.key for p in pages}) == len(pages)
    rows = [r for p in pages for b in source(p.source).parse(p) for r in b.to_pylist()]
    return pages, [{k: v for k, v in r.items() if v is not None} for r in rows], told


def local(path: Path, store: Path) -> tuple[list[Any], list[dict[str, Any]], list[str]]:
    return run(str(path), store, path)


@pytest.fixture
def pip_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and from nowhere else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    (tmp_path / "index").mkdir()
    return tmp_path / "index"


def test_a_wheel_gives_its_own_licence_and_its_tables_items(tmp_path: Path) -> None:
    pages, rows, told = local(wheel(tmp_path), tmp_path / "store")
    prefix = f"{tmp_path}/{NAME}!"
    assert [(p.level, p.source, p.locator) for p in pages] == [
        ("dataset", "package", f"{prefix}heron_data-1.2.dist-info/METADATA"),
        ("items", "table", f"{prefix}heron/data.csv"),
    ]
    whole, *items = rows
    assert (whole["license_text"], whole["vocabulary"], whole["authority"]) == ("MIT", "pypi", "dataset")
    assert [(i["item_id"], i.get("license_text")) for i in items] == [
        ("h1", "CC0-1.0"),
        ("h2", "CC-BY-NC-4.0"),
        ("h3", None),
    ]
    assert any("sha256" in t and NAME in t for t in told)
    assert any(t.startswith("1 other files") and "1 .py" in t for t in told)


def test_the_licence_of_a_package_is_not_that_of_its_items(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    done = auditor("audit", wheel(tmp_path), "-o", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pq.read_table(
        tmp_path / "out/findings", columns=["item_id", "license_declared", "license_concluded", "verdict"]
    )
    assert sorted(tuple(r.values()) for r in rows.to_pylist()) == [
        ("h1", "CC0-1.0", "CC0-1.0", "free"),
        ("h2", "CC-BY-NC-4.0", "CC-BY-NC-4.0", "non-free"),
        ("h3", "NONE", "NOASSERTION", "undetermined"),
    ]


def test_pages_are_the_same_wherever_a_package_is_unpacked(tmp_path: Path) -> None:
    file = wheel(tmp_path)
    keys = [[p.key for p in local(file, tmp_path / s)[0]] for s in ("one", "two")]
    assert keys[0] == keys[1]


def test_pip_fetches_by_package_url_and_the_second_time_nothing_is_asked(pip_folder: Path, tmp_path: Path) -> None:
    wheel(pip_folder)
    wheel(pip_folder, name="heron_data-1.10-py3-none-any.whl")
    pages, _, told = run("pkg:pypi/heron-data", tmp_path / "store")
    assert pages[1].locator == "pkg:pypi/heron-data@1.10!heron/data.csv"
    assert str(tmp_path) not in " ".join([p.locator for p in pages] + told)
    for file in pip_folder.iterdir():
        file.unlink()
    again, _, _ = run("pkg:pypi/heron-data", tmp_path / "store")
    assert [p.key for p in again] == [p.key for p in pages]


def test_a_version_may_be_named(pip_folder: Path, tmp_path: Path) -> None:
    wheel(pip_folder)
    wheel(pip_folder, name="heron_data-1.10-py3-none-any.whl")
    assert run("pkg:pypi/heron-data@1.2", tmp_path / "store")[0][0].locator.startswith("pkg:pypi/heron-data@1.2!")


def test_what_pip_cannot_give_is_one_sentence(pip_folder: Path, tmp_path: Path) -> None:
    wheel(pip_folder)
    wheel(pip_folder, name="other-1.0-cp27-cp27m-win32.whl")
    made_tar(pip_folder / "source-1.0.tar.gz", {"source-1.0/setup.py": b"open('/tmp/ran', 'w')"}, "w:gz")
    for name, said in (
        ("pkg:pypi/nothing", "PyPI has no package nothing"),
        ("pkg:pypi/heron-data@9", "PyPI has no wheel of heron-data 9 for this Python; the last of 1 it has are 1.2."),
        ("pkg:pypi/source", "PyPI has source as source only"),
        ("pkg:pypi/other", "no wheel of other fits this Python and machine"),
    ):
        with pytest.raises(BadInput) as error:
            run(name, tmp_path / "store")
        assert str(error.value).startswith(said) and str(error.value).endswith(".")
    assert list((tmp_path / "store").glob("*[!l]")) == []  # nothing half-made but a .partial


def test_no_network_is_not_reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(NotReachable, match=r"^the registry of pkg:pypi/heron-data could not be reached"):
        run("pkg:pypi/heron-data", tmp_path / "store")


def test_offline_is_not_reachable_but_an_archive_here_is(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    done = auditor("audit", "pkg:pypi/heron-data", "--offline", "-o", tmp_path / "out")
    assert (done.code, len(done.err.splitlines())) == (2, 1) and "--offline" in done.err
    assert auditor("audit", wheel(tmp_path), "--offline", "-o", tmp_path / "out").code == 0


NPM = '{{"error": {{"code": "{0}", "summary": "x"}}}}'


@pytest.mark.parametrize(
    ("purl", "out", "err", "kind", "said"),
    [
        ("pkg:npm/heron", NPM.format("E404"), "", BadInput, "npm has no package heron: check"),
        ("pkg:npm/heron@9.9.9", NPM.format("ETARGET"), "", BadInput, "npm has no version 9.9.9 of heron"),
        ("pkg:npm/heron", NPM.format("ECONNREFUSED"), "", NotReachable, "the registry of pkg:npm/heron could not"),
        ("pkg:npm/heron", NPM.format("EAI_AGAIN"), "", NotReachable, "the registry of pkg:npm/heron could not"),
        ("pkg:npm/heron", "", "npm error code ENOSPC", BadInput, "the disk is full"),
        ("pkg:npm/heron", "", "npm error odd thing", BadInput, "npm could not fetch heron (npm error odd thing)"),
        ("pkg:deb/debian/heron", "", "E: Unable to locate package heron", BadInput, "apt-get knows no package heron"),
        (
            "pkg:deb/debian/heron@9",
            "",
            "E: Version '9' for 'heron' was not found",
            BadInput,
            "apt-get knows no version 9",
        ),
        ("pkg:deb/debian/heron", "", "E: Failed to fetch http://deb.example/h.deb", NotReachable, "the registry of"),
    ],
)
def test_what_the_other_clients_say_is_one_sentence(
    purl: str, out: str, err: str, kind: type[AuditError], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def fake(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, out, err)

    monkeypatch.setattr(registry.subprocess, "run", fake)
    with pytest.raises(kind) as error:
        run(purl, tmp_path / "store")
    assert str(error.value).startswith(said)
    (command,) = commands
    assert command[:3] == (["npm", "pack", "--ignore-scripts"] if "npm" in purl else ["apt-get", "download", "-q"])
    assert command[-2] == "--"


@pytest.mark.parametrize(("purl", "tool"), [("pkg:npm/heron", "npm"), ("pkg:deb/debian/heron", "apt-get")])
def test_a_missing_client_is_one_sentence(
    purl: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReachable, match=rf"^{tool} is missing: "):
        run(purl, tmp_path / "store")


@pytest.mark.parametrize(
    "purl",
    [
        *(
            "pkg:",
            "pkg:pypi",
            "pkg:pypi/",
            "pkg:cargo/heron",
            "pkg:deb/ubuntu/heron",
            "pkg:deb/heron",
            "pkg:pypi/-rheron",
        ),
        *(
            "pkg:npm/..%2Fheron",
            "pkg:pypi/heron@--pre",
            "pkg:npm/heron@git+ssh:%2F%2Fx",
            "pkg:deb/debian/heron?arch=source",
        ),
        *("pkg:npm/heron@1%20--registry=x", "pkg:deb/debian/HERON"),
    ],
)
def test_a_package_url_that_cannot_be_fetched_is_one_sentence(
    purl: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    done = auditor("audit", purl, "-o", tmp_path / "out")
    assert (done.code, done.out, len(done.err.strip().splitlines())) == (2, "", 1)
    assert not (tmp_path / "out").exists()


def fetched(purl: str, make: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch, store: Path) -> Any:
    """Run with a client that lays down a made-up file."""

    def fake(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        make(cwd)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(registry.subprocess, "run", fake)
    return run(purl, store)


@pytest.mark.parametrize(
    ("said", "statements"),
    [
        ({"license": "(MIT OR CC0-1.0)"}, [("(MIT OR CC0-1.0)", None)]),
        ({"license": {"type": "ISC", "url": "https://i.example/"}}, [("ISC", "https://i.example/")]),
        ({"licenses": [{"type": "MIT", "url": "u"}, {"type": "GPL"}]}, [("MIT", "u"), ("GPL", None)]),
        ({"license": "UNLICENSED"}, [("UNLICENSED", None)]),
        ({}, [("Own words", None)]),
        ({"license": "SEE LICENSE IN LICENSE"}, [("SEE LICENSE IN LICENSE", None), ("Own words", None)]),
    ],
)
def test_an_npm_package(
    said: dict[str, Any], statements: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = json.dumps({"name": "@a/heron", "version": "2.0.0", "author": {"name": "Ann"}} | said).encode()
    files = {"package/package.json": meta, "package/LICENSE": b"Own words\n", "package/data/t.csv": TABLE}
    made: Callable[[Path], Path] = lambda cwd: made_tar(cwd / "a-heron-2.0.0.tgz", files, "w:gz")  # noqa: E731
    pages, rows, _ = fetched("pkg:npm/%40a/heron", made, monkeypatch, tmp_path / "store")
    assert pages[0].locator == "pkg:npm/%40a/heron@2.0.0!package/package.json"
    whole = [r for r in rows if r["authority"] == "dataset" and "license_text" in r]
    assert [(r["license_text"], r.get("license_url")) for r in whole] == statements
    assert {r["vocabulary"] for r in whole} == {"npm"}
    beside = [r["license_text"] for r in rows if r["authority"] == "mention"]
    pointed = "SEE" in str(said)
    assert beside == (
        ["Own words"] if said and not pointed else []
    )  # where the metadata speak, the file can only restrict
    assert [r["item_id"] for r in rows if r["authority"] not in ("dataset", "mention")] == ["h1", "h2", "h3"]


def test_a_debian_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"usr/share/doc/heron/copyright": COPYRIGHT.encode(), "usr/share/heron/img/a.png": b"\x89PNG"}
    made: Callable[[Path], Path] = lambda cwd: made_deb(cwd / "heron_1%3a2-3_all.deb", files)  # noqa: E731
    pages, rows, _ = fetched("pkg:deb/debian/heron", made, monkeypatch, tmp_path / "store")
    assert {p.locator for p in pages} == {"pkg:deb/debian/heron@1:2-3!usr/share/doc/heron/copyright"}
    said = [("*", "Expat", "debian"), ("img/*", "CC-BY-NC-4.0", "debian")]
    items, whole = ([r for r in rows if (r["authority"] == "dataset") is d] for d in (False, True))
    assert [(r["item_id"], r["license_text"]) for r in items] == [("usr/share/heron/img/a.png", "CC-BY-NC-4.0")]
    assert [(r["label"], r["license_text"], r["vocabulary"]) for r in whole] == said


def test_the_data_files_of_a_package_are_its_items(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """Those that state nothing too; what tells of the package is none, and a folder below its own may have a licence."""
    files = {
        "heron/LICENSE": b"CC0-1.0",  # the package's own, like that of the whole
        "heron/grey.png": b"\x89PNG\r\n\x1a\n",
        "heron/words.txt": b"heron\n",
        "heron/birds.csv": b"id,size\n1,2\n2,3\n",
        "heron/icons/license.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "heron/icons/history.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "heron/owls/LICENSE": b"CC0-1.0\n",  # a copy of it: no word on what lies beside it
        "heron/owls/o.png": b"\x89PNG\r\n\x1a\n",
        "heron/night/LICENSE.txt": b"CC-BY-4.0",
        "heron/night/deep/a.ogg": b"OggS",
        "heron/night/deep/a.ogg.license": b"SPDX-License-Identifier: CC-BY-NC-4.0\n",
        "heron/night/b.ogg": b"OggS",
        "heron/CHANGES.md": b"# 1.2",
        "heron/py.typed": b" ",
        "heron/texts/deep/news.txt": b"a corpus has one",
        "heron/texts/main.js.map": b"{}",
        "heron/load.py": b"x",
        "heron_data-1.2.dist-info/sboms/heron.json": b'[{"id": "a", "license": "MIT"}, {"id": "b", "license": "MIT"}]',
    }
    done = auditor("audit", wheel(tmp_path, files), "-o", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pq.read_table(tmp_path / "out/findings").to_pylist()
    assert {r["item_id"]: (r["kind"], r["license_declared"], r["verdict"]) for r in rows} == {
        "heron/grey.png": ("image", "NONE", "undetermined"),
        "heron/words.txt": ("file", "NONE", "undetermined"),
        "heron/birds.csv": ("file", "NONE", "undetermined"),
        "heron/owls/o.png": ("image", "NONE", "undetermined"),
        "heron/icons/license.svg": ("image", "NONE", "undetermined"),
        "heron/icons/history.svg": ("image", "NONE", "undetermined"),
        "heron/night/deep/a.ogg": ("sound", "CC-BY-NC-4.0", "non-free"),
        "heron/night/b.ogg": ("sound", "CC-BY-4.0", "free"),
        "heron/texts/deep/news.txt": ("file", "NONE", "undetermined"),
    }
    assert "its data files are its items, 9 of them" in " ".join(done.err.split())


def test_a_readme_called_after_a_file_is_heard_of_it(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """As dictionaries have one for each language; it can only restrict."""
    files = {
        "heron/words/README_hyph_de.txt": b"Trennmuster. License: CC BY-NC 4.0\n",
        "heron/words/README_hyph_fr.txt": b"This is licensed under the LGPL 2.1.\n",
        "heron/words/hyph_de_AT.dic": b"x",
        "heron/words/hyph_fr.dic": b"x",
        "heron/words/hyph_it.dic": b"x",
    }
    assert auditor("audit", wheel(tmp_path, files), "-o", tmp_path / "out").code == 0
    rows = {r["item_id"].split("/")[-1]: r for r in pq.read_table(tmp_path / "out/findings").to_pylist()}
    assert {n: (r["category"], r["verdict"]) for n, r in rows.items()} == {
        "hyph_de_AT.dic": ("non-commercial", "non-free"),
        "hyph_fr.dic": ("free-sharealike", "undetermined"),
        "hyph_it.dic": ("unknown", "undetermined"),
    }


def test_a_record_of_the_package_itself_is_no_list_of_its_items(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """As fonts have one of their family: the files are items beside it; a list of others' licences is none at all."""
    record = {"id": "heron", "license": {"type": "OFL-1.1", "url": "https://openfontlicense.org/"}, "weights": [400]}
    others = [{"name": "x", "license": "MIT"}, {"name": "y", "license": "MIT"}]
    files = {
        "heron/metadata.json": json.dumps(record).encode(),
        "heron/third-party-licenses.json": json.dumps(others).encode(),
        "heron/files/a.woff2": b"wOF2",
        "heron/icons/readme.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    assert auditor("audit", wheel(tmp_path, files), "-o", tmp_path / "out").code == 0
    rows = pq.read_table(tmp_path / "out/findings").to_pylist()
    found = {r["item_id"]: r["license_concluded"] for r in rows}
    assert found == {"heron": "OFL-1.1", "heron/files/a.woff2": "NOASSERTION", "heron/icons/readme.svg": "NOASSERTION"}


def test_an_archive_of_pictures_is_read_like_a_folder_of_them(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    inside = {f"birds/{n}.png": pictures.png() for n in "abc"}
    assert auditor("audit", made_zip(tmp_path / "birds.zip", inside), "-o", tmp_path / "out").code == 0
    rows = pq.read_table(tmp_path / "out/findings").to_pylist()
    assert [(r["item_id"], r["license_declared"], r["error"]) for r in rows] == [
        (f"{n}.png", "NONE", None) for n in "abc"
    ]


def test_a_file_that_breaks_is_told_by_its_place_in_the_package(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    done = auditor(
        "audit",
        wheel(tmp_path, {"heron/a.json": b'[{"license": "MIT", "size": 1e99999}, {"x"'}),
        "-o",
        tmp_path / "out",
    )
    assert done.code == 0, done.err
    (row,) = pq.read_table(tmp_path / "out/findings").to_pylist()
    assert row["error"].startswith(f"{tmp_path}/{NAME}!heron/a.json ") and "/out/pages/" not in row["error"]


INSTALLED = (
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
    "Files: *\nCopyright: A\nLicense: Expat\n\n"
    "Files: sounds/night/*\nCopyright: B\nLicense: CC-BY-NC-4.0\n\n"
    "Files: art/grey.png\nCopyright: C\nLicense: CC-BY-SA-4.0\n\n"
    "Files: maps/old/*\nCopyright: F\nLicense: CC-BY-NC-4.0\n\n"
    "Files: share/heron/Data/Calls/*\nCopyright: G\nLicense: CC-BY-NC-4.0\n\n"
    "Files: heron/*\nCopyright: A\nLicense: Expat\n\n"
    "Files: *.svg\nCopyright: D\nLicense: CC0-1.0\n\n"
    "Files: debian/*\nCopyright: E\nLicense: GPL-2+\n"
)


def test_what_a_debian_package_installs_is_judged_by_the_paragraph_that_plainly_speaks_of_it(
    tmp_path: Path, auditor: Callable[..., Any]
) -> None:
    inside = ("sounds/night/a.ogg", "art/grey.png", "art/b.png", "pics/grey.png", "art/own.svg", "words.txt", "load.py")
    inside += (
        "other/set/Data/Calls/a.ogg",
        "Data/Calls/a.ogg",
        "Data/Art/a.png",
        "maps/old/a.png",
        "maps/new/a.png",
        "maps/a.png",
    )
    files = {f"usr/share/games/heron/{n}": b"x" for n in inside}
    files |= {
        "usr/share/doc/heron/copyright": INSTALLED.encode(),
        "usr/share/man/man6/heron.6.gz": b"x",
        "usr/games/heron": b"x",
    }
    done = auditor("audit", made_deb(tmp_path / "heron_1_all.deb", files), "-o", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pq.read_table(tmp_path / "out/findings").to_pylist()
    found = {r["item_id"].removeprefix("usr/share/games/heron/"): (r["license_concluded"], r["verdict"]) for r in rows}
    assert found == {
        "sounds/night/a.ogg": ("CC-BY-NC-4.0", "non-free"),
        "art/grey.png": ("CC-BY-SA-4.0", "free"),
        "art/b.png": ("MIT", "free"),  # the patterns name its folder: it lay there in the source
        "art/own.svg": ("CC0-1.0", "free"),
        "pics/grey.png": ("NOASSERTION", "undetermined"),  # it may have lain anywhere: no paragraph is plainly meant
        "words.txt": ("NOASSERTION", "undetermined"),
        "Data/Calls/a.ogg": ("CC-BY-NC-4.0", "non-free"),  # and not `heron/*`, though the package's folder is called so
        "other/set/Data/Calls/a.ogg": ("NOASSERTION", "undetermined"),  # that may be another set's
        "Data/Art/a.png": ("MIT", "free"),
        "maps/old/a.png": ("CC-BY-NC-4.0", "non-free"),
        "maps/new/a.png": ("MIT", "free"),
        "maps/a.png": ("NOASSERTION", "undetermined"),  # it may have been laid down from maps/old
    }


def test_a_debian_package_under_one_licence_is_undivided(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    said = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: A\nLicense: {}\n\n"
    for packaging, verdict in (("GPL-2+", "free"), ("CC-BY-NC-4.0", "undetermined")):
        text = said.format("CC-BY-4.0") + f"Files: debian/*\nCopyright: E\nLicense: {packaging}\n"
        files = {"usr/share/doc/heron/copyright": text.encode(), "usr/share/heron/a.png": b"x"}
        out = tmp_path / packaging
        assert auditor("audit", made_deb(tmp_path / f"{packaging}_1_all.deb", files), "-o", out).code == 0
        (row,) = pq.read_table(out / "findings").to_pylist()
        assert row["verdict"] == verdict, "what packages it is heard where it forbids"


def test_a_debian_package_whose_copyright_no_machine_reads(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """Its text is one statement on all that it installs: a licence, or words that hold more than one."""
    one, more = "This package is under the GNU GPL version 2 or later.", "Some is MIT, some is not."
    for number, (text, licence) in enumerate(((one, "GPL-2.0-or-later"), (more, "NOASSERTION"))):
        files = {"usr/share/doc/heron/copyright": text.encode(), "usr/share/heron/a.png": pictures.png()}
        out = tmp_path / str(number)
        assert auditor("audit", made_deb(tmp_path / f"h{number}_1_all.deb", files), "-o", out).code == 0
        (row,) = pq.read_table(out / "findings").to_pylist()
        assert (row["license_concluded"], row["authority"], row["statement"]) == (licence, "aggregator", text)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("License-Expression: MIT\nLicense: Other\nClassifier: License :: OSI Approved\n", ["MIT"]),
        ("License: BSD\nClassifier: License :: A :: B\nClassifier: Topic :: C\n", ["BSD"]),
        ("Classifier: License :: A :: B\nClassifier: Topic :: C\n", ["License :: A :: B"]),
        ("License: UNKNOWN\nLicense-File: COPYING.own\n", ["Own words"]),
        ("License: line one\n        line two\n", ["line one\nline two"]),
    ],
)
def test_what_a_wheel_says_of_itself(metadata: str, said: list[str], tmp_path: Path) -> None:
    files = {"heron_data-1.2.dist-info/licenses/COPYING.own": b"Own words", "heron/d.csv": TABLE}
    _, rows, _ = local(wheel(tmp_path, files, f"Name: heron-data\n{metadata}"), tmp_path / "store")
    assert [r["license_text"] for r in rows if r["authority"] == "dataset" and "license_text" in r] == said


@pytest.mark.parametrize(
    ("metadata", "file", "concluded"),
    [
        # A family beside a licence of it adds nothing; alone it names none.
        ("License: BSD 3-Clause\nClassifier: License :: OSI Approved :: BSD License\n", "", "BSD-3-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "", "NOASSERTION"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "Licensed under BSD-3-Clause.", "BSD-3-Clause"),
        ("Classifier: License :: Free for non-commercial use\n", "Licensed under BSD-3-Clause.", "NOASSERTION"),
        ("License: MIT\nClassifier: License :: Free for non-commercial use\n", "", "NOASSERTION"),
        ("License-Expression: MIT\n", "The data are for non-commercial use only.", "NOASSERTION"),
        ("License-Expression: MIT\n", "Thanks to all who helped.", "MIT"),
    ],
)
def test_what_stands_beside_the_stated_licence_can_only_restrict(
    metadata: str, file: str, concluded: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    files = {"heron_data-1.2.dist-info/licenses/COPYING.own": file.encode(), "heron/d.txt": b"x"} if file else {}
    named = f"Name: heron-data\n{metadata}" + ("License-File: COPYING.own\n" if file else "")
    made = wheel(tmp_path, files, named)
    auditor("audit", made, "-o", tmp_path / "out")
    whole = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
    assert whole["license_concluded"] == concluded


@pytest.mark.parametrize(
    ("name", "words", "concluded"),
    [
        (
            "License",
            "Icon License v2\n\nYou may not sell or redistribute the icons.",
            "NOASSERTION",
        ),  # as in npm remixicon
        ("License", "Thanks to all who helped.", "Apache-2.0"),
        ("README.md", "# Icons\n\n## License\n\nThe icons are for non-commercial use only.", "NOASSERTION"),
        ("readme.md", "# Icons\n\n## License\n\nApache-2.0\n", "Apache-2.0"),
        ("README.md", "# Icons\n\n## Usage\n\nNot for commercial circus tents.", "Apache-2.0"),
        ("licenses.js", "not for commercial use", "Apache-2.0"),
    ],
)
def test_licence_file_and_readme_of_an_npm_package(
    name: str, words: str, concluded: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    """Whatever the file's name is written like; beside a stated licence both can only restrict."""
    meta = json.dumps({"name": "heron", "license": "Apache-2.0"}).encode()
    made = made_tar(tmp_path / "heron.tgz", {"package/package.json": meta, f"package/{name}": words.encode()}, "w:gz")
    auditor("audit", made, "-o", tmp_path / "out")
    whole = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
    assert whole["license_concluded"] == concluded


def test_the_long_description_of_a_wheel_can_restrict(auditor: Callable[..., Any], tmp_path: Path) -> None:
    for body, concluded in (("## License\n\nThe data are CC BY-NC 4.0.", "NOASSERTION"), ("## License\n\nMIT", "MIT")):
        made = wheel(
            tmp_path, {"heron/d.txt": b"x"}, f"Name: heron-data\nLicense-Expression: MIT\n\n# Herons\n\n{body}\n"
        )
        auditor("audit", made, "-o", tmp_path / concluded)
        whole = json.loads((tmp_path / concluded / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
        assert whole["license_concluded"] == concluded


def test_every_source_that_knows_something_inside_is_asked(tmp_path: Path) -> None:
    descriptor = json.dumps({"licenses": [{"name": "CC0-1.0"}], "resources": [{"name": "r", "path": "t.csv"}]}).encode()
    files = {
        "src/debian/copyright": COPYRIGHT.encode(),
        "src/img/a.png": b"x",
        "src/b": b"x",
        "datapackage.json": descriptor,
    }
    pages, rows, _ = local(made_zip(tmp_path / "a.zip", files | {"t.csv": TABLE}), tmp_path / "store")
    assert sorted({p.source for p in pages}) == ["datapackage", "debian_copyright", "table"]
    assert [p.level for p in pages] == sorted(p.level for p in pages)
    said = {r["item_id"]: r.get("license_text") for r in rows if not r["item_id"].startswith(str(tmp_path))}
    assert said == {
        "r": "CC0-1.0",
        "b": "Expat",
        "img/a.png": "CC-BY-NC-4.0",
        "h1": "CC0-1.0",
        "h2": "CC-BY-NC-4.0",
        "h3": None,
    }


def test_tables_without_a_licence_are_named_and_second_copies_said(tmp_path: Path) -> None:
    files = {
        "a/t.csv": TABLE,
        "b/t.csv": TABLE,
        "c.json": b'[{"id": 1, "size": 2}, {"id": 2, "size": 3}]',
        "d.csv": b"",
    }
    pages, _, told = local(wheel(tmp_path, files), tmp_path / "store")
    assert [p.locator.split("!")[1] for p in pages if p.level == "items"] == ["a/t.csv"]
    assert "not examined, as no column in them speaks of licences: c.json" in told
    assert "b/t.csv has the same bytes as a/t.csv: audited once." in told


def test_a_list_of_the_files_has_them_as_its_rows(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """And one of other things, a fixture perhaps, takes none of them away."""
    table = b"name,license\ngrey,CC0-1.0\nnight,CC0-1.0\npurple,CC-BY-4.0\n"
    for number, (names, wanted) in enumerate(((("grey", "night", "purple"), 3), (("owl", "stork", "crane"), 6))):
        files = {"heron/list.csv": table} | {f"heron/img/{n}.png": pictures.png() for n in names}
        out = tmp_path / str(number)
        done = auditor("audit", wheel(tmp_path / f"w{number}", files), "-o", out)
        assert done.code == 0, done.err
        assert pq.read_table(out / "findings").num_rows == wanted
        assert ("of 3 data files only the package speaks" in " ".join(done.err.split())) == (wanted == 3)


def test_ids_of_several_tables_are_told_apart_by_their_file(tmp_path: Path) -> None:
    files = {"a/t.csv": TABLE, "b/t.csv": TABLE + b"h9,MIT,\n"}
    _, rows, _ = local(wheel(tmp_path, files), tmp_path / "store")
    assert [r["item_id"] for r in rows[1:]] == [
        *(f"a/t.csv:h{i}" for i in (1, 2, 3)),
        *(f"b/t.csv:h{i}" for i in (1, 2, 3, 9)),
    ]


def test_a_path_inside_takes_that_file_alone_whatever_it_says(pip_folder: Path, tmp_path: Path) -> None:
    wheel(pip_folder, {"a/t.csv": TABLE, "b/plain.csv": b"id,size\n1,2\n2,3\n"})
    _, rows, _ = run("pkg:pypi/heron-data#b/plain.csv", tmp_path / "store")
    assert [r["item_id"] for r in rows[1:]] == ["1", "2"]
    _, rows, _ = run("pkg:pypi/heron-data#a", tmp_path / "store")
    assert [r["item_id"] for r in rows[1:]] == ["h1", "h2", "h3"]
    with pytest.raises(BadInput, match=r"there is no b/none in it"):
        run("pkg:pypi/heron-data#b/none", tmp_path / "store")


def test_a_broken_file_among_others_is_an_item_with_an_error(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    files = {"a.csv": TABLE, "b.parquet": b"PAR1 and no more", "c/datapackage.json": b'{"resources": ['}
    done = auditor("audit", made_zip(tmp_path / "a.zip", files), "-o", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pq.read_table(tmp_path / "out/findings", columns=["item_id", "error", "verdict"]).to_pylist()
    broken = {r["item_id"].split("!")[1]: r["verdict"] for r in rows if r["error"]}
    assert broken == {"b.parquet": "undetermined", "c/datapackage.json": "undetermined"}
    assert len(rows) == 5


def test_hostile_and_broken_archives_end_in_one_sentence(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    (tmp_path / "cut.whl").write_bytes(wheel(tmp_path).read_bytes()[:200])
    made_zip(tmp_path / "empty.zip", {})
    made_zip(tmp_path / "bomb.zip", {"a.csv": b"0" * (80 << 20)})
    for name in ("cut.whl", "empty.zip", "bomb.zip"):
        done = auditor("audit", tmp_path / name, "-o", tmp_path / "out")
        assert (done.code, done.out) == (2, "") and "Traceback" not in done.err, name
        assert done.err.strip().splitlines()[-1].endswith(".")
        assert not (tmp_path / "out").exists()


def test_names_that_are_no_text_do_not_stop_an_audit(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    made_tar(tmp_path / "a.tar", {"t\udcff\n.csv": TABLE, "../gone.csv": TABLE})
    done = auditor("audit", tmp_path / "a.tar", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert pq.read_table(tmp_path / "out/findings").num_rows == 3
    assert "gone.csv" in done.err and "lead out of it" in done.err


def test_a_folder_of_different_kinds(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    top = tmp_path / "set"
    for name, body in {
        "debian/copyright": COPYRIGHT.encode(),
        "img/a.png": b"x",
        "more/datapackage.json": b'{"license": "CC0-1.0", "resources": [{"name": "r", "path": "x"}]}',
        "t.csv": TABLE,
        "plain.csv": b"id,size\n1,2\n2,3\n",
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(body)
    done = auditor("audit", top, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    ids = pq.read_table(tmp_path / "out/findings", columns=["item_id"])["item_id"].to_pylist()
    assert sorted(ids) == ["h1", "h2", "h3", "img/a.png", "more/datapackage.json", "plain.csv", "r", "t.csv"]
    assert "not examined, as no column in them speaks of licences: plain.csv" in done.err


def test_a_zip_within_reach_of_nothing_known_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.bin", b"x")
    with pytest.raises(BadInput, match="no file that speaks of licences"):
        local(tmp_path / "a.zip", tmp_path / "store")


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize(
    ("purl", "least"),
    [
        ("pkg:pypi/bioregistry@0.13.10#bioregistry/data/bioregistry.json", 1500),
        ("pkg:npm/vega-datasets@3.2.1", 73),
        ("pkg:deb/debian/freedoom", 3),
        ("pkg:deb/debian/sound-theme-freedesktop", 27),
    ],
)
def test_real_registries(purl: str, least: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "audit", purl, "-o", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    if "could not be reached" in done.stderr or "is missing:" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    assert pq.read_table(tmp_path / "out/findings").num_rows >= least
