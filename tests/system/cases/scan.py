"""SCAN: options, errors, and its guarantee while the table grows, shrinks and changes."""
import threading

from harness.framework import NOT_INTEGER, SYNTAX, check, eq, fails, test, wrong_arity


def scan_all(c, *options):
    cursor, found, turns = b"0", [], 0
    while True:
        cursor, names = c("SCAN", cursor, *options)
        found += names
        turns += 1
        if cursor == b"0":
            return found, turns


def fill(c, count, prefix="k"):
    for first in range(0, count, 1000):
        c("MSET", *[word for n in range(first, min(count, first + 1000)) for word in ("%s%d" % (prefix, n), n)])


@test
def returns_everything(t):
    """A full scan shows every key, with any COUNT, and of an empty database nothing."""
    c = t.client()
    eq(c("SCAN", 0), [b"0", []])
    size = t.size(10000, quick=2000)
    fill(c, size)
    for count in (1, 10, 1000, 10**6):
        if count == 1 and size > 3000:
            continue
        found, turns = scan_all(c, "COUNT", count)
        eq(len(set(found)), size, "COUNT %d" % count)
        check(turns <= size + 1, "too many turns")
    found, _ = scan_all(c)
    eq(len(set(found)), size)


@test
def match_and_type(t):
    """MATCH filters by pattern and TYPE by type, in either order, over the whole scan."""
    c = t.client()
    fill(c, 1000)
    found, _ = scan_all(c, "MATCH", "k1*")
    eq(len(set(found)), 111)
    found, _ = scan_all(c, "TYPE", "string", "COUNT", "100", "MATCH", "k99?")
    eq(len(set(found)), 10)
    found, _ = scan_all(c, "TYPE", "list")
    eq(found, [])
    found, _ = scan_all(c, "TYPE", "STRING")
    eq(len(set(found)), 1000)
    found, _ = scan_all(c, "MATCH", "nothing", "COUNT", 500)
    eq(found, [])


@test
def errors(t):
    """Bad cursors, counts and options have Redis's texts."""
    c = t.client()
    for cursor in ("x", "1.5", "1 ", " 1", "18446744073709551616"):
        fails(c, "ERR invalid cursor", "SCAN", cursor)
    for count in ("0", "-1"):
        fails(c, SYNTAX, "SCAN", 0, "COUNT", count)
    fails(c, NOT_INTEGER, "SCAN", 0, "COUNT", "x")
    fails(c, SYNTAX, "SCAN", 0, "COUNT")
    fails(c, SYNTAX, "SCAN", 0, "FOO", "x")
    fails(c, SYNTAX, "SCAN", 0, "MATCH")
    wrong_arity(c, "SCAN")
    eq(c("SCAN", "18446744073709551615")[1], [])


@test
def guarantee_while_table_changes(t):
    """Keys there from start to end of a scan are shown, however the table grows and shrinks meanwhile."""
    c = t.client()
    stable = t.size(2000, quick=500)
    fill(c, stable, "stable")
    wanted = {b"stable%d" % n for n in range(stable)}
    for growth in (0, 20000, 0, 5000):
        growth = growth // 10 if t.quick else growth
        cursor, found, turn = b"0", set(), 0
        while True:
            cursor, names = c("SCAN", cursor, "COUNT", 50)
            found.update(names)
            if cursor == b"0":
                break
            turn += 1
            if growth and turn < 20:
                c("MSET", *[word for n in range(growth // 20) for word in ("x%d:%d" % (turn, n), n)])
            elif turn < 40:
                c("DEL", *["x%d:%d" % (turn - 20, n) for n in range(max(growth // 20, 1000))])
        check(wanted <= found, "%d keys were missed" % len(wanted - found))
    c("FLUSHALL")


@test
def guarantee_under_concurrent_writes(t):
    """The same while other connections write on all threads."""
    c = t.client()
    stable = t.size(3000, quick=500)
    fill(c, stable, "stable")
    stop = threading.Event()
    faults = []

    def churn(number):
        try:
            with t.main.client() as own:
                turn = 0
                while not stop.is_set():
                    turn += 1
                    names = ["churn%d:%d" % (number, (turn * 100 + n) % 20000) for n in range(100)]
                    own("MSET", *[word for name in names for word in (name, "x")])
                    own("UNLINK", *names[:90 if turn % 200 < 100 else 100])
        except Exception as fault:  # noqa: B902
            faults.append(repr(fault)[:300])

    threads = [threading.Thread(target=churn, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    try:
        for count in (10, 100, 1000):
            found, _ = scan_all(c, "COUNT", count, "MATCH", "stable*")
            eq(len(set(found)), stable, "COUNT %d" % count)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    eq(faults, [])


@test
def a_scan_is_bounded_per_call(t):
    """One SCAN with a small COUNT stays a small step: no call returns the bulk of the table."""
    c = t.client()
    size = t.size(20000, quick=3000)
    fill(c, size)
    cursor = b"0"
    while True:
        cursor, names = c("SCAN", cursor, "COUNT", 10)
        check(len(names) < 500, "%d keys in one call with COUNT 10" % len(names))
        if cursor == b"0":
            break


@test
def deletes_expired_on_the_way(t):
    """Keys found expired by a scan are gone afterwards."""
    c = t.client(t.server(enable_debug_command="yes"))
    c("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    c.pipeline([("SET", "gone%d" % n, 1, "PX", 1) for n in range(500)])
    fill(c, 100)
    import time
    time.sleep(0.02)
    found, _ = scan_all(c, "MATCH", "gone*")
    eq(found, [])
    eq(c("DBSIZE"), 100)
