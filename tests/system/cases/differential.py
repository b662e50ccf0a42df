"""The same random commands to the server under test and to a stock server: the replies are the same."""
from harness.command_streams import KEYS, Stream
from harness.framework import check, eq, short, test
from harness.resp_client import ReplyError, encode

# What may differ, and why.
#  RANDOMKEY       random by its nature: only null or not null is compared
#  KEYS, SCAN      the order is the table's own: compared as sets (SCAN runs over everything in one call)
#  TTL family      the two servers are asked at different moments: 3 s are allowed
#  OBJECT IDLETIME the clock again; REFCOUNT: stock shares small integers and says so, which is an inner matter
#  OBJECT ENCODING of lists and sets: 7.2 has listpacks where 7.0 has other forms
#  COMMAND GETKEYS the text of its errors differs between versions: errors are compared as errors
COLLECTION_ENCODINGS = (b"listpack", b"quicklist", b"hashtable", b"intset")
TIMES = {b"TTL": 3, b"PTTL": 3000, b"EXPIRETIME": 3, b"PEXPIRETIME": 3000}


def normal(words, reply):
    """The reply in the form in which it is compared."""
    name = words[0].upper().encode() if isinstance(words[0], str) else words[0].upper()
    if name == b"KEYS" and isinstance(reply, list):
        return sorted(reply)
    if name == b"SCAN" and isinstance(reply, list):
        return [reply[0], sorted(set(reply[1]))]
    if name == b"RANDOMKEY" and isinstance(reply, bytes):
        return b"some key"
    if name == b"OBJECT" and len(words) > 1 and str(words[1]).upper() in ("IDLETIME", "REFCOUNT") and isinstance(reply, int):
        return "integer"
    if name == b"OBJECT" and reply in COLLECTION_ENCODINGS:
        return "a collection"
    return reply


def same(words, ours, theirs):
    if ours == theirs and type(ours) is type(theirs):
        return True
    name = words[0].upper().encode() if isinstance(words[0], str) else words[0].upper()
    if name in TIMES and isinstance(ours, int) and isinstance(theirs, int) and ours > 0 and theirs > 0:
        return abs(ours - theirs) <= TIMES[name]
    if name == b"COMMAND" and isinstance(ours, ReplyError) and isinstance(theirs, ReplyError):
        return True
    return False


class Pair:
    """One connection to each server, fed with the same commands; keeps what a transaction has queued."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.queue = []
        self.recent = []

    def run(self, commands):
        data = b"".join(encode(*words) for words in commands)
        self.ours.send_raw(data)
        self.theirs.send_raw(data)
        for words in commands:
            self.compare(words, self.ours.read(), self.theirs.read())

    def compare(self, words, ours, theirs):
        self.recent = self.recent[-12:] + [words]
        if ours == "QUEUED" and theirs == "QUEUED":
            self.queue.append(words)
            return
        if str(words[0]).upper() in ("EXEC", "DISCARD", "MULTI") and (ours == theirs == "OK" or isinstance(ours, list)):
            queue, self.queue = self.queue, []
            if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs) == len(queue):
                for inner, mine, yours in zip(queue, ours, theirs):
                    self.judge(inner, mine, yours)
                return
        elif str(words[0]).upper() == "EXEC":
            self.queue = []
        self.judge(words, ours, theirs)

    def judge(self, words, ours, theirs):
        if not same(words, normal(words, ours), normal(words, theirs)):
            raise AssertionError("%s\n  server under test %s\n  stock             %s\n  the commands before it on this connection:\n    %s" % (
                short(words, 300), short(ours, 300), short(theirs, 300), "\n    ".join(short(w, 200) for w in self.recent[:-1])))


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
    stream = Stream(t.random, lists, bits, hashes)
    done, turn = 0, 0
    while done < count:
        commands = [stream.next() for _ in range(t.random.choice([1, 1, 2, 5, 30, 100]))]
        pairs[turn % 2].run(commands)
        done += len(commands)
        turn += 1
        if turn % 400 == 0:
            for pair in pairs:
                pair.compare(["DISCARD"], pair.ours.call("DISCARD"), pair.theirs.call("DISCARD"))
            compare_states(pairs[0])
    for pair in pairs:
        pair.compare(["DISCARD"], pair.ours.call("DISCARD"), pair.theirs.call("DISCARD"))
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
