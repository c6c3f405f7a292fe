"""auditor says, item by item, whether a dataset is free, and proves it.

import auditor
done = auditor.audit("pkg:pypi/bioregistry")
done.findings.to_table()      # one row an item: auditor.schema.FINDING
print(done.report())
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
