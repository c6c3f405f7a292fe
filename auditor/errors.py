"""What can go wrong, as one sentence each.

AuditError            anything a user can act on; the command line prints it and exits with 2
  UnknownTarget       no source knows the target
  BadInput            the input is missing, empty, truncated, or not what it was taken for
  NotReachable        a network answer or a registry could not be had
  BadOption           an option names something that is not there
"""


class AuditError(Exception):
    """One sentence that says what went wrong with which input, and what to do."""


class UnknownTarget(AuditError):
    """No source knows the target."""


class BadInput(AuditError):
    """The input is missing, empty, truncated, or not what it was taken for."""


class NotReachable(AuditError):
    """A network answer or a registry could not be had."""


class BadOption(AuditError):
    """An option names something that is not there."""
