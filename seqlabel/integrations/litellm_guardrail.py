"""A guardrail for LiteLLM's proxy: placeholders go to the model, and the values come back in its answer.

guardrails:
  - guardrail_name: private-data
    litellm_params:
      guardrail: seqlabel.integrations.litellm_guardrail.PrivateGuardrail
      mode: [pre_call, post_call]
      default_on: true
"""

from collections import OrderedDict
from typing import Any, Literal

from litellm.integrations.custom_guardrail import CustomGuardrail

from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.placeholders import Form
from seqlabel.privacy.session import Session

_CALL = "litellm_call_id"


class PrivateGuardrail(CustomGuardrail):
    """Replaces private values of requests by numbered placeholders, and restores them in responses.

    The values of a call are kept in this process until its response was restored, those of at most `most_calls` calls.
    Values in images and in definitions of tools are not read.

    Args:
        finder: What finds private values; None is the model `en_pii` with rules.
        most_calls: How many calls may be under way; the oldest is forgotten, and its placeholders stay.
        **options: What LiteLLM passes to every guardrail.
    """

    def __init__(self, finder: PrivateFinder | None = None, *, most_calls: int = 10_000, **options: Any) -> None:
        super().__init__(**options)
        self._finder = finder
        self._most = most_calls
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    async def apply_guardrail(
        self,
        inputs: Any,
        request_data: dict[str, Any],
        input_type: Literal["request", "response"],
        logging_obj: Any = None,
    ) -> Any:
        """Replace or restore the texts and the arguments of tool calls; see `CustomGuardrail`.

        Args:
            inputs: The texts and tool calls.
            request_data: The request, whose `litellm_call_id` tells one call from another.
            input_type: Whether the inputs go to the model or come from it.
            logging_obj: LiteLLM's logger; not used.

        Returns:
            The inputs with other texts.

        Raises:
            DataError: For a request without a call id: its response could not be restored.
        """
        call = request_data.get(_CALL)
        if not isinstance(call, str):
            raise DataError(f"Got a request without {_CALL}. Use the guardrail in LiteLLM's proxy, which sets it.")
        if input_type == "request":
            session = self._sessions[call] = Session(self._finder)
            while len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
            new = {**inputs, "texts": [session.redact(text) for text in inputs.get("texts", ())]}
            return _with_arguments(new, session.redact)
        known = self._sessions.pop(call, None)
        if known is None:
            return inputs
        new = {**inputs, "texts": [known.restore(text).text for text in inputs.get("texts", ())]}
        return _with_arguments(new, lambda text: known.restore(text, form=Form.JSON).text)


def _with_arguments(inputs: dict[str, Any], change: Any) -> dict[str, Any]:
    """Change the arguments of tool calls, which are JSON in a string, in place."""
    for call in inputs.get("tool_calls") or ():
        function = call["function"] if isinstance(call, dict) else call.function
        if isinstance(function, dict) and function.get("arguments"):
            function["arguments"] = change(function["arguments"])
        elif getattr(function, "arguments", None):
            function.arguments = change(function.arguments)
    return inputs
