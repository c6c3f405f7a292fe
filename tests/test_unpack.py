"""Archives made up here, honest, broken and hostile: what comes out, what is left out and said, what is refused."""

import gzip
import io
import os
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import BadInput
from auditor.unpack import LINK, ODD, OUTSIDE, TWICE, UNNAMEABLE, Limits, kind_of, unpack

FILES = {"data/a.csv": b"id,license\n1,CC0-1.0\n", "data/b c.txt": b"", "é/ü.json": b"{}"}


def made_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in files.items():
            file.writestr(name, body)
    return path


def made_tar(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as file:  # type: ignore[call-overload]  # the mode is a parameter of the test
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            file.addfile(info, io.BytesIO(body))
    return path


def made_zst(path: Path, files: dict[str, bytes]) -> Path:
    import pyarrow as pa

    with pa.CompressedOutputStream(str(path), "zstd") as out:
        out.write(made_tar(path.with_suffix(".plain"), files).read_bytes())
    return path


def made_deb(path: Path, files: dict[str, bytes], inner: str = "xz") -> Path:
    """An ar archive as deb(5) describes it."""
    held = made_tar(path.with_suffix(".data"), {f"./{n}": b for n, b in files.items()}, f"w:{inner}")
    data = held.read_bytes()
    held.unlink()
    members = [("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), (f"data.tar.{inner}", data)]
    body = b"!<arch>\n"
    for name, content in members:
        body += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        body += b"\n" * (len(content) % 2)
    path.write_bytes(body)
    return path


MAKERS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "a.whl": made_zip,
    "a.tar": made_tar,
    "a.tar.gz": lambda p, f: made_tar(p, f, "w:gz"),
    "a.tar.bz2": lambda p, f: made_tar(p, f, "w:bz2"),
    "a.tar.xz": lambda p, f: made_tar(p, f, "w:xz"),
    "a.tar.zst": made_zst,
    "a.deb": made_deb,
}


def laid(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("name", MAKERS)
def test_what_went_in_comes_out_read_only_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    archive = MAKERS[name](tmp_path / name, FILES)
    assert unpack(archive, tmp_path / "one") == {}
    assert unpack(archive, tmp_path / "two") == {}
    assert laid(tmp_path / "one") == FILES == laid(tmp_path / "two")
    states = [{f.name: f.stat() for f in (tmp_path / t).rglob("*") if f.is_file()} for t in ("one", "two")]
    assert all(stat.S_IMODE(s.st_mode) == 0o444 for s in states[0].values())
    assert {n: s.st_mtime_ns for n, s in states[0].items()} == {n: s.st_mtime_ns for n, s in states[1].items()}


@pytest.mark.parametrize("name", MAKERS)
def test_a_truncated_archive_is_one_sentence_wherever_it_ends(name: str, tmp_path: Path) -> None:
    files = {"a.bin": os.urandom(200_000), "b.bin": os.urandom(50_000)}
    whole = MAKERS[name](tmp_path / name, files).read_bytes()
    for size in (len(whole) // 3, len(whole) * 5 // 6):
        (tmp_path / f"cut-{name}").write_bytes(whole[:size])
        with pytest.raises(BadInput, match=r"^cut-a\.\S+ .*: (get it again|check what it is)\.$"):
            unpack(tmp_path / f"cut-{name}", tmp_path / f"{name}-{size}")


def test_a_flipped_byte_in_a_compressed_tar_is_found(tmp_path: Path) -> None:
    archive = made_tar(tmp_path / "a.tar.gz", {"a": os.urandom(5000)}, "w:gz")
    body = bytearray(archive.read_bytes())
    body[-8] ^= 1  # the checksum
    archive.write_bytes(bytes(body))
    with pytest.raises(BadInput, match="damaged"):
        unpack(archive, tmp_path / "out")


HOSTILE = {"../out.txt": b"x", "/abs.txt": b"x", "a/../../out.txt": b"x", "good.txt": b"good", "..": b"x"}


@pytest.mark.parametrize("name", ["a.whl", "a.tar", "a.deb"])
def test_nothing_is_written_outside_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    archive = MAKERS[name](tmp_path / "in" / name, HOSTILE)
    before = set(tmp_path.rglob("*"))
    left = unpack(archive, tmp_path / "in" / "deep" / "tree")
    tree = tmp_path / "in" / "deep" / "tree"
    inside = {"good.txt": b"good"} | ({"abs.txt": b"x"} if name == "a.deb" else {})  # "./" stands before names there
    assert laid(tree) == inside
    assert set(left) == {OUTSIDE} and len(left[OUTSIDE]) == len(HOSTILE) - len(inside)
    assert {p for p in set(tmp_path.rglob("*")) - before if not p.is_relative_to(tree.parent)} == set()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), max_size=4))
def test_no_name_leads_out(parts: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        archive = made_tar(top / "a.tar", {"/".join([*parts, "f"]): b"x"})
        left = unpack(archive, top / "x" / "tree")
        assert len(laid(top / "x" / "tree")) + sum(map(len, left.values())) == 1
        assert sorted(p.name for p in top.iterdir()) == ["a.tar", "x"]
        assert [p.name for p in (top / "x").iterdir()] == ["tree"]


def test_links_devices_and_second_files_are_left_out_and_said(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        for name, kind, link in (
            ("a.txt", tarfile.REGTYPE, ""),
            ("out", tarfile.SYMTYPE, "/etc"),
            ("in", tarfile.SYMTYPE, "a.txt"),
            ("same.txt", tarfile.LNKTYPE, "a.txt"),
            ("stolen", tarfile.LNKTYPE, "../../etc/passwd"),
            ("fifo", tarfile.FIFOTYPE, ""),
            ("null", tarfile.CHRTYPE, ""),
            ("out/passwd", tarfile.REGTYPE, ""),
            ("a.txt", tarfile.REGTYPE, ""),
            ("a.txt/b", tarfile.REGTYPE, ""),
            ("n" * 300, tarfile.REGTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            info.size = 2 if kind == tarfile.REGTYPE else 0
            file.addfile(info, io.BytesIO(b"hi") if info.size else None)
    left = unpack(tmp_path / "a.tar", tmp_path / "tree")
    assert laid(tmp_path / "tree") == {"a.txt": b"hi", "same.txt": b"hi", "out/passwd": b"hi"}
    assert left == {
        LINK: ["out", "in", "stolen"],
        ODD: ["fifo", "null"],
        TWICE: ["a.txt", "a.txt/b"],
        UNNAMEABLE: ["n" * 300],
    }
    assert not any(p.is_symlink() for p in (tmp_path / "tree").rglob("*"))


def test_a_symlink_in_a_zip_is_no_file_of_its_targets_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    assert unpack(tmp_path / "a.zip", tmp_path / "tree") == {LINK: ["link"]}
    assert laid(tmp_path / "tree") == {}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(entries=2), "more than 2 entries"),
        (Limits(size=100_000), "more than 100,000 bytes"),
        (Limits(ratio=10, floor=1000), "more than 10 times its size"),
    ],
)
@pytest.mark.parametrize("name", ["a.whl", "a.tar.gz", "a.deb"])
def test_bombs_are_refused_before_they_fill_the_disk(name: str, limits: Limits, said: str, tmp_path: Path) -> None:
    archive = MAKERS[name](tmp_path / name, {str(i): b"\0" * 1_000_000 for i in range(3)})
    with pytest.raises(BadInput, match=said):
        unpack(archive, tmp_path / "tree", limits)
    assert sum(len(b) for b in laid(tmp_path / "tree").values()) <= 2_000_000


def test_a_bomb_of_hard_links_counts_their_bytes(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        info = tarfile.TarInfo("a")
        info.size = 100_000
        file.addfile(info, io.BytesIO(b"\0" * 100_000))
        for i in range(50):
            link = tarfile.TarInfo(f"l{i}")
            link.type, link.linkname = tarfile.LNKTYPE, "a"
            file.addfile(link)
    with pytest.raises(BadInput, match="bytes"):
        unpack(tmp_path / "a.tar", tmp_path / "tree", Limits(size=1_000_000))


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    body = bytearray(made_zip(tmp_path / "a.zip", {"a": b"x"}).read_bytes())
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flag of encryption in both headers
        body[body.index(magic) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(body))
    with pytest.raises(BadInput, match="encrypted"):
        unpack(tmp_path / "a.zip", tmp_path / "tree")


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"PK\3\4", b"!<arch>\n", b"!<arch>\nrubbish", gzip.compress(b"a,b\n1,2\n")]
)
def test_what_is_no_archive_is_one_sentence(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(body)
    with pytest.raises(BadInput, match=r"^a\.bin .*\.$"):
        unpack(tmp_path / "a.bin", tmp_path / "tree")


def test_kinds_are_told_by_their_bytes_not_their_names(tmp_path: Path) -> None:
    made = {name: make(tmp_path / f"{i}.bin", FILES) for i, (name, make) in enumerate(MAKERS.items())}
    kinds = {name: kind_of(path) for name, path in made.items()}
    assert kinds == {n: "zip" if n == "a.whl" else "deb" if n == "a.deb" else "tar" for n in MAKERS}


def test_debian_packages_made_by_dpkg_are_read(tmp_path: Path) -> None:
    import shutil

    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg-deb: a Debian system")
    (tmp_path / "p/DEBIAN").mkdir(parents=True)
    (tmp_path / "p/DEBIAN/control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: A\nDescription: d\n"
    )
    (tmp_path / "p/usr").mkdir()
    (tmp_path / "p/usr/a.txt").write_bytes(b"a")
    for kind in ("xz", "zstd", "gzip", "none"):
        deb = tmp_path / f"{kind}.deb"
        done = subprocess.run(["dpkg-deb", f"-Z{kind}", "-b", tmp_path / "p", deb], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        unpack(deb, tmp_path / kind)
        assert laid(tmp_path / kind) == {"usr/a.txt": b"a"}
