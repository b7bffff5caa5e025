"""A worker of a campaign: repositories in, results out, one after the other."""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress

from ..files.encoding import one_line
from .checkout import lay_out
from .digest import digest
from .forking import receive, send
from .looking import Job
from .repository import Asked, Repository, Result, failure

_GRACE = 60.0  # seconds beyond the limit of a repository until its process is taken for dead


class Analyst:
    """Looks at repositories in a process beside this one. ``scratch``: a folder for those that have to be laid out, taken where
    it is there. ``known``: digests of which there are results. Ends with :meth:`close`, or with this process."""

    def __init__(self, asked: Asked, scratch: str = "", known: frozenset[str] = frozenset()) -> None:
        self._asked, self._known = asked, known
        self._scratch = scratch if os.path.isdir(scratch) else None
        self._process: subprocess.Popen[bytes] | None = None

    def result(self, repository: Repository) -> Result:
        """The result of a repository. Raises nothing: what goes wrong is in the result."""
        found = ""
        try:
            found = digest(repository, self._asked)
            if repository.failed:
                return failure(repository.name, found, *repository.errors)
            if found in self._known:
                return Result(repository.name, found, known=True)
            if repository.folder:
                return self._answer(Job(repository.name, found, repository.folder, self._asked, errors=repository.errors))
            return self._laid_out(repository, found)
        except Exception as error:  # a full disk, a system out of processes
            return failure(repository.name, found, *repository.errors, f"error: not looked at: {one_line(error)}")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            self._process.wait()
            self._process = None

    def _laid_out(self, repository: Repository, found: str) -> Result:
        folder = tempfile.mkdtemp(prefix="campaign-", dir=self._scratch)
        try:
            errors = lay_out(repository.files, folder)
            return self._answer(Job(repository.name, found, folder, self._asked, True, (*repository.errors, *errors)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _answer(self, job: Job) -> Result:
        process = self._process = self._process or _started()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        try:
            send(process.stdin, job)
            with selectors.DefaultSelector() as waiting:
                waiting.register(process.stdout, selectors.EVENT_READ)
                if waiting.select(job.asked.timeout + _GRACE):
                    result = receive(process.stdout)
                    if isinstance(result, Result):
                        return result
            reason = f"not done after {job.asked.timeout:g} s"
        except (EOFError, BrokenPipeError):
            reason = "the process that looks at repositories has ended"
        self.close()
        return failure(job.name, job.digest, *job.errors, f"error: {reason}")


def _started() -> subprocess.Popen[bytes]:
    """The process, in a session of its own, so that Ctrl-C does not reach it, and where no module of a user's is imported
    from."""
    command = [sys.executable, "-m", f"{__package__}.forking"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=os.sep, env=environment, start_new_session=True)
