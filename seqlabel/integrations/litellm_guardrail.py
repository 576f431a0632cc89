"""A guardrail for LiteLLM's proxy: placeholders go to the model, and the values come back in its
answer.

guardrails:
  - guardrail_name: private-data
    litellm_params:
      guardrail: seqlabel.integrations.litellm_guardrail.PrivateGuardrail
      mode: [pre_call, post_call]
      default_on: true
"""

from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from copy import deepcopy
from typing import Any, Literal, NamedTuple

from litellm.integrations.custom_guardrail import CustomGuardrail
from litellm.types.utils import ChatCompletionDeltaToolCall, Function

from seqlabel.errors import DataError
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.placeholders import Form, StreamFiller
from seqlabel.privacy.session import Session

_CALL = "litellm_call_id"


class PrivateGuardrail(CustomGuardrail):
    """Replaces private values of requests by numbered placeholders, and restores them in responses,
    streamed or whole.

    A request that cannot be redacted is refused, with an error that holds nothing of it; what
    cannot be restored keeps its placeholders. The values of a call are kept in this process until
    its response was restored, those of at most `most_calls` calls. Values in images and in
    definitions of tools are not read.

    Args:
        finder: What finds private values; None is the model `en_pii` with rules.
        most_calls: How many calls may be under way; the oldest is forgotten, and its placeholders
            stay.
        **options: What LiteLLM passes to every guardrail.
    """

    def __init__(
        self, finder: PrivateFinder | None = None, *, most_calls: int = 10_000, **options: Any
    ) -> None:
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
            DataError: For a request without a call id, whose response could not be restored, and
                for one that cannot be redacted.
        """
        call = request_data.get(_CALL)
        if not isinstance(call, str):
            raise DataError(
                f"Got a request without {_CALL}. Use the guardrail in LiteLLM's proxy, which "
                "sets it."
            )
        if input_type == "request":
            session = self._sessions[call] = Session(self._finder)
            while len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
            try:
                return _changed(inputs, session.redact, session.redact)
            except Exception as error:
                # Not chained: the error could hold the text, and LiteLLM logs and sends it.
                name = type(error).__name__
            raise DataError(
                f"The request was not sent: private values could not be replaced ({name})."
            )
        known = self._sessions.pop(call, None)
        if known is None:
            return inputs
        return _changed(
            inputs,
            lambda text: known.restore(text).text,
            lambda text: known.restore(text, form=Form.JSON).text,
        )

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: AsyncIterable[Any], request_data: dict[str, Any]
    ) -> AsyncIterator[Any]:
        """Restore a streamed response as it arrives; see `CustomGuardrail`.

        Only what may still become a placeholder is held back.

        Args:
            user_api_key_dict: Who asks; not used.
            response: The pieces of the response. Those without choices pass as they are.
            request_data: The request.

        Yields:
            The pieces, with values in place of placeholders.
        """
        session = self._sessions.pop(request_data.get(_CALL, ""), None)
        if session is None:
            async for piece in response:
                yield piece
            return
        streams: dict[_Place, StreamFiller] = {}
        last = None
        async for piece in response:
            for choice in getattr(piece, "choices", None) or ():
                last = piece
                for key, owner, name in _texts_of(choice):
                    if text := getattr(owner, name, None):
                        if key not in streams:
                            streams[key] = session.stream(
                                form=Form.TEXT if key.tool is None else Form.JSON
                            )
                        setattr(owner, name, streams[key].feed(text))
                if choice.finish_reason:
                    _close(choice, streams)
            yield piece
        if streams and last is not None:
            # The model broke off.
            ending = deepcopy(last)
            for choice in ending.choices:
                for _, owner, name in _texts_of(choice):
                    setattr(owner, name, "")
                _close(choice, streams)
            yield ending


class _Place(NamedTuple):
    """A text that arrives in pieces: the number of its choice, its name, and the number of its call
    of a tool.
    """

    choice: int
    name: str
    tool: int | None


def _texts_of(choice: Any) -> Iterator[tuple[_Place, Any, str]]:
    """The places of the texts in a piece of a response, and the object and attribute that has
    each.
    """
    for name in ("content", "reasoning_content"):
        yield _Place(choice.index, name, None), choice.delta, name
    for call in choice.delta.tool_calls or ():
        yield _Place(choice.index, "arguments", call.index), call.function, "arguments"


def _close(choice: Any, streams: "dict[_Place, StreamFiller]") -> None:
    """Add what the streams of a choice still hold."""
    for key in [key for key in streams if key.choice == choice.index]:
        ending = streams.pop(key).close()
        if ending and key.tool is None:
            setattr(choice.delta, key.name, (getattr(choice.delta, key.name, None) or "") + ending)
        elif ending:
            call = ChatCompletionDeltaToolCall(
                function=Function(arguments=ending), type="function", index=key.tool
            )
            choice.delta.tool_calls = [*(choice.delta.tool_calls or ()), call]


def _changed(inputs: Any, text: Callable[[str], str], arguments: Callable[[str], str]) -> Any:
    """The inputs with other texts; the arguments of tool calls, which are JSON in a string, are
    changed in place.
    """
    for call in inputs.get("tool_calls") or ():
        function = call["function"] if isinstance(call, dict) else call.function
        if isinstance(function, dict) and function.get("arguments"):
            function["arguments"] = arguments(function["arguments"])
        elif getattr(function, "arguments", None):
            function.arguments = arguments(function.arguments)
    return {**inputs, "texts": [text(content) for content in inputs.get("texts", ())]}
