"""Every name that an answer of the rules can lead to has words, and every fact can come back from a button."""

from pathlib import Path

import pytest
import yaml

from eligibility import facts_schema, topics
from eligibility.load import load_reasons, load_topic

ROOT = Path(__file__).parents[2]
SCHEMA = facts_schema()
# Asked by writing a place, or shown under the name that is printed on the form; never as a list of all values.
NO_LIST_OF_VALUES = ("work_district",)


def expected_for(fact):
    spec = SCHEMA[fact]
    names = [f"ask.{fact}", f"why.{fact}", f"fact.{fact}"]
    if spec.kind == "bool":
        names += [f"fact.{fact}.true", f"fact.{fact}.false"]
    elif fact not in NO_LIST_OF_VALUES:
        names += [f"fact.{fact}.{value}" for value in spec.values]
    return names


@pytest.mark.parametrize("fact", [name for name in SCHEMA if name != "site"])
def test_a_fact_can_be_asked_explained_and_shown(replies, fact):
    assert [name for name in expected_for(fact) if not replies.has(name)] == []


def test_every_reason_has_words(replies):
    codes = [code for code in load_reasons() if not code.startswith("why_")]
    assert [code for code in codes if not replies.has(f"reason.{code}")] == []


@pytest.mark.parametrize("topic", topics())
def test_every_outcome_of_a_topic_has_words(replies, topic):
    missing = set()
    for rule in load_topic(topic).rules:
        if rule.objection:
            continue
        parts = [topic, rule.outcome]
        if rule.strength and rule.outcome not in ("free", "wait", "ban", "staff"):
            parts.append(rule.strength)
        if rule.from_ is not None:
            parts.append("from")
        missing.add(".".join(parts))
        if not topic.endswith("_course"):
            step = "permit" if rule.outcome.startswith("permit") else rule.outcome
            missing.add(f"{topic}.next.{step}")
    missing |= {f"{topic}.staff", f"referral.{topic}"}
    assert sorted(name for name in missing if not replies.has(name)) == []


def test_every_fact_can_come_back_from_a_button(domain):
    assert set(SCHEMA) <= set(domain["entities"])


def test_every_intent_has_exactly_one_rule_and_every_action_of_a_rule_exists(executor, domain, rules):
    intents = [i if isinstance(i, str) else next(iter(i)) for i in domain["intents"]]
    assert set(rules) == {*intents, "nlu_fallback"}
    for action in rules.values():
        assert action in domain["responses"] or (action in domain["actions"] and action in executor.actions)


def test_the_responses_of_the_domain_have_words(replies, domain):
    for response in domain["responses"].values():
        custom = response[0]["custom"]
        assert replies.has(custom["response"])
        assert all(replies.has(choice["label"]) for choice in custom.get("choices", []))


def test_rule_titles_are_sentences_and_differ():
    titles = [
        rule["rule"]
        for path in (ROOT / "data" / "rules").glob("*.yml")
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    ]
    assert len(titles) == len(set(titles))
    assert all(" " in title and title[0].isupper() for title in titles)
