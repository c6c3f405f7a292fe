"""The licence reader: one statement in, an SPDX expression and the rule that read it out."""

from auditor.licensing.reading import Reading
from auditor.licensing.reader import read

__all__ = ["Reading", "read"]
