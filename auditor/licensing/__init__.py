"""The licence reader: one statement in, an SPDX expression and the rule that read it out."""

from auditor.licensing.reader import read
from auditor.licensing.reading import Reading

__all__ = ["Reading", "read"]
