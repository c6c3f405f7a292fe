"""auditor says, item by item, whether a dataset is free, and proves it."""

__version__ = "0.1.0"
