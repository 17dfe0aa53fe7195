"""`kikimimi explain`: which words made the model judge a text as it does."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from listener.commands.output import out, print_json
from listener.commands.scoring import analyzer_for
from nlp.analyze import Request
from nlp.explain import Explanation, Part, explain, fields

SHOWN = 8  # phrases in the table: the rest moves little
STYLES = {True: "green", False: "red"}
SIGNS = {True: "+", False: "−"}


def explain_text(text: str, *, target: str | None, model: str, as_json: bool) -> None:
    """The text with its words coloured, or the explanation as JSON."""
    explanation = explain(Request(text, target), analyzer_for(model))
    if as_json:
        print_json({"text": explanation.text, **fields(explanation)})
        return
    out.print(_coloured(explanation))
    out.print("[green]+ toward positive[/]   [red]− toward negative[/]   more signs: stronger", style="dim")
    out.print(_summary(explanation))
    if explanation.telling:
        out.print(_table(explanation))


def _coloured(explanation: Explanation) -> Text:
    """Signs stand beside the colours, for terminals and eyes without them."""
    found, at = Text(), 0
    for part in explanation.parts:
        found.append(explanation.text[at : part.start])
        found.append(part.text, _style(part))
        found.append(SIGNS[part.effect > 0] * part.strength, "bold " + STYLES[part.effect > 0])
        at = part.end
    return found.append(explanation.text[at:])


def _style(part: Part) -> str:
    if not part.strength:
        return ""
    return ("", "", "bold ", "bold reverse ")[part.strength] + STYLES[part.effect > 0]


def _summary(explanation: Explanation) -> Text:
    sentiment, disclosure = explanation.analysis.sentiment, explanation.analysis.disclosure
    lines = [f"{sentiment.label.value} {sentiment.score:+.2f} ({sentiment.model})"]
    if explanation.score_untold is not None:
        lines.append(f"without the target {explanation.target}: {explanation.score_untold:+.2f}")
    if disclosure.evidence is not None:
        rule, words = disclosure.evidence.why, disclosure.evidence.text
        lines.append(f"{disclosure.kind.value} by the rule {rule}: {words}")
    elif disclosure.kind.value == "sponsored":
        lines.append(f"sponsored by the model's guess ({disclosure.confidence:.0%})")
    return Text("\n".join(lines))


def _table(explanation: Explanation) -> Table:
    """The words that moved the score; with all the others they add up to it."""
    table = Table("words", "effect on the score")
    table.columns[1].justify = "right"
    for part in explanation.telling[:SHOWN]:
        table.add_row(Text(part.text.strip()), Text(f"{part.effect:+.2f}", STYLES[part.effect > 0]))
    return table
