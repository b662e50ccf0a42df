"""Sections memory, idle and growth: bytes a key, bytes a connection, and the slowest command while a table grows."""
import contextlib
import resource
import socket
import struct
import time

from comparelib import plots, processes
from comparelib.output import Section, Table, number, ratio

VARIANTS = {
    "plain": ([], "SET __key__ __data__"),
    "allkeys-lfu": (["--maxmemory-policy", "allkeys-lfu"], "SET __key__ __data__"),
    "TTL on every key": ([], "SET __key__ __data__ EX 1000000"),
}
SETTLE_LIMIT_S = 20
IDLE_CONNECTIONS = 10_000


def settled_resident(server):
    """Resident memory once it has stopped moving: stock moves its table for a while after the last write."""
    last, limit = processes.resident_bytes(server.pid), time.monotonic() + SETTLE_LIMIT_S
    while time.monotonic() < limit:
        time.sleep(1)
        now = processes.resident_bytes(server.pid)
        if abs(now - last) < 64 * 1024:
            return now
        last = now
    return last


def grown_bytes(lab, start, options, template, count, names, data_bytes=32, keys=None):
    """What each of `count` keys or elements takes, which are named after `names`; `keys`: as many are there then, if not `count`."""
    with start(*options) as server:
        empty = processes.resident_bytes(server.pid)
        lab.fill(server, template, count, "--key-format", names, "-d", max(data_bytes, 1))
        client = server.client()
        stored = client("DBSIZE")
        client.close()
        if stored != (keys or count):
            raise processes.Failure(f"{server.label} has {stored} keys instead of {keys or count}")
        return (settled_resident(server) - empty) / count


def memory(lab, keys):
    rows, data = [], {}
    for name, (options, template) in VARIANTS.items():
        stock = grown_bytes(lab, lab.stock, options, template, keys, "key:N")
        gyre = grown_bytes(lab, lab.gyre, options, template, keys, "key:N")
        rows.append([name, number(stock, 1), number(gyre, 1), ratio(gyre, stock)])
        data[name] = {"stock": stock, "gyre": gyre}
    rows.append(["what the TTL costs"] + [number(data["TTL on every key"][s] - data["plain"][s], 1) for s in ("stock", "gyre")] + ["-"])
    table = Table(f"Resident bytes a key, {keys:,} keys", ["", "stock", "gyre", "gyre / stock"], rows,
                  "Keys `key:N`, 32-byte values, written through RESP; growth of VmRSS over the empty server.")
    plot = plots.bars("Resident memory a key", "bytes", list(VARIANTS), ["stock", "gyre"],
                      [[data[name][s] for name in VARIANTS] for s in ("stock", "gyre")])
    return Section("memory", [table], {"keys": keys, **data}, {"memory.svg": plot})


def open_connections(port, count):
    """Each has sent one command, as a client that is idle now has at some time."""
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        # Closing resets: thousands of ports in TIME_WAIT would be in the way of the next server's connections.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connections.append(connection)
    for connection in connections:
        connection.sendall(b"PING\r\n")
    for connection in connections:
        if connection.recv(64) != b"+PONG\r\n":
            raise processes.Failure("an idle connection was refused")
    return connections


def idle_server(server, count, seconds):
    empty = processes.resident_bytes(server.pid)
    connections = open_connections(server.port, count)
    time.sleep(1)
    full = processes.resident_bytes(server.pid)
    cpu, iowait = processes.cpu_seconds(server.pid), processes.iowait_seconds()
    time.sleep(seconds)
    cpu = (processes.cpu_seconds(server.pid) - cpu) / seconds
    iowait = (processes.iowait_seconds() - iowait) / seconds
    for connection in connections:
        connection.close()
    return {"bytes": (full - empty) / count, "cpu_percent": cpu * 100, "iowait_percent": iowait * 100}


def idle(lab):
    seconds = 6 if lab.quick else 60
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = IDLE_CONNECTIONS if hard == resource.RLIM_INFINITY else min(IDLE_CONNECTIONS, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    starts = {"stock": lab.stock, "gyre, io_uring": lambda: lab.gyre("--io-backend", "io_uring"),
              "gyre, epoll": lambda: lab.gyre("--io-backend", "epoll")}
    rows, data = [], {}
    for name, start in starts.items():
        with contextlib.ExitStack() as stack:
            try:
                server = stack.enter_context(start())
            except processes.Failure as failure:
                rows.append([name, "does not start: " + str(failure)[-80:], "-", "-"])
                continue
            data[name] = found = idle_server(server, count, seconds)
        rows.append([name, number(found["bytes"], 0), number(found["cpu_percent"], 3), number(found["iowait_percent"], 2)])
    table = Table(f"{count:,} idle connections", ["", "resident bytes each", "CPU % of a core", "I/O wait % (all cores)"], rows,
                  f"Each connection has sent one PING; CPU over {seconds} s. I/O wait is the machine's, whoever caused it.")
    return Section("idle", [table], {"connections": count, "seconds": seconds, **data})


def growth_run(lab, start, keys):
    """As many PINGs among the writes show what the machine itself adds: they touch no table."""
    with start("--slowlog-log-slower-than", "1000", "--slowlog-max-len", "1000000") as server:
        report = lab.load(server, "-c", 16, "-P", 16, "-d", 32, "--key-format", "key:N", "--distribution", "sequential", "-r", keys,
                          "-n", 2 * keys, "--command", "SET __key__ __data__", "--command", "PING", "--server-info")
        client = server.client()
        above = client("SLOWLOG", "LEN")
        client.close()
    stats = report["runs"][-1].get("server_stats", {})
    return {"above_1_ms": above, **{command: stats.get(command, {}) for command in ("set", "ping")}}


def growth(lab, keys):
    """Several runs: what the table does at some size shows in every run, what the machine does moves about."""
    rows, data = [], {}
    for name, start, runs in (("stock", lab.stock, 1), ("gyre", lab.gyre, 3)):
        data[name] = [growth_run(lab, start, keys) for _ in range(runs)]
        for run, found in enumerate(data[name], 1):
            rows.append([name + (f", run {run}" if runs > 1 else "")] + [number(found[c].get("max_us"), 1) for c in ("set", "ping")] + [str(found["above_1_ms"])])
    table = Table(f"Slowest command while growing to {keys:,} keys", ["us", "SET", "PING", "commands above 1 ms"], rows,
                  "By the server's own histogram (INFO latencystats, percentile 100) and slow log. 16 connections, P=16, SET and PING in equal parts.")
    return Section("growth", [table], {"keys": keys, **data})
