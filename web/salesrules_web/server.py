"""The pages on a port of this machine."""

from __future__ import annotations

import waitress

from salesrules.workspace import Workspace
from salesrules_web import LOCAL_HOSTS, create_app


def serve(workspace: Workspace, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Answer requests until the process is stopped: one process, a few threads."""
    app = create_app(workspace, (*LOCAL_HOSTS, host))
    waitress.serve(app, host=host, port=port, threads=4, ident=None)
