"""auditor's reading and concluding against the experts of the Data Provenance Initiative.

python benchmarks/dpi.py FOLDER [--table TSV] [--misses]

FOLDER is the initiative's `data_provenance_initiative` (constants/, data_summaries/). Without --table the datasets are those of
its text summaries; with it those of the table, which holds the same columns for all datasets, those left out of FOLDER too.
Prints definitions and figures beside the published ones. Exit 1 where the target is missed.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.conclude import conclude
from auditor.licensing import read
from auditor.statements import Conclusion, Dataset, Said

HOSTS = {"hf": "Hugging Face", "gh": "GitHub", "pwc": "Papers with Code"}
AUTHORITY = {"hf": "uploader", "gh": "uploader", "pwc": "aggregator"}  # none of the hosts is the author
USES = ("commercial", "non-commercial", "academic-only", "unspecified")  # from the freest
OF_TABLE = {"All": "commercial", "NC": "non-commercial", "Acad": "academic-only", "?": "academic-only"}
VENDORS = {"openai", "anthropic"}  # terms of the model that wrote the data; the initiative's own filters leave them out
NOT_STATED = {"", "unspecified"}
WORDLESS = {"custom", "various", "request form", "unclear"}  # the experts' labels for what has no licence's name
TARGET = 0.90
DEFINITIONS = """\
Definitions. A use class is what the initiative's license_classes.json says of a licence: commercial (All), non-commercial (NC),
academic-only (Acad, and ?), unspecified. Of several licences the strictest counts: academic-only, non-commercial, unspecified,
commercial; OpenAI's and Anthropic's terms are left out, as by the initiative's own filters.
omission    the experts found a licence class, and the host states none (empty or "Unspecified"); of all, and of those the host has
mismatch    both state a class, and the host's name, read by auditor, has another class than the experts'
flag        auditor: what the host states, read, drops a restriction on use that the evidence, read, states. The evidence is
            either the licences the experts found, or only what the other hosts state. Truth: the host's class is freer.
            "Custom", "Various" and "Request Form" are the experts' labels of pages auditor is not given here, so they are told apart
class right auditor concludes from the hosts' statements alone; its class is the experts'. Only datasets for which the experts
            found a class and at least one host states that class, by the initiative's own table
freer       auditor's class is freer than that of every host's statement: must never be
use classes of auditor: academic-only and non-commercial are themselves; free, free-sharealike, no-derivatives and use-restricted
            allow commercial use, which is all that the initiative's classes tell apart; everything else is unspecified."""
PUBLISHED = """\
Published (Longpre, Mahari et al., A large-scale audit of dataset licensing and attribution in AI, 2024, abstract): "licence omission
rates of more than 70% and error rates of more than 50%" on popular hosting sites, of more than 1,800 text datasets; their hosts'
tags are of 2023, these of 2024."""

Classes = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset: what the experts found, and what each host says (None: the host does not have it)."""

    name: str
    experts: tuple[tuple[str, str], ...]  # licence, URL
    hosts: Mapping[str, tuple[str, ...] | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--table", type=Path, help="a table of all datasets, with columns dpi, dpi_url, hf, gh, pwc, has_..."
    )
    parser.add_argument("--misses", action="store_true", help="print the kinds of datasets whose class is not right")
    asked = parser.parse_args()
    classes = classes_of(asked.folder)
    entries = list(of_table(asked.table) if asked.table else of_summaries(asked.folder))
    print(DEFINITIONS, PUBLISHED, sep="\n\n", end="\n\n")
    print(f"{len(entries)} text datasets\n")
    hosts_table(entries, classes)
    flags(entries, classes)
    sys.exit(0 if class_right(entries, classes, asked.misses) else 1)


def classes_of(folder: Path) -> Classes:
    """Return the initiative's own class of a licence: by its name, and of a custom one by its URL."""
    named = _lowered(folder / "constants" / "license_classes.json")
    custom = _lowered(folder / "constants" / "custom_license_classes.json")

    def of(name: str, url: str) -> str:
        key = url if name.casefold() == "custom" else name
        return OF_TABLE.get(
            (custom if name.casefold() == "custom" else named).get(key.strip().casefold(), ""), "unspecified"
        )

    return of


def _lowered(path: Path) -> dict[str, str]:
    said: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return {name.strip().casefold(): kinds[0] for name, kinds in said.items()}


def of_table(path: Path) -> Iterator[Entry]:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if row["modality"] == "text":
                names, urls = row["dpi"].split("|"), row["dpi_url"].split("|")
                pairs = zip(names, [*urls, *[""] * len(names)], strict=False)
                hosts = {h: (row[h],) if row[f"has_{h}"] == "True" else None for h in HOSTS}
                yield Entry(row["uid"], _kept(pairs), hosts)


def of_summaries(folder: Path) -> Iterator[Entry]:
    for path in sorted((folder / "data_summaries").glob("*.json")):
        if path.name.startswith("_"):
            continue
        for row in json.loads(path.read_text(encoding="utf-8")).values():
            said = row.get("Inferred Metadata") or {}
            experts = _kept((x["License"] or "", x.get("License URL") or "") for x in row["Licenses"])
            yield Entry(row["Unique Dataset Identifier"], experts, dict(_hosts(row, said)))


def _hosts(row: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    fields = {
        "hf": ("Hugging Face URL", ("HF Yaml License", "HF Config License")),
        "gh": ("GitHub URL", ("GitHub License",)),
        "pwc": ("Papers with Code URL", ("PwC License Name",)),
    }
    for host, (url, names) in fields.items():
        yield host, tuple(said.get(n) or "" for n in names) if row.get(url) else None


def _kept(licenses: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found = tuple(dict.fromkeys(licenses))
    return tuple(x for x in found if x[0].casefold() not in VENDORS) or (("Unspecified", ""),)


def strictest(uses: Iterable[str]) -> str:
    """Return the class of several licences, in the initiative's own order."""
    found = set(uses)
    order = ("academic-only", "non-commercial", "unspecified", "commercial")
    return next((u for u in order if u in found), "unspecified")


def stated(names: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names or () if n.casefold() not in NOT_STATED))


def experts_use(entry: Entry, classes: Classes) -> str:
    return strictest(classes(n, u) for n, u in entry.experts)


def host_use(names: Sequence[str], classes: Classes) -> str:
    return strictest(classes(n, "") for n in names) if names else "unspecified"


def use_of(category: str, restrictions: Iterable[str] = ()) -> str:
    """Return the initiative's class for a category of auditor."""
    if category in ("academic-only", "non-commercial"):
        return category
    if category == "use-restricted":
        found = set(restrictions)
        return next((u for u in ("academic-only", "non-commercial") if u in found), "commercial")
    return "commercial" if category in ("free", "free-sharealike", "no-derivatives") else "unspecified"


def share(part: int, whole: int) -> str:
    return f"{part:5d} of {whole:5d}  {part / whole:6.1%}" if whole else f"{part:5d} of {whole:5d}       -"


def hosts_table(entries: Sequence[Entry], classes: Classes) -> None:
    for host, title in HOSTS.items():
        found = [(e, stated(e.hosts[host]), experts_use(e, classes)) for e in entries]
        told = [(e, names, use) for e, names, use in found if use != "unspecified"]
        there = [x for x in told if x[0].hosts[host] is not None]
        empty, gone = sum(not n for _, n, _ in told), sum(not n for _, n, _ in there)
        blank = sum(not n for _, n, _ in found)
        both = [
            (names, use, host_use(names, classes))
            for _, names, use in told
            if host_use(names, classes) != "unspecified"
        ]
        ours = [
            (use, strictest(use_of(r.category, r.restrictions) for r in map(read, names))) for names, use, _ in both
        ]
        print(title)
        print(f"  no licence stated, of all            {share(blank, len(found))}")
        print(f"  omission, of all                     {share(empty, len(told))}")
        print(f"  omission, of those the host has      {share(gone, len(there))}")
        print(f"  mismatch, by auditor's reading       {share(sum(a != b for a, b in ours), len(ours))}")
        print(f"  mismatch, by the initiative's table  {share(sum(a != b for _, a, b in both), len(both))}\n")


def flags(entries: Sequence[Entry], classes: Classes) -> None:
    """Print recall and false alarms of the flag, over hosts that state a class the experts can be held against."""
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for entry in entries:
        use = experts_use(entry, classes)
        for host in HOSTS:
            names = stated(entry.hosts[host])
            claimed = host_use(names, classes)
            if "unspecified" in (use, claimed):
                continue
            freer = USES.index(claimed) < USES.index(use)
            others = [n for h in HOSTS if h != host for n in stated(entry.hosts[h])]
            counts["the experts' licences", freer, flagged(names, [" ".join(x) for x in entry.experts])] += 1
            counts["the other hosts alone", freer, flagged(names, others)] += 1
            if any(n.casefold() not in WORDLESS and classes(n, u) == use for n, u in entry.experts):
                counts[
                    "the experts' licences that have a name",
                    freer,
                    flagged(names, [" ".join(x) for x in entry.experts]),
                ] += 1
    print("Flag: the host is freer than the evidence")
    for evidence in dict.fromkeys(k[0] for k in counts):
        hit, miss = counts[evidence, True, True], counts[evidence, True, False]
        alarm, quiet = counts[evidence, False, True], counts[evidence, False, False]
        print(f"  evidence: {evidence}")
        print(f"    recall        {share(hit, hit + miss)}")
        print(f"    false alarms  {share(alarm, alarm + quiet)}")
    print()


def flagged(claimed: Iterable[str], evidence: Iterable[str]) -> bool:
    """Whether the claim drops a restriction on commercial use, or on use outside research, that the evidence states."""
    use = {"non-commercial", "academic-only"}
    said = {r for n in claimed for r in read(n).restrictions}
    return bool({r for n in evidence for r in read(n).restrictions} & use - said)


def concluded(entry: Entry) -> tuple[Conclusion, str]:
    """Return auditor's conclusion from what the hosts state, and its use class."""
    claims = [Said(read(name), name, None, AUTHORITY[host]) for host in HOSTS for name in stated(entry.hosts[host])]
    found = conclude(claims, Dataset())
    return found, use_of(found.category, (r for c in claims for r in c.reading.restrictions))


def class_right(entries: Sequence[Entry], classes: Classes, misses: bool) -> bool:
    """Print how often the class is right, and whether it was ever freer than every claim; return whether both are good."""
    right, freer, total, kinds = 0, 0, 0, Counter[str]()
    for entry in entries:
        claims = {h: stated(entry.hosts[h]) for h in HOSTS}
        uses = [classes(n, "") for names in claims.values() for n in names]
        found, ours = concluded(entry)
        freer += bool(uses) and USES.index(ours) < min(map(USES.index, uses))
        free_alone = found.verdict == "free" and "commercial" not in uses
        freer += free_alone
        use = experts_use(entry, classes)
        if use == "unspecified" or use not in uses:
            continue
        total += 1
        right += ours == use
        if ours != use:
            kinds[f"{use} concluded {ours}: " + " / ".join(f"{h} {' + '.join(n)}" for h, n in claims.items() if n)] += 1
    print("Class, concluded from the hosts' statements")
    print(f"  right                          {share(right, total)}  target {TARGET:.0%}")
    print(f"  freer than every claim given   {share(freer, len(entries))}  target 0")
    if misses:
        print(*(f"  {n:5d}  {kind}" for kind, n in kinds.most_common()), sep="\n")
    return freer == 0 and total > 0 and right / total >= TARGET


if __name__ == "__main__":
    main()
