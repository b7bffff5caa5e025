"""Looks at one repository, as ``keras-loop-fix`` does in its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .. import config
from ..config import ConfigError
from ..files.discovery import collect
from ..report import diff, json
from ..report.order import examine_all
from ..report.record import FileReport
from ..report.work import with_modules
from .repository import Asked, Result, failure


@dataclass(frozen=True)
class Job:
    """A repository to look at: its name, the folder, what is asked, and what went wrong on the way to that folder."""

    name: str
    digest: str
    folder: str
    asked: Asked
    is_laid_out: bool = False
    errors: tuple[str, ...] = ()


def look(job: Job) -> Result:
    """What ``keras-loop-fix --output-format json`` and ``--diff`` say in the folder of a repository, which becomes the working
    directory of this process: paths are relative to it. Nothing is written."""
    os.chdir(job.folder)
    here = (os.curdir,)
    try:
        file = job.asked.config or config.find(here)
        if job.is_laid_out and not job.asked.config and not file.startswith(os.path.join(os.getcwd(), "")):
            file = ""  # of whoever owns the folder for temporary files
        wanted, excludes = config.resolve(file, dict(job.asked.given))
    except ConfigError as error:
        return failure(job.name, job.digest, *job.errors, _inside(str(error)))
    files = collect(here, excludes)
    reports = [FileReport("", errors=(error,)) for error in files.errors]
    reports += with_modules(examine_all(files.files, wanted.settings, jobs=1))
    found = [json.fields(reported, report.is_fixed(reported)) for report in reports for reported in report.found]
    return Result(
        name=job.name,
        digest=job.digest,
        files=len(files.files),
        findings=tuple(found),
        patch=b"".join(diff.render(report) for report in reports),
        fixes=sum(finding["applied"] for finding in found),
        errors=(*job.errors, *(error for report in reports for error in report.errors)),
    )


def _inside(line: str) -> str:
    """A line with paths as they are in the repository: the folder may be called otherwise the next time."""
    return line.replace(os.path.join(os.getcwd(), ""), "")
