"""The HTTP service: Presidio's addresses, `/redact`, `/restore`, `/label`, and those of annotation
tools.

No request's text is in a log, an error or a file. Work is done in threads, so that a long text does
not hold up others.
"""

import base64
import binascii
import codecs
import hmac
import json
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from seqlabel.errors import DataError, OptionError, SeqlabelError, choose
from seqlabel.formats.jsonl import layers_of
from seqlabel.integrations import annotation_tools, presidio_api
from seqlabel.integrations.annotation_tools import ServedModel
from seqlabel.integrations.presidio_api import check_keys
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.finding.stream import StreamRedactor
from seqlabel.privacy.records.files import WITHHELD
from seqlabel.privacy.replacing.placeholders import Form, StreamFiller
from seqlabel.privacy.replacing.policies import Policy, policies_of
from seqlabel.privacy.rules.labels import check_labels
from seqlabel.privacy.session import Session

SESSION_HEADER = "x-seqlabel-session"
"""The header that names the session of a streamed request."""
FORM_HEADER = "x-seqlabel-form"
"""The header that says whether a streamed answer to restore is `text` or `json`."""
_STREAMED = "text/plain"
_JSON = "application/json"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
LOCAL = ("localhost", "127.0.0.1", "::1")
"""The addresses that only this machine reaches."""


@dataclass(frozen=True)
class Limits:
    """The bounds of a request.

    Args:
        body_bytes: The most bytes of a request that is not streamed.
        texts: The most texts of a batch.
        sessions: The most sessions; the one that was not used for longest is forgotten.
        session_seconds: After how many seconds without use a session forgets its values.
    """

    body_bytes: int = 1 << 20
    texts: int = 500
    sessions: int = 1000
    session_seconds: float = 3600.0


_USUAL = Limits()


class Service:
    """The answers of the service; `make_app` gives them their addresses.

    Args:
        finder: What finds private data.
        policy: What replaces it.
        policies: Policies for some labels, or their names, used instead of `policy`.
        limits: The limits of a request.

    Raises:
        OptionError: For a label in `policies` that is not found.
    """

    def __init__(
        self,
        finder: PrivateFinder,
        policy: Policy,
        *,
        policies: Mapping[str, Policy],
        limits: Limits,
    ) -> None:
        check_labels(policies, finder.labels, option="policies")
        self._finder = finder
        self._policy = policy
        self._policies = policies
        self._limits = limits
        self._lock = threading.Lock()
        # By their random names, each used by one thread at a time.
        self._sessions: OrderedDict[str, tuple[Session, threading.Lock]] = OrderedDict()

    def redact(self, asked: dict[str, Any]) -> Any:
        """Redact a text or a list of texts, with the service's policy or with a session's
        placeholders.

        Args:
            asked: `text`, and perhaps `session`: `new`, or the name that a request before was
                answered with.

        Returns:
            `text`, with `findings` or with `session`.
        """
        check_keys(asked, ("text", "session"), "/redact")
        texts, is_batch = presidio_api.texts_of(asked, self._limits.texts)
        if asked.get("session") is not None:
            name, session, lock = self._session(str(asked["session"]))
            with lock:
                new = [session.redact(text) for text in texts]
            return {"text": new if is_batch else new[0], "session": name}
        done = [
            redact(text, self._policy, finder=self._finder, policies=self._policies)
            for text in texts
        ]
        answers = []
        for redacted in done:
            findings = [asdict(finding) for finding in redacted.findings]
            answers.append({"text": redacted.text, "findings": findings})
        return answers if is_batch else answers[0]

    def restore(self, asked: dict[str, Any]) -> Any:
        """Put a session's values back into a text or a list of texts.

        Args:
            asked: `text`, `session`, and perhaps `form`: `json` for text that is JSON, in which
                values are escaped.

        Returns:
            `text`, how many placeholders were `restored`, and those that are `unknown`.
        """
        check_keys(asked, ("text", "session", "form"), "/restore")
        form = choose(Form, "form", asked.get("form", Form.TEXT))
        texts, is_batch = presidio_api.texts_of(asked, self._limits.texts)
        _, session, lock = self._session(str(asked.get("session")))
        with lock:
            restored = [session.restore(text, form=form) for text in texts]
        answers = [
            {"text": text.text, "restored": text.restored, "unknown": list(text.unknown)}
            for text in restored
        ]
        return answers if is_batch else answers[0]

    def redacting(self, request: Request) -> StreamRedactor:
        """Begin to redact a stream.

        Args:
            request: The request, whose body is the stream.

        Returns:
            What takes its pieces.
        """
        return StreamRedactor(self._finder, self._policy, policies=self._policies)

    def restoring(self, request: Request) -> "_Restoring":
        """Begin to restore a stream.

        Args:
            request: The request, whose headers name the session and say how values are written.

        Returns:
            What takes its pieces.
        """
        form = choose(Form, FORM_HEADER, request.headers.get(FORM_HEADER, Form.TEXT))
        _, session, _ = self._session(request.headers.get(SESSION_HEADER, ""))
        return _Restoring(session.stream(form=form))

    def _session(self, name: str) -> tuple[str, Session, threading.Lock]:
        """The session of a name, or a new one for `new`."""
        with self._lock:
            if name == "new":
                name = secrets.token_urlsafe(24)
                session = Session(
                    self._finder, lifetime=self._limits.session_seconds, clock=time.monotonic
                )
                self._sessions[name] = (session, threading.Lock())
                while len(self._sessions) > self._limits.sessions:
                    self._sessions.popitem(last=False)
            if name not in self._sessions:
                raise HTTPException(
                    404,
                    'session: it is not known, or was forgotten. Begin one with "session": "new".',
                )
            self._sessions.move_to_end(name)
            return (name, *self._sessions[name])


class _Restoring:
    """Restores a stream of UTF-8."""

    def __init__(self, stream: StreamFiller) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def feed(self, data: bytes, *, final: bool = False) -> str:
        try:
            return self._stream.feed(self._decoder.decode(data, final))
        except UnicodeDecodeError:
            # Not chained: the error holds the bytes.
            raise DataError("the text has bytes that are not UTF-8. Send it as UTF-8.") from None

    def close(self) -> str:
        return self.feed(b"", final=True) + self._stream.close()


_Stream = StreamRedactor | _Restoring


def make_app(
    finder: PrivateFinder,
    policy: Policy,
    *,
    policies: Mapping[str, Policy | str] | None = None,
    languages: Collection[str] | None = None,
    token: str | None = None,
    limits: Limits = _USUAL,
    page: Path | None = None,
    origins: Collection[str] = (),
) -> Starlette:
    """Make the service's application.

    Args:
        finder: What finds private data.
        policy: What replaces it.
        policies: Policies for some labels, or their names, used instead of `policy`.
        languages: The languages that a request may name, spaCy's codes; None for those that the
            model's encoder has read, and any where these are not known.
        token: The token that requests must send, as `Authorization: Bearer TOKEN`; with None
            requests must be for this machine (`Host: localhost`), so that a page in a browser
            cannot reach the service under another name.
        limits: The limits of a request.
        page: The folder of `write_try_page`, shown at `/`; None for no page. It needs no token,
            since what is typed there stays in the browser.
        origins: The origins of other pages and of browser extensions that may ask too, such as
            `chrome-extension://abcdefghijklmnop`; see `check_origins`.

    Returns:
        An ASGI application.

    Raises:
        OptionError: For a label in `policies` that is not found, or an origin that is not one.
    """
    service = Service(finder, policy, policies=policies_of(policies), limits=limits)
    read = presidio_api.languages_of(finder) if languages is None else tuple(languages)
    allowed = check_origins(origins)
    posted = partial(_posted, token=token, limits=limits, origins=allowed)

    def analyze(asked: dict[str, Any]) -> Any:
        return presidio_api.analyze(finder, asked, most_texts=limits.texts, languages=read)

    def listed(path: str, answer: Callable[[], list[str]]) -> Route:
        async def endpoint(request: Request) -> Response:
            if "language" in request.query_params:
                presidio_api.check_language(request.query_params["language"], read)
            return JSONResponse(answer())

        return Route(path, _guarded(endpoint, token, allowed))

    return Starlette(
        middleware=_shared_with(allowed),
        routes=[
            Route("/health", _health),
            *_tool_routes(posted, ServedModel(finder.labeler, finder), limits),
            listed("/supportedentities", lambda: presidio_api.entities(finder)),
            listed("/recognizers", lambda: [presidio_api.RECOGNIZER]),
            listed("/anonymizers", lambda: presidio_api.operators(back=False)),
            listed("/deanonymizers", lambda: presidio_api.operators(back=True)),
            posted("/analyze", analyze),
            posted("/anonymize", presidio_api.anonymize),
            posted("/deanonymize", presidio_api.deanonymize),
            posted("/redact", service.redact, begin=service.redacting),
            posted("/restore", service.restore, begin=service.restoring),
            posted("/label", partial(_label, finder.labeler, most_texts=limits.texts)),
            *([] if page is None else [Mount("/", StaticFiles(directory=page, html=True))]),
        ],
    )


def make_label_app(
    model: Labeler,
    *,
    token: str | None = None,
    limits: Limits = _USUAL,
    origins: Collection[str] = (),
) -> Starlette:
    """Make the application of a model of any labels: `/label`, `/health`, and what annotation tools
    ask.

    Label Studio asks `/health`, `/setup`, `/predict` and `/webhook`, doccano `/doccano`.

    Args:
        model: The labeler.
        token: The token that requests must send; see `make_app`.
        limits: The limits of a request.
        origins: The origins of other pages that may ask too; see `make_app`.

    Returns:
        An ASGI application.

    Raises:
        OptionError: For an origin that is not one.
    """
    allowed = check_origins(origins)
    posted = partial(_posted, token=token, limits=limits, origins=allowed)
    return Starlette(
        middleware=_shared_with(allowed),
        routes=[
            Route("/health", _health),
            posted("/label", partial(_label, model, most_texts=limits.texts)),
            *_tool_routes(posted, ServedModel(model), limits),
        ],
    )


def _tool_routes(posted: Callable[..., Route], model: ServedModel, limits: Limits) -> list[Route]:
    """The addresses of annotation tools."""
    return [
        posted("/setup", annotation_tools.setup),
        posted("/predict", partial(annotation_tools.predict, model, most_texts=limits.texts)),
        # Label Studio sends events there; nothing is kept of them.
        posted("/webhook", lambda asked: {}),
        posted("/doccano", partial(annotation_tools.doccano, model)),
    ]


def check_origins(origins: Collection[str]) -> frozenset[str]:
    """Check origins that may ask the service from a browser.

    Args:
        origins: Each a scheme, a host and perhaps a port, as a browser sends it.

    Returns:
        The origins.

    Raises:
        OptionError: One of them is a wildcard, `null`, which any page can have, or has a path.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise OptionError(
                "expected an origin such as https://notes.example or chrome-extension://ID, got "
                f"{origin!r}. Pass a scheme and a host in lower case, and no path; a wildcard "
                "would let any page read texts."
            )
    return frozenset(origins)


def _shared_with(origins: frozenset[str]) -> list[Middleware]:
    """What answers preflight requests of these origins and lets their pages read answers; no
    cookies are read.
    """
    if not origins:
        return []
    headers = ["authorization", "content-type", SESSION_HEADER, FORM_HEADER]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST"],
            allow_headers=headers,
        )
    ]


async def _health(request: Request) -> Response:
    """Answer as an ML backend does: Label Studio takes what is not JSON for an error."""
    return JSONResponse({"status": "UP", "model_class": annotation_tools.MODEL_VERSION})


def _label(model: Labeler, asked: dict[str, Any], *, most_texts: int) -> Any:
    """Label a text or a list of texts, with the keys of a line of `seqlabel label --to jsonl`."""
    check_keys(asked, ("text",), "/label")
    texts, is_batch = presidio_api.texts_of(asked, most_texts)
    answers = [layers_of(document) for document in model(texts)]
    return answers if is_batch else answers[0]


def _posted(
    path: str,
    answer: Callable[[dict[str, Any]], Any],
    *,
    begin: Callable[[Request], _Stream] | None = None,
    token: str | None,
    limits: Limits,
    origins: Collection[str],
) -> Route:
    """The route of requests with a JSON object, or with a stream where `begin` takes one."""

    async def endpoint(request: Request) -> Response:
        kind = _content_type(request)
        if begin is not None and kind == _STREAMED:
            return _Streamed(request, begin(request))
        if kind != _JSON:
            raise HTTPException(415, f"expected Content-Type: {_JSON}.")
        return JSONResponse(
            await run_in_threadpool(answer, await _asked(request, limits.body_bytes))
        )

    return Route(path, _guarded(endpoint, token, origins), methods=["POST"])


def _guarded(
    endpoint: Callable[[Request], Any], token: str | None, origins: Collection[str]
) -> Callable[[Request], Any]:
    """Answer every error with a line without text of the request, and refuse those who may not
    ask.
    """

    async def answer(request: Request) -> Response:
        try:
            _check_right(request, token, origins)
            response: Response = await endpoint(request)
            return response
        except HTTPException as refused:
            return JSONResponse({"error": refused.detail}, refused.status_code)
        except (OptionError, DataError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except Exception as error:
            # Its message could hold the text.
            return JSONResponse({"error": f"the request failed ({type(error).__name__})"}, 500)

    return answer


def _check_right(request: Request, token: str | None, origins: Collection[str]) -> None:
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if (
        origin is not None
        and origin not in origins
        and origin.lower().partition("://")[2] != host.lower()
    ):
        raise HTTPException(403, "the request comes from a page of another origin.")
    if token is None:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if name.strip("[]") not in LOCAL:
            raise HTTPException(
                403, "the service answers this machine alone. Start it with a token for others."
            )
        return
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        # Label Studio sends a name and a password; the password is the token, the name may be any.
        kind = "bearer"
        given = _password(given)
    if kind.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise HTTPException(
            401, "a token is needed: Authorization: Bearer TOKEN, or TOKEN as the password."
        )


def _password(encoded: str) -> str:
    """The password of basic authentication; empty where it cannot be read."""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _content_type(request: Request) -> str:
    """The type of a request's body, which must be UTF-8 and not compressed."""
    kind, *parameters = (
        part.strip().lower() for part in request.headers.get("content-type", "").split(";")
    )
    names = (parameter.partition("=") for parameter in parameters)
    charset = next(
        (value.strip(' "') for name, _, value in names if name.strip() == "charset"), "utf-8"
    )
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise HTTPException(415, "the text has another charset. Send it as UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "the text is compressed. Send it without Content-Encoding.")
    return str(kind)


async def _asked(request: Request, most: int) -> dict[str, Any]:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            raise HTTPException(
                413, f"the request has more than {most:,} bytes. Send less, or stream text/plain."
            )
    try:
        asked = json.loads(data)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise HTTPException(400, 'the request is not a JSON object. Send an object with "text".')
    return asked


class _Streamed(Response):
    """An answer that is written while its request is read; Starlette's own would read the request
    to see its end.
    """

    def __init__(self, request: Request, stream: _Stream) -> None:
        super().__init__(media_type=_STREAMED)
        self._request = request
        self._stream = stream

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        begun = False

        async def write(text: str, *, more: bool) -> None:
            nonlocal begun
            if not begun:
                # Not before there is something to say: until then an error has a status.
                headers = [header for header in self.raw_headers if header[0] != b"content-length"]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                begun = True
            await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

        try:
            async for piece in self._request.stream():
                if b"\0" in piece:
                    raise DataError("the text has NUL characters, as UTF-16 has. Send it as UTF-8.")
                if piece and (text := await run_in_threadpool(self._stream.feed, piece)):
                    await write(text, more=True)
            ending = await run_in_threadpool(self._stream.close)
        except SeqlabelError as error:
            if not begun:
                await JSONResponse({"error": str(error)}, 400)(scope, receive, send)
                return
            # What was held never leaves.
            ending = f"\n{WITHHELD}: {error}\n"
        await write(ending, more=False)
