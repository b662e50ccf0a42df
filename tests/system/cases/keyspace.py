"""DEL UNLINK EXISTS TYPE TOUCH RENAME RENAMENX COPY MOVE SWAPDB KEYS RANDOMKEY DBSIZE FLUSHDB FLUSHALL OBJECT."""
import time

from harness.framework import NOT_INTEGER, SYNTAX, between, check, eq, eventually, fails, test, wrong_arity

NO_KEY = "ERR no such key"
DB_RANGE = "ERR DB index is out of range"


@test
def del_unlink_exists_touch(t):
    """They count keys, EXISTS and TOUCH count repeats, and expired keys do not count."""
    c = t.client()
    for name in ("DEL", "UNLINK"):
        c("MSET", "a", 1, "b", 2, "c", 3)
        eq(c(name, "a", "none", "c", "a"), 2)
        eq(c("EXISTS", "a", "b", "c", "b"), 2)
        eq(c(name, "b"), 1)
    c("SET", "k", "v", "PX", 1)
    time.sleep(0.01)
    eq(c("EXISTS", "k"), 0)
    eq(c("DEL", "k"), 0)
    c("MSET", "a", 1, "b", 2)
    eq(c("TOUCH", "a", "b", "a", "none"), 3)
    for name in ("DEL", "UNLINK", "EXISTS", "TOUCH"):
        wrong_arity(c, name)
    names = ["n%d" % n for n in range(3000)]
    c("MSET", *[word for name in names for word in (name, "x")])
    eq(c("UNLINK", *names[:1500]), 1500)
    eq(c("DEL", *names), 1500)
    eq(c("DBSIZE"), 2)


@test
def type_of(t):
    """TYPE says string or none."""
    c = t.client()
    eq(c("TYPE", "k"), "none")
    c("SET", "k", 1)
    eq(c("TYPE", "k"), "string")
    wrong_arity(c, "TYPE")
    wrong_arity(c, "TYPE", "a", "b")


@test
def rename(t):
    """RENAME moves value and time to live over what was there; a missing source is an error; onto itself is fine."""
    c = t.client()
    fails(c, NO_KEY, "RENAME", "a", "b")
    fails(c, NO_KEY, "RENAME", "a", "a")
    c("SET", "a", "1", "EX", 100)
    c("SET", "b", "2", "EX", 5000)
    eq(c("RENAME", "a", "b"), "OK")
    eq(c("EXISTS", "a"), 0)
    eq(c("GET", "b"), b"1")
    between(c("TTL", "b"), 90, 100)
    c("SET", "p", "plain")
    eq(c("RENAME", "p", "b"), "OK")
    eq(c("TTL", "b"), -1)
    eq(c("RENAME", "b", "b"), "OK")
    eq(c("GET", "b"), b"plain")
    eq(c("DBSIZE"), 1)
    c("SET", "b", "x", "PX", 1)
    time.sleep(0.01)
    fails(c, NO_KEY, "RENAME", "b", "q")
    wrong_arity(c, "RENAME", "a")


@test
def renamenx(t):
    """RENAMENX refuses an existing target, also itself, and sees an expired one as missing."""
    c = t.client()
    fails(c, NO_KEY, "RENAMENX", "a", "b")
    c("MSET", "a", 1, "b", 2)
    eq(c("RENAMENX", "a", "b"), 0)
    eq(c("RENAMENX", "a", "a"), 0)
    eq(c("MGET", "a", "b"), [b"1", b"2"])
    eq(c("RENAMENX", "a", "c"), 1)
    eq(c("MGET", "a", "c"), [None, b"1"])
    c("PEXPIRE", "b", 1)
    time.sleep(0.01)
    eq(c("RENAMENX", "c", "b"), 1)
    eq(c("TTL", "b"), -1)


@test
def copy(t):
    """COPY keeps the source and the time to live, needs REPLACE over an existing key, can go to another database."""
    c = t.client()
    eq(c("COPY", "a", "b"), 0)
    c("SET", "a", "1", "EX", 100)
    eq(c("COPY", "a", "b"), 1)
    eq(c("GET", "b"), b"1")
    between(c("TTL", "b"), 90, 100)
    c("SET", "b", "2")
    eq(c("COPY", "a", "b"), 0)
    eq(c("GET", "b"), b"2")
    eq(c("COPY", "a", "b", "REPLACE"), 1)
    between(c("TTL", "b"), 90, 100)
    c("APPEND", "a", "0")
    eq(c("GET", "b"), b"1")
    eq(c("COPY", "a", "a", "DB", "3"), 1)
    eq(c("COPY", "b", "a", "DB", "3"), 0)
    eq(c("COPY", "b", "a", "replace", "db", "3"), 1)
    c("SELECT", 3)
    eq(c("GET", "a"), b"1")
    same = "ERR source and destination objects are the same"
    fails(c, same, "COPY", "a", "a")
    fails(c, same, "COPY", "a", "a", "DB", "3", "REPLACE")
    fails(c, SYNTAX, "COPY", "a", "b", "FOO")
    fails(c, SYNTAX, "COPY", "a", "b", "DB")
    fails(c, DB_RANGE, "COPY", "a", "b", "DB", "16")
    fails(c, DB_RANGE, "COPY", "a", "b", "DB", "-1")
    fails(c, NOT_INTEGER, "COPY", "a", "b", "DB", "x")
    wrong_arity(c, "COPY", "a")


@test
def keys_patterns(t):
    """KEYS understands * ? [] ranges, negation and escapes, on any bytes."""
    c = t.client()
    names = ["foo", "foobar", "fo*", "bar", "b?r", "b[r", "abc", "aXc", "hello\\world", "", "key_x", "key_y", "f"]
    c("MSET", *[word for name in names for word in (name, 1)])
    for pattern, wanted in (
            ("*", names), ("foo", ["foo"]), ("foo*", ["foo", "foobar"]), ("f*", ["foo", "foobar", "fo*", "f"]),
            ("fo\\*", ["fo*"]), ("b?r", ["bar", "b?r", "b[r"]), ("b\\?r", ["b?r"]), ("b\\[r", ["b[r"]),
            ("a[bX]c", ["abc", "aXc"]), ("a[a-z]c", ["abc"]), ("a[^a-z]c", ["aXc"]), ("a[z-a]c", ["abc"]), ("key_[xz]", ["key_x"]),
            ("hello\\\\world", ["hello\\world"]), ("**o", ["foo"]), ("", [""]), ("?", ["f"]), ("[", []), ("[a", []),
            ("[^", ["f"]), ("a[b", []), ("*[*", ["fo*"]), ("none*", []), ("\\f", ["f"]), ("f\\", [])):
        eq(sorted(c("KEYS", pattern)), sorted(name.encode() for name in wanted), pattern)
    binary = bytes(range(256))
    c("SET", binary, 1)
    eq(c("KEYS", b"\0*\xff"), [binary])
    eq(c("KEYS", b"\0[\x01]*"), [binary])
    wrong_arity(c, "KEYS")


@test
def keys_hides_expired(t):
    """KEYS, SCAN and RANDOMKEY do not show expired keys, even with active expiry off."""
    c = t.client(t.server(enable_debug_command="yes"))
    c("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    for n in range(20):
        c("SET", "gone%d" % n, 1, "PX", 1)
    c("SET", "k", 1)
    time.sleep(0.01)
    eq(c("RANDOMKEY"), b"k")
    eq(c("SCAN", 0, "COUNT", 1000), [b"0", [b"k"]])
    eq(c("KEYS", "*"), [b"k"])
    c("DEBUG", "SET-ACTIVE-EXPIRE", "1")


@test
def nasty_patterns(t):
    """A pattern made to backtrack without end is answered quickly."""
    c = t.client()
    c("SET", "a" * 50000, 1)
    eq(c("KEYS", "a*" * 50 + "b"), [])
    eq(len(c("KEYS", "*?" * 60)), 1)
    eq(c("PING"), "PONG")


@test
def randomkey(t):
    """RANDOMKEY is null when empty, and reaches every key of a small database."""
    c = t.client()
    eq(c.call("RANDOMKEY"), None)
    c("MSET", *[word for n in range(10) for word in ("k%d" % n, n)])
    seen = set(c.pipeline([("RANDOMKEY",)] * 1000))
    eq(len(seen), 10)
    wrong_arity(c, "RANDOMKEY", "x")


@test
def object_subcommands(t):
    """OBJECT ENCODING, REFCOUNT, IDLETIME, FREQ and HELP, with their errors and nulls."""
    c = t.client()
    for name in ("ENCODING", "REFCOUNT", "IDLETIME", "FREQ"):
        eq(c.call("OBJECT", name, "none"), None)
    c("SET", "k", "v")
    eq(c("OBJECT", "REFCOUNT", "k"), 1)
    between(c("OBJECT", "IDLETIME", "k"), 0, 20)
    fails(c, "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
             "between policies at runtime LRU and LFU data will take some time to adjust.", "OBJECT", "FREQ", "k")
    c("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    c("SET", "f", "v")
    between(c("OBJECT", "FREQ", "f"), 0, 20)
    fails(c, "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching "
             "between policies at runtime LRU and LFU data will take some time to adjust.", "OBJECT", "IDLETIME", "f")
    c("CONFIG", "SET", "maxmemory-policy", "noeviction")
    fails(c, "ERR unknown subcommand 'foo'. Try OBJECT HELP.", "OBJECT", "foo", "k")
    fails(c, "ERR wrong number of arguments for 'object|encoding' command", "OBJECT", "ENCODING")
    wrong_arity(c, "OBJECT")
    check("OBJECT <subcommand>" in c("OBJECT", "HELP")[0], "OBJECT HELP")


@test
def idle_time_counts(t):
    """OBJECT IDLETIME grows while a key is left alone, is not reset by OBJECT and TYPE, and is by TOUCH and GET."""
    c = t.client()
    c("SET", "k", "v")
    eventually(lambda: c("OBJECT", "IDLETIME", "k") >= 2, "idle time of 2 s", 20, t.patience)
    c("TYPE", "k")
    c("TTL", "k")
    c("EXISTS", "k")
    c("TOUCH", "k")
    between(c("OBJECT", "IDLETIME", "k"), 0, 1)
