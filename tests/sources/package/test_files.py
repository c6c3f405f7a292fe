"""The files that a package holds: which are items, and which words are on each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.sources.media import pictures
from tests.sources.package.packages import NAME, wheel
from tests.test_unpack import made_deb, made_zip


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
