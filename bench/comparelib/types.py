"""Sections types and elements: what the commands on data types cost, and how many bytes an element of a large value takes."""
import contextlib

from comparelib.memory import grown_bytes
from comparelib.output import Section, Table, number, ratio

ROUNDS = 3
PIPELINE = 16
DATA = "x" * 32
LIST_600 = ["mylist"] + [DATA] * 600

# Tests of redis-benchmark, as the command lines that it sends. Those that take elements away come after those that add as many.
TESTS = {
    "PING": (["PING"], 1_000_000),
    "SET": (["SET", "key:__rand_int__", DATA], 1_000_000),
    "GET": (["GET", "key:__rand_int__"], 1_000_000),
    "INCR": (["INCR", "counter:__rand_int__"], 1_000_000),
    "LPUSH": (["LPUSH", "left", DATA], 1_000_000),
    "RPUSH": (["RPUSH", "right", DATA], 1_000_000),
    "LPOP": (["LPOP", "left"], 1_000_000),
    "RPOP": (["RPOP", "right"], 1_000_000),
    "SADD": (["SADD", "myset", "element:__rand_int__"], 1_000_000),
    "HSET": (["HSET", "myhash", "element:__rand_int__", DATA], 1_000_000),
    "SPOP": (["SPOP", "myset"], 400_000),
    "ZADD": (["ZADD", "myzset", "__rand_int__", "element:__rand_int__"], 1_000_000),
    "ZPOPMIN": (["ZPOPMIN", "myzset"], 400_000),
    "LRANGE_100": (["LRANGE", "mylist", "0", "99"], 400_000),
    "LRANGE_300": (["LRANGE", "mylist", "0", "299"], 100_000),
    "LRANGE_500": (["LRANGE", "mylist", "0", "499"], 100_000),
    "LRANGE_600": (["LRANGE", "mylist", "0", "599"], 100_000),
    "MSET (10 keys)": (["MSET"] + ["key:__rand_int__", DATA] * 10, 200_000),
}

# Beyond redis-benchmark. Values of 100,000 elements, hashes and streams that are read whole of 100.
MORE = {
    "ZRANGE 100 by rank": (["ZRANGE", "ranked", "50000", "50099"], 200_000),
    "ZRANGE 100 by score": (["ZRANGE", "ranked", "50000", "+inf", "BYSCORE", "LIMIT", "0", "100"], 200_000),
    "ZRANK": (["ZRANK", "ranked", "member:50000"], 1_000_000),
    "ZINCRBY": (["ZINCRBY", "ranked", "1", "member:__rand_int__"], 500_000),
    "ZSCORE": (["ZSCORE", "ranked", "member:50000"], 1_000_000),
    "HGETALL of 100": (["HGETALL", "hash100"], 200_000),
    "HGETALL of 1,000": (["HGETALL", "hash1000"], 20_000),
    "SINTER of 1,000 and 1,000": (["SINTER", "set:a", "set:b"], 20_000),
    "XADD": (["XADD", "events", "*", "field", DATA], 1_000_000),
    "XRANGE 100": (["XRANGE", "read", "-", "+", "COUNT", "100"], 100_000),
    "XREAD 100": (["XREAD", "COUNT", "100", "STREAMS", "read", "0"], 100_000),
}


def prepare(server):
    client = server.client()
    client("RPUSH", *LIST_600)
    for first in range(0, 100_000, 1000):
        client("ZADD", "ranked", *[word for i in range(first, first + 1000) for word in (i, f"member:{i}")])
    for count in (100, 1000):
        client("HSET", f"hash{count}", *[word for i in range(count) for word in (f"field:{i}", DATA)])
    client("SADD", "set:a", *[f"member:{i}" for i in range(1000)])
    client("SADD", "set:b", *[f"member:{i}" for i in range(500, 1500)])
    for i in range(1000):
        client("XADD", "read", f"{i + 1}-0", "field", DATA)
    client.close()


def types(lab):
    """Every test of redis-benchmark and the reads that applications live on, at P=16."""
    found = {}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(lab.stock()), stack.enter_context(lab.gyre())]
        for server in servers:
            prepare(server)
        for _ in range(ROUNDS):
            for name, (words, requests) in {**TESTS, **MORE}.items():
                for server in servers:
                    found.setdefault(name, {}).setdefault(server.label, []).append(
                        lab.redis_benchmark_run(server, PIPELINE, lab.scaled(requests), *words))
    rows = []
    for name, those in found.items():
        best = {label: min(run["cpu_us"] for run in runs) for label, runs in those.items()}
        rate = {label: max(run["rate"] for run in runs) for label, runs in those.items()}
        rows.append([name] + [number(best[label], 3) for label in best] + [ratio(best["gyre"], best["stock"])] +
                    [number(rate[label], 0) for label in rate])
    table = Table(f"Server CPU per command, P={PIPELINE}", ["command", "stock CPU us", "gyre CPU us", "gyre / stock", "stock per s", "gyre per s"], rows,
                  "By redis-benchmark, 50 connections, values of 32 bytes, random keys and members out of 1 M, one thread; best of three "
                  "interleaved runs. LRANGE reads from a list of 600; sorted-set reads are in the middle of 100,000 members.")
    return Section("types", [table], found)


# What fills a large value, and how long its data are.
FILLS = {
    "hash, 32-byte values": ("HSET big __key__ __data__", 32),
    "hash, 8-byte values": ("HSET big __key__ __data__", 8),
    "set": ("SADD big __key__", 0),
    "sorted set": ("ZADD big __int__ __key__", 0),
    "list, 32-byte elements": ("RPUSH big __data__", 32),
    "stream, one field of 32 bytes": ("XADD big * field __data__", 32),
}


def elements(lab):
    count, rows, data = lab.scaled(10_000_000), [], {}
    for name, (template, data_bytes) in FILLS.items():
        stock, gyre = (grown_bytes(lab, start, [], template, count, "member:N", data_bytes, keys=1) for start in (lab.stock, lab.gyre))
        rows.append([name, number(stock, 1), number(gyre, 1), ratio(gyre, stock)])
        data[name] = {"stock": stock, "gyre": gyre}
    table = Table(f"Resident bytes an element, values of {count:,} elements", ["", "stock", "gyre", "gyre / stock"], rows,
                  "Members and fields `member:N`; growth of VmRSS over the empty server.")
    return Section("elements", [table], {"count": count, **data})
