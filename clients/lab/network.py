"""Network namespaces: one for the whole lab, in which an ordinary user may make one for each client."""

import os
import signal
import subprocess
import sys

from lab.folders import UsageError

BOX = "10.77.0.1"
# JVMs in different process namespaces but one /tmp would quarrel over its files for jps.
JVM = {"JAVA_TOOL_OPTIONS": "-XX:-UsePerfData"}
INSIDE = "BLACKHOLE_LAB_NAMESPACE"
BRIDGE = "lab"
SYSCTLS = ("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes")


def enter():
    """Starts this program again in namespaces of its own, which end with it; returns there."""
    if INSIDE not in os.environ:
        unshare = "unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc".split()
        if subprocess.run([*unshare, "true"], capture_output=True).returncode:
            raise UsageError("this kernel lets no user make a user namespace: run as root, or set the sysctl "
                             "kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0")
        os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], os.environ | {INSIDE: "true", **JVM})
    # All processes of the lab end with this one, the first of the process namespace, which has no default for signals.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: os._exit(128 + received))
    _run("mount -t tmpfs none /run")
    os.mkdir("/run/netns")
    _run("ip link set lo up")
    # Without an address of its own, the bridge takes the lowest of its ports', and changes it when they come and go.
    _run(f"ip link add {BRIDGE} address 02:00:00:00:00:01 type bridge")
    _run(f"ip address add {BOX}/16 dev {BRIDGE}")
    _run(f"ip link set {BRIDGE} up")


class Namespace:
    """A client's network namespace, with an address of its own."""

    def __init__(self, number, keepalive_sysctls=None):
        self.name = f"client{number}"
        self.address = f"10.77.{1 + number // 250}.{1 + number % 250}"
        self._sysctls = keepalive_sysctls

    def __enter__(self):
        _run(f"ip netns add {self.name}")
        _run(f"ip link add {self.name} type veth peer name eth0 netns {self.name}")
        _run(f"ip link set {self.name} master {BRIDGE} up")
        _run(f"ip -n {self.name} address add {self.address}/16 dev eth0")
        _run(f"ip -n {self.name} link set lo up")
        _run(f"ip -n {self.name} link set eth0 up")
        for name, value in zip(SYSCTLS, self._sysctls or ()):
            _run(f"ip netns exec {self.name} sysctl -qw {name}={value}")
        return self

    def __exit__(self, *_):
        _run(f"ip netns delete {self.name}")


def _run(command):
    done = subprocess.run(command.split(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.strip()}")
