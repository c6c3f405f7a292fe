"""The licence reader: one statement in, an SPDX expression and the rule that read it out."""
