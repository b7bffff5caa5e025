"""Ray: started for a run on this machine, or a cluster that is there; and its streams of repositories and results."""

from __future__ import annotations

import io
import logging
import os
import pickle
import shutil
import signal
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from . import tables
from .analyst import Analyst
from .repository import Asked, Repository
from .tables import Tables

#: What Ray says of itself, sends home, and does about accelerators.
_QUIET = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_BLOCK = 1 << 20  # bytes of repositories that go to a worker at once
_SHUFFLED = 8 << 20  # the same of rows to be sorted; from 2 GiB of input on it is more, for there would be too many blocks
_MAX_SHUFFLED = 256
_REACH = 20.0  # seconds
_LONGEST = 40  # characters of a folder in which Ray can have its sockets


@dataclass(frozen=True)
class Machine:
    """What a run may use. ``workers``: processes that look at repositories. ``store``: bytes of Ray's object store, if Ray is
    started for this run. ``address``: the cluster, ``""`` for this machine."""

    workers: int
    store: int
    address: str = ""


def failures() -> tuple[type[Exception], ...]:
    """What Ray raises where it cannot be started or reached, or a run cannot go on."""
    import ray.exceptions

    return (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError)


@contextmanager
def started(machine: Machine) -> Iterator[str]:
    """Ray, and a folder for temporary files. Afterwards neither is there, whatever happened: also after Ctrl-C and ``SIGTERM``,
    which raises ``SystemExit``. Raises ``OSError`` and what Ray raises where it cannot be started or reached."""
    old = signal.signal(signal.SIGTERM, _leave)
    base = tempfile.gettempdir()
    scratch = tempfile.mkdtemp(prefix="klc-", dir=base if len(base) <= _LONGEST else os.path.join(os.sep, "tmp"))
    try:
        with _hushed():
            try:
                _start(machine, scratch)
                signal.signal(signal.SIGTERM, _leave)  # Ray takes it for itself
                yield scratch
            finally:
                interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                _stop(scratch)
                signal.signal(signal.SIGINT, interrupt)
    finally:
        signal.signal(signal.SIGTERM, old)


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing that Ray's libraries write to standard error is seen, but what Python writes is: the errors of a run come as
    exceptions, and the libraries would bury them."""
    old = sys.stderr
    if old is not sys.__stderr__ or not isinstance(old, io.TextIOWrapper):  # somebody has taken care of it
        yield
        return
    old.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = open(kept, "w", encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = old
        os.dup2(kept, 2)
        os.close(kept)


def of_folders(repositories: Iterable[Repository]) -> Any:
    """A stream of repositories that workers read where they are: none of their content passes through Ray."""
    import ray.data

    rows = [{"repository": pickle.dumps(repository)} for repository in repositories]
    return ray.data.from_items(rows, override_num_blocks=max(1, min(len(rows), 10_000)))


def of_tables(found: Tables, machine: Machine) -> Any:
    """A stream of the repositories of Parquet files with rows that are grouped: each part is read from its beginning to its
    end, and what was read waits in the object store until a worker takes it, never more than fits."""
    import ray.data

    parts = ray.data.from_items([{"part": list(part)} for part in found.parts], override_num_blocks=len(found.parts))
    readers = ray.data.TaskPoolStrategy(size=max(1, machine.workers // 8))
    # Another share of a processor than the workers have, or Ray would make one step of both, and one worker do all of a part.
    return parts.flat_map(_repositories, compute=readers, num_cpus=0.5)


def sorted_tables(found: Tables) -> Any:
    """The same for rows in any order, which Ray sorts first; what does not fit into the object store goes to its disk.

    The hash shuffles of Ray 2.60, its default, stand still where the object store is much smaller than what is shuffled.
    """
    import ray.data

    context = ray.data.DataContext.get_current()
    context.shuffle_strategy = ray.data.context.ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    context.target_max_block_size = max(_SHUFFLED, found.size // _MAX_SHUFFLED)
    parts = ray.data.from_items([{"path": path} for part in found.parts for path in part], override_num_blocks=len(found.parts))
    rows = parts.map_batches(_rows, batch_size=1, batch_format="pyarrow", num_cpus=0.5)
    return rows.groupby("repository").map_groups(_grouped, batch_format="pyarrow", num_cpus=0.5)


def results(repositories: Any, asked: Asked, scratch: str, known: frozenset[str], machine: Machine) -> Iterator[Any]:
    """The results of a stream of repositories, in the order in which they are ready. Raises what Ray raises if the run cannot
    go on."""
    import ray.data

    workers = ray.data.ActorPoolStrategy(size=machine.workers)
    found = repositories.map_batches(
        _Worker, batch_size=1, batch_format="pyarrow", compute=workers, num_cpus=1, fn_constructor_args=(asked, scratch, known)
    )
    for row in found.iter_rows():
        yield pickle.loads(row["result"])


class _Worker:
    """An actor of Ray that has an analyst."""

    def __init__(self, asked: Asked, scratch: str, known: frozenset[str]) -> None:
        self._analyst = Analyst(asked, scratch, known)

    def __call__(self, batch: Any) -> dict[str, list[bytes]]:
        found = (self._analyst.result(pickle.loads(each)) for each in batch.column("repository").to_pylist())
        return {"result": [pickle.dumps(result) for result in found]}


def _repositories(row: dict[str, Any]) -> Iterator[dict[str, bytes]]:
    for repository in tables.repositories(row["part"]):
        yield {"repository": pickle.dumps(repository)}


def _rows(batch: Any) -> Iterator[Any]:
    for path in batch.column("path").to_pylist():
        yield from tables.rows(path)


def _grouped(group: Any) -> dict[str, list[bytes]]:
    return {"repository": [pickle.dumps(tables.of_table(group))]}


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _start(machine: Machine, scratch: str) -> None:
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    import ray
    import ray.data

    warnings.filterwarnings("ignore", module=r"ray\.")
    for name in ("ray", "ray.data", "ray.data._internal"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if machine.address:
        _reach(machine.address)
        ray.init(address=machine.address, **quiet)
    else:
        # One processor more than there are workers: something has to read.
        own: dict[str, Any] = {
            "num_cpus": machine.workers + 1,
            "object_store_memory": machine.store,
            "_temp_dir": os.path.join(scratch, "ray"),
        }
        ray.init(address="local", include_dashboard=False, **own, **quiet)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.target_max_block_size = _BLOCK


def _reach(address: str) -> None:
    """Raise ``ConnectionError`` if nobody listens at an address: Ray itself would try for minutes."""
    host, separator, port = address.rpartition("//")[2].rpartition(":")
    if separator and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH).close()
        except OSError as error:
            raise ConnectionError(f"{address}: {error.strerror or error}") from None


def _stop(scratch: str) -> None:
    """Ray first: its processes write to the folder until they are gone."""
    import ray

    ray.shutdown()
    for _ in range(100):
        shutil.rmtree(scratch, ignore_errors=True)
        if not os.path.exists(scratch):
            return
        time.sleep(0.1)
