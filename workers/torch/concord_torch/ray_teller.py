"""Brings what a run writes to Concord's site, while it trains."""

import json
import threading
from pathlib import Path

from .ray_site import RunOver, Site, SiteError, SiteFile

LOOK_EVERY_S = 1.0
# How long nothing may be said: with every answer comes whether the run is asked to stop.
SPEAK_EVERY_S = 5.0
CHECKPOINTS = "output/checkpoints"


class Teller(threading.Thread):
    """Follows events.jsonl of the first process. Files are there before the line that names them is told."""

    def __init__(self, site: Site, folder: Path) -> None:
        super().__init__(daemon=True)
        self.site, self.folder = site, folder
        self.told = len(self._lines())
        self.stop_asked = False
        self.problem: Exception | None = None
        self._over = threading.Event()
        self._silent_s = 0.0
        self._uploaded: set[str] = set()

    def run(self) -> None:
        try:
            while not self._over.wait(LOOK_EVERY_S):
                self._silent_s += LOOK_EVERY_S
                self.tell()
        except (RunOver, SiteError) as error:
            self.problem = error
            self.stop_asked = True

    def finish(self) -> None:
        """Tells the rest. Raises RunOver or SiteError where the site did not take it."""
        self._over.set()
        if self.is_alive():
            self.join()
        if self.problem is not None:
            raise self.problem
        self.tell()

    def tell(self) -> None:
        lines = self._lines()[self.told :]
        if not lines and self._silent_s < SPEAK_EVERY_S:
            return
        for line in lines:
            self._bring_files(line)
        self.stop_asked = self.site.tell_events(self.told, lines) or self.stop_asked
        self.told += len(lines)
        self._silent_s = 0.0

    def _lines(self) -> list[str]:
        """The lines that are whole."""
        file = self.folder / "output/events.jsonl"
        text = file.read_text(encoding="utf8") if file.exists() else ""
        return text.split("\n")[:-1]

    def _bring_files(self, line: str) -> None:
        event = json.loads(line)
        if event["type"] == "checkpoint":
            self._bring(self.folder / "output" / event["path"])
        if event["type"] == "done":
            self._bring(self.folder / "output/output")

    def _bring(self, directory: Path) -> None:
        """A folder that the run has removed meanwhile, as an old checkpoint, needs no bringing."""
        try:
            files = [
                SiteFile(path.relative_to(self.folder).as_posix(), self.site.upload(path))
                for path in sorted(directory.rglob("*"))
                if path.is_file()
            ]
        except FileNotFoundError:
            return
        there = {path.name for path in (self.folder / CHECKPOINTS).glob("step-*")}
        self._uploaded |= {directory.name} if directory.name.startswith("step-") else set()
        gone = sorted(self._uploaded - there)
        self.site.tell_files(files, [f"{CHECKPOINTS}/{name}" for name in gone])
        self._uploaded -= set(gone)
