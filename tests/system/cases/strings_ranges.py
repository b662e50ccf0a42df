"""APPEND, STRLEN, GETRANGE, SUBSTR and SETRANGE."""
from harness.framework import NOT_INTEGER, WRONG_TYPE, eq, fails, test, wrong_arity

TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"


@test
def append(t):
    """APPEND creates, extends, keeps the time to live and turns an integer into a string."""
    c = t.client()
    eq(c("APPEND", "k", "ab"), 2)
    eq(c("APPEND", "k", "cd"), 4)
    eq(c("APPEND", "k", ""), 4)
    eq(c("GET", "k"), b"abcd")
    c("SET", "n", 12, "EX", 100)
    eq(c("APPEND", "n", "3"), 3)
    eq(c("INCR", "n"), 124)
    eq(c("TTL", "n") > 0, True)
    eq(c("APPEND", "none", ""), 0)
    eq(c("EXISTS", "none"), 1)
    eq(c("GET", "none"), b"")
    wrong_arity(c, "APPEND", "k")


@test
def append_grows_piece_by_piece(t):
    """A value built by many small appends holds all of them in order, over every inner size class."""
    c = t.client()
    expected = b""
    commands = []
    for number in range(3000):
        piece = b"%d," % number
        expected += piece
        commands.append(("APPEND", "k", piece))
    replies = c.pipeline(commands)
    eq(replies[-1], len(expected))
    eq(c("GET", "k"), expected)
    eq(replies, sorted(replies))


@test
def getrange(t):
    """GETRANGE and SUBSTR with positive, negative, crossing and far-out indexes equal Python's own answer."""
    c = t.client()
    for value in (b"Hello World", b"1234", b""):
        c("SET", "k", value)
        size = len(value)
        commands, expected = [], []
        for start in list(range(-14, 14)) + [-2**62, 2**62]:
            for end in list(range(-14, 14)) + [-2**62, 2**62]:
                low = max(start + size, 0) if start < 0 else start
                high = max(end + size, 0) if end < 0 else min(end, size - 1)
                empty = (start < 0 and end < 0 and start > end) or low > high or size == 0
                expected.append(b"" if empty else value[low:high + 1])
                commands.append(("GETRANGE" if (start + end) % 2 else "SUBSTR", "k", start, end))
        for command, reply, wanted in zip(commands, c.pipeline(commands), expected):
            eq(reply, wanted, repr(command))
    eq(c("GETRANGE", "missing", 0, -1), b"")
    fails(c, NOT_INTEGER, "GETRANGE", "k", "x", "1")
    fails(c, NOT_INTEGER, "GETRANGE", "k", "0", "1.0")
    fails(c, NOT_INTEGER, "GETRANGE", "missing", "0", "")
    wrong_arity(c, "GETRANGE", "k", "0")
    wrong_arity(c, "SUBSTR", "k", "0")


@test
def setrange(t):
    """SETRANGE overwrites, pads with NUL, keeps the time to live; an empty value changes and creates nothing."""
    c = t.client()
    eq(c("SETRANGE", "k", 0, ""), 0)
    eq(c("EXISTS", "k"), 0)
    eq(c("SETRANGE", "k", 3, "foo"), 6)
    eq(c("GET", "k"), b"\0\0\0foo")
    eq(c("SETRANGE", "k", 1, "ab"), 6)
    eq(c("GET", "k"), b"\0ab" + b"foo")
    eq(c("SETRANGE", "k", 5, "xyz"), 8)
    eq(c("GET", "k"), b"\0abfoxyz")
    eq(c("SETRANGE", "k", 100, ""), 8)
    c("SET", "n", 1234, "EX", 100)
    eq(c("SETRANGE", "n", 1, "9"), 4)
    eq(c("INCR", "n"), 1935)
    eq(c("TTL", "n") > 0, True)
    c("SET", "n", 1)
    eq(c("SETRANGE", "n", 10, "z"), 11)
    eq(c("GET", "n"), b"1" + b"\0" * 9 + b"z")


@test
def setrange_limits(t):
    """A negative offset and a result above proto-max-bulk-len are refused, before anything is allocated."""
    c = t.client()
    fails(c, "ERR offset is out of range", "SETRANGE", "k", -1, "x")
    fails(c, NOT_INTEGER, "SETRANGE", "k", "a", "x")
    fails(c, TOO_LONG, "SETRANGE", "k", 536870912, "x")
    fails(c, TOO_LONG, "SETRANGE", "k", 536870909, "xyzw")
    fails(c, TOO_LONG, "SETRANGE", "k", 2**63 - 1, "x")
    fails(c, TOO_LONG, "SETRANGE", "k", 2**63 - 4, "xxxxxx")
    eq(c("EXISTS", "k"), 0)
    eq(c("SETRANGE", "k", 2**63 - 1, ""), 0)
    c("CONFIG", "SET", "proto-max-bulk-len", "1mb")
    fails(c, TOO_LONG, "SETRANGE", "k", 1048576, "x")
    eq(c("SETRANGE", "k", 1048575, "x"), 1048576)
    fails(c, TOO_LONG, "APPEND", "k", "x")
    eq(c("STRLEN", "k"), 1048576)
    c("CONFIG", "SET", "proto-max-bulk-len", "512mb")
    eq(c("APPEND", "k", "x"), 1048577)


@test
def other_types(t):
    """Every one of these commands refuses a list and leaves it as it is."""
    c = t.client()
    t.need("LPUSH", client=c)
    c("LPUSH", "l", "x")
    for command in (["GET", "l"], ["APPEND", "l", "x"], ["STRLEN", "l"], ["GETRANGE", "l", 0, 1], ["SETRANGE", "l", 0, "x"],
                    ["SETRANGE", "l", 0, ""], ["INCR", "l"], ["INCRBYFLOAT", "l", 1], ["GETDEL", "l"], ["GETEX", "l"],
                    ["SUBSTR", "l", 0, 1], ["DECRBY", "l", 1]):
        fails(c, WRONG_TYPE, *command)
    fails(c, "ERR The specified keys must contain string values", "LCS", "l", "k")
    eq(c("MGET", "l"), [None])
    eq(c("TYPE", "l"), "list")
