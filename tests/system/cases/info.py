"""INFO: sections, field names, and the statistics it counts."""
import json
import os
import re
import time

from harness.framework import between, check, eq, eventually, test

FIELDS_PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "info_fields.json")
DEFAULT_ORDER = ["Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules", "Errorstats", "Cluster", "Keyspace"]


def sections(c, *names):
    found, current = {}, None
    for line in bytes(c("INFO", *names)).decode().split("\r\n"):
        if line.startswith("# "):
            current = line[2:]
            found[current] = {}
        elif line:
            name, value = line.split(":", 1)
            found[current][name] = value
    return found


def stat(t, c, name):
    return t.main.info("everything", client=c)[name]


@test
def field_names(t):
    """Every section has exactly stock's field names; only names that start with gyre_ may be added."""
    c = t.client()
    c("SET", "k", "v", "EX", 1000)
    c.call("GET")
    shown = sections(c, "everything")
    with open(FIELDS_PATH, encoding="utf-8") as file:
        wanted = json.load(file)
    problems = []
    for name, fields in wanted.items():
        if name not in shown:
            problems.append("no section " + name)
            continue
        missing = [field for field in fields if field not in shown[name]]
        if missing:
            problems.append("%s lacks %s" % (name, " ".join(missing)))
        if fields:
            extra = [f for f in shown[name] if f not in fields and not f.startswith("gyre_") and not re.match(r"listener\d", f)]
            if extra:
                problems.append("%s has %s" % (name, " ".join(extra)))
    problems += ["section " + name for name in shown if name not in wanted and not name.lower().startswith("gyre")]
    check(not problems, "; ".join(problems))


@test
def which_sections(t):
    """INFO alone, with names, several names, default, all, everything; unknown names give nothing."""
    c = t.client()
    c.call("GET")
    eq([s for s in sections(c) if not s.lower().startswith("gyre")], DEFAULT_ORDER)
    eq([s for s in sections(c, "default") if not s.lower().startswith("gyre")], DEFAULT_ORDER)
    eq(list(sections(c, "server")), ["Server"])
    eq(list(sections(c, "SERVER", "Stats")), ["Server", "Stats"])
    eq(sections(c, "nosuch"), {})
    eq(list(sections(c, "commandstats")), ["Commandstats"])
    eq(list(sections(c, "server", "nosuch", "server")), ["Server"])
    check("Commandstats" in sections(c, "all") and "Latencystats" in sections(c, "all"), "all")
    check("Commandstats" in sections(c, "default", "commandstats"), "default and commandstats")
    text = bytes(c("INFO", "server"))
    check(text.startswith(b"# Server\r\n") and text.endswith(b"\r\n"), repr(text[:40]))


@test
def server_section(t):
    """Version, mode, process, port, uptime, executable."""
    c = t.client()
    server = sections(c, "server")["Server"]
    check(re.fullmatch(r"7\.\d+\.\d+", server["redis_version"]), server["redis_version"])
    if t.is_gyre():
        eq(server["redis_version"], "7.2.4")
    eq(server["redis_mode"], "standalone")
    eq(server["arch_bits"], "64")
    eq(server["process_id"], str(t.main.pid()))
    eq(server["tcp_port"], str(t.main.port))
    check(re.fullmatch(r"[0-9a-f]{40}", server["run_id"]), "run_id")
    between(int(server["server_time_usec"]) / 1e6, time.time() - 60, time.time() + 60)
    between(int(server["uptime_in_seconds"]), 0, 600)
    eq(os.path.realpath(server["executable"]), os.path.realpath(t.options["server"]))
    eq(server["listener0"], "name=tcp,bind=127.0.0.1,port=%d" % t.main.port)


@test
def command_statistics(t):
    """commandstats counts calls, rejected and failed calls per command and subcommand."""
    c = t.client()
    c("CONFIG", "RESETSTAT")
    c.pipeline([("SET", "k", "v")] * 7 + [("GET", "k")] * 5 + [("INCR", "k")] * 3 + [("GET",)] * 2 + [("CONFIG", "GET", "port")])
    c.pipeline([("MULTI",), ("GET", "k"), ("GET", "k"), ("EXEC",)])
    shown = sections(c, "commandstats")["Commandstats"]

    def row(name):
        return {k: float(v) for k, v in (part.split("=") for part in shown["cmdstat_" + name].split(","))}

    eq(list(row("get")), ["calls", "usec", "usec_per_call", "rejected_calls", "failed_calls"])
    eq((row("set")["calls"], row("get")["calls"], row("incr")["calls"]), (7.0, 7.0, 3.0))
    eq(row("get")["rejected_calls"], 2.0)
    eq(row("incr")["failed_calls"], 3.0)
    eq(row("config|get")["calls"], 1.0)
    eq((row("multi")["calls"], row("exec")["calls"]), (1.0, 1.0))
    check("cmdstat_config" not in shown, "a container command is counted")
    between(row("set")["usec"], 0, 1e6)
    c.call("NOSUCH")
    check("cmdstat_nosuch" not in sections(c, "commandstats")["Commandstats"], "an unknown command is counted")


@test
def commands_processed(t):
    """total_commands_processed counts every command once."""
    c = t.client()
    before = int(stat(t, c, "total_commands_processed"))
    c.pipeline([("SET", "k", "v"), ("GET", "k")] * 500)
    eq(int(stat(t, c, "total_commands_processed")) - before, 1001)


@test
def error_statistics(t):
    """errorstats counts errors by their first word, total_error_replies all of them."""
    c = t.client()
    c("CONFIG", "RESETSTAT")
    c.call("GET")
    c.call("NOSUCH")
    c("SET", "k", "x")
    c.call("INCR", "k")
    c.call("EXEC")
    c.call("HELLO", "9")
    c.call("AUTH", "default", "x")
    c("CONFIG", "SET", "requirepass", "p")
    d = t.client()
    d.call("GET", "k")
    d.call("AUTH", "wrong")
    c("CONFIG", "SET", "requirepass", "")
    shown = sections(c, "errorstats")["Errorstats"]
    eq(shown, {"errorstat_ERR": "count=4", "errorstat_NOPROTO": "count=1", "errorstat_NOAUTH": "count=1", "errorstat_WRONGPASS": "count=1"})
    eq(stat(t, c, "total_error_replies"), "7")
    c.pipeline([("MULTI",), ("INCR", "k"), ("INCR", "k"), ("EXEC",)])
    eq(sections(c, "errorstats")["Errorstats"]["errorstat_ERR"], "count=6")


@test
def error_statistics_in_transactions(t):
    """EXECABORT is counted beside the error that caused it."""
    c = t.client()
    c("CONFIG", "RESETSTAT")
    c("MULTI")
    c.call("GET")
    c.call("EXEC")
    eq(sections(c, "errorstats")["Errorstats"], {"errorstat_ERR": "count=1", "errorstat_EXECABORT": "count=1"})


@test
def latency_statistics(t):
    """latencystats gives percentiles per command, can be switched off, and uses the percentiles configured."""
    c = t.client()
    c("CONFIG", "RESETSTAT")
    c.pipeline([("SET", "k", "v")] * 200)
    shown = sections(c, "latencystats")["Latencystats"]
    check(re.fullmatch(r"p50=[0-9.]+,p99=[0-9.]+,p99.9=[0-9.]+", shown["latency_percentiles_usec_set"]), repr(shown))
    c("CONFIG", "SET", "latency-tracking-info-percentiles", "0 50 100")
    shown = sections(c, "latencystats")["Latencystats"]
    match = re.fullmatch(r"p0=([0-9.]+),p50=([0-9.]+),p100=([0-9.]+)", shown["latency_percentiles_usec_set"])
    check(match, repr(shown))
    low, middle, high = map(float, match.groups())
    check(low <= middle <= high and high > 0, "percentiles are not in order")
    c("CONFIG", "SET", "latency-tracking", "no")
    check("Latencystats" not in sections(c, "latencystats") or not sections(c, "latencystats")["Latencystats"], "still shown")
    c("CONFIG", "SET", "latency-tracking", "yes")


@test
def hits_and_misses(t):
    """keyspace_hits and keyspace_misses count read lookups."""
    c = t.client()
    c("CONFIG", "RESETSTAT")
    c("MSET", "a", 1, "b", 2)
    c.pipeline([("GET", "a"), ("GET", "none"), ("MGET", "a", "b", "none"), ("EXISTS", "a", "none"), ("STRLEN", "a"), ("TTL", "a"),
                ("TYPE", "a"), ("INCR", "a"), ("SET", "a", 5), ("GETRANGE", "none", 0, 1), ("TOUCH", "a")])
    eq((stat(t, c, "keyspace_hits"), stat(t, c, "keyspace_misses")), ("8", "4"))


@test
def clients_and_connections(t):
    """connected_clients and total_connections_received follow connections."""
    c = t.client()
    before = int(stat(t, c, "total_connections_received"))
    more = [t.client() for _ in range(5)]
    for d in more:
        d("PING")
    eq(stat(t, c, "connected_clients"), "6")
    eq(int(stat(t, c, "total_connections_received")) - before, 5)
    for d in more:
        d.close()
    eventually(lambda: stat(t, c, "connected_clients") == "1", "they are gone", patience=t.patience)


@test
def network_bytes(t):
    """total_net_input_bytes and total_net_output_bytes count what went over the wire."""
    c = t.client()
    value = b"x" * 100000
    before = sections(c, "stats")["Stats"]
    c.pipeline([("SET", "k", value)] * 10 + [("GET", "k")] * 5)
    after = sections(c, "stats")["Stats"]
    between(int(after["total_net_input_bytes"]) - int(before["total_net_input_bytes"]), 1000000, 1010000)
    between(int(after["total_net_output_bytes"]) - int(before["total_net_output_bytes"]), 500000, 520000)


@test
def memory_figures(t):
    """used_memory grows with data, falls when it is deleted, and the peak stays; human forms fit."""
    c = t.client()
    base = int(stat(t, c, "used_memory"))
    c.pipeline([("SET", "k%d" % n, b"x" * 1000) for n in range(5000)])
    full = int(stat(t, c, "used_memory"))
    between(full - base, 5_000_000, 8_000_000, "used_memory for 5,000 values of 1,000 bytes")
    c("FLUSHALL")
    eventually(lambda: int(stat(t, c, "used_memory")) < base + 1_000_000, "memory comes back", patience=t.patience)
    check(int(stat(t, c, "used_memory_peak")) >= full, "the peak")
    check(re.fullmatch(r"[0-9.]+[BKMG]", stat(t, c, "used_memory_human")), "human form")
    check(int(stat(t, c, "used_memory_rss")) > 0, "used_memory_rss")


@test
def instantaneous_rates(t):
    """instantaneous_ops_per_sec moves under load."""
    c = t.client()

    def busy():
        c.pipeline([("PING",)] * 500)
        return int(stat(t, c, "instantaneous_ops_per_sec")) > 100

    eventually(busy, "instantaneous_ops_per_sec", 20, t.patience)


@test
def keyspace_section(t):
    """Only databases with keys are listed, with keys, expires and the average time to live."""
    c = t.client()
    eq(sections(c, "keyspace")["Keyspace"], {})
    c("SET", "a", 1)
    c("SELECT", 5)
    c("SET", "a", 1, "EX", 100)
    shown = sections(c, "keyspace")["Keyspace"]
    eq(list(shown), ["db0", "db5"])
    check(re.fullmatch(r"keys=1,expires=0,avg_ttl=0", shown["db0"]), shown["db0"])
    check(re.fullmatch(r"keys=1,expires=1,avg_ttl=\d+", shown["db5"]), shown["db5"])


@test
def changes_since_save(t):
    """rdb_changes_since_last_save counts changes, and only those."""
    c = t.client()

    def changes():
        return int(stat(t, c, "rdb_changes_since_last_save"))

    before = changes()
    c("MSET", "a", 1, "b", 2)
    c("DEL", "none")
    c("GET", "a")
    c.call("SET", "a", 5, "NX")
    eq(changes() - before, 2)
    c("DEL", "a", "b")
    eq(changes() - before, 4)
