"""The command line of ../measure."""

import argparse
import concurrent.futures
import datetime
import itertools
import json
import pathlib
import platform
import subprocess
import sys
import time

from lab import cell, folders, network, report, servers

EXAMPLES = """
Needs Linux, Python 3.11+, a JDK 17+, Maven and iproute2. Root isn't required: everything runs in namespaces that the
command makes for itself, and only 'prepare' uses the network. What a client needs is in its folder; one that can't be
prepared is reported as not run.

Examples:
  Get all clients' packages, build the brokers and the proxy, and play the whole matrix:
    clients/measure prepare
    clients/measure run
    clients/measure report
  Two clients, two settings, one broker:
    clients/measure run --clients kafka-python,franz-go --settings defaults,recommendation --brokers 1 --security plain
  The defaults, behind a box with an idle timeout of 300 s:
    clients/measure run --idle-timeout 300 --settings defaults --brokers 1 --security plain

Exit codes:
  0  everything was run
  1  a client couldn't be prepared, a program failed, or --check found another verdict
  2  invalid options
"""

RESULTS = folders.CHECKOUT / "docs/clients.json"


def main(arguments):
    try:
        options = _parser().parse_args(arguments)
        return options.action(options)
    except folders.UsageError as e:
        print(f"measure: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser():
    parser = argparse.ArgumentParser(
        prog="clients/measure", description=__import__("__main__").__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    clients = argparse.ArgumentParser(add_help=False)
    clients.add_argument("--clients", type=_list, default=[], metavar="NAME,...",
                         help="folders, or a folder with a version: kafka-python-2.0.2 (default: all)")

    prepare = commands.add_parser("prepare", parents=[clients], help="build the brokers, the proxy and the clients")
    prepare.add_argument("--clients-only", action="store_true", help="the brokers and the proxy have been built already")
    prepare.set_defaults(action=_prepare)

    run = commands.add_parser("run", parents=[clients], help="play the matrix and write the results")
    run.add_argument("--settings", type=_list, default=list(folders.SETTINGS), metavar="NAME,...",
                     help="any of " + ", ".join(folders.SETTINGS) + " (default: all)")
    run.add_argument("--brokers", type=_list, default=["1", "3"], metavar="N,...", help="default: 1,3")
    run.add_argument("--security", type=_list, default=["plain", "sasl-ssl"], metavar="NAME,...",
                     help="default: plain,sasl-ssl")
    run.add_argument("--idle-timeout", type=int, default=3, choices=cell.SCALES, help="the box's, in seconds (default: 3)")
    run.add_argument("--parallel", type=int, default=8, metavar="N", help="cells at the same time (default: 8)")
    run.add_argument("--results", type=pathlib.Path, default=RESULTS, metavar="FILE",
                     help="JSON; cells that it has from an earlier run are replaced, others kept (default: %(default)s)")
    run.add_argument("--check", action="store_true",
                     help="fail unless every recommendation is IMMEDIATE and no client's defaults are")
    run.set_defaults(action=_run)

    write = commands.add_parser("report", help="write the Markdown table and the page from the results")
    write.add_argument("--results", type=pathlib.Path, default=RESULTS, metavar="FILE")
    write.add_argument("--markdown", type=pathlib.Path, default=folders.CHECKOUT / "docs/clients.md", metavar="FILE")
    write.add_argument("--page", type=pathlib.Path, default=folders.CLIENTS / "target/clients.html", metavar="FILE")
    write.set_defaults(action=_report)
    return parser


def _list(text):
    return [word for word in text.split(",") if word]


def _prepare(options):
    maven = ["mvn", "-B", "-ntp", "-q", "-DskipTests", "-Dspotless.check.skip", "-pl", "it-tests", "-am", "package"]
    if not options.clients_only:
        print("building the brokers and the proxy", flush=True)
        if subprocess.run(maven, cwd=folders.CHECKOUT).returncode:
            return 1
    failed = 0
    for client in folders.load(options.clients):
        problem = client.prepare()
        failed += bool(problem)
        print(f"{client.name}: {problem or 'prepared'}", flush=True)
    return 1 if failed else 0


def _run(options):
    _check(options)
    clients = folders.load(options.clients)
    network.enter()
    started = time.monotonic()
    logs = folders.CLIENTS / "target/logs"
    logs.mkdir(parents=True, exist_ok=True)
    scale = cell.SCALES[options.idle_timeout]
    numbers = itertools.count()
    count = 0
    bad = False
    for brokers, security in itertools.product(options.brokers, options.security):
        cells = [cell.Cell(client, setting, int(brokers), security, scale)
                 for setting in sorted(options.settings, key=_is_short) for client in clients]
        results = _play(cells, numbers, options.parallel, logs)
        _save(options.results, results)
        count += len(results)
        bad |= any(_is_bad(r, options.check) for r in results)
    print(f"{count} cells in {(time.monotonic() - started) / 60:.1f} min: {options.results}")
    return 1 if bad else 0


def _is_short(setting):
    """Whether a cell is likely to end soon; the others start first."""
    return setting not in ("defaults", "keepalive", "sysctl")


def _check(options):
    for given, known, what in ((options.settings, folders.SETTINGS, "--settings"), (options.brokers, ("1", "3"), "--brokers"),
                               (options.security, ("plain", "sasl-ssl"), "--security")):
        for word in given:
            if word not in known:
                raise folders.UsageError(f"{what}: unknown value '{word}'; use any of " + ", ".join(known))


def _play(cells, numbers, parallel, logs):
    lab = servers.Servers(cells[0].brokers, cells[0].security, cells[0].scale.idle_timeout, logs)
    try:
        with concurrent.futures.ThreadPoolExecutor(parallel) as threads:
            playing = [threads.submit(cell.play, c, next(numbers), lab, logs) for c in cells]
            results = []
            for done in concurrent.futures.as_completed(playing):
                results.append(done.result())
                print(report.line(results[-1]), flush=True)
            return results
    finally:
        lab.close()


def _is_bad(result, check):
    probes = result.get("probes")
    if not probes:
        return "failure" in result or check and not result.get("unavailable")
    immediate = all(probe["verdict"] == "IMMEDIATE" for probe in probes)
    return check and (result["setting"] == "recommendation" and not immediate or result["setting"] == "defaults" and immediate)


def _save(file, results):
    before = json.loads(file.read_text())["cells"] if file.exists() else []
    fresh = {report.key(r) for r in results}
    cells = sorted([r for r in before if report.key(r) not in fresh] + results, key=report.key)
    text = {
        "date": datetime.date.today().isoformat(),
        "kernel": platform.release().split("-")[0],
        "kafka": servers.kafka_version(),
    }
    lines = ",\n".join(json.dumps(r, ensure_ascii=False) for r in cells)
    file.write_text(json.dumps(text)[:-1] + f', "cells": [\n{lines}\n]}}\n')


def _report(options):
    if not options.results.exists():
        raise folders.UsageError(f"--results: {options.results} does not exist; run clients/measure run first")
    results = json.loads(options.results.read_text())
    options.markdown.write_text(report.markdown(results))
    options.page.write_text(report.page(results))
    print(f"{options.markdown}\n{options.page}")
    return 0
