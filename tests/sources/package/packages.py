"""Made-up packages, and what is read of one."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import _package_get as registry
from auditor.sources import package, source
from auditor.target import Target
from tests.test_unpack import made_zip

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


def fetched(purl: str, make: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch, store: Path) -> Any:
    """Run with a client that lays down a made-up file."""

    def fake(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        make(cwd)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(registry.subprocess, "run", fake)
    return run(purl, store)
