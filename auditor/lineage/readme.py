"""What a README's sentences say a dataset was made from, where the name or the link is one that a manifest knows."""

import re
from collections.abc import Iterator

from auditor import manifests

LARGEST = 1 << 20  # characters looked at
MADE = re.compile(
    r"\b(?:(?:derived|extracted|collected|sampled|scraped|crawled|generated|created|built|constructed|compiled|adapted|translated|taken"
    r"|curated|gathered|obtained|sourced|drawn)(?:[ \n]\w+ly)?[ \n](?:from|out[ \n]of)"
    r"|(?:extension|subset|translation|re-?upload|copy|mirror|(?:cleaned|filtered|modified|translated|simplified)[ \n]version)[ \n]of)[ \n]+",
    re.IGNORECASE,
)
DENIED = re.compile(r"(?i)\b(?:not|never|n't|unlike|instead of being)\W+(?:\w+\W+){0,2}$")
LINK = re.compile(r"\[([^\]\n]{1,200})\]\(([^)\s]{1,500})\)")
END = re.compile(r"[.;:!?()|]|\n\s*\n|,? (?:and|or|by|using|with|to|for|in|on|where|which|that)\b")
REACH, LONGEST = 240, 160  # characters looked at after such words, and shown of them
MOST_WORDS, STARTS = 5, 4  # of a name; how far into the words it may begin: `the original English Wikipedia`


def origins(text: str) -> Iterator[tuple[manifests.Manifest, str]]:
    """Yield each dataset that the text says this one was made from, with the words, once."""
    seen: set[str] = set()
    text = text[:LARGEST]
    for match in MADE.finditer(text):
        if DENIED.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        rest = text[match.end() : match.end() + REACH]
        found = _linked(rest) or _named(rest)
        if found and found.name not in seen:
            seen.add(found.name)
            yield found, " ".join(_sentence(text[match.start() : match.end() + REACH]).split())


def _sentence(words: str) -> str:
    """Return the words to the end of their sentence, or some of them."""
    return re.split(r"(?<=[.!?;])\s|\n\s*\n|\n#", words[:LONGEST], maxsplit=1)[0]


def _linked(rest: str) -> manifests.Manifest | None:
    """Return the dataset that a link right after the words leads to, or is called after."""
    link = LINK.search(rest)
    if link is None or len(rest[: link.start()].split()) > STARTS or END.search(rest[: link.start()]):
        return None
    return manifests.find(link[2]) or _named(link[1])


def _named(rest: str) -> manifests.Manifest | None:
    """Return the dataset that the next words name; a name begins with a capital or has a digit, as names in prose do."""
    end = END.search(rest)
    words = re.findall(r"[\w'+-]+", rest[: end.start()] if end else rest)
    for start in range(min(STARTS, len(words))):
        for size in range(min(MOST_WORDS, len(words) - start), 0, -1):
            name = " ".join(words[start : start + size])
            if (name[0].isupper() or any(c.isdigit() for c in name)) and len(name) > 2:
                found = manifests.find(name)
                if found:
                    return found
    return None
