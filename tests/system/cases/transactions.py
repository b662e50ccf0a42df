"""MULTI, EXEC, DISCARD."""
from harness.framework import ReplyError, check, eq, fails, test, wrong_arity

ABORTED = "EXECABORT Transaction discarded because of previous errors."


@test
def queue_and_run(t):
    """Commands are queued, run together at EXEC, and their replies come as one array, errors included."""
    c, d = t.client(), t.client()
    eq(c("MULTI"), "OK")
    eq(c("SET", "k", "1"), "QUEUED")
    eq(c("INCR", "k"), "QUEUED")
    eq(d.call("GET", "k"), None)
    eq(c("GET", "k"), "QUEUED")
    eq(c("EXEC"), ["OK", 2, b"2"])
    eq(d("GET", "k"), b"2")
    eq(c("GET", "k"), b"2")
    c("MULTI")
    c("SET", "s", "text")
    c("INCR", "s")
    c("SET", "after", "1")
    eq(c("EXEC"), ["OK", ReplyError("ERR value is not an integer or out of range"), "OK"])
    eq(c("GET", "after"), b"1")
    c("MULTI")
    eq(c("EXEC"), [])
    eq(c.pipeline([("MULTI",), ("PING",), ("ECHO", "x"), ("TIME",), ("EXEC",)])[-1][:2], ["PONG", b"x"])


@test
def discard(t):
    """DISCARD forgets the queue and the watches."""
    c, d = t.client(), t.client()
    c("WATCH", "k")
    c("MULTI")
    c("SET", "k", "1")
    eq(c("DISCARD"), "OK")
    eq(c.call("GET", "k"), None)
    d("SET", "k", "2")
    c("MULTI")
    c("PING")
    eq(c("EXEC"), ["PONG"])


@test
def errors_of_use(t):
    """EXEC and DISCARD without MULTI, MULTI in MULTI, WATCH in MULTI: an error each, and the transaction lives on."""
    c = t.client()
    fails(c, "ERR EXEC without MULTI", "EXEC")
    fails(c, "ERR DISCARD without MULTI", "DISCARD")
    c("MULTI")
    fails(c, "ERR MULTI calls can not be nested", "MULTI")
    fails(c, "ERR WATCH inside MULTI is not allowed", "WATCH", "k")
    eq(c("UNWATCH"), "QUEUED")
    eq(c("SET", "k", 1), "QUEUED")
    reply = c.call("EXEC")
    eq(reply, ["OK", "OK"])
    for name in ("MULTI", "DISCARD", "UNWATCH"):
        wrong_arity(c, name, "x")
    fails(c, "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command", "EXEC", "x")
    wrong_arity(c, "WATCH")
    eq(c("UNWATCH"), "OK")


@test
def aborted_by_errors_while_queueing(t):
    """An unknown command or a wrong number of arguments while queueing makes EXEC fail and run nothing."""
    c = t.client()
    for bad in (("NOSUCHCOMMAND", "x"), ("SET", "k"), ("GET",), ("OBJECT", "NOSUCHSUB", "k"), ("SET",)):
        c("MULTI")
        c("SET", "k", "1")
        check(isinstance(c.call(*bad), ReplyError), "%r was queued" % (bad,))
        eq(c("PING"), "QUEUED")
        fails(c, ABORTED, "EXEC")
        eq(c.call("GET", "k"), None)
        fails(c, "ERR EXEC without MULTI", "EXEC")
    c("MULTI")
    c.call("NOSUCHCOMMAND")
    eq(c("DISCARD"), "OK")
    c("MULTI")
    c("PING")
    eq(c("EXEC"), ["PONG"])


@test
def reset_and_disconnect(t):
    """RESET ends a transaction; a client that goes away leaves nothing behind."""
    c = t.client()
    c("MULTI")
    c("SET", "k", 1)
    eq(c("RESET"), "RESET")
    fails(c, "ERR EXEC without MULTI", "EXEC")
    d = t.client()
    d("WATCH", "k")
    d("MULTI")
    d("SET", "k", 2)
    d.close()
    eq(c.call("GET", "k"), None)
    eq(c("SET", "k", 3), "OK")


@test
def select_inside(t):
    """SELECT in a transaction holds for the commands after it and after EXEC."""
    c = t.client()
    replies = c.pipeline([("MULTI",), ("SET", "k", 0), ("SELECT", 3), ("SET", "k", 3), ("SELECT", 4), ("EXEC",), ("SET", "k", 4)])
    eq(replies[-2:], [["OK"] * 4, "OK"])
    for number in (0, 3, 4):
        c("SELECT", number)
        eq(c("GET", "k"), b"%d" % number)


@test
def big_transactions(t):
    """Thousands of commands over thousands of keys and several databases in one EXEC."""
    c = t.client()
    count = t.size(5000, quick=1000)
    commands = [("MULTI",)]
    for n in range(count):
        commands += [("SELECT", n % 16), ("SET", "k%d" % n, n)]
    replies = c.pipeline(commands + [("EXEC",)])
    eq(replies[-1], ["OK", "OK"] * count)
    total = 0
    for number in range(16):
        c("SELECT", number)
        total += c("DBSIZE")
    eq(total, count)


@test
def commands_over_everything_inside(t):
    """FLUSHALL, SWAPDB, DBSIZE, KEYS, SCAN and RANDOMKEY work inside a transaction."""
    c = t.client()
    replies = c.pipeline([("MULTI",), ("SET", "a", 1), ("KEYS", "*"), ("SWAPDB", 0, 1), ("DBSIZE",), ("SWAPDB", 0, 1), ("RANDOMKEY",),
                          ("SCAN", 0), ("FLUSHALL",), ("DBSIZE",), ("SET", "b", 2), ("FLUSHDB", "ASYNC"), ("DBSIZE",), ("EXEC",)])
    eq(replies[-1], ["OK", [b"a"], "OK", 0, "OK", b"a", [b"0", [b"a"]], "OK", 0, "OK", "OK", 0])


@test
def resp3_inside(t):
    """HELLO inside a transaction changes the protocol for what follows; null of a refused EXEC follows the protocol."""
    c, d = t.client(), t.client()
    c("HELLO", 3)
    c("WATCH", "k")
    d("SET", "k", 1)
    c("MULTI")
    c.send("EXEC")
    eq(c.read_bytes(3), b"_\r\n")
    c("HELLO", 2)
    c("WATCH", "k")
    d("SET", "k", 1)
    c("MULTI")
    c.send("EXEC")
    eq(c.read_bytes(5), b"*-1\r\n")


@test
def blocked_by_configuration(t):
    """Commands that may not run in a transaction are refused while queueing: HELLO is allowed, WATCH is not."""
    c = t.client()
    c("MULTI")
    eq(c("CONFIG", "GET", "maxmemory"), "QUEUED")
    eq(c("INFO"), "QUEUED")
    eq(c("CLIENT", "ID"), "QUEUED")
    replies = c("EXEC")
    eq(len(replies), 3)
    check(isinstance(replies[2], int), "CLIENT ID")
