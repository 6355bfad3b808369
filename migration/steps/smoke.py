"""A smoke test over HTTP: one request, one expected status, and a text that must be in the answer."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from pydantic import Field

from migration.steps.endpoints import Url
from migration.steps.model import Bench, Facts, Kind, Parameters, StepError
from migration.steps.names import shown
from migration.steps.ssh_check import looked

SECONDS = 20
_SAID = 200


class HttpParameters(Parameters):
    """What to ask for and what to expect."""

    url: Url = Field(pattern=r"^https?://[^@\s]+$")
    status: int = 200
    contains: str = ""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to judge, not one to follow."""

    def redirect_request(self, *args: object, **named: object) -> None:
        return None


def smoke(bench: Bench, parameters: HttpParameters) -> Facts:
    """Ask once. Raises StepError when the answer is not the expected one."""
    del bench
    opener = urllib.request.build_opener(_Stay())
    try:
        with opener.open(parameters.url, timeout=SECONDS) as answer:  # the pattern lets http and https through, no file
            status, content = answer.status, answer.read(1_000_000)
    except urllib.error.HTTPError as wrong:
        status, content = wrong.code, wrong.read(1_000_000)
    except (OSError, http.client.HTTPException, ValueError) as wrong:
        why = shown(str(wrong)[:_SAID]) or type(wrong).__name__
        raise StepError(f"{parameters.url} does not answer as a web service does: {why}. Check the service, then resume.") from wrong
    if status != parameters.status:
        raise StepError(f"{parameters.url} answered {status}, not {parameters.status}. Check the service, then resume.")
    if parameters.contains.encode() not in content:
        raise StepError(f"{parameters.url} answered without the text {parameters.contains!r}. Check the service, then resume.")
    return {"status": status, "bytes": len(content)}


HTTP_CHECK = Kind("http-check", False, HttpParameters, smoke, looked)
