"""WATCH and UNWATCH: what makes EXEC refuse, and what does not."""
import time

from harness.framework import eq, fails, test

ABORTED = "EXECABORT Transaction discarded because of previous errors."


def transaction_result(c):
    c("MULTI")
    c("PING")
    return c.call("EXEC")


@test
def watch_sees_changes(t):
    """EXEC is refused with a null after another client, or the same one, changed, made or removed a watched key."""
    c, d = t.client(), t.client()
    changes = [("SET", "k", "x"), ("SET", "k", "1"), ("DEL", "k"), ("UNLINK", "k"), ("APPEND", "k", "x"), ("INCR", "k"),
               ("SETRANGE", "k", 0, "9"), ("RENAME", "k", "q"), ("RENAME", "p", "k"), ("GETDEL", "k"), ("EXPIRE", "k", 100),
               ("PERSIST", "timed"), ("MSET", "a", 1, "k", 2), ("COPY", "p", "k", "REPLACE"), ("MOVE", "k", 3), ("GETSET", "k", 1),
               ("SETNX", "new", 1), ("MSETNX", "new", 1, "new2", 2), ("COPY", "p", "new"), ("FLUSHDB",), ("FLUSHALL",),
               ("INCRBYFLOAT", "k", 0.5), ("GETEX", "k", "EX", 10), ("EXPIREAT", "k", 1), ("SETEX", "k", 10, "x"),
               ("PEXPIRE", "k", 100000), ("RENAMENX", "k", "new"), ("SWAPDB", 0, 5), ("SWAPDB", 5, 0)]
    for changer in (c, d):
        for change in changes:
            d("FLUSHALL")
            d("MSET", "k", "1", "p", "2", "timed", "3")
            d("EXPIRE", "timed", 1000)
            c("WATCH", "k", "timed", "new")
            changer(*change)
            eq(transaction_result(c), None, "%r" % (change,))
            eq(transaction_result(c), ["PONG"], "the watch ends with EXEC")


@test
def watch_ignores_what_changes_nothing(t):
    """Reads and commands that changed nothing leave a watch intact."""
    c, d = t.client(), t.client()
    d("MSET", "k", "1", "p", "2")
    harmless = [("GET", "k"), ("EXISTS", "k"), ("SET", "k", "2", "NX"), ("SETNX", "k", "3"), ("DEL", "none"), ("SET", "none", "1", "XX"),
                ("MSETNX", "k", 1, "z", 1), ("RENAMENX", "p", "k"), ("COPY", "p", "k"), ("PERSIST", "k"), ("TOUCH", "k"),
                ("EXPIRE", "k", 10, "XX"), ("SET", "other", 1), ("SETRANGE", "none", 5, ""), ("SELECT", 1), ("SET", "k", 5),
                ("SELECT", 0), ("GETEX", "k"), ("GETDEL", "none"), ("INCR", "other2"), ("OBJECT", "ENCODING", "k"),
                ("SWAPDB", 7, 8), ("SETRANGE", "k", 0, "")]
    for command in harmless:
        c("WATCH", "k", "none")
        d(*command)
        eq(transaction_result(c), ["PONG"], "%r" % (command,))


@test
def watch_and_databases(t):
    """A watch is on a key of one database; the same name elsewhere does not matter."""
    c, d = t.client(), t.client()
    c("SELECT", 1)
    c("WATCH", "k")
    c("SELECT", 2)
    d("SELECT", 2)
    d("SET", "k", "x")
    eq(transaction_result(c), ["PONG"])
    c("SELECT", 1)
    c("WATCH", "k")
    c("SELECT", 2)
    d("SELECT", 1)
    d("SET", "k", "x")
    eq(transaction_result(c), None)
    c("SELECT", 1)
    c("WATCH", "k")
    c("SELECT", 2)
    d("FLUSHDB")
    eq(transaction_result(c), None)


@test
def watch_and_swapdb(t):
    """SWAPDB touches a watched key that exists in either database, and none that is missing in both."""
    c, d = t.client(), t.client()
    c("WATCH", "missing")
    d("SWAPDB", 0, 1)
    eq(transaction_result(c), ["PONG"])
    d("SELECT", 1)
    d("SET", "there", "x")
    c("WATCH", "there")
    d("SWAPDB", 0, 1)
    eq(transaction_result(c), None)
    c("WATCH", "there")
    d("SWAPDB", 2, 3)
    eq(transaction_result(c), ["PONG"])


@test
def watch_and_flush(t):
    """FLUSHALL touches watched keys that exist, not those that are missing."""
    c, d = t.client(), t.client()
    for name in ("FLUSHALL", "FLUSHDB"):
        c("WATCH", "missing")
        d(name)
        eq(transaction_result(c), ["PONG"])
        d("SET", "k", 1)
        c("WATCH", "k")
        d(name)
        eq(transaction_result(c), None)


@test
def watch_and_expiry(t):
    """A key that expires after WATCH stops EXEC; one that had expired before does not, even once it is removed."""
    c, d = t.client(t.server(enable_debug_command="yes")), t.client()
    lifetime_ms = int(250 * t.patience)  # WATCH has to come before it ends
    d("SET", "k", "x", "PX", lifetime_ms)
    c("WATCH", "k")
    time.sleep(lifetime_ms / 1000 + 0.03)
    eq(transaction_result(c), None)
    d("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    d("SET", "k", "x", "PX", 1)
    time.sleep(0.01)
    c("WATCH", "k")
    eq(d.call("GET", "k"), None)
    eq(transaction_result(c), ["PONG"])
    d("SET", "k", "x", "PX", 1)
    time.sleep(0.01)
    c("WATCH", "k")
    d("SET", "k", "new")
    eq(transaction_result(c), None)
    d("SET", "k", "x", "PX", 1)
    time.sleep(0.01)
    c("WATCH", "k")
    d("FLUSHALL")
    eq(transaction_result(c), ["PONG"])
    d("DEBUG", "SET-ACTIVE-EXPIRE", "1")


@test
def unwatch(t):
    """UNWATCH forgets changes already seen and those to come."""
    c, d = t.client(), t.client()
    c("WATCH", "k")
    d("SET", "k", 1)
    eq(c("UNWATCH"), "OK")
    eq(transaction_result(c), ["PONG"])
    c("WATCH", "k", "l", "k")
    c("WATCH", "m")
    c("UNWATCH")
    d("MSET", "k", 2, "l", 2, "m", 2)
    eq(transaction_result(c), ["PONG"])


@test
def dirty_watch_and_error(t):
    """With a dirty watch and a queueing error EXEC says EXECABORT."""
    c, d = t.client(), t.client()
    c("WATCH", "k")
    c("MULTI")
    d("SET", "k", 1)
    c.call("SET", "k")
    fails(c, ABORTED, "EXEC")
