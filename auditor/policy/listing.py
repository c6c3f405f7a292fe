"""What is known of licences, one a line, for people to search."""

from collections.abc import Iterator

from auditor.licensing import spdx_list
from auditor.policy.judge import verdict
from auditor.policy.properties import category, ours


def listed(words: str = "", policy: str = "dfsg") -> Iterator[str]:
    """Yield id, category, verdict under the policy, and name of every licence in whose id or name all the words stand."""
    wanted = words.casefold().split()
    spdx = ((i, x.name) for i, x in spdx_list.load().items() if x.kind == "license" and not x.deprecated)
    for name, title in (*spdx, *ours()):
        if all(w in f"{name} {title}".casefold() for w in wanted):
            yield "\t".join((name, category(name), verdict(name, policy).verdict, title))
