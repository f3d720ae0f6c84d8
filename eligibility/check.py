"""The proof: on every day on which anything begins or ends, every combination of regions has its rule."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import prod

from .load import Implication, Rule, Topic, load_reasons, load_topic, topics
from .table import Box, Compiled, Row, compile_day, first_matches


@dataclass
class Proof:
    """What was covered for one topic, and what is wrong with it."""

    topic: str
    days: int = 0
    combinations: int = 0
    catch_all: int = 0  # combinations that end in a named catch-all
    catch_alls: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return one line for people."""
        return (
            f"{self.topic}: {self.combinations} combinations on {self.days} days; {self.catch_all} end in "
            f"a catch-all ({', '.join(sorted(self.catch_alls)) or 'none'}); {len(self.problems)} problems."
        )


def check(names: Sequence[str] = ()) -> int:
    """Prove the topics (all, if none is named) and print the result; returns the exit code."""
    wrong = 0
    for name in names or topics():
        proof = prove(load_topic(name))
        for problem in proof.problems:
            sys.stdout.write(f"{problem}\n")
        sys.stdout.write(f"{proof.report()}\n")
        wrong += len(proof.problems)
    return 1 if wrong else 0


def prove(topic: Topic) -> Proof:
    """Return the proof of one topic: gaps, contradictions, dead rules, codes without a sentence."""
    proof = Proof(topic.name)
    reached: set[str] = set()
    seen: set[str] = set()
    for day in topic.breakpoints():
        table = compile_day(topic, day)
        proof.days += 1
        for problem in [*_overlaps(table, day), *_gaps(table, day, proof, reached)]:
            if problem not in seen:
                seen.add(problem)
                proof.problems.append(problem)
        reached.update(_reachable(table))
    items: list[Rule | Implication] = [*topic.rules, *topic.objections, *topic.implications]
    for item in items:
        if item.id not in reached:
            proof.problems.append(f"{item.file}: rule '{item.id}' is dead: on none of its days is it the first to fit.")
    proof.problems.extend(_unworded(topic))
    return proof


def _slices(table: Compiled) -> Iterator[Box]:
    """Yield the box of everything, one paper at a time."""
    place = table.index.get("residence_status")
    if place is None:
        yield table.full
        return
    for bit in range(len(table.dimensions[place].labels)):
        yield (*table.full[:place], 1 << bit, *table.full[place + 1 :])


def _gaps(table: Compiled, day: date, proof: Proof, reached: set[str]) -> Iterator[str]:
    for box in _slices(table):
        rows = table.rows_for(box)
        used = sorted({d for row in rows for d, _ in row.cuts})
        leaves, gaps = first_matches(rows, box)
        for leaf in leaves:
            reached.add(leaf.row.rule.id)
            count = _count(leaf.box, used)
            proof.combinations += count
            if leaf.row.rule.catch_all:
                proof.catch_all += count
                proof.catch_alls.add(leaf.row.rule.id)
        for gap in gaps:
            yield f"{day}: gap: no rule for {_name(table, gap)}."


def _count(box: Box, used: Sequence[int]) -> int:
    return prod(box[d].bit_count() for d in used)


def _name(table: Compiled, box: Box) -> str:
    """Return a combination in words; a fact that may be anything is left out."""
    parts = []
    for dimension, mask in zip(table.dimensions, box, strict=True):
        if mask != dimension.full:
            labels = [label for i, label in enumerate(dimension.labels) if mask >> i & 1]
            parts.append(f"{dimension.name}: {' or '.join(labels)}")
    return "; ".join(parts) or "any facts"


def _overlaps(table: Compiled, day: date) -> Iterator[str]:
    """Yield pairs of rules of the same order that both fit a combination and say different things."""
    for i, row in enumerate(table.rows):
        for other in table.rows[i + 1 :]:
            if other.rule.order != row.rule.order:
                break
            both = _meet(table, row, other)
            if both and _says(row.rule) != _says(other.rule):
                yield (
                    f"{day}: overlap: '{row.rule.id}' and '{other.rule.id}' have the same order "
                    f"{row.rule.order} and differ for {_name(table, both)}."
                )


def _meet(table: Compiled, row: Row, other: Row) -> Box | None:
    box = list(table.full)
    for d, mask in (*row.cuts, *other.cuts):
        box[d] &= mask
    return tuple(box) if all(box) else None


def _says(rule: Rule) -> tuple[object, ...]:
    return rule.outcome, rule.strength, rule.from_


def _reachable(table: Compiled) -> Iterator[str]:
    """Yield the objections and implications whose conditions can be true together."""
    for row in table.objections:
        if all(mask for _, mask in row.cuts):
            yield row.rule.id
    for implied in table.implications:
        if all(mask for _, mask in implied.cuts):
            yield implied.implication.id


def _unworded(topic: Topic) -> Iterator[str]:
    words = load_reasons()
    items: list[Rule | Implication] = [*topic.rules, *topic.objections, *topic.implications]
    for item in items:
        codes = [*item.reasons, *(item.caution if isinstance(item, Rule) else filter(None, (item.conflict,)))]
        for code in codes:
            if code not in words:
                yield f"{item.file}: rule '{item.id}': the code '{code}' has no sentence in reasons.yml."
