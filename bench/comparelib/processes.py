"""Servers under test, load generators, and what /proc tells about them."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

START_LIMIT_S = 20
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """A program did not do its part; the text says which and what it printed."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid, task=None):
    """User and system time of all threads alive, or of one, to the nanosecond where the kernel counts so."""
    total = 0.0
    for task in [task] if task else os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0]) / 1e9
        except (OSError, IndexError):
            pass
    if total > 0 or task:
        return total
    with open(f"/proc/{pid}/stat", encoding="utf8") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS_PER_S


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf8") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise Failure(f"process {pid} has no VmRSS")


def iowait_seconds():
    """Of all cores."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[5]) / TICKS_PER_S


class Client:
    """As little of RESP2 as asking a server needs."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def __call__(self, *words):
        parts = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2].decode("utf8", "replace")
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        if kind == b":":
            return int(rest)
        return ("-" if kind == b"-" else "") + rest

    def info(self, section):
        lines = (self("INFO", section) or "").split("\r\n")
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def close(self):
        self.file.close()
        self.socket.close()


class Server:
    """A running server; ends with the `with` block."""

    def __init__(self, label, command, cores):
        self.label = label
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="gyre-compare-")
        self.log = os.path.join(self.folder, "log")
        command = [str(self.port) if word == "PORT" else word for word in command]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["taskset", "-c", cores] + command, cwd=self.folder, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid  # taskset becomes the server
        self._wait()

    def _wait(self):
        limit = time.monotonic() + START_LIMIT_S
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                client = Client(self.port)
                if client("PING") == "PONG":
                    client.close()
                    return
                client.close()
            except OSError:
                pass
            time.sleep(0.02)
        with open(self.log, encoding="utf8", errors="replace") as file:
            tail = file.read()[-1000:]
        self.stop()
        raise Failure(f"{self.label} does not answer: {tail.strip()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf8", errors="replace") as file:
                print(f"{self.label} ended by itself ({self.process.returncode}):\n{file.read()[-6000:]}")
        self.stop()

    def client(self):
        return Client(self.port)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Lab:
    """The programs compared and the cores they run on."""

    def __init__(self, arguments):
        self.stock_binary = os.path.abspath(shutil.which(arguments.stock) or arguments.stock)
        self.gyre_binary = os.path.abspath(arguments.server)
        self.bench_binary = os.path.abspath(arguments.bench)
        self.ceiling_binary = os.path.abspath(arguments.ceiling) if arguments.ceiling else None
        self.redis_benchmark = shutil.which("redis-benchmark")
        for path in [self.stock_binary, self.gyre_binary, self.bench_binary, self.ceiling_binary]:
            if path and not os.access(path, os.X_OK):
                raise Failure(f"{path} is not there")
        cores = sorted(os.sched_getaffinity(0))
        self.server_core = str(cores[0])
        self.load_cores = str(cores[1 % len(cores)])
        self.pair = f"{cores[0]},{cores[1 % len(cores)]}"
        self.shared = len(cores) < 2
        self.quick = arguments.quick

    OPTIONS = ["--port", "PORT", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxclients", "12000"]

    def stock(self, *options, cores=None):
        return Server("stock", [self.stock_binary, *self.OPTIONS, *options], cores or self.server_core)

    def gyre(self, *options, cores=None, label="gyre"):
        threads = [] if "--threads" in options else ["--threads", "1"]
        return Server(label, [self.gyre_binary, *self.OPTIONS, *threads, *options], cores or self.server_core)

    def ceiling(self):
        return Server("prototype", [self.ceiling_binary, "PORT"], self.server_core)

    def scaled(self, requests):
        return max(1, requests // 10) if self.quick else requests

    def load(self, server, *options, cores=None):
        """Runs gyre-bench; its report."""
        process = self.start_load(server, *options, cores=cores)
        return self.finish_load(process)

    def start_load(self, server, *options, cores=None):
        command = ["taskset", "-c", cores or self.load_cores, self.bench_binary, "-p", str(server.port), "-q", "--json", "-",
                   "--server-pid", str(server.pid), *map(str, options)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @staticmethod
    def finish_load(process):
        out, error = process.communicate()
        if process.returncode != 0:
            raise Failure(f"{' '.join(process.args)} failed: {error.strip() or out[-2000:]}")
        return json.loads(out)

    def redis_benchmark_run(self, server, pipeline, requests, *words):
        """{'rate', 'cpu_us'} by redis-benchmark of one of its tests ("-t", name) or of a command line."""
        if not self.redis_benchmark:
            raise Failure("redis-benchmark is not installed")
        before = cpu_seconds(server.pid)
        command = ["taskset", "-c", self.load_cores, self.redis_benchmark, "-p", str(server.port), "-P", str(pipeline), "-n", str(requests),
                   "-r", "1000000", "-d", "32", "-c", "50", "--csv", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        cpu_us = (cpu_seconds(server.pid) - before) * 1e6 / requests
        # "test","rps","avg_latency_ms",... in newer versions, "test","rps" in older ones; a test may have commas in its name.
        found = re.findall(r'^".*?","([0-9.]+)"', done.stdout, re.MULTILINE)
        if done.returncode != 0 or not found or "rror" in done.stdout + done.stderr:
            raise Failure(f"{' '.join(command)[:300]} failed: {(done.stderr or done.stdout)[-500:]}")
        return {"rate": float(found[-1]), "cpu_us": cpu_us}

    def fill(self, server, template, count, *options):
        """`count` times the command, with keys or members in ascending order and data of 32 bytes."""
        return self.load(server, "-c", 4, "-P", 128, "-d", 32, "--distribution", "sequential", "-r", count, "-n", count, *options,
                         "--command", template)

    def versions(self):
        def first_line(binary, option):
            done = subprocess.run([binary, option], capture_output=True, text=True, check=False)
            return (done.stdout or done.stderr).split("\n")[0].strip()

        found = {}
        for name, start in (("stock", self.stock), ("gyre", self.gyre)):
            with start() as server:
                client = server.client()
                info = client.info("server")
                client.close()
            found[name] = " ".join(f"{key} {info[key]}" for key in ("gyre_version", "redis_version", "valkey_version", "gcc_version")
                                   if key in info)
        found["redis-benchmark"] = first_line(self.redis_benchmark, "--version") if self.redis_benchmark else "not installed"
        if self.ceiling_binary:
            found["prototype"] = os.path.basename(self.ceiling_binary)
        return found
