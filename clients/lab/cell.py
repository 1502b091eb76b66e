"""One cell of the matrix: one client with one setting plays burst, idle, and a probe for each partition."""

import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass

from lab import sockets
from lab.folders import Client
from lab.network import BOX, Namespace
from lab.servers import SECRET, USER

PARTITIONS = 3
IMMEDIATE_BELOW_MS = 1000


@dataclass(frozen=True)
class Scale:
    """The times of a run, in seconds."""

    idle_timeout: int
    idle: float
    keepalive: tuple[int, int, int]
    user_timeout: float
    max_idle: float
    limit: float


SCALES = {
    3: Scale(3, 5, (1, 1, 3), 2, 1, 300),
    300: Scale(300, 320, (37, 9, 3), 20, 60, 900),
}


@dataclass(frozen=True)
class Cell:
    client: Client
    setting: str
    brokers: int
    security: str
    scale: Scale

    @property
    def name(self):
        return f"{self.client.name}-{self.setting}-{self.brokers}-{self.security}-{self.scale.idle_timeout}s"


def play(cell, number, servers, logs):
    """Returns the result as it goes into the JSON."""
    result = {
        "client": cell.client.folder.name,
        "title": cell.client.title,
        "version": cell.client.version,
        "setting": cell.setting,
        "brokers": cell.brokers,
        "security": cell.security,
        "idleTimeout": cell.scale.idle_timeout,
    }
    if cell.setting in cell.client.unavailable:
        return result | {"notRun": cell.client.unavailable[cell.setting], "unavailable": True}
    if missing := cell.client.missing():
        return result | {"notRun": missing}
    setting = cell.client.settings[cell.setting]
    topic = f"cell{number}"
    servers.create(topic, PARTITIONS)
    with Namespace(number, cell.scale.keepalive if setting.sysctl else None) as namespace:
        run = Run(cell, topic, namespace, servers, logs).play()
        flows = servers.flows(namespace.address)
    stored = servers.read(topic)
    discarded = [flow["client"]["segmentsDiscarded"] for flow in flows]
    return result | {
        "means": setting.means,
        "sysctl": setting.sysctl,
        "promised": setting.kernel,
        "kernel": run.kernel,
        "timers": run.timers,
        "probes": [_probe(probe, stored) for probe in run.probes],
        "connections": len(flows),
        "deadConnectionsUsed": sum(1 for n in discarded if n),
        "segmentsDiscarded": sum(discarded),
        "failure": run.failure,
    }


def _probe(probe, stored):
    times = stored.count(f"probe-{probe['partition']}")
    if probe["outcome"] == "acknowledged" and times:
        verdict = "IMMEDIATE" if probe["elapsedMs"] < IMMEDIATE_BELOW_MS else "LATE"
    elif times:
        verdict = "FAILED BUT STORED"
    else:
        verdict = "LOST"
    return probe | {"stored": times, "verdict": verdict}


class Run:
    """One run of a client's program."""

    def __init__(self, cell, topic, namespace, servers, logs):
        self._cell = cell
        self._namespace = namespace
        self._errors = logs / f"{cell.name}.log"
        self._environment = _environment(cell, topic, servers)
        self.kernel = []
        self.timers = []
        self.probes = []
        self.failure = None

    def play(self):
        with self._errors.open("w") as errors:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self._namespace.name, "./run"],
                cwd=self._cell.client.folder, env=os.environ | self._environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)
            limit = threading.Timer(self._cell.scale.limit, os.killpg, (process.pid, signal.SIGKILL))
            limit.start()
            try:
                self._read(process)
            finally:
                limit.cancel()
                process.wait()
        self._judge(process.returncode)
        return self

    def _read(self, process):
        snapshot = threading.Timer(self._cell.scale.max_idle / 2, self._snapshot)
        for line in process.stdout:
            if not line.startswith("{"):
                continue
            step = json.loads(line)
            if step["step"] == "burst":
                snapshot.start()
            elif step["step"] == "probe":
                self.probes.append({key: step[key] for key in ("partition", "elapsedMs", "outcome", "error")})
        if snapshot.is_alive():
            snapshot.join()

    def _snapshot(self):
        self.kernel = sockets.options(self._namespace.name, BOX)
        self.timers = sockets.timers(self._namespace.name, BOX)

    def _judge(self, status):
        if len(self.probes) == PARTITIONS:
            return
        if status == -signal.SIGKILL:
            self.failure = f"no answer within {self._cell.scale.limit} s"
            self.probes += [
                {"partition": p, "elapsedMs": None, "outcome": "unanswered", "error": self.failure}
                for p in range(len(self.probes), PARTITIONS)
            ]
        else:
            self.probes = []
            self.failure = f"the program ended with status {status}; see {self._errors.name}"


def _environment(cell, topic, servers):
    scale = cell.scale
    environment = cell.client.environment() | {
        "BOOTSTRAP": servers.bootstrap,
        "TOPIC": topic,
        "PARTITIONS": str(PARTITIONS),
        "IDLE": str(scale.idle),
        "SETTING": cell.setting,
        "KEEPALIVE_IDLE": str(scale.keepalive[0]),
        "KEEPALIVE_INTERVAL": str(scale.keepalive[1]),
        "KEEPALIVE_COUNT": str(scale.keepalive[2]),
        "USER_TIMEOUT_MS": str(int(scale.user_timeout * 1000)),
        "MAX_IDLE_MS": str(int(scale.max_idle * 1000)),
    }
    if servers.ca_file:
        environment |= {"CA_FILE": str(servers.ca_file), "KAFKA_USER": USER, "KAFKA_SECRET": SECRET}
    return environment
