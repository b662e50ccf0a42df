"""The same commands to the server under test and to a stock server, and the comparison of their replies.

What may differ, and why:
  RANDOMKEY       random by its nature: only null or not null is compared; of SRANDMEMBER, HRANDFIELD and ZRANDMEMBER, unless
                  they return everything, how many
  KEYS, SCAN      the order is the table's own: compared as sets (SCAN runs over everything in one call); so are the members of a
                  set and the fields of a hash
  TTL family      the two servers are asked at different moments: 3 s are allowed
  OBJECT IDLETIME the clock again; REFCOUNT: stock shares small integers and says so, which is an inner matter
  OBJECT ENCODING of collections: 7.2 has listpacks where 7.0 has other forms; compared with a 7.2 only; of lists that shrink: which
                  nodes there are, and so when one is all, is an inner matter; SORT unpacks a small sorted set in stock
  COMMAND GETKEYS the text of its errors differs between versions: errors are compared as errors
  DUMP            the order of what has none: whether there is a value (what it holds is compared by restoring it)
"""
import time
from collections import deque

from harness.framework import eq, short
from harness.resp_client import ReplyError, encode

COLLECTION_ENCODINGS = (b"listpack", b"quicklist", b"hashtable", b"intset", b"skiplist", b"ziplist", b"linkedlist")
HISTORY = 20000  # commands, to tell of those on the keys of one that failed
OF_LISTS = (b"listpack", b"quicklist")
SORTED_BY_STOCK = (b"listpack", b"skiplist")
TIMES = {b"TTL": 3, b"PTTL": 3000, b"EXPIRETIME": 3, b"PEXPIRETIME": 3000}
UNORDERED = (b"KEYS", b"SMEMBERS", b"SINTER", b"SUNION", b"SDIFF", b"SPOP", b"HKEYS", b"HVALS")
SAMPLES = (b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER")
EVERYTHING = "100000"  # a count that no collection of the streams reaches


def name_of(words):
    return words[0].upper().encode() if isinstance(words[0], str) else words[0].upper()


def paired(items):
    """A flat list of fields and values, or a list of pairs, sorted."""
    if items and isinstance(items[0], list):
        return sorted(tuple(item) for item in items)
    return sorted(zip(items[::2], items[1::2]))


def normal_sample(words, reply):
    """Of everything, sorted; otherwise its size."""
    if isinstance(reply, bytes):
        return "one of them"
    if len(words) < 3 or words[2] != EVERYTHING:
        return [type(reply[0]) if reply else None, len(reply)]
    return paired(reply) if len(words) > 3 else sorted(reply)


def normal(words, reply):
    """The reply in the form in which it is compared."""
    name = name_of(words)
    if isinstance(reply, (list, tuple)):
        if len(words) == 2 and str(words[1]).lower() == "help":
            return "help, in each server's own words"
        if name in UNORDERED:
            return type(reply), sorted(reply)
        if name == b"HGETALL":
            return paired(reply)
        if name in (b"SCAN", b"SSCAN"):
            return [reply[0], sorted(set(reply[1]))]
        if name in (b"HSCAN", b"ZSCAN"):
            return [reply[0], paired(reply[1])]
    if name in SAMPLES and isinstance(reply, (list, bytes)):
        return normal_sample(words, reply)
    if name == b"RANDOMKEY" and isinstance(reply, bytes):
        return b"some key"
    if name == b"DUMP" and isinstance(reply, bytes):
        return "a payload"
    if name == b"OBJECT" and len(words) > 1 and str(words[1]).upper() in ("IDLETIME", "REFCOUNT") and isinstance(reply, int):
        return "integer"
    if name == b"MEMORY" and isinstance(reply, int):
        return "integer"
    return reply


def same(words, ours, theirs):
    if ours == theirs and type(ours) is type(theirs):
        return True
    name = name_of(words)
    if name in TIMES and isinstance(ours, int) and isinstance(theirs, int) and ours > 0 and theirs > 0:
        return abs(ours - theirs) <= TIMES[name]
    if name == b"COMMAND" and isinstance(ours, ReplyError) and isinstance(theirs, ReplyError):
        return True
    return False


def read_with_bytes(client):
    """The next reply and the bytes that it came as."""
    del client.buffer[:client.position]
    client.position, client.keeps = 0, True
    try:
        reply = client.read()
    finally:
        client.keeps = False
    return reply, bytes(client.buffer[:client.position])


def skip(client, expected):
    """Whether the next reply is these bytes; then it is read."""
    while len(client.buffer) - client.position < len(expected):
        if not expected.startswith(client.buffer[client.position:]):
            return False
        client._fill()
    if not client.buffer.startswith(expected, client.position):
        return False
    client.position += len(expected)
    return True


class Pair:
    """One connection to each server, fed with the same commands; keeps what a transaction has queued."""

    def __init__(self, ours, theirs, of_7_2=False, history=None):
        """`of_7_2`: the stock server is a 7.2, whose encodings of collections are compared too; `history`: of all connections."""
        self.ours, self.theirs, self.of_7_2 = ours, theirs, of_7_2
        self.queue = []
        self.recent = deque(maxlen=14)
        self.history = deque(maxlen=HISTORY) if history is None else history
        self.compared = 0

    def run(self, commands):
        data = b"".join(encode(*words) for words in commands)
        self.ours.send_raw(data)
        self.theirs.send_raw(data)
        for words in commands:
            self.read(words)

    def one(self, *words):
        """One command to both; returns the reply of the server under test."""
        self.ours.send(*words)
        self.theirs.send(*words)
        return self.read(words)

    def settle(self):
        """Ends a transaction if there is one, and forgets watched keys."""
        self.one("DISCARD")
        self.one("UNWATCH")

    def read(self, words):
        """Mostly both reply the same bytes: then one of the two replies need not be parsed."""
        ours, data = read_with_bytes(self.ours)
        self.compare(words, ours, ours if skip(self.theirs, data) else self.theirs.read())
        return ours

    def compare(self, words, ours, theirs):
        self.recent.append(words)
        self.history.append((words, ours))
        self.compared += 1
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
        if ours is theirs or ours == theirs and type(ours) is type(theirs):
            return
        alike = OF_LISTS if self.of_7_2 else COLLECTION_ENCODINGS
        if name_of(words) == b"OBJECT" and (ours in alike and theirs in alike or (ours, theirs) == SORTED_BY_STOCK):
            return
        if not same(words, normal(words, ours), normal(words, theirs)):
            raise AssertionError("%s\n  server under test %s\n  stock             %s\n  the commands before it on this connection:%s\n"
                                 "  and those on its keys on any connection:%s" % (
                                     short(words, 300), short(ours, 300), short(theirs, 300), told(list(self.recent)[:-1]), self.told_of_keys(words)))

    def told_of_keys(self, words):
        """Commands with the same keys, and what the server under test replied."""
        keys = {word for word in words[1:] if isinstance(word, bytes)}
        return told([list(other) + ["->", reply] for other, reply in self.history if not keys.isdisjoint(other)][-30:])


def told(commands):
    return "".join("\n    " + short(words, 200) for words in commands)


def connect(t, connections, resp, kind=Pair, **settings):
    """Starts both servers; pairs of connections to them. Stock looks often whether a wait is over."""
    t.note("seed %d" % t.seed)
    server = t.server(enable_debug_command="yes", **settings)
    stock_server = t.stock(enable_debug_command="yes", hz=500)
    t.note("compared with stock %s" % stock_server.info("server")["redis_version"])
    of_7_2 = t.is_7_2(stock_server)
    if of_7_2 and t.is_gyre():
        t.client(server)("CONFIG", "SET", "rdb-version", "11")  # 10, which 7.0 can read too, has other forms of sets
    history = deque(maxlen=HISTORY)
    return [kind(t.client(server, resp=resp), t.client(stock_server, resp=resp), of_7_2, history) for _ in range(connections)]


PIPELINES = [1, 1, 2, 5, 30, 100]


def feed(t, pairs, stream, count, between=None, sizes=PIPELINES):
    """Gives the pairs, in turn, pipelines of a stream's commands; `between` is called with the number of each turn."""
    done, turn, began = 0, 0, time.monotonic()
    while done < count:
        commands = [stream.next() for _ in range(t.random.choice(sizes))]
        pairs[turn % len(pairs)].run(commands)
        done += len(commands)
        turn += 1
        if between:
            between(turn)
    for pair in pairs:
        pair.settle()
    seconds = time.monotonic() - began
    t.note("%d replies compared in %.1f s, %d commands of the stream in %d pipelines" % (sum(pair.compared for pair in pairs), seconds, done, turn))


def same_digest(pair):
    eq(pair.ours("DEBUG", "DIGEST"), pair.theirs("DEBUG", "DIGEST"))
