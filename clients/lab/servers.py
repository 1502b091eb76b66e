"""The brokers, and the proxy in front of them."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.request

from lab.folders import CHECKOUT, CLIENTS, UsageError
from lab.network import BOX

ADMIN = "127.0.0.1:8080"
USER = "lab"
SECRET = "lab-secret"
STORE_PASSWORD = "changeit"


class Servers:
    """One or several brokers and the proxy whose addresses they advertise. Thread-safe."""

    def __init__(self, brokers, security, idle_timeout, logs):
        jar = CHECKOUT / "proxy/target/blackhole-proxy.jar"
        class_path = CHECKOUT / "it-tests/target/lab-classpath"
        for file in (jar, class_path):
            if not file.exists():
                raise UsageError(f"{file} is missing: run clients/measure prepare")
        self._lock = threading.Lock()
        self._log = (logs / f"servers-{brokers}-{security}.log").open("a", buffering=1)
        arguments = [str(brokers)]
        self.ca_file = None
        if security == "sasl-ssl":
            keystore, self.ca_file = _certificate()
            arguments += [str(keystore), STORE_PASSWORD, USER, SECRET]
        self._brokers = subprocess.Popen(
            ["java", "-Xmx768m", "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=demo-logback.xml", "-cp",
             f"{CHECKOUT}/it-tests/target/classes:{class_path.read_text().strip()}", "blackhole.lab.BrokerProcess",
             *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True)
        upstreams = self._line("upstreams")
        listen = [f"{BOX}:{19092 + i}" for i in range(len(upstreams))]
        routes = [word for pair in zip(listen, upstreams) for word in ("--route", "=".join(pair))]
        self._proxy = subprocess.Popen(
            ["java", "-Xmx256m", "-jar", str(jar), *routes, "--idle-timeout", f"{idle_timeout}s",
             "--no-upstream-check", "--admin", ADMIN],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._await_proxy()
        self._command("start", *listen)
        self.bootstrap = listen[0]

    def create(self, topic, partitions):
        self._command("create", topic, str(partitions))

    def read(self, topic):
        return self._command("read", topic)

    def flows(self, client):
        url = f"http://{ADMIN}/api/v1/flows?limit=1000&sort=id&client={client}"
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)["flows"]

    def close(self):
        self._brokers.stdin.close()
        self._proxy.terminate()
        self._brokers.wait()
        self._proxy.wait()
        self._drainer.join()
        self._log.close()
        if self.ca_file:
            shutil.rmtree(self.ca_file.parent)

    def _await_proxy(self):
        for line in self._proxy.stdout:
            self._log.write(line)
            if "live page and API" in line:
                self._drainer = threading.Thread(target=self._drain)
                self._drainer.start()
                return
        raise RuntimeError(f"the proxy did not start; see {self._log.name}")

    def _drain(self):
        for line in self._proxy.stdout:
            self._log.write(line)

    def _command(self, *words):
        with self._lock:
            self._brokers.stdin.write(" ".join(words) + "\n")
            self._brokers.stdin.flush()
            return self._line("ok")

    def _line(self, expected):
        line = self._brokers.stdout.readline().split()
        if not line or line[0] != expected:
            raise RuntimeError(f"the brokers answered '{' '.join(line)}'; see {self._log.name}")
        return line[1:]


def kafka_version():
    return re.search(r"/kafka_2\.13-([\d.]+)\.jar", (CHECKOUT / "it-tests/target/lab-classpath").read_text())[1]


def _certificate():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="broker-", dir=CLIENTS / "target"))
    keystore, certificate = directory / "broker.p12", directory / "broker.pem"
    store = ["-storetype", "PKCS12", "-keystore", str(keystore), "-storepass", STORE_PASSWORD, "-alias", "broker"]
    generate = ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-dname", f"CN={BOX}",
                "-ext", f"san=ip:{BOX}", "-ext", "bc:c"]
    subprocess.run(["keytool", *generate, *store], check=True, capture_output=True)
    subprocess.run(["keytool", "-exportcert", "-rfc", "-file", str(certificate), *store], check=True, capture_output=True)
    return keystore, certificate
