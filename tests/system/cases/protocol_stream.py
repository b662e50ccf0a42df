"""Well-formed streams: pipelines, splits, order, interleaving with slow arrivals, closing in mid-stream."""
import socket
import threading
import time

from harness.framework import check, eq, eventually, test
from harness.resp_client import encode


@test
def ten_thousand_in_one_pipeline(t):
    """10,000 commands in one write are answered completely and in order."""
    c = t.client()
    commands, expected = [], []
    for n in range(10000):
        commands += [("INCR", "n"), ("ECHO", "e%d" % n)] if n % 2 else [("INCR", "n")]
        expected += [n + 1, b"e%d" % n] if n % 2 else [n + 1]
    sender = threading.Thread(target=c.send_raw, args=(b"".join(encode(*command) for command in commands),))
    sender.start()
    replies = [c.read() for _ in commands]
    sender.join()
    eq(replies, expected)


@test
def a_pipeline_before_authentication(t):
    """Commands behind AUTH in one write are answered, as are those without it, each with the limits of its place."""
    server = t.server(requirepass="secret")
    c = t.client(server, authenticate=False)
    noauth = b"-NOAUTH Authentication required.\r\n"
    c.send_raw(encode("GET", "a") + encode("GET", "b") + b"\r\nPING\r\n")
    eq(c.read_bytes(3 * len(noauth)), 3 * noauth)
    many = ["MGET"] + ["k"] * 20
    c.send_raw(encode("AUTH", "secret") + encode("SELECT", 3) + encode(*many) + encode("SET", "k", "x" * 100000) + encode("PING"))
    eq([c.read() for _ in range(5)], ["OK", "OK", [None] * 20, "OK", "PONG"])
    c = t.client(server, authenticate=False)
    c.send_raw(encode("PING") + encode(*many))
    eq(c.read_until_closed(), noauth + b"-ERR Protocol error: unauthenticated multibulk length\r\n")


@test
def split_at_every_byte(t):
    """A stream of commands cut in two at any place gives the same replies."""
    c = t.client()
    stream = (encode("SET", "key", "value") + b"PING\r\n" + encode("GET", "key") + b"*0\r\n\r\n" + encode("DEL", "key", "none") +
              b"set \"a b\" 'c d'\n" + encode("GET", "a b"))
    wanted = b"+OK\r\n+PONG\r\n$5\r\nvalue\r\n:1\r\n+OK\r\n$3\r\nc d\r\n"
    for cut in range(1, len(stream)):
        c.send_raw(stream[:cut])
        if cut % 3 == 0:
            time.sleep(0.001)
        c.send_raw(stream[cut:])
        eq(c.read_bytes(len(wanted)), wanted, "cut at %d" % cut)
    check(c.nothing_comes(), "more replies than commands")


@test
def byte_by_byte(t):
    """Every byte in a packet of its own."""
    c = t.client()
    stream = encode("SET", "key", "value\r\n\0") + encode("GET", "key") + b"GET key\r\n"
    for byte in stream:
        c.send_raw(bytes([byte]))
    eq([c.read(), c.read(), c.read()], ["OK", b"value\r\n\0", b"value\r\n\0"])


@test
def complete_commands_do_not_wait_for_incomplete_ones(t):
    """The replies of whole commands come although the next one is not complete yet."""
    c = t.client()
    c.send_raw(encode("SET", "k", "1") + encode("INCR", "k") + b"*2\r\n$3\r\nGET\r\n$1\r\n")
    eq([c.read(), c.read()], ["OK", 2])
    check(c.nothing_comes(), "a reply to half a command")
    c.send_raw(b"k\r\n")
    eq(c.read(), b"2")


@test
def random_cuts(t):
    """Random commands cut into random pieces: replies as from whole ones."""
    c = t.client()
    for _ in range(t.size(30, quick=8)):
        commands, expected = [], []
        for n in range(t.random.randint(1, 200)):
            value = t.random.randbytes(t.random.choice([0, 1, 10, 100, 1000, 20000]))
            commands.append(("ECHO", value))
            expected.append(value)
        stream = b"".join(encode(*command) for command in commands)
        cuts = sorted(t.random.randrange(len(stream)) for _ in range(t.random.randint(0, 30)))
        sender = threading.Thread(target=send_pieces, args=(c, stream, [0] + cuts + [len(stream)]))
        sender.start()
        check([c.read() for _ in commands] == expected, "replies differ")
        sender.join()


def send_pieces(c, stream, cuts):
    for start, end in zip(cuts, cuts[1:]):
        if end > start:
            c.send_raw(stream[start:end])


@test
def half_closed(t):
    """A client that shuts down its sending side still gets the replies to what it sent."""
    t.client()
    for count in (1, 1000):
        c = t.client()
        c.send_raw(encode("ECHO", "x" * 100) * count)
        c.sock.shutdown(socket.SHUT_WR)
        data = c.read_until_closed()
        check(len(data) % 108 == 0, "a reply is cut")
        eq(data[:108], b"$100\r\n" + b"x" * 100 + b"\r\n")


@test
def effects_without_reader(t):
    """Commands that arrived whole before the client closed are executed."""
    main = t.client()
    for _ in range(20):
        c = t.client()
        c.send_raw(encode("INCR", "n") * 50)
        c.read()
        c.close()
    eventually(lambda: int(main("GET", "n")) >= 20, "executed", patience=t.patience)


@test
def quit(t):
    """QUIT answers OK and closes; commands behind it in the pipeline are not run."""
    main = t.client()
    c = t.client()
    c.send_raw(encode("SET", "a", 1) + encode("QUIT") + encode("SET", "b", 1))
    eq(c.read_until_closed(), b"+OK\r\n+OK\r\n")
    eq(main("EXISTS", "a", "b"), 1)


@test
def many_connections_in_order(t):
    """64 connections with interleaved pipelines each get their own replies in order."""
    t.client()
    clients = [t.client() for _ in range(64)]
    for turn in range(t.size(20, quick=5)):
        for number, c in enumerate(clients):
            c.send_raw(b"".join(encode("ECHO", "%d:%d:%d" % (number, turn, n)) for n in range(20)))
        for number, c in enumerate(clients):
            eq([c.read() for _ in range(20)], [b"%d:%d:%d" % (number, turn, n) for n in range(20)])


@test
def echo_and_ping(t):
    """PING with and without a message, ECHO, and their arities."""
    from harness.framework import wrong_arity
    c = t.client()
    eq(c("PING"), "PONG")
    eq(c("PING", "hello"), b"hello")
    eq(c("ECHO", ""), b"")
    wrong_arity(c, "PING", "a", "b")
    wrong_arity(c, "ECHO")
    wrong_arity(c, "ECHO", "a", "b")


@test
def long_pipeline_of_large_replies(t):
    """A pipeline whose replies total far more than any socket buffer is delivered whole to a client that reads late."""
    c = t.client()
    value = bytes(range(256)) * 400
    c("SET", "k", value)
    count = t.size(300, quick=60)
    c.send_raw(encode("GET", "k") * count + encode("INCR", "n"))
    time.sleep(0.1)
    for _ in range(count):
        check(c.read() == value, "a reply changed")
    eq(c.read(), 1)
