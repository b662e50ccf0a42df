"""Section stalls: what large values do to other clients, when they are freed and when they are written to during a full sync."""
import time

from comparelib import processes
from comparelib.output import Section, Table, microseconds, number
from comparelib.replication import DISKLESS, Syncs

RATE = 2000  # commands a second of the client that measures, in an open loop
KINDS = {
    "hash": "HSET big __key__ __data__",
    "set": "SADD big __key__",
    "sorted set": "ZADD big __int__ __key__",
    "list": "RPUSH big __data__",
}
WRITES = {
    "hash": "HSET big __key__ __data__",
    "set": "SADD big __key__",
    "sorted set": "ZINCRBY big 1 __key__",
    "list": "LSET big 500000 __data__",
}
ENDS = {
    "DEL": lambda client: client("DEL", "big"),
    "SET": lambda client: client("SET", "big", "v"),
    "EXPIRE": lambda client: client("PEXPIRE", "big", "1"),
    "FLUSHALL": lambda client: client("FLUSHALL"),
}


def fill(lab, server, template, count):
    lab.fill(server, template, count, "--key-format", "member:N")


def watched(lab, server, template, seconds, during):
    """Latencies of one connection's commands while during() runs."""
    load = lab.start_load(server, "-c", 1, "-P", 1, "-d", 32, "--key-format", "member:N", "-r", 1_000_000, "--rate", RATE, "--spin", 100, "--seconds",
                          seconds, "--command", template)
    time.sleep(0.5)
    during()
    return lab.finish_load(load)["runs"][-1]["latency"]


def freeing(lab, count):
    rows, data = [], {}
    for kind, template in KINDS.items():
        for name, start in (("stock", lab.stock), ("gyre", lab.gyre)):
            with start() as server:
                client = server.client()
                for end, action in ENDS.items():
                    fill(lab, server, template, count)
                    quiet = watched(lab, server, "PING", 2, lambda: None)
                    busy = watched(lab, server, "PING", 6, lambda: action(client))  # noqa: B023
                    data[f"{name} {kind} {end}"] = {"quiet": quiet, "busy": busy}
                    client("DEL", "big")
                client.close()
    for kind in KINDS:
        for end in ENDS:
            row = [f"{kind}: {end}"]
            for name in ("stock", "gyre"):
                found = data[f"{name} {kind} {end}"]
                row += [microseconds(found["quiet"]["max_ns"]), microseconds(found["busy"]["max_ns"])]
            rows.append(row)
    table = Table(f"PING while a value of {count:,} elements goes away, maximum", ["us", "stock before", "stock", "gyre before", "gyre"], rows,
                  f"{RATE} PINGs a second in an open loop; \"before\" is the same while nothing else happens: what the machine adds.")
    return table, data


def writing(lab, elements, keys):
    """Writes to one large value, without and during full syncs, in a data set that takes seconds to send."""
    rows, data = [], {}
    for kind, template in KINDS.items():
        row = [kind]
        for name, start in (("stock", lab.stock), ("gyre", lab.gyre)):
            with start(*DISKLESS) as server:
                fill(lab, server, template, elements)
                lab.fill(server, "SET __key__ __data__", keys)
                quiet = watched(lab, server, WRITES[kind], 8, lambda: None)
                syncs = Syncs(lab, server)
                busy = watched(lab, server, WRITES[kind], 8, syncs.start)
                syncs.stopping = True
                syncs.join()
            if not syncs.seconds:
                raise processes.Failure(f"{name}: no full sync came to its end")
            data[f"{name} {kind}"] = {"quiet": quiet, "busy": busy, "syncs": syncs.seconds}
            for key in ("p99.9_ns", "max_ns"):
                row += [microseconds(quiet[key]), microseconds(busy[key])]
        rows.append(row)
    columns = ["us"] + [f"{name}{during}, {what}" for name in ("stock", "gyre") for what in ("p99.9", "max") for during in ("", " in a sync")]
    table = Table(f"Writes to a value of {number(elements, 0)} elements", columns, rows,
                  f"{RATE} writes a second in an open loop, beside {keys:,} other keys; full syncs follow one another.")
    return table, data


def stalls(lab):
    first, freed = freeing(lab, lab.scaled(10_000_000))
    second, written = writing(lab, lab.scaled(1_000_000), lab.scaled(2_000_000))
    return Section("stalls", [first, second], {"freed": freed, "written": written})
