"""The pages on a port of this machine."""

from __future__ import annotations

from typing import Any

import waitress

from salesrules.workspace import Workspace
from salesrules_web import LOCAL_HOSTS, create_app


def listen(workspace: Workspace, host: str = "127.0.0.1", port: int = 8080, lang: str = "en") -> Any:
    """A server that has its port, not yet running; port 0 takes a free one, `effective_port` says which.

    `lang` is the language of the first page where the browser asks for none.

    Raises: OSError if the port is taken.
    """
    return waitress.create_server(create_app(workspace, (*LOCAL_HOSTS, host), lang), host=host, port=port, ident=None)
