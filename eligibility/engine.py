"""From facts and a day to a finding: three-valued first match over dated decision tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from .load import DayOf, Implication, Rule, Topic, facts_schema, load_releases, load_table, load_topic
from .model import Checked, Citation, Finding, Question
from .periods import MARGIN, complete_on
from .table import Box, Compiled, Leaf, Row, Seen, asks_for, compile_day, first_matches, tipping
from .values import Known, known

STAFF = "staff"
_CAUSES = {"unknown": "fact_unknown", "near": "near_deadline", "open": "dates_leave_it_open"}
_EFFORT = 100
Result = tuple[str, str | None]  # outcome, strength


class _Person(NamedTuple):
    """One evaluation: the compiled day, the facts and what they leave possible."""

    topic: Topic
    table: Compiled
    known: Known
    seen: tuple[Seen, ...]
    implied: tuple[Implication, ...]

    @property
    def box(self) -> Box:
        return tuple(s.mask for s in self.seen)


def evaluate(topic: str, facts: Mapping[str, object], on: date) -> Finding:
    """Return the finding for a day; FactError or TopicError if the request itself is wrong.

    The outcome is given as soon as every way of completing the missing facts leads to it. A fact answered
    with 'unknown' that decides makes it `staff`; a fact that is absent and can change it leaves it None.
    """
    return evaluate_with_margin(topic, facts, on, MARGIN)


def evaluate_with_margin(topic: str, facts: Mapping[str, object], on: date, margin: timedelta) -> Finding:
    """Like evaluate, with another margin around deadlines (the calendar uses none)."""
    rules = load_topic(topic)
    person, conflict = _look(rules, known(facts, on), margin)
    if conflict is not None:
        return _staff(person, (conflict.conflict,), conflict.citations, facts_of=(conflict.fact, *conflict.when))
    for row in person.table.objections:
        if all(not person.seen[d].mask & ~mask for d, mask in row.cuts):
            return _finding_of(person, [Leaf(row, person.box)], row)
    leaves, gap = _leaves(person)
    if gap:
        return _staff(person, ("no_rule",), ())
    results = {_result(person, leaf.row.rule) for leaf in leaves}
    if len(results) == 1:
        return _decided(person, leaves)
    return _undecided(person, leaves)


def answer_so_far(topic: str, facts: Mapping[str, object], on: date) -> Finding:
    """Return the finding for the rule command: where a question is open, with what holds on the plain reading.

    The readings stand in _topic.yml and facts.yml (held_for). The question stays, and `extra.assumed` names what
    was read into the facts; evaluate() and the interview never do that.
    """
    strict = evaluate(topic, facts, on)
    if strict.outcome is not None:
        return strict
    rules = load_topic(topic)
    given = known(facts, on)
    given.so_far = True
    person, conflict = _look(rules, given, MARGIN)
    if conflict is not None:
        return strict
    person, read = _read_plainly(person, strict.missing)
    leaves, gap = _leaves(person)
    if gap or len({_result(person, leaf.row.rule) for leaf in leaves}) > 1:
        return strict
    finding = _decided(person, leaves)
    if finding.outcome == STAFF:
        return strict
    assumed = {**dict(finding.extra.get("assumed", {})), **read}  # type: ignore[call-overload]
    return _asking(_with(finding, extra={**finding.extra, "assumed": assumed}), (*strict.missing, *finding.missing))


def _read_plainly(person: _Person, missing: Sequence[str]) -> tuple[_Person, dict[str, object]]:
    """Return the person with the readings of the topic applied, and what was read into which fact."""
    seen = list(person.seen)
    read: dict[str, object] = {}
    status = person.known.values.get("residence_status")
    for reading in person.topic.readings:
        place = person.table.index.get(reading.fact)
        if place is None or reading.fact not in missing or (reading.statuses and status not in reading.statuses):
            continue
        regions = person.table.dimensions[place].regions
        mask = sum(1 << i for i, value in enumerate(regions) if value in reading.values)
        seen[place] = Seen(mask, "missing", (reading.fact,))
        read[reading.fact] = reading.values[0]
    return person._replace(seen=tuple(seen)), read


def next_question(topic: str, facts: Mapping[str, object], on: date) -> Question | None:
    """Return the cheapest question that can still change the outcome; None if there is none."""
    finding = evaluate(topic, facts, on)
    if finding.next_question is None:
        return None
    spec = facts_schema()[finding.next_question]
    return Question(spec.name, spec.because, spec)


def _look(topic: Topic, facts: Known, margin: timedelta) -> tuple[_Person, Implication | None]:
    """Return the person as the rules see them, and an implication that contradicts a given fact (or None)."""
    table = compile_day(topic, facts.on)
    seen = [d.see(facts, margin) for d in table.dimensions]
    implied: list[Implication] = []
    for implication, cuts in table.implications:
        if any(seen[d].mask & ~mask for d, mask in cuts):
            continue
        given = facts.values.get(implication.fact)
        if given is None or given in implication.replaces:
            facts.imply(implication.fact, implication.value)
            seen = [d.see(facts, margin) for d in table.dimensions]
        elif given != implication.value:
            if implication.gives_way:
                continue
            return _Person(topic, table, facts, tuple(seen), ()), implication
        implied.append(implication)
    return _Person(topic, table, facts, tuple(seen), tuple(implied)), None


def _leaves(person: _Person) -> tuple[list[Leaf], bool]:
    """Return the rules that can still be the first to fit, and whether something is left uncovered.

    As long as the paper is not known it is tried paper by paper; two that differ are enough to ask for it.
    """
    boxes = [person.box]
    for d in _slices(person):
        bits = range(len(person.table.dimensions[d].labels))
        boxes = [(*box[:d], 1 << bit, *box[d + 1 :]) for box in boxes for bit in bits if box[d] >> bit & 1]
    found: list[Leaf] = []
    for box in boxes:
        leaves, gap = first_matches(person.table.rows_for(box), box)
        if gap:
            return found, True
        found.extend(leaves)
        if len(boxes) > 1 and len({_result(person, leaf.row.rule) for leaf in found}) > 1:
            break
    return found, False


def _result(person: _Person, rule: Rule) -> Result:
    """Return what the rule means for this person; a printed note that contradicts it makes it `staff`."""
    return (STAFF, None) if _note_says(person, rule) == "conflict" else (rule.outcome, rule.strength)


# --- one outcome -------------------------------------------------------------------------------------------


def _decided(person: _Person, leaves: Sequence[Leaf]) -> Finding:
    """Return the finding when every completion leads to the same outcome.

    If several rules remain, the last in order is named: exceptions stand first, the general case last.
    """
    finding = _finding_of(person, leaves, leaves[-1].row)
    if finding.outcome == STAFF:
        return finding
    days = {_from_day(person, leaf.row.rule) for leaf in leaves}
    if days == {finding.from_}:
        if finding.from_ is None and leaves[-1].row.rule.from_:
            return _ask_for_day(person, leaves, finding)
        return finding
    return _ask_for_day(person, leaves, _with(finding, from_=None))


def _ask_for_day(person: _Person, leaves: Sequence[Leaf], finding: Finding) -> Finding:
    """Add the facts that would tell the day, where the outcome is certain and the day is not."""
    missing: list[str] = []
    for leaf in leaves:
        for d, dimension in enumerate(person.table.dimensions):
            period = leaf.row.rule.from_
            cut = any(d == place for place, _ in leaf.row.cuts)
            if (period and dimension.name == period[0]) or (cut and person.seen[d].cause == "missing"):
                missing.extend(_asks(person, d))
    return _asking(finding, missing)


def _finding_of(person: _Person, leaves: Sequence[Leaf], row: Row) -> Finding:
    rule = row.rule
    checked, touched = _excluded(person, rule, {leaf.row.rule.id for leaf in leaves})
    touched.update(rule.when)
    names = {fact for name in touched for fact in _given(person, name)}
    others = [leaf.row.rule for leaf in leaves if leaf.row.rule is not rule]
    backing = [i for i in person.implied if i.fact in names]
    for implication in backing:
        names.update(n for name in implication.when for n in _given(person, name))
    citations = _fitting(person, [rule.citations, *(o.citations for o in others), *(i.citations for i in backing)])
    caution = list(dict.fromkeys(c for r in [rule, *others] for c in r.caution))
    caution.extend(c for _, _, c in _assumptions(person, touched))
    finding = Finding(
        topic=person.topic.name,
        on=person.known.on,
        outcome=rule.outcome,
        strength=rule.strength,
        from_=_from_day(person, rule),
        rule=rule.id,
        citations=citations,
        reasons=tuple(dict.fromkeys([*rule.reasons, *(r for i in backing for r in i.reasons)])),
        checked=checked,
        used={n: person.known.values[n] for n in facts_schema() if n in names and n in person.known.values},
        review=row.review
        or any(o.review for o in others)
        or any(i.review for i in backing)
        or _doubtful(person, names),
        caution=tuple(dict.fromkeys(caution)),
        extra=_extra(person, rule, others, names, touched),
    )
    return _verified(_note_agrees(person, rule, finding))


def _given(person: _Person, name: str) -> tuple[str, ...]:
    """Return the given facts behind a condition's name."""
    place = person.table.index.get(name)
    return person.table.dimensions[place].sources(person.known) if place is not None else ()


def _excluded(person: _Person, rule: Rule, applied: set[str]) -> tuple[tuple[Checked, ...], set[str]]:
    """Return the rules before this one that what is known excludes, with the facts that do; and by what."""
    found = []
    touched: set[str] = set()
    for row in person.table.rows_for(person.box):
        if row.rule is rule:
            break
        if row.rule.id in applied:
            continue
        for d, mask in row.cuts:
            if not person.seen[d].mask & mask:
                facts = person.table.dimensions[d].sources(person.known)
                found.append(Checked(row.rule.id, row.rule.reasons[0], facts))
                touched.add(person.table.dimensions[d].name)
                break
    return tuple(found), touched


def _from_day(person: _Person, rule: Rule) -> date | None:
    if rule.from_ is None:
        return None
    period, duration = rule.from_
    span = person.known.day(person.topic.periods[period])
    return complete_on(span.lo, duration) if span.lo == span.hi else None


def _assumptions(person: _Person, touched: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (day, fact that stands in for it, caution) for what was counted from another day."""
    found = []
    for dimension in person.table.dimensions:
        if dimension.name in touched and dimension.kind in ("period", "date"):
            day = dimension.day or dimension.name
            span = person.known.day(day)
            if span.assumed_from and span.caution:
                found.append((day, span.assumed_from, span.caution))
    return found


def _day_of(person: _Person, wanted: DayOf) -> date | None:
    """Return a day of `extra`; None while the day on which the period begins is not known."""
    span = person.known.day(person.topic.periods[wanted.period])
    if span.lo != span.hi:
        return None
    return complete_on(span.lo, wanted.duration) - timedelta(days=int(wanted.last))


def _extra(
    person: _Person, rule: Rule, others: Sequence[Rule], names: set[str], touched: set[str]
) -> dict[str, object]:
    extra: dict[str, object] = {}
    for key, value in rule.extra.items():
        if isinstance(value, Mapping) and set(value) == {"amount"}:
            value = next((r.value for r in load_table(value["amount"]) if r.valid(person.known.on)), None)
        elif isinstance(value, DayOf):
            value = _day_of(person, value)
        elif value == {"first_of": "month"}:  # an application counts from the 1st of its month (§ 37 SGB II)
            value = person.known.on.replace(day=1)
        extra[key] = value
    assumed = {day: source for day, source, _ in _assumptions(person, touched)}
    if assumed:
        extra["assumed"] = {**dict(rule.extra.get("assumed", {})), **assumed}
    derived = {fact: value for fact, value in person.known.derived.items() if fact in names}
    if derived:
        extra["derived"] = derived
    if others:
        extra["also"] = tuple(dict.fromkeys(o.id for o in others))
    return extra


def _doubtful(person: _Person, names: Iterable[str]) -> bool:
    """Return whether a table line of confidence C was used."""
    return any(
        person.known.values.get(d.name) in d.doubtful for d in person.table.dimensions if d.doubtful and d.name in names
    )


def _fitting(person: _Person, groups: Iterable[tuple[Citation, ...]]) -> tuple[Citation, ...]:
    """Return the citations of several rules, each once, without those for other people or of another time."""
    values, on = person.known.values, person.known.on
    activity = values.get("activity")
    every = dict.fromkeys(c for group in groups for c in group)
    return tuple(
        c
        for c in every
        if (not c.papers or values.get("residence_status") in c.papers)
        and (not c.countries or values.get("nationality") in c.countries)
        and (not c.activities or activity is None or activity in c.activities)
        and c.valid_from <= on
        and (c.valid_to is None or on <= c.valid_to)
    )


def _note_agrees(person: _Person, rule: Rule, finding: Finding) -> Finding:
    """Return the finding, or `staff` if what is printed on the paper contradicts it (law sheet 0.4 no. 2)."""
    says = _note_says(person, rule)
    if says is None or person.topic.note is None:
        return finding
    printed = person.known.values[person.topic.note.fact]
    used = {**finding.used, person.topic.note.fact: printed}
    if says == "other":
        return _with(finding, used=used, caution=(*finding.caution, "note_to_read"), review=True)
    if says == "agrees":
        return _with(finding, used=used)
    return _with(
        finding,
        outcome=STAFF,
        strength=None,
        from_=None,
        used=used,
        review=True,
        reasons=("note_conflicts", *finding.reasons),
        extra={**finding.extra, "conflict": {"printed": printed, "computed": finding.outcome}},
    )


def _note_says(person: _Person, rule: Rule) -> str | None:
    """Return whether the printed note agrees, conflicts or is some other text; None: no bearing."""
    note = person.topic.note
    printed = person.known.values.get(note.fact) if note else None
    if note is None or printed is None or rule.note != "check" or rule.outcome == STAFF:
        return None
    if printed not in note.agrees:
        return "other"
    covered = note.only_for.get(printed)
    activity = person.known.values.get("activity")
    fits = covered is None or activity is None or activity in covered
    return "agrees" if fits and rule.outcome in note.agrees[printed] else "conflict"


def _verified(finding: Finding) -> Finding:
    """Add a caution where the reading of the law ends before the day and staff have not released the rule."""
    released = dict(load_releases())
    checked = max((released.get(key, date.min) for key in ("*", finding.rule or "")), default=date.min)
    if any(max(c.verified_until, checked) < finding.on for c in finding.citations):
        return _with(finding, review=True, caution=(*finding.caution, "unverified_since"))
    return finding


def _with(finding: Finding, **changes: Any) -> Finding:
    return replace(finding, **changes)


# --- no outcome yet ----------------------------------------------------------------------------------------


def _undecided(person: _Person, leaves: Sequence[Leaf]) -> Finding:
    """Return what to ask; or `staff` when nothing that can be asked leads to an answer."""
    results = [(_result(person, leaf.row.rule), leaf.box) for leaf in leaves]
    missing: list[str] = []
    blocked: list[int] = []
    # Every paper has its own law: what else matters is known once the paper is.
    decisive = set(_slices(person)) or tipping(results, person.table.dimensions)
    for d, seen in enumerate(person.seen):
        if seen.cause != "fixed" and d in decisive:
            if seen.cause == "missing":
                missing.extend(_asks(person, d))
            else:
                blocked.append(d)
    if blocked and not (missing and not _slices(person) and _answerable(person)):
        return _blocked(person, leaves, blocked)
    checked, _ = _excluded(person, leaves[-1].row.rule, {leaf.row.rule.id for leaf in leaves})
    names = {fact for entry in checked for fact in entry.facts}
    open_finding = Finding(
        topic=person.topic.name,
        on=person.known.on,
        checked=checked,
        used={n: v for n, v in person.known.values.items() if n in names},
        extra={"possible": tuple(dict.fromkeys(outcome for (outcome, _), _ in results))},
    )
    return _asking(open_finding, [*missing, *_note_question(person)])


def _slices(person: _Person) -> list[int]:
    """Return the dimensions of the paper, as long as it is not known."""
    places = (person.table.index[name] for name in person.topic.slices if name in person.table.index)
    return [d for d in places if person.seen[d].cause != "fixed"]


def _answerable(person: _Person) -> bool:
    """Return whether some completion of the missing facts gives an answer although others stay unknown.

    The search stops after _EFFORT boxes: if so many completions lead nowhere, a counsellor is better.
    """
    todo = [person.box]
    effort = 0
    missing = [d for d, s in enumerate(person.seen) if s.cause == "missing"]
    while todo and effort < _EFFORT:
        effort += 1
        box = todo.pop()
        leaves, _ = first_matches(person.table.rows_for(box), box)
        results = [(_result(person, leaf.row.rule), leaf.box) for leaf in leaves]
        if len({r for r, _ in results}) == 1:
            if results[0][0][0] != STAFF:
                return True
            continue
        decisive = tipping(results, person.table.dimensions)
        for d in missing:
            if d in decisive:
                todo.extend(
                    (*box[:d], 1 << bit, *box[d + 1 :]) for bit in range(box[d].bit_length()) if box[d] >> bit & 1
                )
                break
    return False


def _blocked(person: _Person, leaves: Sequence[Leaf], blocked: Sequence[int]) -> Finding:
    reasons = [_CAUSES[person.seen[d].cause] for d in blocked]
    facts = [f for d in blocked for f in person.seen[d].facts]
    citations = _fitting(person, (leaf.row.rule.citations for leaf in leaves))
    return _staff(person, tuple(dict.fromkeys(reasons)), citations, facts_of=facts)


def _staff(
    person: _Person, reasons: tuple[str, ...], citations: tuple[Citation, ...], facts_of: Iterable[str] = ()
) -> Finding:
    deciding = tuple(dict.fromkeys(facts_of))
    return _verified(
        Finding(
            topic=person.topic.name,
            on=person.known.on,
            outcome=STAFF,
            citations=citations,
            reasons=reasons,
            used={n: v for n, v in person.known.values.items() if n in facts_schema()},
            review=True,
            extra={"because_of": deciding} if deciding else {},
        )
    )


def _asks(person: _Person, d: int) -> tuple[str, ...]:
    seen = person.seen[d]
    return seen.facts if seen.cause == "missing" else _day_asks(person, d)


def _day_asks(person: _Person, d: int) -> tuple[str, ...]:
    dimension = person.table.dimensions[d]
    day = dimension.day or dimension.name
    if day in person.known.values:
        return ()
    return tuple(f for f in asks_for(day, person.known) if person.known.absent(f))


def _note_question(person: _Person) -> tuple[str, ...]:
    """Return the note as a question where the paper bears one and the outcome is open (sheet 0.4 no. 2)."""
    note = person.topic.note
    values = person.known.values
    if note is None or not person.known.absent(note.fact) or values.get("residence_status") not in note.ask_for:
        return ()
    if any(values.get(fact) in excluded for fact, excluded in note.not_with.items()):
        return ()
    return (note.fact,)


def _asking(finding: Finding, missing: Sequence[str]) -> Finding:
    if not missing:
        return finding
    specs = facts_schema()
    ordered = tuple(sorted(dict.fromkeys(missing), key=lambda name: (specs[name].cost, name)))
    return _with(finding, missing=ordered, next_question=ordered[0], asked_because=specs[ordered[0]].because)
