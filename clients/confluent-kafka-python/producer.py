"""Burst, idle, and one probe for each partition, with confluent-kafka-python."""

import json
import os
import sys
import time

from confluent_kafka import Producer

SETTINGS = {
    "keepalive": {"socket.keepalive.enable": True},
    "max-idle": {"connections.max.idle.ms": int(os.environ["MAX_IDLE_MS"])},
    "recommendation": {"socket.keepalive.enable": True},
}

told = []


def security():
    if "CA_FILE" not in os.environ:
        return {}
    return {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": os.environ["CA_FILE"],
        "sasl.mechanism": "PLAIN",
        "sasl.username": os.environ["KAFKA_USER"],
        "sasl.password": os.environ["KAFKA_SECRET"],
    }


def send(producer, text, partition):
    """Returns the delivery's error, or None."""
    delivered = []
    producer.produce(
        os.environ["TOPIC"],
        f"{text}-{partition}".encode(),
        partition=partition,
        on_delivery=lambda error, message: delivered.append(error),
    )
    while not delivered:
        producer.poll(0.1)
    return delivered[0]


def probe(producer, partition):
    started = time.monotonic()
    error = send(producer, "probe", partition)
    elapsed = round((time.monotonic() - started) * 1000)
    outcome = "failed" if error else "acknowledged"
    report(step="probe", partition=partition, elapsedMs=elapsed, outcome=outcome, error="; ".join(told + [str(error)] * bool(error)) or None)
    told.clear()


def report(**step):
    print(json.dumps(step), flush=True)


def main():
    settings = {
        "bootstrap.servers": os.environ["BOOTSTRAP"],
        "error_cb": lambda error: told.append(f"error_cb: {error.name()}"),
    }
    producer = Producer(settings | security() | SETTINGS.get(os.environ["SETTING"], {}))
    partitions = range(int(os.environ["PARTITIONS"]))
    for partition in partitions:
        if error := send(producer, "burst", partition):
            sys.exit(str(error))
    report(step="burst")
    # An application serves the callbacks meanwhile.
    idle_until = time.monotonic() + float(os.environ["IDLE"])
    while (rest := idle_until - time.monotonic()) > 0:
        producer.poll(rest)
    for partition in partitions:
        probe(producer, partition)


main()
