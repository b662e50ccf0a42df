"""Malformed requests: Redis's error texts, and whether the connection is closed."""
from harness.framework import ReplyError, check, eq, fails, test

PROTOCOL = "ERR Protocol error: "
CLOSING = [
    (b"*3000000000\r\n", "invalid multibulk length"),
    (b"*2147483648\r\n", "invalid multibulk length"),
    (b"*99999999999999999999\r\n", "invalid multibulk length"),
    (b"*x\r\n", "invalid multibulk length"),
    (b"*\r\n", "invalid multibulk length"),
    (b"*1x\r\n", "invalid multibulk length"),
    (b"* 1\r\n", "invalid multibulk length"),
    (b"*+1\r\n", "invalid multibulk length"),
    (b"*01\r\n", "invalid multibulk length"),
    (b"*1.0\r\n", "invalid multibulk length"),
    (b"*1\r\nfoo\r\n", "expected '$', got 'f'"),
    (b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", "expected '$', got 'f'"),
    (b"*1\r\n*1\r\n", "expected '$', got '*'"),
    (b"*1\r\n:4\r\n", "expected '$', got ':'"),
    (b"*1\r\n 4\r\n", "expected '$', got ' '"),
    (b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n", "invalid bulk length"),
    (b"*1\r\n$-1\r\n", "invalid bulk length"),
    (b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n", "invalid bulk length"),
    (b"*1\r\n$536870913\r\n", "invalid bulk length"),
    (b"*1\r\n$blabla\r\n", "invalid bulk length"),
    (b"*1\r\n$\r\n", "invalid bulk length"),
    (b"*1\r\n$ 4\r\n", "invalid bulk length"),
    (b"*1\r\n$4 \r\n", "invalid bulk length"),
    (b"*1\r\n$+4\r\n", "invalid bulk length"),
    (b"*1\r\n$04\r\n", "invalid bulk length"),
    (b"*1\r\n$18446744073709551620\r\n", "invalid bulk length"),
    (b"set \"\"\"key\"\"\" value\r\n", "unbalanced quotes in request"),
    (b"set \"key\r\n", "unbalanced quotes in request"),
    (b"set 'key\r\n", "unbalanced quotes in request"),
    (b"set 'a'b x\r\n", "unbalanced quotes in request"),
    (b"x" * 70000, "too big inline request"),
    (b"*" + b"1" * 70000, "too big mbulk count string"),
    (b"*1\r\n$" + b"1" * 70000, "too big bulk count string"),
    (b"*1\r\n" + b"z" * 70000, "too big bulk count string"),
]


@test(limit_s=120)
def closing_errors(t):
    """Each malformed request gets its exact error, then the connection is closed; what went before is answered."""
    main = t.client()
    for data, text in CLOSING:
        for before in (b"", b"*1\r\n$4\r\nPING\r\n", b"PING\r\n"):
            c = t.client()
            c.send_raw(before + data)
            if before:
                eq(c.read(), "PONG")
            reply = c.read()
            eq(getattr(reply, "text", reply), PROTOCOL + text, repr(data[:60]))
            check(c.is_closed(), "still open after %r" % data[:60])
            c.close()
    eq(main("PING"), "PONG")


@test
def nothing_runs_after_a_protocol_error(t):
    """Commands behind a malformed request in the same packet are not executed."""
    main = t.client()
    c = t.client()
    c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*x\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n1\r\n")
    data = c.read_until_closed()
    eq(data, b"+OK\r\n-ERR Protocol error: invalid multibulk length\r\n")
    eq(main("EXISTS", "a"), 1)
    eq(main("EXISTS", "b"), 0)


@test
def errors_split_at_every_byte(t):
    """A malformed request that arrives byte by byte is answered as if it came at once."""
    t.client()
    for data, text in CLOSING:
        if len(data) > 1000:
            continue
        c = t.client()
        for byte in data[:-1]:
            c.send_raw(bytes([byte]))
        c.send_raw(data[-1:])
        eq(c.read().text, PROTOCOL + text, repr(data))
        check(c.is_closed(), "still open after %r" % data)
        c.close()


@test
def harmless_oddities(t):
    """Empty requests, negative and zero counts are skipped; a lone LF ends an inline command."""
    c = t.client()
    for data in (b"\r\n", b"\n", b"\r\n\r\n\n", b"*0\r\n", b"*-1\r\n", b"*-10\r\n", b"   \r\n", b"*-9223372036854775808\r\n"):
        eq(c.raw(data + b"PING\r\n"), "PONG", repr(data))
    eq(c.raw(b"PING\n"), "PONG")
    eq(c.raw(b"*1\r\n$4\r\nPING\r\n"), "PONG")
    eq(c.raw(b"*1\r\n$4\r\nping\r\n"), "PONG")
    check(c.nothing_comes(), "an unexpected reply")


@test
def inline_commands(t):
    """Inline commands split at blanks and understand both kinds of quotes and escapes."""
    c = t.client()
    for line, value in ((b"SET k v", b"v"), (b"  SET \t k   v  ", b"v"), (b"set k \"a b\"", b"a b"), (b"set k 'a b'", b"a b"),
                        (b"set k \"\\x41\\n\\r\\t\\a\\b\\\\\\\"\\q\"", b"A\n\r\t\a\b\\\"q"), (b"set k 'it\\'s\\n'", b"it's\\n"),
                        (b"set k \"\"", b""), (b"set k \"\\xZZ\"", b"xZZ"), (b"set k a\"b", None), (b"set k \xff\xfe", b"\xff\xfe"),
                        (b"set k *1", b"*1"), (b"set k $3", b"$3")):
        if value is None:
            continue
        eq(c.raw(line + b"\r\n"), "OK", repr(line))
        eq(c("GET", "k"), value, repr(line))
    eq(c.raw(b"GET k\r\nGET none\r\nPING \"a b\"\r\n"), b"$3")
    eq(c.read(), None)
    eq(c.read(), b"a b")


@test
def inline_of_almost_the_limit(t):
    """A complete inline command of 64 KB is served."""
    c = t.client()
    value = b"v" * 65000
    eq(c.raw(b"SET k " + value + b"\r\n"), "OK")
    check(c("GET", "k") == value, "value changed")


@test
def unknown_commands(t):
    """The error names the command and its first arguments, cut and cleaned as Redis does; the connection stays."""
    c = t.client()
    fails(c, "ERR unknown command 'foo', with args beginning with: ", "foo")
    fails(c, "ERR unknown command 'foo', with args beginning with: 'a' 'b' ", "foo", "a", "b")
    fails(c, "ERR unknown command 'FoO', with args beginning with: 'x  y' ", "FoO", "x\r\ny")
    fails(c, "ERR unknown command '%s', with args beginning with: '%s' " % ("n" * 128, "a" * 128), "n" * 300, "a" * 300, "b")
    fails(c, "ERR unknown command 'foo', with args beginning with: '%s' '%s' " % ("a" * 100, "b" * 25), "foo", "a" * 100, "b" * 100)
    fails(c, "ERR unknown command '', with args beginning with: ", "")
    fails(c, "ERR unknown command 'a', with args beginning with: 'b' ", b"a\0c", b"b\0d")
    fails(c, "ERR unknown subcommand 'foo'. Try CLIENT HELP.", "CLIENT", "foo")
    fails(c, "ERR unknown subcommand 'foo'. Try CONFIG HELP.", "config", "foo", "x")
    eq(c("PING"), "PONG")


@test
def cross_protocol_attack(t):
    """POST and Host: cut the connection without a reply, as a browser may be behind them."""
    main = t.client()
    c = t.client()
    c.send_raw(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET k v\r\n")
    check(c.is_closed(), "POST leaves the connection open")
    c = t.client()
    c.send_raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET k v\r\n")
    check(c.is_closed(), "Host: leaves the connection open")
    eq(main("EXISTS", "k"), 0)
    check(b"Possible SECURITY ATTACK detected." in t.main.log(), "nothing in the log")


@test
def desync_floods(t):
    """Endless bytes after a start that can never be a command are cut off with a protocol error."""
    main = t.client()
    for start in (b"\0", b"*\0", b"$\0"):
        c = t.client()
        try:
            c.send_raw(start)
            for _ in range(3000):
                c.send_raw(b"A" * 1024)
        except OSError:
            pass
        try:
            data = c.read_until_closed()
        except OSError:
            data = b""
        check(not data or b"Protocol error" in data, repr(data[:100]))
    eq(main("PING"), "PONG")


@test
def random_bytes(t):
    """Thousands of broken streams, made by changing good ones, never stop or confuse the server."""
    main = t.client()
    good = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*1\r\n$4\r\nPING\r\n"
    for _ in range(t.size(400, quick=100)):
        data = bytearray(good * t.random.randint(1, 3))
        for _ in range(t.random.randint(1, 6)):
            kind, at = t.random.randrange(3), t.random.randrange(len(data))
            if kind == 0:
                data[at] = t.random.choice(b"\r\n*$0123456789-\0 \"'x\xff")
            elif kind == 1:
                del data[at:at + t.random.randint(1, 4)]
            else:
                data[at:at] = t.random.randbytes(t.random.randint(1, 4))
        with t.main.client(timeout_s=5) as c:
            c.send_raw(bytes(data))
            c.sock.shutdown(1)
            try:
                c.read_until_closed()
            except OSError:
                pass
    eq(main("PING"), "PONG")
    main("SET", "k", "x")
    eq(main("GET", "k"), b"x")


@test
def commands_with_many_arguments(t):
    """A command of 200,000 arguments is parsed and answered."""
    c = t.client()
    count = t.size(100000, quick=20000)
    words = [word for n in range(count) for word in (b"k%d" % n, b"%d" % n)]
    eq(c("MSET", *words), "OK")
    eq(c("DBSIZE"), count)
    eq(c("EXISTS", *words[::2]), count)
    check(isinstance(c.call("GET", *words[:1000]), ReplyError), "GET took 1,000 arguments")
