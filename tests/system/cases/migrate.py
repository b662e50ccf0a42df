"""MIGRATE: keys of all types to another server of either kind and back, its options and errors, who waits meanwhile, propagation."""
import socket
import threading
import time

from cases.dump import fill
from harness.framework import between, check, eq, eventually, fails, fails_like, test

IOERR_READING = "IOERR error or timeout reading to target instance"


class Peer:
    """A server by hand: accepts, reads, and answers what it is told to."""

    def __init__(self, answer=b""):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.answer, self.connections, self.received = answer, [], b""
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def read(self, connection):
        answered = False
        while True:
            try:
                data = connection.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            self.received += data
            if self.answer and not answered:
                answered = True
                connection.sendall(self.answer)
                connection.close()
                return

    def close(self):
        # Else the accept() that waits keeps it open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


def migrate(c, server, key, *options, db=0, timeout=5000):
    return c.call("MIGRATE", "127.0.0.1", server.port, key, db, timeout, *options)


def pair(t, stock=False, **kw):
    source = t.server(enable_debug_command="yes", **kw)
    target = t.stock(enable_debug_command="yes") if stock else t.make_server(enable_debug_command="yes").start()
    t.need("migrate", client=t.client(source))
    return source, target


def move_all(t, source, target):
    """Every type from one server to the other in one command, and what it is there."""
    a, b = t.client(source), t.client(target)
    keys = fill(a)
    a("PEXPIRE", "set", 100000)
    digests = {key: a("DEBUG", "DIGEST-VALUE", key)[0] for key in keys}
    eq(migrate(a, target, "", "KEYS", "missing", *keys), "OK")
    eq(a("DBSIZE"), 0)
    eq({key: b("DEBUG", "DIGEST-VALUE", key)[0] for key in keys}, digests)
    between(b("PTTL", "set"), 90000, 100000)
    eq(b("PTTL", "list"), -1)
    eq(migrate(a, target, "", "KEYS", *keys), "NOKEY")


@test
def all_types_to_another(t):
    """All types and encodings, with and without an expiry, to a second server."""
    move_all(t, *pair(t))


@test
def all_types_to_stock_and_back(t):
    """The same to a stock server, and from it."""
    source, target = pair(t, stock=True)
    if not t.is_7_2(target):
        t.skip("needs a stock server 7.2")
    move_all(t, source, target)
    t.client(target)("FLUSHALL")
    move_all(t, target, source)


@test
def options(t):
    """COPY, REPLACE, databases, one key and several, arguments that make no sense."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    a("SET", "k", "v")
    eq(migrate(a, target, "k", "COPY", db=3), "OK")
    eq(a("GET", "k"), b"v")
    b("SELECT", 3)
    eq(b("GET", "k"), b"v")
    fails(a, "ERR Target instance replied with error: BUSYKEY Target key name already exists.", "MIGRATE", "127.0.0.1", target.port, "k", 3, 5000)
    eq(a("GET", "k"), b"v")
    a("SET", "k", "w")
    eq(migrate(a, target, "k", "replace", db=3), "OK")
    eq(a("EXISTS", "k"), 0)
    eq(b("GET", "k"), b"w")
    eq(source.info("stats")["migrate_cached_sockets"], "1")
    # The database that is selected there is known, and forgotten after an error.
    a("SET", "k", "x")
    fails(a, "ERR Target instance replied with error: ERR DB index is out of range", "MIGRATE", "127.0.0.1", target.port, "k", 99, 5000)
    eq(migrate(a, target, "k", db=4), "OK")
    b("SELECT", 4)
    eq(b("GET", "k"), b"x")
    # In part.
    a("MSET", "one", 1, "two", 2, "three", 3)
    b("SET", "two", "there")
    fails(a, "ERR Target instance replied with error: BUSYKEY Target key name already exists.", "MIGRATE", "127.0.0.1", target.port, "", 4, 5000, "KEYS", "one", "two", "three")
    eq(a("MGET", "one", "two", "three"), [None, b"2", None])
    eq(b("MGET", "one", "two", "three"), [b"1", b"there", b"3"])
    a("SET", "keys", "v")
    eq(migrate(a, target, "keys"), "OK")
    a("MSET", "a", 1, "keys", 2, "b", 3)
    eq(migrate(a, target, "", "REPLACE", "KEYS", "a", "keys", "b"), "OK")
    eq(a("DBSIZE"), 1)
    fails(a, "ERR syntax error", "MIGRATE", "h", 1, "k", 0, 0, "what")
    fails(a, "ERR syntax error", "MIGRATE", "h", 1, "k", 0, 0, "AUTH")
    fails(a, "ERR syntax error", "MIGRATE", "h", 1, "k", 0, 0, "AUTH2", "u")
    fails(a, "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string", "MIGRATE", "h", 1, "k", 0, 0, "KEYS", "k")
    fails(a, "ERR value is not an integer or out of range", "MIGRATE", "h", 1, "k", "x", 0)
    fails(a, "ERR value is not an integer or out of range", "MIGRATE", "h", 1, "k", 0, "x")
    eq(a("COMMAND", "GETKEYS", "MIGRATE", "h", 1, "", 0, 0, "AUTH", "keys", "KEYS", "x", "keys", "y"), [b"x", b"keys", b"y"])
    eq(a("COMMAND", "GETKEYS", "MIGRATE", "h", 1, "k", 0, 0), [b"k"])


@test
def passwords(t):
    """AUTH and AUTH2; without them, and with wrong ones, nothing moves; the slow log does not show them."""
    source = t.server(slowlog_log_slower_than=0)
    target = t.make_server(requirepass="secret").start()
    a = t.client(source)
    t.need("migrate", client=a)
    a("MSET", "k", "v", "l", "w")
    fails(a, "ERR Target instance replied with error: NOAUTH Authentication required.", "MIGRATE", "127.0.0.1", target.port, "k", 0, 5000)
    fails_like(a, "ERR Target instance replied with error: WRONGPASS", "MIGRATE", "127.0.0.1", target.port, "k", 0, 5000, "AUTH", "wrong")
    eq(migrate(a, target, "k", "AUTH", "secret"), "OK")
    eq(migrate(a, target, "l", "AUTH2", "default", "secret"), "OK")
    eq(a("DBSIZE"), 0)
    b = t.client(target)
    b("AUTH", "secret")
    eq(b("MGET", "k", "l"), [b"v", b"w"])
    logged = [entry[3] for entry in a("SLOWLOG", "GET", 20) if entry[3][0] == b"MIGRATE"]
    eq(logged[0][6:], [b"AUTH2", b"(redacted)", b"(redacted)"])
    eq(logged[1][6:], [b"AUTH", b"(redacted)"])


@test
def peers_that_do_not_answer(t):
    """One that never answers, one that refuses, one that goes after a part; each takes no longer than was allowed."""
    source = t.server()
    a = t.client(source)
    t.need("migrate", client=a)
    a("MSET", "k", "v", "l", "w")
    silent = Peer()
    begun = time.monotonic()
    fails(a, IOERR_READING, "MIGRATE", "127.0.0.1", silent.port, "k", 0, 500)
    between(time.monotonic() - begun, 0.4, 3 * t.patience)
    eq(len(silent.connections), 1)
    eq(source.info("stats")["migrate_cached_sockets"], "0")
    silent.close()
    fails(a, "IOERR error or timeout connecting to the client", "MIGRATE", "127.0.0.1", silent.port, "k", 0, 500)
    fails(a, "IOERR error or timeout connecting to the client", "MIGRATE", "127.0.0.1", 99999, "k", 0, 500)
    fails(a, "IOERR error or timeout connecting to the client", "MIGRATE", "no.such.host.invalid", 1, "k", 0, 500)
    eq(a("MGET", "k", "l"), [b"v", b"w"])
    # It may have been a connection kept for too long: once more, and then no more.
    closing = Peer(b"+OK\r\n")
    fails(a, IOERR_READING, "MIGRATE", "127.0.0.1", closing.port, "k", 0, 2000)
    eq(len(closing.connections), 2)
    closing.close()
    # What was acknowledged has gone.
    half = Peer(b"+OK\r\n+OK\r\n")
    fails(a, IOERR_READING, "MIGRATE", "127.0.0.1", half.port, "", 0, 2000, "KEYS", "k", "l")
    eq(a("MGET", "k", "l"), [None, b"w"])
    eq(len(half.connections), 1)
    half.close()


@test
def kept_connections(t):
    """A connection that the other side has closed is replaced; after ten seconds it is closed here."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    a("MSET", "k", "v", "l", "w")
    eq(migrate(a, target, "k"), "OK")
    b("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    eq(migrate(a, target, "l"), "OK")
    eq(b("MGET", "k", "l"), [b"v", b"w"])
    eq(source.info("stats")["migrate_cached_sockets"], "1")
    eventually(lambda: source.info("stats")["migrate_cached_sockets"] == "0", "the connection is closed", 20, t.patience)


@test(limit_s=180)
def large_values(t):
    """A list of 50 MB, and one large element."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    total = t.size(50, quick=10) << 20
    element = bytes(t.random.randbytes(5000)) * 2
    count = total // len(element)
    for at in range(0, count, 100):
        a("RPUSH", "list", *[element + b"%d" % n for n in range(at, min(count, at + 100))])
    a("SET", "string", element * (total // len(element)))
    digests = [a("DEBUG", "DIGEST-VALUE", "list", "string")]
    begun = time.monotonic()
    eq(migrate(a, target, "", "KEYS", "list", "string", timeout=60000), "OK")
    t.note("%d MB in %.2f s" % (2 * total >> 20, time.monotonic() - begun))
    eq([b("DEBUG", "DIGEST-VALUE", "list", "string")], digests)
    eq(a("DBSIZE"), 0)


@test
def keys_that_expire(t):
    """What has expired is not there; what expires soon keeps its time."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    a("SET", "gone", "v", "PX", 1)
    a("SET", "soon", "v", "PX", 60000)
    time.sleep(0.02)
    eq(migrate(a, target, "gone"), "NOKEY")
    eq(migrate(a, target, "", "KEYS", "gone", "soon"), "OK")
    between(b("PTTL", "soon"), 50000, 60000)
    eq(b("EXISTS", "gone"), 0)
