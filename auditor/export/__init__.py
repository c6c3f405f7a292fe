"""An audit in the formats of others; what is exported reads back to the same licences."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.auditing import Audit

FORMATS = {"spdx-json": "spdx2", "spdx-tv": "spdx2", "spdx3": "spdx3", "croissant": "croissant", "rocrate": "rocrate"}


def export(audit: "Audit", form: str) -> str:
    """Return the audit as a document of that format; BadOption for one that is not known."""
    from auditor.errors import BadOption

    if form not in FORMATS:
        raise BadOption(f"--format {form!r} is not known: use one of {', '.join(FORMATS)}.")
    made: str = import_module(f"{__name__}.{FORMATS[form]}").render(audit, form)
    return made
