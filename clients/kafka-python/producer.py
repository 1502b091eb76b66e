"""Burst, idle, and one probe for each partition, with kafka-python."""

import json
import os
import socket
import time

import kafka
from kafka import KafkaProducer
from kafka.errors import KafkaError

KEEPALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
TIMERS = [
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, int(os.environ["KEEPALIVE_IDLE"])),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, int(os.environ["KEEPALIVE_INTERVAL"])),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, int(os.environ["KEEPALIVE_COUNT"])),
]
USER_TIMEOUT = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(os.environ["USER_TIMEOUT_MS"]))
# socket_options replaces the default, which is this.
NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

SETTINGS = {
    "keepalive": {"socket_options": [NO_DELAY, KEEPALIVE]},
    "keepalive-timers": {"socket_options": [NO_DELAY, KEEPALIVE, *TIMERS]},
    "user-timeout": {"socket_options": [NO_DELAY, USER_TIMEOUT]},
    "max-idle": {"connections_max_idle_ms": int(os.environ["MAX_IDLE_MS"])},
    "recommendation": {"socket_options": [NO_DELAY, KEEPALIVE, *TIMERS, USER_TIMEOUT], "retries": 10},
}

# The broker may be busy with other clients; 3.0 has other means.
PATIENCE = {"api_version_auto_timeout_ms": 10_000} if kafka.__version__.startswith("2.") else {}


def security():
    if "CA_FILE" not in os.environ:
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": os.environ["CA_FILE"],
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": os.environ["KAFKA_USER"],
        "sasl_plain_password": os.environ["KAFKA_SECRET"],
    }


def send(producer, text, partition):
    producer.send(os.environ["TOPIC"], f"{text}-{partition}".encode(), partition=partition).get()


def probe(producer, partition):
    started = time.monotonic()
    error = None
    try:
        send(producer, "probe", partition)
    except KafkaError as e:
        error = repr(e)
    elapsed = round((time.monotonic() - started) * 1000)
    outcome = "failed" if error else "acknowledged"
    report(step="probe", partition=partition, elapsedMs=elapsed, outcome=outcome, error=error)


def report(**step):
    print(json.dumps(step), flush=True)


def main():
    producer = KafkaProducer(
        bootstrap_servers=os.environ["BOOTSTRAP"],
        **PATIENCE,
        **security(),
        **SETTINGS.get(os.environ["SETTING"], {}),
    )
    partitions = range(int(os.environ["PARTITIONS"]))
    for partition in partitions:
        send(producer, "burst", partition)
    report(step="burst")
    time.sleep(float(os.environ["IDLE"]))
    for partition in partitions:
        probe(producer, partition)
    producer.close(timeout=1)


main()
