"""An audit in the formats of others; what is exported reads back to the same licences."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.auditing import Audit

FORMATS = {"spdx-json": "spdx2", "spdx-tv": "spdx2", "spdx3": "spdx3", "croissant": "croissant", "rocrate": "rocrate"}


def export(audit: "Audit", form: str, out: Path | None = None) -> str:
    """Return the audit as a document of that format; BadOption for one that is not known.

    out: where it will be written, since the paths in it start there; else they start from the audit's folder.
    """
    from auditor.errors import BadOption

    if form not in FORMATS:
        raise BadOption(f"--format {form!r} is not known: use one of {', '.join(FORMATS)}.")
    made: str = import_module(f"{__name__}.{FORMATS[form]}").render(audit, form, _root(audit, out))
    return made


def _root(audit: "Audit", out: Path | None) -> str:
    """Return what leads from the folder of `out` to the audit's; empty where that is the same."""
    if out is None:
        return ""
    way = Path(os.path.relpath(audit.folder.resolve(), out.resolve().parent)).as_posix()
    return "" if way == "." else f"{way}/"
