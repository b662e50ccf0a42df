"""SLOWLOG: what is logged, its form, trimming and limits."""
import time

from harness.framework import between, check, eq, fails, test


@test
def entries(t):
    """An entry has id, time, duration, arguments, address and name; the newest comes first."""
    c = t.client(t.server(slowlog_log_slower_than=0))
    c("CLIENT", "SETNAME", "me")
    c("SLOWLOG", "RESET")
    c("SET", "k", "v")
    c("GET", "k")
    log = c("SLOWLOG", "GET")
    eq([entry[3] for entry in log], [[b"GET", b"k"], [b"SET", b"k", b"v"], [b"SLOWLOG", b"RESET"]])
    first = log[0]
    eq(len(first), 6)
    eq(first[0], log[1][0] + 1)
    between(first[1], time.time() - 60, time.time() + 60)
    between(first[2], 0, 10**7)
    check(first[4].startswith(b"127.0.0.1:"), repr(first[4]))
    eq(first[5], b"me")


@test
def threshold_and_length(t):
    """slowlog-log-slower-than: 0 everything, negative nothing; slowlog-max-len trims at once."""
    c = t.client()
    eq(c("SLOWLOG", "LEN"), 0)
    c("CONFIG", "SET", "slowlog-log-slower-than", "0")
    c.pipeline([("PING",)] * 200)
    eq(c("SLOWLOG", "LEN"), 128)
    eq(len(c("SLOWLOG", "GET")), 10)
    eq(len(c("SLOWLOG", "GET", 20)), 20)
    eq(len(c("SLOWLOG", "GET", -1)), 128)
    eq(c("SLOWLOG", "GET", 0), [])
    c("CONFIG", "SET", "slowlog-max-len", "5")
    c("PING")
    eq(c("SLOWLOG", "LEN"), 5)
    c("CONFIG", "SET", "slowlog-log-slower-than", "-1")
    c("SLOWLOG", "RESET")
    c("PING")
    eq(c("SLOWLOG", "LEN"), 0)
    c("CONFIG", "SET", "slowlog-max-len", "0", "slowlog-log-slower-than", "0")
    c("PING")
    eq(c("SLOWLOG", "LEN"), 0)
    fails(c, "ERR count should be greater than or equal to -1", "SLOWLOG", "GET", -2)
    fails(c, "ERR unknown subcommand 'x'. Try SLOWLOG HELP.", "SLOWLOG", "x")
    fails(c, "ERR wrong number of arguments for 'slowlog|len' command", "SLOWLOG", "LEN", "x")


@test
def long_arguments_are_cut(t):
    """At most 32 arguments of at most 128 bytes are kept, with what was left out in words."""
    c = t.client(t.server(slowlog_log_slower_than=0))
    c("MGET", *["k%d" % n for n in range(40)])
    entry = c("SLOWLOG", "GET", 1)[0][3]
    eq(len(entry), 32)
    eq(entry[-1], b"... (10 more arguments)")
    c("SET", "k", "x" * 200)
    entry = c("SLOWLOG", "GET", 1)[0][3]
    eq(entry, [b"SET", b"k", b"x" * 128 + b"... (72 more bytes)"])


@test
def secrets_are_left_out(t):
    """Passwords are not logged."""
    c = t.client(t.server(slowlog_log_slower_than=0))
    c("SLOWLOG", "RESET")
    c("CONFIG", "SET", "requirepass", "secret1")
    c("AUTH", "secret1")
    c.call("AUTH", "default", "secret2")
    c.call("HELLO", "2", "AUTH", "default", "secret1")
    c("CONFIG", "SET", "masterauth", "secret3", "timeout", "1")
    c("CONFIG", "SET", "requirepass", "")
    text = repr(c("SLOWLOG", "GET", 100))
    check("secret" not in text, text)
    check("(redacted)" in text, text)


@test
def really_slow(t):
    """A command that took 0.3 s is logged with about that time."""
    c = t.client(t.server(enable_debug_command="yes"))
    c("DEBUG", "SLEEP", "0.3")
    entry = c("SLOWLOG", "GET")[0]
    between(entry[2], 290000, 5000000)
    eq(entry[3], [b"DEBUG", b"SLEEP", b"0.3"])
    check(not any(entry[3][0] == b"PING" for entry in c("SLOWLOG", "GET")), "PING is slow")


@test
def transactions_log_their_commands(t):
    """The commands of a transaction are logged as themselves."""
    c = t.client()
    c("CONFIG", "SET", "slowlog-log-slower-than", "0")
    c.pipeline([("SLOWLOG", "RESET"), ("MULTI",), ("SET", "k", "v"), ("EXEC",)])
    names = [entry[3][0] for entry in c("SLOWLOG", "GET")]
    check(b"SET" in names and b"EXEC" not in names, repr(names))
