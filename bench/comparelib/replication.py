"""Sections sync and stream: what a full sync and an attached replica cost."""
import glob
import os
import shutil
import subprocess
import threading
import time

from comparelib import processes
from comparelib.output import Section, Table, microseconds, number, ratio
from comparelib.speed import COMMON, ROUNDS, cheapest, fastest, preload

DISKLESS = ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"]
SECONDS = {"stock": 60, "gyre": 20}  # longer than one sync; syncs follow one another as long as the load runs
SAMPLE_S = 0.1


def copied_pages(pid):
    """Bytes that a child of the server has to itself: pages that were copied because one of both wrote to them."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path, encoding="ascii") as file:
                children = file.read().split()
            for child in children:
                with open(f"/proc/{child}/smaps_rollup", encoding="ascii") as file:
                    total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Private_Dirty"))
        except OSError:
            pass  # it has just ended
    return total


class Syncs(threading.Thread):
    """Full syncs one after the other, to a reader that discards: redis-cli --rdb onto a memory file system."""

    def __init__(self, lab, server):
        super().__init__()
        # On the generator's core, but only when that one sleeps: what a client waits for is then the server.
        self.command = ["chrt", "--idle", "0", "taskset", "-c", lab.load_cores, shutil.which("redis-cli"), "-p", str(server.port), "--rdb",
                        f"/dev/shm/sync-{server.port}.rdb"]
        self.server = server
        self.stopping = False
        self.seconds, self.bytes, self.extra = [], 0, 0
        self.before = processes.resident_bytes(server.pid)

    def run(self):
        while not self.stopping:
            begun = time.monotonic()
            with subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                while process.poll() is None:
                    self.extra = max(self.extra, processes.resident_bytes(self.server.pid) - self.before + copied_pages(self.server.pid))
                    time.sleep(SAMPLE_S)
            if process.returncode == 0:
                self.seconds.append(time.monotonic() - begun)
                self.bytes = os.path.getsize(self.command[-1])
        if os.path.exists(self.command[-1]):
            os.unlink(self.command[-1])


def sync(lab, keys):
    options = ["-c", 50, "-r", keys, "-d", 32, "--key-format", "key:N", "--mix", "set:50,get:50"]
    rows, data, peak = [], {}, 0
    for name, start in (("stock", lab.stock), ("gyre", lab.gyre)):
        with start(*DISKLESS) as server:
            lab.fill(server, "SET __key__ __data__", keys, "--key-format", "key:N")
            if not peak:
                peak = fastest([lab.load(server, *options, "--seconds", 2)["runs"][-1] for _ in range(ROUNDS)])
            syncs = Syncs(lab, server)
            load = lab.start_load(server, *options, "--rate", f"{peak / 2:.0f}", "--seconds", SECONDS[name])
            syncs.start()
            run = lab.finish_load(load)["runs"][-1]
            syncs.stopping = True
            syncs.join()
            dataset = syncs.before
        if not syncs.seconds:
            raise processes.Failure(f"{name}: no full sync came to its end")
        data[name] = {"seconds": min(syncs.seconds), "all_seconds": syncs.seconds, "bytes": syncs.bytes, "extra": syncs.extra,
                      "extra_percent": 100 * syncs.extra / dataset, "latency": run["latency"], "rate": run["rate"]}
    stock, gyre = data["stock"], data["gyre"]
    rows.append(["full sync, s", number(stock["seconds"], 2), number(gyre["seconds"], 2), ratio(gyre["seconds"], stock["seconds"])])
    for title, key in (("p50", "p50_ns"), ("p99", "p99_ns"), ("p99.9", "p99.9_ns"), ("max", "max_ns")):
        rows.append([f"other clients, {title}, us"] + [microseconds(data[s]["latency"][key]) for s in ("stock", "gyre")] +
                    [ratio(gyre["latency"][key], stock["latency"][key])])
    rows.append(["extra memory, % of the data set", number(stock["extra_percent"], 2), number(gyre["extra_percent"], 2), "-"])
    table = Table(f"Full syncs of {keys:,} keys, one after the other", ["", "stock", "gyre", "gyre / stock"], rows,
                  f"Diskless, delay 0, checksum and compression as by default; {number(peak / 2, 0)} commands per second in an open loop, half of "
                  "them writes, while redis-cli --rdb reads onto a memory file system. Server and its children on one core, the rest on the "
                  "other, the reader only while the generator sleeps. Extra memory: growth of the server, and pages that belong to its child alone.")
    return Section("sync", [table], {"keys": keys, "stock_peak": peak, **data})


def followed_cost(lab, start, options):
    """CPU per command of a server without and of one with a replica, which is a stock one and not counted."""
    with start() as alone, start() as followed:
        for server in (alone, followed):
            preload(lab, server)
        with lab.stock("--replicaof", f"127.0.0.1 {followed.port}", cores=lab.load_cores):
            client = followed.client()
            limit = time.monotonic() + 60
            while "state=online" not in client.info("replication").get("slave0", "") and time.monotonic() < limit:
                time.sleep(0.1)
            client.close()
            runs = ([], [])
            for _ in range(ROUNDS):
                for server, those in zip((alone, followed), runs):
                    those.append(lab.load(server, *COMMON, *options)["runs"][-1])
    return tuple(cheapest(those) for those in runs)


def stream(lab):
    with lab.stock() as server:
        preload(lab, server)
        mix = ["--mix", "set:50,get:50"]
        half = fastest([lab.load(server, *COMMON, *mix, "-n", lab.scaled(200_000))["runs"][-1] for _ in range(ROUNDS)]) / 2
    loads = {"open loop, half SETs": [*mix, "--rate", f"{half:.0f}", "-n", lab.scaled(200_000)]}
    for pipeline, requests in ((1, 200_000), (16, 1_600_000), (64, 4_000_000)):
        loads[f"SET P={pipeline}"] = ["-P", pipeline, "-t", "set", "-n", lab.scaled(requests)]
    rows, data = [], {}
    for name, options in loads.items():
        stock = followed_cost(lab, lambda: lab.stock(*DISKLESS), options)
        gyre = followed_cost(lab, lambda: lab.gyre(*DISKLESS), options)
        data[name] = {"stock": stock, "gyre": gyre}
        rows.append([name] + [number(value, 3) for value in (*stock, *gyre)] +
                    [ratio(stock[1], stock[0]), ratio(gyre[1], gyre[0]), ratio(gyre[1], stock[1])])
    columns = ["CPU us", "stock alone", "stock, a replica", "gyre alone", "gyre, a replica", "stock: replica / alone", "gyre: replica / alone",
               "gyre / stock, with a replica"]
    table = Table("Writers with a replica attached", columns, rows,
                  f"Server CPU per command; the replica, a stock one, runs on the other core with the load generator. Open loop: {half:,.0f} "
                  "commands a second, half of stock's capacity, half of them writes. At P=64 the replica cannot follow: the stream is then "
                  "sent from memory that no cache holds any more.")
    return Section("stream", [table], data)
