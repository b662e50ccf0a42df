"""SET with every option, SETNX, SETEX, PSETEX, GETSET, GETEX, GETDEL."""
import time

from harness.framework import NOT_INTEGER, SYNTAX, WRONG_TYPE, between, eq, fails, test, wrong_arity



@test
def stores_overwrites_and_returns_bytes(t):
    """SET replaces any value; GET returns exactly the bytes, also NUL, CRLF and all 256 byte values."""
    c = t.client()
    eq(c.call("GET", "k"), None)
    for value in (b"", b"v", b"a\r\nb\x00c", bytes(range(256)), b"x" * 1000, b"12", b"-0", b"012"):
        eq(c("SET", "k", value), "OK")
        eq(c("GET", "k"), value)
        eq(c("STRLEN", "k"), len(value))
    key = bytes(range(256))
    eq(c("SET", key, "b"), "OK")
    eq(c("GET", key), b"b")
    eq(c("SET", "", "empty key"), "OK")
    eq(c("GET", ""), b"empty key")


@test
def nx_and_xx(t):
    """NX writes only when the key is missing, XX only when it exists; a refusal is a null and changes nothing."""
    c = t.client()
    eq(c.call("SET", "k", "1", "XX"), None)
    eq(c("EXISTS", "k"), 0)
    eq(c("SET", "k", "1", "NX"), "OK")
    eq(c.call("SET", "k", "2", "nx", "EX", "100"), None)
    eq(c("TTL", "k"), -1)
    eq(c("GET", "k"), b"1")
    eq(c("SET", "k", "3", "xX"), "OK")
    eq(c("GET", "k"), b"3")
    fails(c, SYNTAX, "SET", "k", "v", "NX", "XX")
    fails(c, SYNTAX, "SET", "k", "v", "XX", "NX")


@test
def expiry_options(t):
    """EX, PX, EXAT and PXAT set the time to live; a plain SET drops it; a time in the past deletes the key."""
    c = t.client()
    c("SET", "k", "v", "EX", "100")
    between(c("PTTL", "k"), 90000, 100000)
    c("SET", "k", "v", "px", "50000")
    between(c("PTTL", "k"), 40000, 50000)
    at = int(time.time()) + 1000
    c("SET", "k", "v", "EXAT", at)
    eq(c("EXPIRETIME", "k"), at)
    c("SET", "k", "v", "PXAT", at * 1000 + 7)
    eq(c("PEXPIRETIME", "k"), at * 1000 + 7)
    c("SET", "k", "v")
    eq(c("TTL", "k"), -1)
    eq(c("SET", "k", "v", "EXAT", 1), "OK")
    eq(c("EXISTS", "k"), 0)
    eq(c("SET", "k", "v", "PXAT", 1), "OK")
    eq(c.call("GET", "k"), None)


@test
def keepttl(t):
    """KEEPTTL keeps the time to live; it excludes the four expiry options."""
    c = t.client()
    c("SET", "k", "v", "EX", "100")
    eq(c("SET", "k", "w", "KEEPTTL"), "OK")
    between(c("TTL", "k"), 90, 100)
    eq(c("GET", "k"), b"w")
    eq(c("SET", "new", "w", "keepttl"), "OK")
    eq(c("TTL", "new"), -1)
    for option in ("EX", "PX", "EXAT", "PXAT"):
        fails(c, SYNTAX, "SET", "k", "v", "KEEPTTL", option, "10")
        fails(c, SYNTAX, "SET", "k", "v", option, "10", "KEEPTTL")


@test
def get_option(t):
    """GET returns the old value, also with NX and XX, and a value of another type is an error."""
    c = t.client()
    eq(c.call("SET", "k", "1", "GET"), None)
    eq(c("GET", "k"), b"1")
    eq(c("SET", "k", "2", "GET"), b"1")
    eq(c("SET", "k", "3", "NX", "GET"), b"2")
    eq(c("GET", "k"), b"2")
    eq(c("SET", "k", "3", "GET", "XX"), b"2")
    eq(c("GET", "k"), b"3")
    eq(c.call("SET", "missing", "3", "GET", "XX"), None)
    eq(c("EXISTS", "missing"), 0)
    eq(c.call("SET", "missing", "3", "NX", "GET", "EX", "100"), None)
    eq(c("GET", "missing"), b"3")
    between(c("TTL", "missing"), 90, 100)


@test
def get_option_on_another_type(t):
    """SET ... GET on a list is WRONGTYPE and leaves the list; a plain SET replaces it."""
    c = t.client()
    t.need("LPUSH", client=c)
    c("LPUSH", "l", "x")
    fails(c, WRONG_TYPE, "SET", "l", "v", "GET")
    fails(c, WRONG_TYPE, "GETSET", "l", "v")
    eq(c("TYPE", "l"), "list")
    eq(c("SET", "l", "v"), "OK")
    eq(c("GET", "l"), b"v")


@test
def malformed_options(t):
    """Wrong options, doubled expiry options and missing values are syntax errors; bad times have their own texts."""
    c = t.client()
    wrong_arity(c, "SET")
    wrong_arity(c, "SET", "k")
    for words in (["foo"], ["EX"], ["PX"], ["EXAT"], ["PXAT"], ["EX", "1", "PX", "1"],
                  ["EXAT", "1", "EX", "1"], ["PXAT", "1", "PX", "1"], ["EX", "1", "NX", "bar"], ["PERSIST"], [""]):
        fails(c, SYNTAX, "SET", "k", "v", *words)
    for option in ("EX", "PX", "EXAT", "PXAT"):
        for value in ("x", "", "1.5", " 1", "1 ", "0x10", "9223372036854775808", "+1"):
            fails(c, NOT_INTEGER, "SET", "k", "v", option, value)
        for value in ("0", "-1", "-9223372036854775808"):
            fails(c, "ERR invalid expire time in 'set' command", "SET", "k", "v", option, value)
    for option in ("EX", "EXAT"):
        fails(c, "ERR invalid expire time in 'set' command", "SET", "k", "v", option, "9223372036854775807")
        fails(c, "ERR invalid expire time in 'set' command", "SET", "k", "v", option, "9223372036854776")
    fails(c, "ERR invalid expire time in 'set' command", "SET", "k", "v", "PX", "9223372036854775807")
    eq(c("SET", "k", "v", "PXAT", "9223372036854775807"), "OK")
    eq(c("PEXPIRETIME", "k"), 9223372036854775807)
    eq(c.call("SET", "k", "v", "EX", "7", "EX", "100", "NX", "NX"), None)  # the same option twice is taken
    eq(c("DBSIZE"), 1)


@test
def setnx(t):
    """SETNX writes once, says 1 and 0, and sees an expired key as missing."""
    c = t.client()
    eq(c("SETNX", "k", "1"), 1)
    eq(c("SETNX", "k", "2"), 0)
    eq(c("GET", "k"), b"1")
    c("PEXPIRE", "k", 1)
    time.sleep(0.01)
    eq(c("SETNX", "k", "3"), 1)
    eq(c("TTL", "k"), -1)
    wrong_arity(c, "SETNX", "k")


@test
def setex_and_psetex(t):
    """SETEX and PSETEX set value and time together and refuse times that are not positive or overflow."""
    c = t.client()
    eq(c("SETEX", "k", "100", "v"), "OK")
    between(c("TTL", "k"), 90, 100)
    eq(c("PSETEX", "k", "100000", "w"), "OK")
    between(c("PTTL", "k"), 90000, 100000)
    eq(c("GET", "k"), b"w")
    for name in ("setex", "psetex"):
        text = "ERR invalid expire time in '%s' command" % name
        fails(c, text, name, "k", "0", "v")
        fails(c, text, name, "k", "-10", "v")
        fails(c, text, name, "k", "9223372036854775807", "v")
        fails(c, NOT_INTEGER, name, "k", "abc", "v")
        wrong_arity(c, name, "k", "1")
        wrong_arity(c, name, "k", "1", "v", "NX")


@test
def getset(t):
    """GETSET returns the old value and drops the time to live."""
    c = t.client()
    eq(c.call("GETSET", "k", "1"), None)
    c("EXPIRE", "k", 100)
    eq(c("GETSET", "k", "2"), b"1")
    eq(c("TTL", "k"), -1)
    eq(c("GET", "k"), b"2")


@test
def getdel(t):
    """GETDEL returns and removes."""
    c = t.client()
    eq(c.call("GETDEL", "k"), None)
    c("SET", "k", "v")
    eq(c("GETDEL", "k"), b"v")
    eq(c("EXISTS", "k"), 0)
    wrong_arity(c, "GETDEL", "k", "l")


@test
def getex(t):
    """GETEX reads and changes the time to live with each of its options; without one it changes nothing."""
    c = t.client()
    eq(c.call("GETEX", "k"), None)
    eq(c.call("GETEX", "k", "EX", "10"), None)
    c("SET", "k", "v")
    eq(c("GETEX", "k", "EX", "100"), b"v")
    between(c("TTL", "k"), 90, 100)
    eq(c("GETEX", "k"), b"v")
    between(c("TTL", "k"), 90, 100)
    eq(c("GETEX", "k", "PX", "50000"), b"v")
    between(c("PTTL", "k"), 40000, 50000)
    at = int(time.time()) + 500
    eq(c("GETEX", "k", "EXAT", at), b"v")
    eq(c("EXPIRETIME", "k"), at)
    eq(c("GETEX", "k", "PXAT", at * 1000 + 3), b"v")
    eq(c("PEXPIRETIME", "k"), at * 1000 + 3)
    eq(c("GETEX", "k", "PERSIST"), b"v")
    eq(c("TTL", "k"), -1)
    eq(c("GETEX", "k", "PXAT", "1"), b"v")
    eq(c("EXISTS", "k"), 0)


@test
def getex_malformed(t):
    """GETEX refuses options of SET, two options and bad times."""
    c = t.client()
    c("SET", "k", "v")
    for words in (["foo"], ["EX"], ["EX", "1", "PX", "1"], ["PERSIST", "EX", "1"], ["EX", "1", "PERSIST"], ["NX"],
                  ["KEEPTTL"], ["GET"], ["PERSIST", "PERSIST", "x"]):
        fails(c, SYNTAX, "GETEX", "k", *words)
    for option in ("EX", "PX", "EXAT", "PXAT"):
        fails(c, NOT_INTEGER, "GETEX", "k", option, "x")
        fails(c, "ERR invalid expire time in 'getex' command", "GETEX", "k", option, "0")
        fails(c, "ERR invalid expire time in 'getex' command", "GETEX", "k", option, "-5")
    wrong_arity(c, "GETEX")
    eq(c("TTL", "k"), -1)
