"""SELECT, SWAPDB, MOVE, FLUSHDB, FLUSHALL, DBSIZE: the databases as wholes."""
from harness.framework import NOT_INTEGER, SYNTAX, between, check, eq, eventually, fails, test, wrong_arity

DB_RANGE = "ERR DB index is out of range"


@test
def move(t):
    """MOVE takes key and time to live to a database where the name is free."""
    c = t.client()
    c("SET", "k", "v", "EX", 100)
    eq(c("MOVE", "k", 9), 1)
    eq(c("MOVE", "k", 9), 0)
    eq(c("DBSIZE"), 0)
    c("SET", "k", "w")
    eq(c("MOVE", "k", 9), 0)
    eq(c("GET", "k"), b"w")
    c("SELECT", 9)
    eq(c("GET", "k"), b"v")
    between(c("TTL", "k"), 90, 100)
    fails(c, "ERR source and destination objects are the same", "MOVE", "k", 9)
    fails(c, DB_RANGE, "MOVE", "k", 16)
    fails(c, DB_RANGE, "MOVE", "k", -1)
    fails(c, "ERR value is not an integer or out of range", "MOVE", "k", "x")
    wrong_arity(c, "MOVE", "k")


@test
def select_database(t):
    """16 databases are apart; others are refused; `databases` changes their number."""
    c = t.client()
    for number in range(16):
        eq(c("SELECT", number), "OK")
        eq(c("DBSIZE"), 0)
        c("SET", "k", number)
    for number in range(16):
        c("SELECT", number)
        eq(c("GET", "k"), b"%d" % number)
    fails(c, DB_RANGE, "SELECT", 16)
    fails(c, DB_RANGE, "SELECT", -1)
    fails(c, NOT_INTEGER, "SELECT", "x")
    fails(c, "ERR value is out of range, value must between -2147483648 and 2147483647", "SELECT", 2**31)
    eq(c("GET", "k"), b"15")
    wrong_arity(c, "SELECT")
    other = t.server(databases=3)
    c = t.client(other)
    eq(c("SELECT", 2), "OK")
    fails(c, DB_RANGE, "SELECT", 3)


@test
def swapdb(t):
    """SWAPDB exchanges two databases for every client at once."""
    c, d = t.client(), t.client()
    c("SET", "k", "zero", "EX", 100)
    d("SELECT", 1)
    d("SET", "k", "one")
    eq(c("SWAPDB", 0, 1), "OK")
    eq(c("GET", "k"), b"one")
    eq(d("GET", "k"), b"zero")
    between(d("TTL", "k"), 90, 100)
    eq(c("SWAPDB", 1, 1), "OK")
    eq(d("GET", "k"), b"zero")
    fails(c, "ERR invalid first DB index", "SWAPDB", "x", 1)
    fails(c, "ERR invalid second DB index", "SWAPDB", 1, "x")
    fails(c, DB_RANGE, "SWAPDB", 0, 16)
    fails(c, DB_RANGE, "SWAPDB", -1, 0)
    wrong_arity(c, "SWAPDB", 0)
    d("SET", "gone", "x", "PX", 60)
    eq(c("SWAPDB", 0, 1), "OK")
    eventually(lambda: c.call("DBSIZE") == 1, "a key swapped to another database expires", patience=t.patience)


@test
def flush(t):
    """FLUSHDB empties one database, FLUSHALL all, SYNC and ASYNC both; other words are refused."""
    c = t.client()
    for words in ([], ["SYNC"], ["ASYNC"]):
        for number in (0, 1, 7):
            c("SELECT", number)
            c("MSET", *[word for n in range(1000) for word in ("k%d" % n, n)])
            c("PEXPIRE", "k1", 10**6)
        eq(c("FLUSHDB", *words), "OK")
        eq(c("DBSIZE"), 0)
        c("SELECT", 1)
        eq(c("DBSIZE"), 1000)
        eq(c("FLUSHALL", *words), "OK")
        eq(c("DBSIZE"), 0)
        eq([name for name in t.main.info("keyspace", client=c) if name.startswith("db")], [])
        c("SELECT", 0)
        eq(c("SET", "k1", "v"), "OK")
        eq(c("TTL", "k1"), -1)
    for name in ("FLUSHDB", "FLUSHALL"):
        fails(c, SYNTAX, name, "x")
        fails(c, SYNTAX, name, "SYNC", "ASYNC")


@test
def dbsize_counts(t):
    """DBSIZE and INFO keyspace follow every way of making and removing keys."""
    c = t.client()
    c("MSET", "a", 1, "b", 2, "c", 3)
    c("SET", "d", 4, "EX", 1000)
    eq(c("DBSIZE"), 4)
    check(t.main.info("keyspace", client=c)["db0"].startswith("keys=4,expires=1,avg_ttl="), "INFO keyspace")
    c("RENAME", "d", "a")
    c("DEL", "b")
    c("GETDEL", "c")
    eq(c("DBSIZE"), 1)
    check(t.main.info("keyspace", client=c)["db0"].startswith("keys=1,expires=1"), "INFO keyspace after RENAME")
    c("PERSIST", "a")
    check(t.main.info("keyspace", client=c)["db0"].startswith("keys=1,expires=0"), "INFO keyspace after PERSIST")
    wrong_arity(c, "DBSIZE", "x")
