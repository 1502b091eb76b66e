"""The clients' folders: what client.toml says, and the two scripts next to it."""

import os
import pathlib
import shutil
import subprocess
import tomllib
from dataclasses import dataclass

CLIENTS = pathlib.Path(__file__).resolve().parent.parent
CHECKOUT = CLIENTS.parent

SETTINGS = {
    "defaults": "the client's defaults",
    "keepalive": "keepalive on, without timers",
    "keepalive-timers": "keepalive with timers, by the client's own means",
    "sysctl": "defaults, with the keepalive sysctls in the client's network namespace",
    "user-timeout": "user timeout only",
    "max-idle": "the client closes idle connections before the box expires them",
    "recommendation": "what the page recommends",
}


class UsageError(Exception):
    """A user's mistake: printed as one line."""


@dataclass(frozen=True)
class Setting:
    """How a client takes a setting, and what its documentation says the kernel then holds."""

    means: str
    kernel: str | None
    sysctl: bool


@dataclass(frozen=True)
class Client:
    """One version of a client."""

    folder: pathlib.Path
    title: str
    language: str
    version: str
    needs: tuple[str, ...]
    settings: dict[str, Setting]
    unavailable: dict[str, str]

    @property
    def name(self):
        return f"{self.folder.name}-{self.version}"

    def environment(self):
        return {"VERSION": self.version, "TARGET": str(self.target)}

    @property
    def target(self):
        return CLIENTS / "target" / self.name

    def missing(self):
        """Why this client can't run here; None if it can."""
        absent = [command for command in self.needs if not shutil.which(command)]
        if absent:
            return "needs " + ", ".join(absent)
        if not (self.target / "prepared").exists():
            return "not prepared: run clients/measure prepare"
        return None

    def prepare(self):
        """Gets the client's packages and builds its program; returns why that failed, or None."""
        absent = [command for command in self.needs if not shutil.which(command)]
        if absent:
            return "needs " + ", ".join(absent)
        self.target.mkdir(parents=True, exist_ok=True)
        (self.target / "prepared").unlink(missing_ok=True)
        log = self.target / "prepare.log"
        with log.open("w") as out:
            status = subprocess.run(
                ["./prepare"], cwd=self.folder, env=os.environ | self.environment(), stdout=out, stderr=out
            ).returncode
        if status:
            return f"prepare failed; see {log}"
        (self.target / "prepared").touch()
        return None


def load(names=()):
    """All versions of the named clients, or of all; a name is a folder, or a folder and a version: kafka-python-2.0.2."""
    clients = [client for file in sorted(CLIENTS.glob("*/client.toml")) for client in _versions(file)]
    unknown = [name for name in names if not any(name in (c.name, c.folder.name) for c in clients)]
    if unknown:
        raise UsageError(f"unknown client: {unknown[0]}; there are " + ", ".join(c.name for c in clients))
    return [c for c in clients if not names or c.name in names or c.folder.name in names]


def _versions(file):
    try:
        text = tomllib.loads(file.read_text())
        settings = {
            name: Setting(s.get("means", ""), s.get("kernel"), name == "sysctl" or s.get("sysctl", False))
            for name, s in text["settings"].items()
        }
        unavailable = text.get("unavailable", {})
        for name in [*settings, *unavailable]:
            if name not in SETTINGS:
                raise UsageError(f"{file}: unknown setting {name}; use " + ", ".join(SETTINGS))
        for name in SETTINGS:
            if name not in settings and name not in unavailable:
                raise UsageError(f"{file}: add [settings.{name}], or a reason to [unavailable]")
        return [
            Client(file.parent, text["title"], text["language"], version, tuple(text["needs"]), settings, unavailable)
            for version in text["versions"]
        ]
    except (tomllib.TOMLDecodeError, KeyError) as e:
        raise UsageError(f"{file}: {e}") from e
