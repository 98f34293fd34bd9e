"""The verb that shows a workspace as pages: serve."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from salesrules.cli.printing import print_rejects
from salesrules.cli.verb import verb
from salesrules.issue import Issue, QuestionError, Span, say

_LOCAL = ("127.0.0.1", "localhost")


@verb("serve")
@click.option("--host", default="127.0.0.1", help="Where to listen; only this machine by default.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000)
@click.option("--verbose", is_flag=True, help="Say on standard error what the database says; it may quote rows.")
def serve(workspace: Path, pack: str | None, lang: str, host: str, port: int, verbose: bool) -> None:
    """The workspace as pages, until Ctrl+C.

    \b
    salesrules demo --keep my-demo
    salesrules serve --workspace my-demo --port 8000
    """
    from salesrules.workspace import Workspace
    from salesrules_web.server import listen

    if host not in _LOCAL:  # whoever reaches the pages can be anyone: there are no passwords yet
        raise QuestionError([Issue("serve.not_local", Span("--host"), {"host": host})])
    if verbose:
        logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
        logging.getLogger("salesrules").setLevel(logging.DEBUG)
    opened = Workspace.open(workspace, pack)
    print_rejects(opened, lang)
    try:
        server = listen(opened, host, port, lang)
    except OSError as error:
        words = {"host": host, "port": str(port), "problem": error.strerror or str(error)}
        raise QuestionError([Issue("serve.no_port", Span("--port"), words)]) from error
    click.echo(say("serve.at", lang, url=f"http://{host}:{server.effective_port}/"))
    server.run()
