"""Sets: the same random commands to the server under test and to a stock server; walks and samples of large ones."""
from harness.comparing import connect, feed, same_digest
from harness.framework import check, eq, test
from harness.set_stream import KEYS, SetStream


def run_sets(t, count, resp):
    pairs = connect(t, 2, resp)
    feed(t, pairs, SetStream(t.random), count)
    pairs[0].run([[name, key] for key in KEYS for name in ("SMEMBERS", "TYPE", "SCARD")])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_set_commands(t):
    """Random commands on sets on two connections over RESP2."""
    run_sets(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_set_commands_in_resp3(t):
    """The same over RESP3."""
    run_sets(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test
def walks_samples_and_pops(t):
    """SSCAN sees all that stays; SRANDMEMBER gives different members; SPOP takes out what it returns."""
    c = t.client()
    members = {b"member:%d" % n for n in range(20000)}
    eq(c("SADD", "s", *members), 20000)
    seen, cursor = [], b"0"
    while True:
        cursor, some = c("SSCAN", "s", cursor, "COUNT", 100)
        seen += some
        c("SREM", "s", "other:%d" % len(seen))
        c("SADD", "s", "other:%d" % (len(seen) + 1))
        if cursor == b"0":
            break
    check(members <= set(seen), "a walk misses members")
    some = c("SRANDMEMBER", "s", 1000)
    eq(len(set(some)), 1000)
    c("SINTERSTORE", "s", "s", "s")
    left = c("SCARD", "s")
    for count in (10, 9000, 10900):
        gone = c("SPOP", "s", count)
        eq(len(set(gone)), count)
        left -= count
        eq(c("SCARD", "s"), left)
        check(not any(c("SMISMEMBER", "s", *gone)), "what was popped is still there")
