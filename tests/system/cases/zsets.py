"""Sorted sets: the same random commands to the server under test and to a stock server; walks, ranks, a stock replica."""
import bisect

from harness.comparing import connect, feed, same_digest
from harness.framework import check, eq, test
from harness.replication import has_link, in_step, primary, same_data, stock_replica
from harness.zset_stream import KEYS, ZsetStream

FULL = ["ZADD", "zfull"] + [word for n in range(200) for word in (n, "f%d" % n)]


def run_zsets(t, count, resp):
    pairs = connect(t, 2, resp)

    def between(turn):
        if turn % 20 == 0:
            for pair in pairs:
                pair.settle()
            pairs[0].run([["DEL", "zfull"], FULL])
        if turn % 60 == 0:
            # Other limits, for those that come.
            pairs[0].one("CONFIG", "SET", t.random.choice(["zset-max-listpack-entries", "zset-max-ziplist-entries"]), t.random.choice(["128", "128", "0", "8", "1000"]))
            pairs[0].one("CONFIG", "SET", "zset-max-listpack-value", t.random.choice(["64", "64", "1", "300"]))
            same_digest(pairs[0])
    pairs[0].run([FULL])
    feed(t, pairs, ZsetStream(t.random, pairs[0].of_7_2), count, between)
    pairs[0].run([[name, key] + more for key in KEYS for name, more in (("ZRANGE", ["0", "-1", "WITHSCORES"]), ("TYPE", []), ("ZCARD", []))])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_zset_commands(t):
    """Random commands on sorted sets on two connections over RESP2."""
    run_zsets(t, t.options["count"] or t.size(20000, quick=4000, long=300000), 2)


@test(limit_s=600)
def random_zset_commands_in_resp3(t):
    """The same over RESP3."""
    run_zsets(t, t.options["count"] or t.size(6000, quick=1500, long=60000), 3)


@test
def ranks_of_a_large_one(t):
    """Ranks, ranges and counts of 20,000 members are those of a sorted list, while members come, go and change their score."""
    c = t.client()
    scores = {b"member:%d" % n: t.random.randrange(5000) for n in range(20000)}
    members = list(scores)
    for first in range(0, len(members), 1000):
        c("ZADD", "z", *[word for name in members[first:first + 1000] for word in (scores[name], name)])
    for _ in range(t.size(5, quick=2)):
        for _ in range(200):
            name = t.random.choice(members)
            if t.random.random() < 0.3:
                eq(c("ZREM", "z", name), 1 if scores.pop(name, None) is not None else 0)
            else:
                scores[name] = t.random.randrange(5000)
                c("ZADD", "z", scores[name], name)
        ordered = sorted((score, name) for name, score in scores.items())
        eq(c("ZCARD", "z"), len(ordered))
        for at in t.random.sample(range(len(ordered)), 50):
            score, name = ordered[at]
            eq(c("ZRANK", "z", name), at)
            eq(c("ZREVRANK", "z", name), len(ordered) - 1 - at)
            eq(c("ZRANGE", "z", at, at + 5), [pair[1] for pair in ordered[at:at + 6]])
            first = bisect.bisect_left(ordered, (score,))
            eq(c("ZRANGE", "z", score, "+inf", "BYSCORE", "LIMIT", 0, 3), [pair[1] for pair in ordered[first:first + 3]])
            eq(c("ZCOUNT", "z", score, "inf"), len(ordered) - first)


@test
def negative_zeros_in_stored_ranges(t):
    """Packing makes a negative zero a positive one: a range of ranks is packed until a member comes that is too long."""
    c = t.client()
    zeros = [word for n in range(4) for word in ("-0", "k%d" % n)]
    c("CONFIG", "SET", "zset-max-listpack-entries", "0")
    c("ZADD", "z", *zeros, "-0", "k1" + "x" * 70)
    for limit, words, expected in ((128, ["0", "-1"], ["0", "0", "-0", "-0", "-0"]), (128, ["0", "-1", "REV"], ["-0", "-0", "-0", "0", "0"]),
                                   (4, ["0", "-1"], ["-0"] * 5), (128, ["-inf", "inf", "BYSCORE"], ["-0"] * 5), (128, ["0", "1"], ["0", "0"])):
        c("CONFIG", "SET", "zset-max-listpack-entries", limit)
        c("ZRANGESTORE", "y", "z", *words)
        eq(c("ZRANGE", "y", "0", "-1", "WITHSCORES")[1::2], [score.encode() for score in expected])


@test
def walks_and_samples(t):
    """ZSCAN sees all that stays, with its score; ZRANDMEMBER gives different members."""
    c = t.client()
    members = {b"member:%d" % n: b"%d" % n for n in range(20000)}
    eq(c("ZADD", "z", *[word for name, score in members.items() for word in (score, name)]), 20000)
    seen, cursor = {}, b"0"
    while True:
        cursor, some = c("ZSCAN", "z", cursor, "COUNT", 100)
        seen.update(zip(some[::2], some[1::2]))
        c("ZREM", "z", "other:%d" % len(seen))
        c("ZADD", "z", 5, "other:%d" % (len(seen) + 1))
        if cursor == b"0":
            break
    check(members.items() <= seen.items(), "a walk misses members")
    eq(len(set(c("ZRANDMEMBER", "z", 1000))), 1000)
    some = c("ZRANDMEMBER", "z", 15000, "WITHSCORES")
    eq(len(set(some[::2])), 15000)
    check(all(members.get(name, b"5") == score for name, score in zip(some[::2], some[1::2])), "a score of another member")


@test(limit_s=600)
def stock_replica_of_zsets(t):
    """A stock replica loads packed and large sorted sets from the image, follows random writes and clients that are served
    after a wait, and has the same digest."""
    server = primary(t)
    c, waiting = t.client(server), t.client(server)
    stream = ZsetStream(t.random, of_7_2=False, only_writes=True)

    def write(count):
        for n in range(count):
            if n % 50 == 0:
                c.call("DISCARD")
                c.call(*FULL)
            c.call(*stream.next())
        c.call("DISCARD")

    c(*FULL)
    write(500)
    c("ZADD", "large", *[word for n in range(3000) for word in (n / 8, "member:%d" % n)])
    replica = stock_replica(t, server)
    has_link(t, replica)
    write(t.size(2000, quick=500, long=50000))
    for n in range(10):
        waiting.send(*t.random.choice([["BZPOPMIN", "wait:%d" % n, "x", "0"], ["BZMPOP", "0", "2", "x", "wait:%d" % n, "MAX", "COUNT", "2"]]))
        c("ZADD", "wait:%d" % n, 1, "a", 2, "b", "inf", "c", 0.5, "d")
        waiting.read()
    in_step(t, server, [replica])
    same_data(t, [server, replica])
