"""HELLO, RESP3 replies, RESET, AUTH: the handshake and its errors."""
from harness.framework import check, eq, fails, fails_like, test, wrong_arity

NOAUTH = "NOAUTH Authentication required."
WRONGPASS = "WRONGPASS invalid username-password pair or user is disabled."


@test
def hello_reply(t):
    """HELLO describes the server: a flat array in RESP2, a map in RESP3; without arguments it changes nothing."""
    c = t.client()
    wanted = {b"server": b"redis", b"proto": 2, b"mode": b"standalone", b"role": b"master", b"modules": []}
    reply = c("HELLO")
    fields = dict(zip(reply[::2], reply[1::2]))
    eq(reply[::2], [b"server", b"version", b"proto", b"id", b"mode", b"role", b"modules"])
    for name, value in wanted.items():
        eq(fields[name], value)
    eq(fields[b"id"], c("CLIENT", "ID"))
    reply = c("HELLO", "3")
    check(isinstance(reply, dict), "not a map")
    eq(reply[b"proto"], 3)
    eq(c("HELLO")[b"proto"], 3)
    reply = c("HELLO", 2)
    check(isinstance(reply, list), "not an array")


@test
def hello_errors(t):
    """Versions and options that do not exist."""
    c = t.client()
    fails(c, "NOPROTO unsupported protocol version", "HELLO", 1)
    fails(c, "NOPROTO unsupported protocol version", "HELLO", 4)
    fails(c, "ERR Protocol version is not an integer or out of range", "HELLO", "x")
    fails(c, "ERR Protocol version is not an integer or out of range", "HELLO", "SETNAME", "a")
    fails(c, "ERR Syntax error in HELLO option 'foo'", "HELLO", 3, "foo")
    fails(c, "ERR Syntax error in HELLO option 'auth'", "HELLO", 3, "auth", "x")
    fails(c, "ERR Syntax error in HELLO option 'SETNAME'", "HELLO", 3, "SETNAME")
    fails(c, "ERR Client names cannot contain spaces, newlines or special characters.", "HELLO", 3, "SETNAME", "a b")
    eq(c("HELLO")[5], 2)


@test
def hello_setname(t):
    """SETNAME in HELLO sets the name, together with AUTH."""
    c = t.client()
    c("HELLO", 2, "SETNAME", "me")
    eq(c("CLIENT", "GETNAME"), b"me")
    fails(c, "WRONGPASS invalid username-password pair or user is disabled.", "HELLO", 2, "AUTH", "nouser", "x", "SETNAME", "you")
    eq(c("CLIENT", "GETNAME"), b"me")
    c("HELLO", 3, "AUTH", "default", "anything", "SETNAME", "you")
    eq(c("CLIENT", "GETNAME"), b"you")


@test
def types_in_resp3(t):
    """Nulls, maps and doubles use the RESP3 types."""
    c = t.client(resp=3)
    c.send("GET", "none")
    eq(c.read_bytes(3), b"_\r\n")
    c.send("MGET", "none", "none2")
    eq(c.read_bytes(10), b"*2\r\n_\r\n_\r\n")
    c("SET", "k", "v")
    eq(c("MGET", "k"), [b"v"])
    check(isinstance(c("CONFIG", "GET", "maxmemory"), dict), "CONFIG GET is no map")
    eq(c("CONFIG", "GET", "maxmemory"), {b"maxmemory": b"0"})
    check(isinstance(c("COMMAND", "DOCS", "get"), dict), "COMMAND DOCS is no map")
    c.send("INFO", "server")
    eq(c.read_bytes(1), b"=")


@test
def info_is_verbatim(t):
    """INFO and CLIENT LIST are verbatim text in RESP3 and bulk strings in RESP2."""
    c = t.client(resp=3)
    text = c("INFO", "server")
    eq(getattr(text, "kind", None), "txt")
    eq(c("CLIENT", "LIST").kind, "txt")
    eq(c("CLIENT", "INFO").kind, "txt")
    c = t.client()
    check(not hasattr(c("INFO", "server"), "kind"), "verbatim in RESP2")


@test
def debug_protocol(t):
    """DEBUG PROTOCOL shows every RESP3 type, and their RESP2 forms."""
    server = t.server(enable_debug_command="yes")
    c = t.client(server)
    for kind, resp2, resp3 in (
            ("string", b"$11\r\nHello World\r\n", b"$11\r\nHello World\r\n"),
            ("integer", b":12345\r\n", b":12345\r\n"),
            ("double", b"$5\r\n3.141\r\n", b",3.141\r\n"),
            ("null", b"$-1\r\n", b"_\r\n"),
            ("array", b"*3\r\n:0\r\n:1\r\n:2\r\n", b"*3\r\n:0\r\n:1\r\n:2\r\n"),
            ("set", b"*3\r\n:0\r\n:1\r\n:2\r\n", b"~3\r\n:0\r\n:1\r\n:2\r\n"),
            ("map", b"*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n", b"%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
            ("verbatim", b"$25\r\nThis is a verbatim\nstring\r\n", b"=29\r\ntxt:This is a verbatim\nstring\r\n"),
            ("true", b":1\r\n", b"#t\r\n"), ("false", b":0\r\n", b"#f\r\n"),
            ("bignum", b"$37\r\n1234567999999999999999999999999999999\r\n", b"(1234567999999999999999999999999999999\r\n"),
            ("attrib", b"$39\r\nSome real reply following the attribute\r\n",
             b"|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n")):
        for version, wanted in ((2, resp2), (3, resp3)):
            c("HELLO", version)
            c.send("DEBUG", "PROTOCOL", kind)
            eq(c.read_bytes(len(wanted)), wanted, kind)
    c("HELLO", 3)
    eq(c("DEBUG", "PROTOCOL", "push"), b"Some real reply following the push reply")
    eq(c.read_push(), [b"server-cpu-usage", 42])


@test
def reset(t):
    """RESET brings back database 0, RESP2, no name, no transaction."""
    c = t.client(resp=3)
    c("SELECT", 5)
    c("CLIENT", "SETNAME", "me")
    c("CLIENT", "NO-EVICT", "on")
    eq(c("RESET"), "RESET")
    check(isinstance(c("HELLO"), list), "not RESP2")
    eq(c.call("CLIENT", "GETNAME"), None)
    check(b"db=0" in c("CLIENT", "INFO"), "database")
    wrong_arity(c, "RESET", "x")


@test
def password(t):
    """With requirepass nothing but AUTH, HELLO, QUIT and RESET is served before the password."""
    server = t.server(requirepass="secret")
    c = t.client(server, authenticate=False)
    for command in (("PING",), ("GET", "k"), ("SET", "k", "v"), ("INFO",), ("MULTI",), ("COMMAND",), ("CLIENT", "ID"),
                    ("CONFIG", "GET", "requirepass"), ("SHUTDOWN", "NOSAVE"), ("FLUSHALL",)):
        fails(c, NOAUTH, *command)
    fails(c, "EXECABORT Transaction discarded because of: " + NOAUTH, "EXEC")
    fails_like(c, "ERR unknown command 'foo'", "foo")
    fails(c, "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
             "option can be used to authenticate the client and select the RESP protocol version at the same time", "HELLO", 3)
    fails(c, WRONGPASS, "AUTH", "wrong")
    fails(c, WRONGPASS, "AUTH", "default", "wrong")
    fails(c, WRONGPASS, "AUTH", "nobody", "secret")
    fails(c, WRONGPASS, "AUTH", "")
    fails(c, "ERR syntax error", "AUTH", "a", "b", "c")
    wrong_arity(c, "AUTH")
    eq(c("RESET"), "RESET")
    eq(c("AUTH", "secret"), "OK")
    eq(c("PING"), "PONG")
    eq(c("AUTH", "default", "secret"), "OK")
    fails(c, WRONGPASS, "AUTH", "wrong")
    eq(c("PING"), "PONG")
    eq(c("RESET"), "RESET")
    fails(c, NOAUTH, "PING")
    eq(c("HELLO", 3, "AUTH", "default", "secret")[b"proto"], 3)
    eq(c("PING"), "PONG")
    d = t.client(server, authenticate=False)
    eq(d("QUIT"), "OK")


@test
def password_at_run_time(t):
    """Setting a password leaves present clients logged in; clearing it lets everybody in."""
    c = t.client()
    fails(c, "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration "
             "is correct?", "AUTH", "x")
    eq(c("AUTH", "default", "anything"), "OK")
    c("CONFIG", "SET", "requirepass", "one")
    eq(c("PING"), "PONG")
    d = t.client()
    fails(d, NOAUTH, "PING")
    c("CONFIG", "SET", "requirepass", "two")
    fails(d, WRONGPASS, "AUTH", "one")
    eq(d("AUTH", "two"), "OK")
    eq(c("CONFIG", "GET", "requirepass"), [b"requirepass", b"two"])
    c("CONFIG", "SET", "requirepass", "")
    e = t.client()
    eq(e("PING"), "PONG")


@test
def password_that_comes_and_goes(t):
    """Who was locked out is in while there is no password, with all that it may send, and locked out again with the next one."""
    for server in (t.server(requirepass="one"), t.stock(requirepass="one")):
        admin, c = t.client(server), t.client(server, authenticate=False)
        eq(admin("AUTH", "one"), "OK")
        fails(c, NOAUTH, "PING")
        eq(admin("CONFIG", "SET", "requirepass", ""), "OK")
        eq(c("SET", "k", "x" * 20000), "OK")
        eq(c("MULTI"), "OK")
        eq(admin("CONFIG", "SET", "requirepass", "two"), "OK")
        fails(c, NOAUTH, "PING")
        fails(c, "EXECABORT Transaction discarded because of: " + NOAUTH, "EXEC")
        fails(c, NOAUTH, "GET", "k")
        eq(admin("PING"), "PONG")
        eq(c("AUTH", "two"), "OK")
        eq(c("STRLEN", "k"), 20000)


@test
def unauthenticated_limits(t):
    """Before the password, more than 10 arguments and bulks over 16 KB are refused and cut off."""
    server = t.server(requirepass="secret")
    for data, text in ((b"*11\r\n", "unauthenticated multibulk length"), (b"*100000\r\n", "unauthenticated multibulk length"),
                       (b"*1\r\n$16385\r\n", "unauthenticated bulk length"), (b"*1\r\n$100000000\r\n", "unauthenticated bulk length")):
        c = t.client(server, authenticate=False)
        eq(c.raw(data).text, "ERR Protocol error: " + text)
        check(c.is_closed(), "still open after %r" % data)
    c = t.client(server, authenticate=False)
    fails(c, "ERR wrong number of arguments for 'get' command", "GET", *("x" * 100 for _ in range(9)))
    fails(c, NOAUTH, "ECHO", "x" * 16384)
    c("AUTH", "secret")
    eq(c("ECHO", "x" * 20000), b"x" * 20000)
