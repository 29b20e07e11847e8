"""The databases that a server can be started on."""

import os
import subprocess
import uuid

# `Scripts/with-postgresql` sets it.
POSTGRESQL = os.environ.get("TEST_POSTGRESQL")
KINDS = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]


def options(kind):
    """The server's flags for a database of this kind that nothing was kept in before."""
    if kind == "sqlite":
        return []
    schema = f"t{uuid.uuid4().hex}"
    subprocess.run(["psql", "--quiet", "--command", f"CREATE SCHEMA {schema}", POSTGRESQL], check=True)
    return ["--database", f"{POSTGRESQL}?options=-csearch_path%3D{schema}"]
