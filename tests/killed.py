"""Run the command line, and die by SIGKILL at the KILL_AT-th of its steps (0: never; their number goes to stderr).

A step is whatever an audit does that could leave something half done: a batch parsed, a part's file put in its place,
a line of parts.jsonl, audit.json, a download, a line of the journal. The program itself knows nothing of it.
"""

import functools
import os
import signal
import sys
import threading

import auditor.fetch.session
import auditor.following
import auditor.settle
import auditor.store
from auditor.fetch.journal import Journal
from auditor.sources import table

STEPS, LOCK = [0], threading.Lock()
AT = int(os.environ["KILL_AT"])


def step() -> None:
    with LOCK:
        STEPS[0] += 1
        if STEPS[0] == AT:
            os.kill(os.getpid(), signal.SIGKILL)


def dying(function):  # type: ignore[no-untyped-def]
    @functools.wraps(function)
    def inner(*args, **kwargs):  # type: ignore[no-untyped-def]
        step()
        made = function(*args, **kwargs)
        step()
        return made

    return inner


def batches(function):  # type: ignore[no-untyped-def]
    @functools.wraps(function)
    def inner(*args, **kwargs):  # type: ignore[no-untyped-def]
        for one in function(*args, **kwargs):
            step()
            yield one

    return inner


for module in (auditor.store, auditor.settle, auditor.following):
    module.append = dying(module.append)
for name in ("planned", "started", "finished"):
    setattr(Journal, name, dying(getattr(Journal, name)))
auditor.store.write_whole = dying(auditor.store.write_whole)
auditor.fetch.session.download = dying(auditor.fetch.session.download)
auditor.store.hash_file = dying(auditor.store.hash_file)
os.replace = dying(os.replace)
os.rename = dying(os.rename)
table.parse = batches(table.parse)
table.fetch = batches(table.fetch)

from auditor.cli import main  # noqa: E402  # after the steps are in place

try:
    main()
finally:
    print(f"steps: {STEPS[0]}", file=sys.stderr)
