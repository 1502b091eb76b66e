"""Burst, idle, and one probe for each partition, with aiokafka."""

import asyncio
import json
import os
import ssl
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

SETTINGS = {
    "max-idle": {"connections_max_idle_ms": int(os.environ["MAX_IDLE_MS"])},
    "recommendation": {"connections_max_idle_ms": int(os.environ["MAX_IDLE_MS"])},
}


def security():
    if "CA_FILE" not in os.environ:
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=os.environ["CA_FILE"]),
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": os.environ["KAFKA_USER"],
        "sasl_plain_password": os.environ["KAFKA_SECRET"],
    }


async def send(producer, text, partition):
    await producer.send_and_wait(os.environ["TOPIC"], f"{text}-{partition}".encode(), partition=partition)


async def probe(producer, partition):
    started = time.monotonic()
    error = None
    try:
        await send(producer, "probe", partition)
    except KafkaError as e:
        error = repr(e)
    elapsed = round((time.monotonic() - started) * 1000)
    outcome = "failed" if error else "acknowledged"
    report(step="probe", partition=partition, elapsedMs=elapsed, outcome=outcome, error=error)


def report(**step):
    print(json.dumps(step), flush=True)


async def main():
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["BOOTSTRAP"], **security(), **SETTINGS.get(os.environ["SETTING"], {})
    )
    await producer.start()
    partitions = range(int(os.environ["PARTITIONS"]))
    for partition in partitions:
        await send(producer, "burst", partition)
    report(step="burst")
    await asyncio.sleep(float(os.environ["IDLE"]))
    for partition in partitions:
        await probe(producer, partition)
    os._exit(0)  # Stopping would wait for dead connections.


asyncio.run(main())
