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
from auditor.sources import _package_get as registry
from tests.sources.media import pictures
from tests.sources.package.packages import COPYRIGHT, NAME, TABLE, fetched, local, run, wheel
from tests.test_unpack import made_deb, made_tar, made_zip


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
