"""The shapes of judgement: one statement and its reading, what is known of a dataset, what is concluded of an item."""

from dataclasses import dataclass

from auditor.licensing import Reading

NOASSERTION, NONE = "NOASSERTION", "NONE"
WHOLE = (None, "media", "text", "code", "data")  # scopes that are the item itself; the others are apart from it
PART = "part"  # scope of something inside an item that is licensed by itself: a photo in an observation's record


@dataclass(frozen=True, slots=True)
class Said:
    """One statement, who says it, of what, and how it was read."""

    reading: Reading
    text: str | None
    url: str | None
    authority: str
    scope: str | None = None
    place: str | None = None  # where it stands; of a host's answer, which host
    as_of: str | None = None  # ISO date it speaks of; None: now
    part: str | None = None  # what part of a dataset it speaks of; None: all of it

    @property
    def words(self) -> str:
        """The statement as it stands, for people."""
        return " ".join(w for w in (self.text, self.url) if w) or "nothing"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is known of the dataset as a whole; its items inherit it only where rule 5 allows."""

    items_from: str = "unknown"  # own | third-party | mixed | unknown
    said: tuple[Said, ...] = ()
    access: tuple[Said, ...] = ()
    ancestors: tuple[Said, ...] = ()  # of what it was derived from, its place naming the ancestor


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The concluded part of a FINDING."""

    license_declared: str
    license_concluded: str
    license_comments: str
    category: str
    access_category: str | None
    verdict: str
    reason: str
    conflict: str | None
    statement: str | None
    statement_url: str | None
    authority: str | None
