"""What the kernel holds for another process's sockets: its options, read through the socket itself, and the timers of ss."""

import ctypes
import os
import re
import socket
import subprocess

PIDFD_GETFD = 438  # pidfd_getfd(2); the same number on all architectures but alpha
libc = ctypes.CDLL(None, use_errno=True)


def options(namespace, box):
    """The distinct options of the TCP sockets in the namespace that are connected to the box, as text, sorted."""
    pids = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=True).stdout.split()
    return sorted({text for pid in pids for text in _of_process(int(pid), box)})


def timers(namespace, box):
    """The distinct timers of these sockets, as ss shows them."""
    command = ["ip", "netns", "exec", namespace, "ss", "-tinoH", "state", "established", "dst", box]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted({_timer(line) for line in lines if not line.startswith((" ", "\t"))})


def _timer(line):
    found = re.search(r"timer:\((\w+),([^,)]*)", line)
    return f"{found[1]} {found[2]}" if found else "no timer"


def _of_process(pid, box):
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for fd in _socket_descriptors(pid):
            copy = libc.syscall(PIDFD_GETFD, process, fd, 0)
            if copy < 0:
                continue  # closed meanwhile
            with socket.socket(fileno=copy) as s:
                text = _text(s, box)
                if text:
                    yield text
    finally:
        os.close(process)


def _socket_descriptors(pid):
    directory = f"/proc/{pid}/fd"
    for fd in os.listdir(directory):
        try:
            if os.readlink(f"{directory}/{fd}").startswith("socket:"):
                yield int(fd)
        except FileNotFoundError:
            pass  # closed meanwhile


def _text(s, box):
    try:
        if s.family not in (socket.AF_INET, socket.AF_INET6) or s.getpeername()[0] not in (box, "::ffff:" + box):
            return None
    except OSError:
        return None  # not connected
    tcp = lambda option: s.getsockopt(socket.IPPROTO_TCP, option)  # noqa: E731
    text = "off"
    if s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE):
        text = f"on {tcp(socket.TCP_KEEPIDLE)}/{tcp(socket.TCP_KEEPINTVL)}/{tcp(socket.TCP_KEEPCNT)}"
    user_timeout = tcp(socket.TCP_USER_TIMEOUT)
    return text + (f", user timeout {user_timeout} ms" if user_timeout else "")
