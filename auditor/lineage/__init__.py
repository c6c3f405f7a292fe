"""What a dataset was derived from, the restriction each step brings, and what was lost on the way.

    found = lineage("alpaca")        a manifest's name, alias or URL, an audit's folder, or any target a source knows
    found.render("text")             text | mermaid | dot | prov-json

Rule 6: the licences of what it was derived from bind the derivative; rule 7: no ancestor makes it freer.
"""

from auditor.lineage.model import Entered, Laundering, Lineage, Node, Stated, Step
from auditor.lineage.trace import lineage

__all__ = ["Entered", "Laundering", "Lineage", "Node", "Stated", "Step", "lineage"]
