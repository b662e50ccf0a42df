"""The same random commands to the server under test and to a stock server: the replies are the same."""
from harness.command_streams import KEYS, Stream
from harness.comparing import Pair, feed
from harness.framework import check, eq, test
from harness.resp_client import encode


def compare_states(pair):
    """Every key of every database: type, value, encoding, time to live."""
    for number in range(16):
        pair.run([["SELECT", number], ["DBSIZE"], ["KEYS", "*"], ["SCAN", "0", "COUNT", "100000"]])
        for key in KEYS:
            pair.run([["TYPE", key], ["GET", key], ["OBJECT", "ENCODING", key], ["PTTL", key], ["PEXPIRETIME", key]])
    pair.run([["SELECT", 0]])


def run_streams(t, count, resp):
    t.note("seed %d" % t.seed)
    main = t.client(resp=resp)
    stock_server = t.stock()
    stock = t.client(stock_server, resp=resp)
    version = stock_server.info("server", client=t.client(stock_server))["redis_version"]
    t.note("compared with stock %s" % version)
    lists = all(row is not None for row in main("COMMAND", "INFO", "lpush", "sadd"))
    bits = all(row is not None for row in main("COMMAND", "INFO", "bitfield", "pfadd"))
    hashes = all(row is not None for row in main("COMMAND", "INFO", "hset"))
    pairs = [Pair(main, stock), Pair(t.client(resp=resp), t.client(stock_server, resp=resp))]

    def between(turn):
        if turn % 400 == 0:
            for pair in pairs:
                pair.settle()
            compare_states(pairs[0])
    feed(t, pairs, Stream(t.random, lists, bits, hashes, t.is_7_2(stock_server)), count, between)
    compare_states(pairs[0])


@test(limit_s=1200)
def random_commands(t):
    """Random commands on two connections over RESP2."""
    run_streams(t, t.options["count"] or t.size(20000, quick=4000, long=2000000), 2)


@test(limit_s=600)
def random_commands_in_resp3(t):
    """The same over RESP3."""
    run_streams(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


def conversation(address_of, data):
    """All that a server answers to these bytes, sent at once, until it closes."""
    with address_of.client(timeout_s=20) as c:
        c.send_raw(data)
        try:
            c.sock.shutdown(1)
        except OSError:
            pass
        return c.read_until_closed()


@test(limit_s=600)
def random_bytes(t):
    """Broken and odd streams of bytes: both servers answer the same bytes and both close."""
    t.note("seed %d" % t.seed)
    t.client()
    stock = t.stock()
    good = [encode("SET", "k", "value"), encode("GET", "k"), b"PING\r\n", b"SET k 'a b'\r\n", encode("INCR", "n"), encode("MSET", "a", 1, "b", 2),
            b"*0\r\n", b"\r\n", encode("GET"), encode("NOSUCH", "x"), b"get \"k\\x41\"\n", encode("MULTI"), encode("EXEC"), b"ECHO \"\\n\"\r\n"]
    for _ in range(t.size(1500, quick=200, long=40000)):
        data = bytearray(b"".join(t.random.choices(good, k=t.random.randint(1, 6))))
        for _ in range(t.random.choice([0, 1, 1, 2, 4])):
            kind, at = t.random.randrange(4), t.random.randrange(len(data) + 1)
            if kind == 0 and at < len(data):
                data[at] = t.random.choice(b"\r\n*$0123456789-+\0 \"'\\x\xffab")
            elif kind == 1:
                del data[at:at + t.random.randint(1, 4)]
            elif kind == 2:
                data[at:at] = bytes(t.random.choices(b"\r\n*$0123456789-\0 \"'\\x\xff", k=t.random.randint(1, 3)))
            else:
                del data[at:]
        data = bytes(data)
        if not data:
            continue
        ours, theirs = conversation(t.main, data), conversation(stock, data)
        check(ours == theirs, "sent  %r\n  got   %r\n  stock %r" % (data, ours, theirs))
    eq(t.client()("PING"), "PONG")
