"""CONFIG GET, SET, RESETSTAT, REWRITE at run time."""
import json
import os

from harness.framework import check, eq, fails, test, wrong_arity

DEFAULTS_PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "config_defaults.json")
# What the tests themselves set, what follows from the machine, and what Gyre's own design answers differently.
NOT_COMPARED = {"dir", "port", "bind", "save", "io-threads", "activedefrag", "jemalloc-bg-thread"}
ALIASES_OF_GYRE = ("threads", "io-backend", "io-uring-features", "zero-copy")


def get(c, *names):
    flat = [word.decode() for word in c("CONFIG", "GET", *names)]
    return dict(zip(flat[::2], flat[1::2]))


@test
def every_directive_of_redis(t):
    """CONFIG GET * shows every directive of Redis 7.2 with its default."""
    c = t.client()
    shown = get(c, "*")
    with open(DEFAULTS_PATH, encoding="utf-8") as file:
        defaults = json.load(file)
    missing = sorted(set(defaults) - set(shown))
    check(not missing, "missing: " + " ".join(missing))
    different = ["%s: %r instead of %r" % (name, shown[name], value) for name, value in defaults.items()
                 if name not in NOT_COMPARED and shown[name] != value]
    check(not different, "; ".join(different))


@test
def get_by_name_and_pattern(t):
    """CONFIG GET takes several names and patterns, in any case; unknown ones give nothing."""
    c = t.client()
    eq(get(c, "maxmemory"), {"maxmemory": "0"})
    eq(get(c, "MAXMEMORY", "TimeOut"), {"MAXMEMORY": "0", "TimeOut": "0"})
    eq(set(get(c, "maxmemory*")), {"maxmemory", "maxmemory-policy", "maxmemory-samples", "maxmemory-clients", "maxmemory-eviction-tenacity"})
    eq(set(get(c, "MaxMemory-[ps]*")), {"maxmemory-policy", "maxmemory-samples"})
    eq(get(c, "nosuchthing", "nosuch*"), {})
    eq(get(c, "timeout", "time*"), {"timeout": "0"})
    fails(c, "ERR wrong number of arguments for 'config|get' command", "CONFIG", "GET")
    wrong_arity(c, "CONFIG")


@test
def set_and_get(t):
    """CONFIG SET of every kind of value: number, memory with units, yes/no, word, string, list."""
    c = t.client()
    for name, value, shown in (
            ("timeout", "33", "33"), ("maxmemory", "1gb", "1073741824"), ("maxmemory", "2k", "2000"), ("maxmemory", "3kb", "3072"),
            ("maxmemory", "10MB", "10485760"), ("maxmemory", "0", "0"), ("lazyfree-lazy-expire", "YES", "yes"),
            ("maxmemory-policy", "allkeys-LFU", "allkeys-lfu"), ("requirepass", "", ""), ("save", "10 20 30 40", "10 20 30 40"),
            ("save", "", ""), ("slowlog-log-slower-than", "-1", "-1"), ("hz", "50", "50"), ("loglevel", "debug", "debug"),
            ("client-output-buffer-limit", "normal 2mb 1mb 10 replica 1gb 0 0",
             "normal 2097152 1048576 10 slave 1073741824 0 0 pubsub 33554432 8388608 60"),
            ("notify-keyspace-events", "", ""), ("latency-tracking-info-percentiles", "50 75", "50 75"), ("tcp-keepalive", "1", "1"),
            ("maxmemory-samples", "10", "10"), ("lfu-decay-time", "0", "0"), ("lua-time-limit", "100", "100")):
        eq(c("CONFIG", "SET", name, value), "OK", name)
        eq(get(c, name), {name: shown})
    eq(get(c, "busy-reply-threshold"), {"busy-reply-threshold": "100"})
    eq(c("CONFIG", "SET", "timeout", "1", "hz", "20"), "OK")
    eq(get(c, "timeout", "hz"), {"timeout": "1", "hz": "20"})


@test
def set_errors(t):
    """A bad CONFIG SET names the argument and the reason, and of several nothing is changed."""
    c = t.client()
    prefix = "ERR CONFIG SET failed (possibly related to argument '%s') - "
    fails(c, "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'", "CONFIG", "SET", "nosuch", "1")
    fails(c, "ERR wrong number of arguments for 'config|set' command", "CONFIG", "SET", "timeout")
    fails(c, "ERR syntax error", "CONFIG", "SET", "timeout", "1", "hz")
    for name, value, reason in (
            ("timeout", "x", "argument couldn't be parsed into an integer"), ("timeout", "-1", "argument must be between 0 and 2147483647 inclusive"),
            ("maxmemory", "1xb", "argument must be a memory value"), ("appendonly", "x", "argument must be 'yes' or 'no'"),
            ("maxmemory-policy", "x", "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, "
             "allkeys-lru, allkeys-lfu, allkeys-random, noeviction"),
            ("save", "1", "Invalid save parameters"), ("daemonize", "yes", "can't set immutable config"),
            ("databases", "5", "can't set immutable config"), ("enable-debug-command", "yes", "can't set immutable config"),
            ("unixsocket", "/x", "can't set immutable config"), ("dir", "/nonexistent/dir", "can't set protected config"),
            ("dbfilename", "x", "can't set protected config"),
            ("latency-tracking-info-percentiles", "101", "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")):
        fails(c, prefix % name + reason, "CONFIG", "SET", name, value)
    fails(c, prefix % "hz" + "argument couldn't be parsed into an integer", "CONFIG", "SET", "timeout", "99", "hz", "x")
    eq(get(c, "timeout"), {"timeout": "0"})
    fails(c, prefix % "timeout" + "duplicate parameter", "CONFIG", "SET", "timeout", "1", "timeout", "2")
    fails(c, "ERR unknown subcommand 'nosuch'. Try CONFIG HELP.", "CONFIG", "nosuch")
    check(b"CONFIG <subcommand>" in str(c("CONFIG", "HELP")[0]).encode(), "CONFIG HELP")


@test
def threads_setting(t):
    """Gyre's own directives are shown and `io-threads` is the same as `threads`."""
    if not t.is_gyre():
        t.skip("only on Gyre")
    c = t.client()
    shown = get(c, *ALIASES_OF_GYRE)
    eq(set(shown), set(ALIASES_OF_GYRE))
    if t.options["threads"]:
        eq(get(c, "io-threads")["io-threads"], str(t.options["threads"]))


@test
def resetstat(t):
    """CONFIG RESETSTAT zeroes counters and keeps gauges."""
    c = t.client()
    c("SET", "k", "v")
    c("GET", "k")
    c.call("GET", "none")
    c.call("GET")
    before = t.main.info("stats", client=c)
    check(int(before["keyspace_hits"]) == 1 and int(before["keyspace_misses"]) == 1, "hits and misses before")
    check(int(before["total_error_replies"]) >= 1, "errors before")
    eq(c("CONFIG", "RESETSTAT"), "OK")
    after = t.main.info("everything", client=c)
    for name in ("keyspace_hits", "keyspace_misses", "expired_keys", "total_error_replies", "total_connections_received"):
        eq(after[name], "0", name)
    check(int(after["total_commands_processed"]) <= 2, "total_commands_processed")
    check("cmdstat_get" not in after and "errorstat_ERR" not in after, "command statistics are still there")
    eq(after["db0"].split(",")[0], "keys=1")
    eq(after["connected_clients"], "1")


@test
def rewrite(t):
    """CONFIG REWRITE keeps comments and order, writes changes in place or at the end, and the result starts a server."""
    text = "# my comment\nmaxclients 100\n\n# another\ntimeout 10\nport 1\nbind 127.0.0.1\nsave 100 100\n"
    server = t.server(config_text=text)
    c = t.client(server)
    c("CONFIG", "SET", "timeout", "20", "maxmemory", "123mb", "client-output-buffer-limit", "normal 1mb 0 0", "requirepass", 'pass "word')
    eq(c("CONFIG", "REWRITE"), "OK")
    with open(server.config_path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    check(lines[0] == "# my comment" and lines[1] == "maxclients 100", "the start has changed: %r" % lines[:3])
    eq(lines[3], "# another")
    eq(lines[4], "timeout 20")
    check("maxmemory 123mb" in lines and "client-output-buffer-limit normal 1mb 0 0" in lines, "changes are missing: %r" % lines)
    check(not any(line.startswith("hz ") for line in lines), "a default was written")
    eq(lines[5], "port %d" % server.port)
    server.password = 'pass "word'
    server.stop()
    server.words = [server.config_path] + (["--io-backend", t.options["backend"]] if t.options["backend"] else [])
    server.start()
    eq(server.password, 'pass "word')
    c = t.client(server)
    eq(get(c, "timeout", "maxmemory", "maxclients", "save"),
       {"timeout": "20", "maxmemory": str(123 << 20), "maxclients": "100", "save": ""})


@test
def rewrite_without_file(t):
    """Without a configuration file there is nothing to rewrite."""
    c = t.client()
    fails(c, "ERR The server is running without a config file", "CONFIG", "REWRITE")


@test
def protected_settings_when_allowed(t):
    """enable-protected-configs lets dir be set at run time."""
    server = t.server(enable_protected_configs="yes")
    c = t.client(server)
    eq(c("CONFIG", "SET", "dir", "/tmp"), "OK")
    eq(get(c, "dir"), {"dir": "/tmp"})
    fails(c, "ERR CONFIG SET failed (possibly related to argument 'dir') - No such file or directory", "CONFIG", "SET", "dir", "/nonexistent/x")
