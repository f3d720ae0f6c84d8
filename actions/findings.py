"""How a finding of the law is said: the answer, one reason, the paragraph, what to mind, what next."""

from __future__ import annotations

from typing import Any

from actions.context import Turn, choice
from eligibility import Finding

MOST_CITATIONS = 3
MOST_CAUTIONS = 2
# The text of the law was last read before the day asked for: said with the paragraph.
UNVERIFIED = "unverified_since"


def outcome_name(finding: Finding) -> str:
    """Return the response that says the outcome: topic, outcome, and the strength where the law grades it."""
    if finding.topic == "work_permission" and finding.outcome == "free" and "no_employment" in finding.reasons:
        # free, because it is no job at all: not 'you may do any work'
        return "work_permission.free_no_job"
    parts = [finding.topic, finding.outcome or "staff"]
    if finding.strength and finding.outcome not in ("free", "wait", "ban", "staff"):
        parts.append(finding.strength)
    if finding.from_ is not None:
        parts.append("from")
    return ".".join(parts)


def say_finding(turn: Turn, finding: Finding, *, next_step: str | None, choices: list[dict[str, Any]]) -> None:
    """Say a finding in short messages and keep the rest for 'show more'."""
    values: dict[str, Any] = {}
    if finding.from_ is not None:
        values = {"from": finding.from_.isoformat(), "from_de": finding.from_.isoformat()}
    turn.say(outcome_name(finding), values)
    _why(turn, finding)
    say_basis(turn, finding)
    for caution in _spoken_cautions(finding)[:MOST_CAUTIONS]:
        turn.say(f"reason.{caution}")
    if turn.memory.approximate:
        turn.say("finding.approximate")
    if next_step:
        turn.say(next_step)
    turn.memory.close()
    turn.memory.last_answer = {"more": details(turn, finding)}
    more = [choice("choice.more", "ask_more")] if turn.memory.last_answer["more"] else []
    turn.offer(*more, *choices)


def _why(turn: Turn, finding: Finding) -> None:
    """Say one reason; where something unknown decides, name it instead."""
    deciding = finding.extra.get("because_of")
    if isinstance(deciding, tuple | list) and deciding:
        turn.say("finding.depends_on", {"facts": list(deciding)})
    elif finding.reasons:
        turn.say(f"reason.{finding.reasons[0]}")


def cites(finding: Finding) -> list[str]:
    """Return the paragraphs as written in a letter, each once."""
    return list(dict.fromkeys(citation.text for citation in finding.citations))


def _spoken_cautions(finding: Finding) -> list[str]:
    return [caution for caution in finding.caution if caution != UNVERIFIED]


def say_basis(turn: Turn, finding: Finding) -> None:
    """Say the paragraphs and the day they were read; nothing where the rules cite none."""
    if not finding.citations:
        return
    values: dict[str, Any] = {"cite": cites(finding)[:MOST_CITATIONS], "as_of": finding.on.isoformat()}
    if UNVERIFIED in finding.caution:
        read = min(citation.verified_until for citation in finding.citations)
        turn.say("finding.basis_unverified", values | {"verified": read.isoformat()})
    else:
        turn.say("finding.basis", values)


def details(turn: Turn, finding: Finding) -> list[dict[str, Any]]:
    """Return the messages of 'show more': what was used, the further reasons, paragraphs and cautions."""
    messages: list[dict[str, Any]] = []
    for name, value in finding.used.items():
        messages.append(fact_line(name, value))
    messages += [{"response": f"reason.{code}"} for code in finding.reasons[1:]]
    if len(cites(finding)) > MOST_CITATIONS:
        messages.append({"response": "finding.more_paragraphs", "values": {"cite": cites(finding)[MOST_CITATIONS:]}})
    messages += [{"response": f"reason.{code}"} for code in _spoken_cautions(finding)[MOST_CAUTIONS:]]
    messages += _checked(finding)
    if messages:
        messages.append({"response": "finding.no_advice"})
    return messages


def _checked(finding: Finding) -> list[dict[str, Any]]:
    """Say up to two grounds that were looked at and do not apply."""
    used = set(finding.reasons)
    codes = [code for code in dict.fromkeys(item.reason for item in finding.checked) if code not in used]
    return [{"response": "finding.checked", "values": {"ground": code}} for code in codes[:2]]


def fact_line(name: str, value: object) -> dict[str, Any]:
    """Return the message 'name: value' of a fact, with the value's kind in the response's name."""
    from eligibility import facts_schema

    spec = facts_schema().get(name)
    kind = spec.kind if spec else "text"
    if value in ("unknown", "withheld"):
        return {"response": "fact.line_unknown", "values": {"fact": name}}
    if kind == "bool":
        return {"response": "fact.line_yes" if value else "fact.line_no", "values": {"fact": name}}
    if kind == "code":
        return {"response": "fact.line_code", "values": {"fact": name, "value": f"{name}.{value}"}}
    said = value.isoformat() if hasattr(value, "isoformat") else value
    return {"response": f"fact.line_{kind}", "values": {"fact": name, "value": said}}
