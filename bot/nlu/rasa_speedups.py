"""Make Rasa 3.6.21 do less for nothing in each turn, without changing what it accepts, decides or stores.

These places (each measured in docs of `make bench`); each is replaced only where Rasa's own source is exactly the one
this was written for, else it is left as it is and that is logged once:

- `RemoteAction._validate_action_result` proves its own constant schema at every reply (about 30 ms).
- `Event.resolve_by_type` walks all event classes for every stored event of a conversation.
- `RemoteAction._action_call_format` sends the whole conversation to the action server; ours read the last two turns.
- `RulePolicy` describes every state of a conversation since its beginning; our rules look at one turn.
- `RulePolicy` compares every rule with the turn, twice a turn; our rules depend on the intent and the last action alone, so
  what it once said of these two holds.
- `DaskGraphRunner.run` plans the same graph anew at every call; the order of its nodes never changes.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

VERSION = "3.6.21"
# sha256 of the source text of each replaced function in that version.
SOURCES = {
    "_validate_action_result": "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42",
    "resolve_by_type": "b5cf570fa7f286c7059ec73d8880528d03a78b28cf4e80285a46079c0fa65968",
    "_action_call_format": "428795b944f22edba142d278ec47a30098975b01463ba337ec447dade52a0492",
    "session": "e55aa13d9d4fb4bc440ac33b870a97ee162b76dda7ccb6bf68433567475fdffb",
    "_prediction_states": "ed9b82bed2f26ad7a0de61709e02339983912bece614191089c3adba60cf1452",
    "predict_action_probabilities": "301c6695cd5011b41d997d450b759927a1c8c0c510687352c3daf3eb98e616af",
    "run": "45f0f52f574f3aa9546a552bf671183e171092c18b66e97f5771a7fa295de37e",
}
# How many messages of the person, with all that followed them, an action sees (actions/context.py reads two).
TURNS_FOR_ACTIONS = 3
TURNS_FOR_RULES = 2
# seconds an unused connection to the action server is kept
KEEP_ALIVE_S = 15.0
_active: dict[str, bool] = {}


def install() -> dict[str, bool]:
    """Put the faster functions in place, once; return which are active.

    Called by the component that config.yml names, so it works in `rasa run`, `rasa shell` and `rasa test` alike.
    """
    if not _active:
        _active.update(_install())
    return dict(_active)


def source_digest(function: Any) -> str:
    """Return the sha256 of a function's source text."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()


def _install() -> dict[str, bool]:
    import rasa
    from rasa.core.actions.action import RemoteAction
    from rasa.core.policies.policy import Policy
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.shared.core.events import Event
    from rasa.utils.endpoints import EndpointConfig

    plan: list[tuple[type, type, str, Callable[[Any], Any]]] = [
        (RemoteAction, RemoteAction, "_validate_action_result", _quick_validate),
        (Event, Event, "resolve_by_type", _quick_resolve),
        (RemoteAction, RemoteAction, "_action_call_format", _short_call),
        (EndpointConfig, EndpointConfig, "session", _kept_session),
        (Policy, RulePolicy, "_prediction_states", _short_states),
        (RulePolicy, RulePolicy, "predict_action_probabilities", _remembered_prediction),
        (DaskGraphRunner, DaskGraphRunner, "run", _planned_run),
    ]
    done = {}
    for home, target, name, make in plan:
        original = inspect.getattr_static(home, name)
        known = rasa.__version__ == VERSION and source_digest(getattr(home, name)) == SOURCES[name]
        done[name] = known
        if known:
            setattr(target, name, make(original))
        else:
            logger.warning("Rasa %s: %s is not as expected and stays as it is.", rasa.__version__, name)
    return done


def _quick_validate(original: Callable[..., bool]) -> Callable[..., bool]:
    """Accept what the schema accepts; whatever looks wrong is judged by Rasa's own function.

    An event fits exactly one alternative of the schema, the one with its name, because each alternative fixes a name.
    """
    import jsonschema
    from rasa.shared.utils.schemas.events import EVENT_SCHEMA

    kind = jsonschema.Draft7Validator
    base = kind({key: value for key, value in EVENT_SCHEMA.items() if key != "oneOf"})
    alternatives: dict[str, Any] = {}
    for schema in EVENT_SCHEMA["oneOf"]:
        name = schema["properties"]["event"]["const"]
        alternatives[name] = None if name in alternatives else kind(schema)

    def fine(event: Any) -> bool:
        if not isinstance(event, dict) or not base.is_valid(event):
            return False
        alternative = alternatives.get(event["event"])
        return alternative is not None and alternative.is_valid(event)

    def _validate_action_result(self: Any, result: Any) -> bool:
        if isinstance(result, dict):
            events, responses = result.get("events", []), result.get("responses", [])
            if (
                isinstance(events, list)
                and isinstance(responses, list)
                and all(isinstance(response, dict) for response in responses)
                and all(map(fine, events))
            ):
                return True
        return original(self, result)

    return _validate_action_result


class _Kept:
    """A client session that outlives the block it is used in; closed with the process."""

    def __init__(self, session: Any) -> None:
        self.session = session

    async def __aenter__(self) -> Any:
        return self.session

    async def __aexit__(self, *_error: Any) -> None:
        return None


def _kept_session(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keep one connection to the action server instead of opening one for every call."""
    import asyncio

    import aiohttp
    from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT

    def session(self: Any) -> Any:
        loop = asyncio.get_running_loop()
        kept = getattr(self, "_lotse_session", None)
        if kept is None or kept[0] is not loop or kept[1].session.closed:
            auth = aiohttp.BasicAuth(**self.basic_auth) if self.basic_auth else None
            kept = (
                loop,
                _Kept(
                    aiohttp.ClientSession(
                        headers=self.headers,
                        auth=auth,
                        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
                        # given up long before the action server would (two minutes), so that it never closes first
                        connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_S),
                    )
                ),
            )
            self._lotse_session = kept
        return kept[1]

    session.original = original  # type: ignore[attr-defined]
    return session


def _quick_resolve(original: Any) -> Any:
    """Remember the class of an event's name."""
    function = original.__func__
    known: dict[str, Any] = {}

    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        if type_name not in known:
            found = function(type_name, default)
            if found is None or found is default:
                return found
            known[type_name] = found
        return known[type_name]

    return staticmethod(resolve_by_type)


def last_turns(events: Any, turns: int) -> list[Any]:
    """Return the last events, from the `turns`-th last message of the person on; all if there are fewer messages."""
    from rasa.shared.core.events import UserUttered

    found: list[Any] = []
    seen = 0
    for event in reversed(events):
        found.append(event)
        if isinstance(event, UserUttered):
            seen += 1
            if seen == turns:
                break
    found.reverse()
    return found


def _short_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """Send the slots and the last turns instead of the whole conversation."""
    import rasa
    from rasa.shared.core.trackers import EventVerbosity

    def _action_call_format(self: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(self.name()):
            return dict(original(self, tracker, domain))
        state = tracker.current_state(EventVerbosity.NONE)
        state["events"] = [event.as_dict() for event in last_turns(tracker.events, TURNS_FOR_ACTIONS)]
        return {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": state,
            "version": rasa.__version__,
            # rasa-sdk 3.21 answers a call without any domain with 449, for a retry that only newer Rasas know
            "domain": {},
        }

    return _action_call_format


def _short_states(original: Callable[..., Any]) -> Callable[..., Any]:
    """Describe only the last turns to the rules, where no rule and no slot can look further back."""
    from rasa.core.policies.rule_policy import RULES
    from rasa.shared.core.constants import RULE_SNIPPET_ACTION_NAME
    from rasa.shared.core.trackers import DialogueStateTracker

    def short_enough(policy: Any, domain: Any) -> bool:
        rules = policy.lookup.get(RULES, {})
        key = (id(rules), len(rules), id(domain))
        if getattr(policy, "_lotse_short", (None, False))[0] != key:
            lengths_fine = all(
                len(states) <= TURNS_FOR_RULES + 1
                and (states[0].get("prev_action") or {}).get("action_name") == RULE_SNIPPET_ACTION_NAME
                for states in map(policy._rule_key_to_state, rules)
            )
            slots_silent = not any(slot.influence_conversation and slot.has_features() for slot in domain.slots)
            policy._lotse_short = (key, lengths_fine and slots_silent)
        return bool(policy._lotse_short[1])

    def _prediction_states(
        self: Any, tracker: Any, domain: Any, use_text_for_last_user_input: bool = False, rule_only_data: Any = None
    ) -> Any:
        if tracker.active_loop is None and short_enough(self, domain):
            tail = last_turns(tracker.applied_events(), TURNS_FOR_RULES)
            tracker = DialogueStateTracker.from_events(tracker.sender_id, tail, domain.slots, domain=domain)
        return original(self, tracker, domain, use_text_for_last_user_input, rule_only_data)

    return _prediction_states


def _remembered_prediction(original: Callable[..., Any]) -> Callable[..., Any]:
    """Ask Rasa's own rules once for each pair of last action and intent, where nothing else can change the answer."""
    from rasa.core.policies.rule_policy import RULES
    from rasa.shared.core.constants import ACTION_LISTEN_NAME, RULE_SNIPPET_ACTION_NAME

    def one_turn(policy: Any, domain: Any) -> bool:
        """Whether every rule is 'this intent, then this action' and no slot has a say."""
        states = [policy._rule_key_to_state(rule) for rule in policy.lookup.get(RULES, {})]
        silent = not any(slot.influence_conversation and slot.has_features() for slot in domain.slots)
        return silent and all(
            len(rule) <= 2
            and (rule[0].get("prev_action") or {}).get("action_name") in (RULE_SNIPPET_ACTION_NAME, ACTION_LISTEN_NAME)
            and all(
                set(state) <= {"prev_action", "user"} and set(state.get("user") or ()) <= {"intent"} for state in rule
            )
            for rule in states
        )

    def predict_action_probabilities(
        self: Any, tracker: Any, domain: Any, rule_only_data: Any = None, **kwargs: Any
    ) -> Any:
        rules = self.lookup.get(RULES, {})
        key = (id(rules), len(rules), id(domain))
        if getattr(self, "_lotse_known", (None,))[0] != key:
            self._lotse_known = (key, {} if one_turn(self, domain) else None)
        known = self._lotse_known[1]
        message = tracker.latest_message
        intent = message.intent.get("name") if message is not None else None
        if known is None or not intent or tracker.active_loop is not None or tracker.followup_action:
            return original(self, tracker, domain, rule_only_data, **kwargs)
        last = tracker.latest_action_name
        turn = (last, intent)
        if turn not in known:
            prediction = original(self, tracker, domain, rule_only_data, **kwargs)
            if prediction.events or prediction.optional_events or prediction.is_end_to_end_prediction:
                return prediction
            known[turn] = prediction
        return copy.copy(known[turn])

    return predict_action_probabilities


def _planned_run(original: Callable[..., Any]) -> Callable[..., Any]:
    """Run the nodes of a graph one after the other, in an order that is worked out once for each set of targets."""
    from rasa.engine.exceptions import GraphRunError

    def plan(runner: Any, targets: tuple[str, ...]) -> list[tuple[str, Any, tuple[str, ...]]]:
        nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
        order: list[tuple[str, Any, tuple[str, ...]]] = []
        placed: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name not in nodes:
                return
            placed.add(name)
            needs = tuple(nodes[name].needs.values())
            for needed in needs:
                place(needed)
            order.append((name, runner._instantiated_nodes[name], needs))

        for name in nodes:
            place(name)
        return order

    def run(self: Any, inputs: Any = None, targets: Any = None) -> dict[str, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        plans = self.__dict__.setdefault("_lotse_plans", {})
        if wanted not in plans:
            plans[wanted] = plan(self, wanted)
        if any(isinstance(value, str) for value in (inputs or {}).values()):
            return dict(original(self, inputs, targets))
        results: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, needs in plans[wanted]:
                results[name] = node(*(results.get(needed, needed) for needed in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: results[name][1] for name in wanted}

    return run
