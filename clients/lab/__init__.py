"""Measures Kafka clients behind the proxy; the command is ../measure."""
