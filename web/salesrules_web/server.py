"""The pages on a port of this machine."""

from __future__ import annotations

from typing import Any

import waitress

from salesrules.workspace import Workspace
from salesrules_web import LOCAL_HOSTS, create_app
from salesrules_web.live import live_in


def listen(workspace: Workspace, host: str = "127.0.0.1", port: int = 8080, lang: str = "en") -> Any:
    """A server that has its port, not yet running; port 0 takes a free one, `effective_port` says which.

    What it shows is read anew every minute, and what is new of it is noted in the log. `lang` is the language of the
    first page where the browser asks for none.

    Raises: OSError if the port is taken.
    """
    app = create_app(workspace, (*LOCAL_HOSTS, host), lang)
    server = waitress.create_server(app, host=host, port=port, ident=None)
    live_in(app).keep_fresh()
    return server
