"""The EXPIRE and TTL families, and what each command does to a time to live."""
import time

from harness.framework import NOT_INTEGER, between, check, eq, eventually, fails, test, wrong_arity

FAMILY = {"EXPIRE": (1000, True), "PEXPIRE": (1, True), "EXPIREAT": (1000, False), "PEXPIREAT": (1, False)}
INCOMPATIBLE = "ERR NX and XX, GT or LT options at the same time are not compatible"


def now_ms():
    return int(time.time() * 1000)


@test
def four_ways_to_set_a_time(t):
    """EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT set the same thing, read back by TTL, PTTL, EXPIRETIME, PEXPIRETIME."""
    c = t.client()
    c("SET", "k", "v")
    eq([c("TTL", "k"), c("PTTL", "k"), c("EXPIRETIME", "k"), c("PEXPIRETIME", "k")], [-1, -1, -1, -1])
    eq([c("TTL", "n"), c("PTTL", "n"), c("EXPIRETIME", "n"), c("PEXPIRETIME", "n")], [-2, -2, -2, -2])
    for name, (unit, relative) in FAMILY.items():
        before = now_ms()
        when = 5000_000 if relative else before + 5000_000
        eq(c(name, "k", when // unit), 1)
        low = before + 5000_000 if relative else when // unit * unit
        high = now_ms() + 5000_000 if relative else low
        at = c("PEXPIRETIME", "k")
        between(at, low, high, name)
        eq(c("EXPIRETIME", "k"), (at + 500) // 1000)
        left = c("PTTL", "k")
        between(left, at - now_ms() - 2000, at - before, name)
        between(c("TTL", "k"), 4990, 5000)
        eq(c(name, "none", when // unit), 0)


@test
def ttl_rounds_to_nearest_second(t):
    """TTL rounds half up; 1.6 s left show as 2."""
    c = t.client()
    c("SET", "k", "v", "PX", 1700)
    eq(c("TTL", "k"), 2)
    c("SET", "k", "v", "PX", 101400)
    eq(c("TTL", "k"), 101)


@test
def times_in_the_past_delete(t):
    """A time that is not in the future deletes at once, and the reply is 1."""
    c = t.client()
    for name, (_, relative) in FAMILY.items():
        for value in ((0, -1, -100) if relative else (0, 1, -1)):
            c("SET", "k", "v")
            eq(c(name, "k", value), 1)
            eq(c("EXISTS", "k"), 0, "%s %s" % (name, value))
            eq(c("DBSIZE"), 0)


@test
def options_nx_xx_gt_lt(t):
    """NX only without a time, XX only with one, GT only later, LT only earlier; no time counts as infinite."""
    c = t.client()
    for name, (unit, relative) in FAMILY.items():
        base = 0 if relative else now_ms() // 1000 * 1000

        def at(seconds):
            return (base + seconds * 1000) // unit

        c("SET", "k", "v")
        eq(c(name, "k", at(100), "XX"), 0)
        eq(c(name, "k", at(100), "GT"), 0)
        eq(c("TTL", "k"), -1)
        eq(c(name, "k", at(100), "NX"), 1)
        eq(c(name, "k", at(200), "nx"), 0)
        between(c("TTL", "k"), 90, 101)
        eq(c(name, "k", at(200), "xx"), 1)
        eq(c(name, "k", at(100), "gt"), 0)
        between(c("TTL", "k"), 190, 201)
        eq(c(name, "k", at(300), "GT"), 1)
        eq(c(name, "k", at(400), "LT"), 0)
        eq(c(name, "k", at(50), "Lt"), 1)
        between(c("TTL", "k"), 40, 51)
        eq(c(name, "k", at(60), "XX", "GT"), 1)
        eq(c(name, "k", at(50), "XX", "GT"), 0)
        eq(c(name, "k", at(30), "LT", "XX"), 1)
        c("PERSIST", "k")
        eq(c(name, "k", at(30), "XX", "LT"), 0)
        eq(c(name, "k", at(30), "LT"), 1)
        eq(c(name, "none", at(30), "NX"), 0)


@test
def gt_and_lt_refuse_the_same_time(t):
    """GT and LT with exactly the present time change nothing."""
    c = t.client()
    when = now_ms() + 100000
    c("SET", "k", "v", "PXAT", when)
    eq(c("PEXPIREAT", "k", when, "GT"), 0)
    eq(c("PEXPIREAT", "k", when, "LT"), 0)
    eq(c("PEXPIREAT", "k", when), 1)
    eq(c("PEXPIREAT", "k", when + 1, "GT"), 1)
    eq(c("PEXPIREAT", "k", when, "LT"), 1)
    eq(c("EXPIRE", "k", -1, "GT"), 0)
    eq(c("EXPIRE", "k", -1, "LT"), 1)
    eq(c("EXISTS", "k"), 0)


@test
def bad_options_and_times(t):
    """Contradicting and unknown options, times that are no integers or overflow."""
    c = t.client()
    c("SET", "k", "v")
    for name, (unit, relative) in FAMILY.items():
        for words in (["NX", "XX"], ["NX", "GT"], ["LT", "NX"], ["NX", "XX", "GT"]):
            fails(c, INCOMPATIBLE, name, "k", 100, *words)
        fails(c, "ERR GT and LT options at the same time are not compatible", name, "k", 100, "GT", "LT")
        fails(c, "ERR Unsupported option AB", name, "k", 100, "AB")
        fails(c, "ERR Unsupported option ab", name, "k", 100, "XX", "ab")
        for value in ("x", "", "1.5", "9223372036854775808"):
            fails(c, NOT_INTEGER, name, "k", value)
        fails(c, NOT_INTEGER, name, "none", "x")
        overflow = "ERR invalid expire time in '%s' command" % name.lower()
        if unit == 1000:
            for value in (2**63 - 1, -2**63, 9223372036854776, -9223372036854777):
                fails(c, overflow, name, "k", value)
                fails(c, overflow, name, "none", value)
        elif relative:
            fails(c, overflow, name, "k", 2**63 - 1)
        eq(c("TTL", "k"), -1)
        wrong_arity(c, name, "k")
    eq(c("PEXPIREAT", "k", 2**63 - 1), 1)
    eq(c("PEXPIRETIME", "k"), 2**63 - 1)
    for name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME", "PERSIST"):
        wrong_arity(c, name)
        wrong_arity(c, name, "k", "x")


@test
def persist(t):
    """PERSIST drops the time once."""
    c = t.client()
    eq(c("PERSIST", "k"), 0)
    c("SET", "k", "v", "EX", 100)
    eq(c("PERSIST", "k"), 1)
    eq(c("PERSIST", "k"), 0)
    eq(c("TTL", "k"), -1)


@test
def keys_vanish_in_time(t):
    """A key is there before its time and gone after it, for readers and writers alike, to the millisecond."""
    c = t.client()
    for _ in range(t.size(20, quick=4)):
        at = now_ms() + 60
        c("SET", "k", "v", "PXAT", at)
        while True:
            before = now_ms()
            reply = c.call("GET", "k")
            after = now_ms()
            if reply is None:
                check(after >= at, "expired %d ms early" % (at - after))
                break
            check(before <= at, "still there %d ms late" % (before - at))
    for command, expected in ((("INCR", "k"), 1), (("APPEND", "k", "x"), 1), (("SETRANGE", "k", 0, "x"), 1),
                              (("STRLEN", "k"), 0), (("EXISTS", "k"), 0), (("TYPE", "k"), "none"), (("TTL", "k"), -2),
                              (("DEL", "k"), 0), (("MSETNX", "k", "v"), 1), (("GETSET", "k", "v"), None),
                              (("SET", "k", "v", "XX"), None), (("PERSIST", "k"), 0), (("EXPIRE", "k", 9), 0),
                              (("COPY", "k", "z"), 0), (("MOVE", "k", 1), 0), (("TOUCH", "k"), 0), (("GETDEL", "k"), None)):
        c("SET", "k", "5", "PX", 1)
        time.sleep(0.004)
        eq(c.call(*command), expected, repr(command))
        check(c("TTL", "k") < 0, "a new key inherited the time: %r" % (command,))


@test
def which_commands_keep_the_time(t):
    """Commands that change a value keep its time to live; those that replace it drop it."""
    c = t.client()
    keeps = [("INCR", "k"), ("DECRBY", "k", 3), ("INCRBYFLOAT", "k", "1.5"), ("APPEND", "k", "1"), ("SETRANGE", "k", 0, "1"),
             ("SET", "k", "1", "KEEPTTL"), ("GET", "k"), ("GETEX", "k"), ("TOUCH", "k"), ("OBJECT", "ENCODING", "k"),
             ("GETRANGE", "k", 0, 0), ("COPY", "k", "other", "REPLACE"), ("RENAME", "k", "k")]
    drops = [("SET", "k", "1"), ("GETSET", "k", "1"), ("MSET", "k", "1"), ("GETEX", "k", "PERSIST"), ("PERSIST", "k")]
    for command in keeps:
        c("SET", "k", "10", "EX", 1000)
        c(*command)
        between(c("TTL", "k"), 900, 1000, repr(command))
    for command in drops:
        c("SET", "k", "10", "EX", 1000)
        c(*command)
        eq(c("TTL", "k"), -1, repr(command))


@test
def time_is_frozen_in_a_transaction(t):
    """A key cannot expire between two commands of one EXEC; TTL differences inside are zero."""
    c = t.client()
    for _ in range(20):
        replies = c.pipeline([("MULTI",), ("SET", "k", "v", "PX", 1)] + [("GET", "k")] * 300 + [("PTTL", "k"), ("EXEC",)])[-1]
        eq(set(replies[1:-1]), {b"v"})
        eq(replies[-1], 1)


@test
def expired_statistics(t):
    """expired_keys counts lazy and active expiries; a lookup of an expired key is a miss."""
    c = t.client(t.server(enable_debug_command="yes"))
    c("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    c.pipeline([("SET", "k%d" % n, 1, "PX", 1) for n in range(10)])
    time.sleep(0.02)
    eq(c("DBSIZE"), 10)
    before = t.main.info("stats", client=c)
    for n in range(5):
        eq(c.call("GET", "k%d" % n), None)
    after = t.main.info("stats", client=c)
    eq(int(after["expired_keys"]) - int(before["expired_keys"]), 5)
    eq(int(after["keyspace_misses"]) - int(before["keyspace_misses"]), 5)
    eq(c("DBSIZE"), 5)
    c("DEBUG", "SET-ACTIVE-EXPIRE", "1")
    eventually(lambda: c("DBSIZE") == 0, "active expiry takes the rest", patience=t.patience)
    eq(int(t.main.info("stats", client=c)["expired_keys"]), 10)


@test
def active_expiry_in_every_database(t):
    """Keys nobody asks for go away in all 16 databases."""
    c = t.client()
    for number in range(16):
        c("SELECT", number)
        c.pipeline([("SET", "k%d" % n, 1, "PX", 100) for n in range(100)] + [("SET", "stays", 1)])
    eventually(lambda: [v for k, v in t.main.info("keyspace", client=c).items() if k.startswith("db") and "keys=1," not in v] == [],
               "1 key left in each database", 20, t.patience)


@test(quick=False, alone=True)
def fifty_thousand_in_a_second(t):
    """50,000 keys falling due within one second, among 200,000 that do not: 95% are reclaimed one second later."""
    c = t.client()
    for first in range(0, 200000, 2000):
        c("MSET", *[word for n in range(first, first + 2000) for word in ("stays%d" % n, n)])
    start = now_ms() + 8000
    for first in range(0, 50000, 1000):
        c.pipeline([("SET", "k%d" % n, n, "PXAT", start + n // 50) for n in range(first, first + 1000)])
    ready = now_ms()
    check(ready < start, "loading took longer than the test expects")
    check(c("DBSIZE") == 250000, "all keys are there before their time")
    time.sleep((start + 2000 - now_ms()) / 1000)
    left = c("DBSIZE") - 200000
    t.note("%d of 50,000 left one second after the last fell due" % left)
    check(left <= 2500, "%d of 50,000 keys left" % left)
    check(int(t.main.info("stats", client=c)["expired_keys"]) >= 47500, "INFO expired_keys")
    eventually(lambda: c("DBSIZE") == 200000, "all are reclaimed", 10, t.patience)


@test
def rewritten_times_do_not_fire(t):
    """A time that was replaced or dropped does not delete the key later."""
    c = t.client()
    names = ["k%d" % n for n in range(500)]
    c.pipeline([("SET", name, 1, "PX", int(1500 * t.patience)) for name in names])
    c.pipeline([("PERSIST", name) for name in names[:100]] + [("EXPIRE", name, 1000) for name in names[100:200]] +
               [("SET", name, 2) for name in names[200:300]] + [("RENAME", name, name + "x") for name in names[300:400]])
    c.pipeline([("PERSIST", name + "x") for name in names[300:400]])
    eventually(lambda: c("DBSIZE") <= 400, "the untouched ones expire", 10, t.patience)
    time.sleep(0.3)
    eq(c("DBSIZE"), 400)
    eq(c("EXISTS", *names[:300]), 300)
