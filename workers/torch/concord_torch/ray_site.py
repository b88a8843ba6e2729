"""What a job on a cluster says to Concord's site, and what it fetches there: over HTTP, with the run's token."""

import hashlib
import http.client
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

# The site may restart or be updated while a job trains.
PATIENCE_S = 30 * 60
LONGEST_PAUSE_S = 20.0
TIMEOUT_S = 120.0

T = TypeVar("T")


class RunOver(Exception):
    """The site wants no more of this job: the run is over, or another submission has taken its place."""


class SiteError(Exception):
    """The site refused, or could not be reached for too long: one sentence."""


@dataclass(frozen=True)
class SiteFile:
    """A file of the run's folder, by its path there."""

    path: str
    sha256: str


class Site:
    """Every request may be sent twice: the site stores by hash and by line, so that it counts once."""

    def __init__(self, address: str, token: str, patience_s: float = PATIENCE_S) -> None:
        self.address, self.token, self.patience_s = address, token, patience_s

    def start(self) -> dict[str, Any]:
        """Says that the training process is up. What comes back: `files`, `finishing`, `stop`."""
        return self._json("POST", "/api/cluster/job", {})

    def events(self) -> list[str]:
        """The lines that were told so far, by this submission and those before."""
        lines: list[str] = self._json("GET", "/api/cluster/events", None)["lines"]
        return lines

    def tell_events(self, start: int, lines: Sequence[str]) -> bool:
        """Tells lines of events.jsonl from number `start` on. True when the run is asked to stop."""
        orders = self._json("POST", "/api/cluster/events", {"from": start, "lines": list(lines)})
        self.token = orders.get("token", self.token)
        return bool(orders["stop"])

    def tell_files(self, add: Sequence[SiteFile], remove: Sequence[str] = ()) -> None:
        """Names uploaded files as the run's, all at once, and forgets those below the folders of `remove`."""
        named = [{"path": file.path, "sha256": file.sha256} for file in add]
        self._json("POST", "/api/cluster/files", {"add": named, "remove": list(remove)})

    def fetch(self, sha256: str, target: Path) -> None:
        """Brings an artifact to `target`, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.partial")

        def once() -> None:
            with self._send("GET", f"/api/artifacts/{sha256}") as reply, partial.open("wb") as file:
                shutil.copyfileobj(reply, file, 1 << 20)
            if hash_of(partial) != sha256:
                raise http.client.IncompleteRead(b"")

        self._patiently(once)
        partial.replace(target)

    def upload(self, path: Path) -> str:
        """Stores a file. Returns its hash."""
        sha256 = hash_of(path)

        def once() -> None:
            headers = {"content-length": str(path.stat().st_size), "content-type": "application/octet-stream"}
            with path.open("rb") as file, self._send("PUT", f"/api/artifacts/{sha256}", file, headers) as reply:
                reply.read()

        self._patiently(once)
        return sha256

    def _json(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()

        def once() -> dict[str, Any]:
            with self._send(method, path, data, {"content-type": "application/json"}) as reply:
                answer: dict[str, Any] = json.load(reply)
                return answer

        return self._patiently(once)

    def _send(
        self, method: str, path: str, data: bytes | IO[bytes] | None = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        request = urllib.request.Request(
            f"{self.address}{path}",
            data=data,
            method=method,
            headers={**(headers or {}), "authorization": f"Bearer {self.token}"},
        )
        reply: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT_S)
        return reply

    def _patiently(self, once: Callable[[], T]) -> T:
        """Again after a lost connection or a fault of the site, with growing pauses."""
        began, pause = time.monotonic(), 0.5
        while True:
            try:
                return once()
            except urllib.error.HTTPError as error:
                said = _sentence(error)
                if error.code == 409 and "end " in said:
                    raise RunOver(said) from error
                if error.code < 500:
                    raise SiteError(f"{self.address} answered {error.code}: {said}") from error
                problem = f"{error.code}: {said}"
            except (OSError, http.client.HTTPException) as error:
                problem = str(error)
            if time.monotonic() - began > self.patience_s:
                raise SiteError(
                    f"{self.address} could not be reached from the cluster ({problem}): "
                    "check the address of the site on the page Cluster."
                )
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _sentence(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, OSError):
        return error.reason if isinstance(error.reason, str) else "no reason given"


def hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
