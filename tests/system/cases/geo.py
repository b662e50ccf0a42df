"""Positions: the same random commands to the server under test and to a stock server, whose replies are the same to the last digit."""
from harness.comparing import connect, feed, same_digest
from harness.framework import eq, test
from harness.geo_stream import KEYS, GeoStream


def run_positions(t, count, resp):
    pairs = connect(t, 2, resp)
    feed(t, pairs, GeoStream(t.random, pairs[0].of_7_2), count)
    pairs[0].run([command for key in KEYS for command in (["ZRANGE", key, "0", "-1", "WITHSCORES"], ["TYPE", key], ["TTL", key])])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_geo_commands(t):
    """Random commands on positions on two connections over RESP2."""
    run_positions(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_geo_commands_in_resp3(t):
    """The same over RESP3."""
    run_positions(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test
def searches_of_a_large_set(t):
    """Thousands of members, many at the same place: unsorted, sorted, the nearest and the farthest few, any few."""
    ours, theirs = t.client(), t.client(t.stock())
    for first in range(0, 5000, 500):
        words = []
        for n in range(first, first + 500):
            words += [repr(round(t.random.gauss(13, 2), 1)), repr(round(t.random.gauss(38, 2), 1)), "member:%d" % n]
        eq(ours("GEOADD", "g", *words), theirs("GEOADD", "g", *words))
    for _ in range(200):
        circle = ["FROMLONLAT", repr(t.random.gauss(13, 2)), repr(t.random.gauss(38, 2)), "BYRADIUS", str(t.random.randint(1, 1000)), "km"]
        some = [["COUNT", str(t.random.randint(1, 2000))], ["COUNT", str(t.random.randint(1, 2000)), "ANY"], []]
        words = ["GEOSEARCH", "g"] + circle + t.random.choice(some) + t.random.choice([[], ["ASC"], ["DESC"]]) + ["WITHDIST", "WITHHASH"]
        eq(ours(*words), theirs(*words))
