"""One random stream over every type on shared keys, to the server under test and to a stock server: replies and data are the same."""
import time

from harness.comparing import PIPELINES, connect, feed, paired, same_digest
from harness.framework import check, eq, short, test
from harness.mixed_stream import KEYS, MixedStream
from harness.resp_client import ReplyError

DATABASES = (0, 1, 2, 3, 15)
LIMITS = {
    "hash-max-listpack-entries": ["512", "512", "4", "0"], "hash-max-ziplist-value": ["64", "64", "5"],
    "zset-max-listpack-entries": ["128", "128", "4", "0"], "zset-max-ziplist-value": ["64", "64", "3"], "list-max-listpack-size": ["-2", "-2", "-1", "3", "128"],
    "list-compress-depth": ["0", "1", "2"], "hll-sparse-max-bytes": ["3000", "3000", "100"],
}
LIMITS_OF_7_2 = {"set-max-listpack-value": ["64", "64", "3"]}
# Of integers and of all members. Were the former fewer, the encoding of what SDIFFSTORE makes of a large set would depend on the order of its table.
SET_LIMITS = [("512", "128"), ("512", "128"), ("512", "4"), ("512", "0"), ("8", "4"), ("0", "0")]
ALL_MEMBERS = {"SRANDMEMBER": ["SMEMBERS"], "HRANDFIELD": ["HKEYS"], "ZRANDMEMBER": ["ZRANGE"]}


def compare_data(pair):
    """The digests of everything; where they differ, which keys do, and how."""
    digests = [c("DEBUG", "DIGEST") for c in (pair.ours, pair.theirs)]
    if digests[0] == digests[1]:
        return
    for number in DATABASES:
        pair.one("SELECT", number)
        pair.run([[*words, key] for key in keys_of(pair) for words in (["TYPE"], ["TTL"], ["OBJECT", "ENCODING"], ["DEBUG", "DIGEST-VALUE"])])
    eq(*digests)


def keys_of(pair):
    """All keys of the selected database, however they came to be there."""
    pair.one("DBSIZE")
    return pair.one("KEYS", "*")


def compare_everything(pair):
    """Of every key its type, encoding, time to live and digest, and what its payload holds for the other server."""
    compare_data(pair)
    for number in DATABASES:
        pair.one("SELECT", number)
        keys = keys_of(pair)
        pair.run([[*words, key] for key in keys for words in (["TYPE"], ["OBJECT", "ENCODING"], ["PTTL"], ["PEXPIRETIME"], ["DEBUG", "DIGEST-VALUE"])])
        for key in keys:
            compare_payloads(pair, key)
    pair.one("SELECT", 0)


def compare_payloads(pair, key):
    """Each server's DUMP, restored by both, is the value (whose digest also tells whether it has a time to live). Restoring may pack a
    sorted set, and a packed negative zero is a positive one: of these only both servers' results are compared."""
    kind = pair.ours("TYPE", key)
    moment = "0" if pair.ours("PTTL", key) < 0 else "900000000"
    for payload in [c("DUMP", key) for c in (pair.ours, pair.theirs)]:
        eq(pair.one("RESTORE", "decoded", moment, payload, "REPLACE"), "OK")
        digests = pair.one("DEBUG", "DIGEST-VALUE", key, "decoded")
        if kind != "zset":
            eq(*digests, "%s %r and what its payload holds" % (kind, key))
    pair.one("DEL", "decoded")


class Steps:
    """What a stream cannot hold, because the two servers need different commands to keep the same data, or time has to pass.
    Each step is for a connection without a transaction."""

    def __init__(self, t, pairs):
        self.random, self.of_7_2 = t.random, pairs[0].of_7_2
        self.limits = {**LIMITS, **LIMITS_OF_7_2} if pairs[0].of_7_2 else LIMITS
        self.names = [self.pop, self.pop, self.sample, self.carry, self.carry, self.expire, self.configure, self.walk, self.arity]

    def run(self, pair):
        pair.settle()
        self.random.choice(self.names)(pair)

    def pop(self, pair):
        """What SPOP took here is removed there; a set made anew has the encoding that its members give it."""
        key = self.random.choice(KEYS)
        words = ["SPOP", key] + self.random.choice([[], ["1"], ["3"], ["20"], ["200"]])
        ours = pair.ours.call(*words)
        if ours in (None, []) or isinstance(ours, ReplyError):
            pair.compare(words, ours, pair.theirs.call(*words))
            return
        gone = ours if isinstance(ours, list) else [ours]
        eq(pair.theirs.call("SREM", key, *gone), len(gone), "members of %s taken by SPOP" % short(gone, 100))
        pair.one("SUNIONSTORE", key, key)

    def sample(self, pair):
        """As many as stock gives, and all of them members; of which some may come twice only with a negative count."""
        name, key = self.random.choice(list(ALL_MEMBERS)), self.random.choice(KEYS)
        count = self.random.choice(["1", "3", "50", "-3", "-50"])
        ours = pair.one(name, key, count)
        pair.one(name, key)
        members = pair.one(*ALL_MEMBERS[name], key, *(["0", "-1"] if name == "ZRANDMEMBER" else []))
        if isinstance(ours, list) and not isinstance(members, ReplyError):
            check(set(ours) <= set(members), "%s %s: not all of %s are of %s" % (name, count, short(ours), short(members)))
            check(count[0] == "-" or len(set(ours)) == len(ours), "%s %s gave one twice: %s" % (name, count, short(ours)))
        key = pair.one("RANDOMKEY")
        if key is not None:
            eq(pair.one("EXISTS", key), 1)

    def carry(self, pair):
        """A payload of one of the two, restored by both; whole, cut or damaged."""
        source, target = self.random.choice(KEYS), self.random.choice(KEYS)
        pair.one("DUMP", source)
        payload = self.random.choice([pair.ours, pair.theirs])("DUMP", source)
        if payload is None:
            return
        if self.random.random() < 0.2:
            at = self.random.randrange(len(payload))
            payload = self.random.choice([payload[:at], payload[:at] + bytes([payload[at] ^ 0x10]) + payload[at + 1:]])
        options = self.random.choice([[], ["REPLACE"], ["REPLACE"], ["replace", "ABSTTL"], ["IDLETIME", "5", "REPLACE"], ["FREQ", "256"], ["x"]])
        moment = self.random.choice(["0", "0", str(10**13) if "ABSTTL" in options else "900000000", "1" if "ABSTTL" in options else "-1", "x"])
        pair.one("RESTORE", target, moment, payload, *options)
        pair.one("OBJECT", "ENCODING", target)
        pair.one("DEBUG", "DIGEST-VALUE", target)

    def expire(self, pair):
        """Keys run out; both find out when they are asked for."""
        keys = [self.random.choice(KEYS) for _ in range(2)]
        pair.run([["PEXPIRE", key, "1"] for key in keys] + [["SET", "brief", "x", "PX", "1"]])
        time.sleep(0.004)
        pair.run([["TYPE", key] for key in keys] + [["GET", "brief"]] + [["TTL", key] for key in keys])

    def configure(self, pair):
        """Other thresholds between encodings, by their names of now and of old."""
        if self.random.random() < 0.2:
            integers, members = self.random.choice(SET_LIMITS)
            pair.one("CONFIG", "SET", "set-max-intset-entries", integers, *(["set-max-listpack-entries", members] if self.of_7_2 else []))
            return
        name = self.random.choice(list(self.limits))
        pair.one("CONFIG", "SET", name, self.random.choice(self.limits[name]))

    def walk(self, pair):
        """Walks in small steps see the same."""
        name, key = self.random.choice([("SSCAN", "s"), ("HSCAN", "h"), ("ZSCAN", "z"), ("SCAN", "")]), self.random.choice(KEYS)
        found = []
        for c in (pair.ours, pair.theirs):
            seen, cursor = set(), b"0"
            while True:
                reply = c.call(name[0], *([key] if name[1] else []), cursor, "COUNT", "7")
                if isinstance(reply, ReplyError):
                    seen = reply
                    break
                cursor, some = reply
                seen |= set(paired(some)) if name[1] in ("h", "z") and name[1] else set(some)
                if cursor == b"0":
                    break
            found.append(seen)
        eq(*found, "%s %s" % (name[0], key))

    def arity(self, pair):
        """Too few and too many words, of any command that both know alike: none of them is carried out."""
        names = self.random.sample(sorted(set(pair.ours("COMMAND", "LIST")) & set(pair.theirs("COMMAND", "LIST"))), 8)
        for name, row, other in zip(names, *[c("COMMAND", "INFO", *names) for c in (pair.ours, pair.theirs)]):
            arity = row[1]
            if arity == other[1] or self.of_7_2:
                eq(arity, other[1], "arity of %s" % short(name))
                few = [[name] + ["x"] * n for n in range(abs(arity) - 1)]
                pair.run(few + ([[name] + ["x"] * arity] if arity > 0 else []))


def run_mixed(t, count, resp):
    pairs = connect(t, 3, resp)
    steps = Steps(t, pairs)

    def between(turn):
        if turn % 7 == 0:
            steps.run(t.random.choice(pairs))
        if turn % 150 == 0:
            for pair in pairs:
                pair.settle()
            compare_data(pairs[0])
        if turn % 1500 == 0:
            pairs[0].one("DEBUG", "RELOAD")
            compare_everything(pairs[0])
    sizes = PIPELINES if count < 100000 else [1, 2, 10, 50, 200, 400]  # so that a long run takes minutes
    feed(t, pairs, MixedStream(t.random, pairs[0].of_7_2), count, between, sizes)
    compare_everything(pairs[0])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_commands_of_all_types(t):
    """Random commands of every family on keys that all share, in several databases, on three connections over RESP2."""
    run_mixed(t, t.options["count"] or t.size(20000, quick=4000, long=2000000), 2)


@test(limit_s=600)
def random_commands_of_all_types_in_resp3(t):
    """The same over RESP3."""
    run_mixed(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)
