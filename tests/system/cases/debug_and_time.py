"""DEBUG basics, TIME, LATENCY and MEMORY basics where they are there."""
import time

from harness.framework import ReplyError, between, check, eq, fails, test


@test
def debug_is_off_by_default(t):
    """DEBUG is refused unless enabled, and `local` allows it for local connections."""
    c = t.client()
    reply = c.call("DEBUG", "SLEEP", "0")
    check(isinstance(reply, ReplyError) and reply.text.startswith(
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, "
        "otherwise you need to set this option in the configuration file, and then restart the server."), repr(reply))
    d = t.client(t.server(enable_debug_command="local"))
    eq(d("DEBUG", "SLEEP", "0"), "OK")


@test
def debug_sleep_stops_everybody(t):
    """DEBUG SLEEP holds the whole server for its time, and everything waiting is answered after it."""
    server = t.server(enable_debug_command="yes")
    c, others = t.client(server), [t.client(server) for _ in range(16)]
    for d in others:
        d("PING")
    began = time.monotonic()
    c.send("DEBUG", "SLEEP", "0.6")
    time.sleep(0.15)
    for d in others:
        d.send("SET", "k", "v")
    for d in others:
        eq(d.read(), "OK")
    between(time.monotonic() - began, 0.55, 20 * t.patience, "time of the others")
    eq(c.read(), "OK")


@test
def debug_object(t):
    """DEBUG OBJECT describes a value."""
    c = t.client(t.server(enable_debug_command="yes"))
    fails(c, "ERR no such key", "DEBUG", "OBJECT", "none")
    c("SET", "k", "v")
    text = c("DEBUG", "OBJECT", "k")
    check("encoding:embstr" in text and "refcount:1" in text and "serializedlength:" in text and "lru:" in text, text)
    check("Value at:" in text, text)


@test
def debug_set_active_expire(t):
    """SET-ACTIVE-EXPIRE 0 leaves expired keys in place until 1."""
    c = t.client(t.server(enable_debug_command="yes"))
    eq(c("DEBUG", "SET-ACTIVE-EXPIRE", "0"), "OK")
    c("SET", "k", "v", "PX", 1)
    time.sleep(0.4)
    eq(c("DBSIZE"), 1)
    eq(c("DEBUG", "SET-ACTIVE-EXPIRE", "1"), "OK")
    limit = time.monotonic() + 10 * t.patience
    while c("DBSIZE") and time.monotonic() < limit:
        time.sleep(0.02)
    eq(c("DBSIZE"), 0)


@test
def debug_errors(t):
    """Unknown subcommands and HELP."""
    c = t.client(t.server(enable_debug_command="yes"))
    reply = c.call("DEBUG", "NOSUCH")
    check(isinstance(reply, ReplyError) and "Try DEBUG HELP." in reply.text, repr(reply))
    check(isinstance(c("DEBUG", "HELP"), list), "DEBUG HELP")


@test
def server_time(t):
    """TIME is the wall clock in seconds and microseconds."""
    c = t.client()
    before = time.time()
    seconds, micros = c("TIME")
    after = time.time()
    between(int(seconds) + int(micros) / 1e6, before - 0.01, after + 0.01)
    fails(c, "ERR wrong number of arguments for 'time' command", "TIME", "x")


@test
def latency_basics(t):
    """LATENCY LATEST, HISTORY and RESET of a server that is not monitored are empty."""
    c = t.client()
    t.need("LATENCY", client=c)
    eq(c("LATENCY", "LATEST"), [])
    eq(c("LATENCY", "HISTORY", "command"), [])
    eq(c("LATENCY", "RESET"), 0)


@test
def latency_histogram(t):
    """LATENCY HISTOGRAM counts the calls of a command in buckets that grow."""
    c = t.client()
    t.need("LATENCY", client=c)
    c("CONFIG", "RESETSTAT")
    c.pipeline([("SET", "k", "v")] * 50)
    reply = c.call("LATENCY", "HISTOGRAM", "set")
    if isinstance(reply, ReplyError):
        t.skip("needs LATENCY HISTOGRAM")
    eq(reply[0], b"set")
    row = dict(zip(reply[1][::2], reply[1][1::2]))
    eq(row[b"calls"], 50)
    counts = row[b"histogram_usec"][1::2]
    eq(counts, sorted(counts))
    eq(counts[-1], 50)


@test
def memory_usage(t):
    """MEMORY USAGE grows with the value, when the command is there."""
    c = t.client()
    t.need("MEMORY", client=c)
    eq(c.call("MEMORY", "USAGE", "none"), None)
    c("MSET", "small", "x", "large", "x" * 10000)
    small, large = c("MEMORY", "USAGE", "small"), c("MEMORY", "USAGE", "large")
    between(small, 10, 300)
    between(large, 10000, 20000)


@test
def lolwut(t):
    """LOLWUT, when there, ends with the version."""
    c = t.client()
    t.need("LOLWUT", client=c)
    check(b"Redis ver." in bytes(c("LOLWUT")), "LOLWUT")
