"""Make Rasa 3.6.21 check an action server's reply without checking its own schema again each time.

`RemoteAction._validate_action_result` calls `jsonschema.validate`, which proves first that the (constant, large)
schema of events is itself a valid schema: about 30 ms for every custom action. Here the validator is built once; what is accepted
and what is rejected stays the same. Any other Rasa is left as it is.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
from typing import Any

logger = logging.getLogger(__name__)

VERSION = "3.6.21"
# sha256 of the source of RemoteAction._validate_action_result in that version.
SOURCE = "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42"
_state: dict[str, Any] = {"tried": False, "active": False}


def install() -> bool:
    """Put the faster check in place, once; return whether it is active.

    Called by the component that config.yml names, so it works in `rasa run`, `rasa shell` and `rasa test` alike.
    """
    if not _state["tried"]:
        _state["tried"] = True
        _state["active"] = _install()
    return bool(_state["active"])


def source_digest(function: Any) -> str:
    """Return the sha256 of a function's source text."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()


def _install() -> bool:
    import jsonschema
    import rasa
    from rasa.core.actions.action import RemoteAction
    from rasa.shared.constants import DOCS_BASE_URL

    original = RemoteAction._validate_action_result
    if rasa.__version__ != VERSION or source_digest(original) != SOURCE:
        logger.info("Rasa %s is not the version this speed-up was written for; left as it is.", rasa.__version__)
        return False

    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    advice = (
        ". Failed to validate Action server response from API, make sure your response from the Action endpoint "
        f"is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )

    def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
        error = jsonschema.exceptions.best_match(validator.iter_errors(result))
        if error is not None:
            error.message += advice
            raise error
        return True

    _validate_action_result.original = original  # type: ignore[attr-defined]
    RemoteAction._validate_action_result = _validate_action_result  # type: ignore[method-assign]
    _send_an_empty_domain(RemoteAction)
    return True


def _send_an_empty_domain(remote_action: Any) -> None:
    """Let a call without the domain (enable_selective_domain) carry an empty one.

    rasa-sdk 3.21 refuses a call that has none (449, for a retry that only newer Rasas know); the whole domain in every
    call costs more than the rest of it.
    """
    original = remote_action._action_call_format

    def _action_call_format(self: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        call: dict[str, Any] = original(self, tracker, domain)
        call.setdefault("domain", {})
        return call

    remote_action._action_call_format = _action_call_format
