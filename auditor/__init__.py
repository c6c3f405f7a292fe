"""auditor says, item by item, whether a dataset is free, and proves it.

>>> import auditor
>>> audit = auditor.audit("pictures.csv", "pictures.audit")
>>> audit.findings.to_table(columns=["item_id", "verdict"]).num_rows   # one row an item: auditor.schema.FINDING
3
>>> print(str(audit.report()).splitlines()[0])
Freeness of pictures.csv
>>> auditor.read("CC BY 3.0 DE").license
'CC-BY-3.0-DE'
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Audit", "AuditError", "Report", "__version__", "audit", "read"]

if TYPE_CHECKING:
    from auditor.auditing import Audit, audit
    from auditor.errors import AuditError
    from auditor.licensing import read
    from auditor.report import Report

_PLACES = {"Audit": "auditing", "audit": "auditing", "AuditError": "errors", "Report": "report", "read": "licensing"}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used, so that `auditor --help` need not wait for Arrow."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
