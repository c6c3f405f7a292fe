"""A module a folder of real data: `reading(path)` says how many items of which licence a file holds.

Each reads the file by itself, with the standard library and parsers that auditor does not use; none imports auditor or its
knowledge. A licence is written as `license_concluded` has it. None: no items of a dataset are in the file.
"""
