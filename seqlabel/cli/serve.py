"""The subcommand `seqlabel serve`: private data found, replaced and restored over HTTP, and texts
labelled.
"""

import os
import socket
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from seqlabel.cli.control import PrivateOptions, Replacing
from seqlabel.commands.console import messages, say
from seqlabel.errors import OptionError
from seqlabel.names import needed
from seqlabel.privacy.replacing.keys import key_of_file

TOKEN_VARIABLE = "SEQLABEL_TOKEN"
_LEAST_TOKEN = 16
_SECONDS_TO_END = 3
"""How long requests under way may still take when the service is to end."""


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """The options of the command."""

    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine only with a token.")
    ] = "127.0.0.1"
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 3000
    private: PrivateOptions
    replacing: Replacing
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File with the token that requests must send. Default: ${TOKEN_VARIABLE}."
        ),
    ] = None
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            help=(
                "Origin of a page or browser extension that may ask too. Repeatable. Default: none."
            )
        ),
    ] = None
    most_bytes: Annotated[
        int, typer.Option(min=1, help="Most bytes in a request that is not streamed.")
    ] = 1 << 20


def serve(settings: ServeSettings) -> None:
    """Serve /analyze and /anonymize as Presidio does, /redact, /restore, /label, /health, and at /
    a page that redacts.

    /label gives the labels of --model, which may be any labeler; the others are of private data.
    Label Studio and doccano are answered too. Requests are never logged. Without a token only this
    machine is answered.
    """
    host, port = settings.host, settings.port
    with messages(), ExitStack() as stack:
        uvicorn = needed("uvicorn", needed_for="serve", extra="serve")
        service = needed("seqlabel.integrations.service", needed_for="serve", extra="serve")
        from seqlabel.models.folders import ModelKind, StoredModel, find_folder, read_kind
        from seqlabel.models.tagging.labeler import Labeler
        from seqlabel.models.trained import load_trained
        from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
        from seqlabel.privacy.finding.settings import MODEL, PrivacySettings
        from seqlabel.privacy.try_page import write_try_page

        token = read_token(settings.token_file)
        origins = service.check_origins(settings.allow_origin or ())
        if token is None and host not in service.LOCAL:
            raise OptionError(
                f"--host: {host} can be reached by other machines. Pass --token-file, or set "
                f"{TOKEN_VARIABLE}."
            )
        chosen = settings.replacing.over(settings.private.read())
        key = None if chosen.key_file is None else key_of_file(chosen.key_file)
        for_all, policies = chosen.make_policies(key)
        limits = service.Limits(body_bytes=settings.most_bytes)
        kind = read_kind(find_folder(chosen.model))
        stored = StoredModel(chosen.model, ModelKind.LABELER) if kind is ModelKind.LABELER else None
        model = load_trained(chosen.model) if stored is None else Labeler.load(stored)
        if LAYER in model.config.layers:
            page = None
            with suppress(OptionError):
                # A model of another language or kind has no page.
                page = write_try_page(
                    Path(stack.enter_context(TemporaryDirectory())) / "page", stored or chosen.model
                )
            app = service.make_app(
                PrivateFinder(model, settings=chosen),
                for_all,
                policies=policies,
                languages=_languages(chosen.model),
                token=token,
                limits=limits,
                page=page,
                origins=origins,
            )
        elif replace(chosen, model=MODEL) == PrivacySettings():
            say(
                f"seqlabel: {chosen.model} does not label private data; it serves /label and "
                "annotation tools"
            )
            app = service.make_label_app(model, token=token, limits=limits, origins=origins)
        else:
            raise OptionError(
                f"--model: expected a labeler with the layer {LAYER!r} for these options, got "
                f"{chosen.model}. "
                f"Leave out the settings and options of private data to serve /label alone."
            )
        # The weights need not stay in memory twice.
        del stored
        # No access log, and no traceback of what a request raised: both could hold text.
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="critical",
            server_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
        with _listening(host, port) as listening:
            say(
                f"seqlabel: listening on http://{host}:{listening.getsockname()[1]}; end with "
                "Ctrl-C"
            )
            uvicorn.Server(config).run(sockets=[listening])


def _languages(model: Path | str) -> tuple[str, ...] | None:
    """The languages that a model's card names; None without a card, and in the light distribution,
    which reads none.
    """
    try:
        from seqlabel.models.cards import find_card
        from seqlabel.reports.metadata import read_metadata
    except ModuleNotFoundError:
        return None
    named = read_metadata(find_card(model)).get("language")
    return tuple(map(str, named)) if isinstance(named, list) and named else None


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; uvicorn would only log that it cannot."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise OptionError(
            f"--host {host} --port {port}: cannot be listened on ({error.strerror})."
        ) from None


def read_token(path: Path | None) -> str | None:
    """Read the token from its file or from the environment.

    Args:
        path: The file; None for the environment.

    Returns:
        The token; None where there is none.

    Raises:
        OptionError: It cannot be read, or is too short to be kept secret.
    """
    if path is None:
        token = os.environ.get(TOKEN_VARIABLE)
    else:
        try:
            token = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise OptionError(
                f"{path}: the token cannot be read. Pass a file with one line of text."
            ) from None
    if token is not None and len(token) < _LEAST_TOKEN:
        raise OptionError(
            f"The token has {len(token)} characters. Use at least {_LEAST_TOKEN} random ones."
        )
    return token
