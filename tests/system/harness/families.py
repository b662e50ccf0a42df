"""The families of commands of which the mixed streams are made: a family takes part once it has a line here.

A family's stream stands in a file of its own, is a class of `RandomStream` and is made with (random, of_7_2, only_writes):
  of_7_2        compared with a Redis 7.2; if not, the stream leaves out what 7.0 answers otherwise or does not know
  only_writes   for tests with replicas, to which replies do not matter: reads may be left out
It takes keys by `self.key()`, so that they can be made common, and the times of commands that wait by `self.timeout()`.
Replies must be the same on any server: no clock, no chance. What has no order, or what may differ, is told in comparing.py.
"""
from harness import geo_stream, hash_stream, list_stream, set_stream, sort_stream, stream_stream, zset_stream
from harness.command_streams import Stream


def strings(random, of_7_2, only_writes):
    """Strings, bitmaps, HyperLogLogs, keys of any type, databases."""
    stream = Stream(random, lists=True, bits=True, hashes=True, of_7_2=of_7_2)
    stream.weigh(FLUSHALL=0.01, FLUSHDB=0.05, SWAPDB=0.3, SELECT=1)  # seldom enough that collections grow
    return stream


def streams(random, of_7_2, only_writes):
    """Streams, without what tells of the clock."""
    stream = stream_stream.StreamStream(random, of_7_2, only_writes)
    stream.weigh(**{name: 0 for name in ("XINFO", "XPENDING") if name in stream.names})
    return stream


class Family:
    """How one family takes part in the mixed streams."""

    def __init__(self, make, keys, weight=1.0, only_7_2=False):
        """`make`: the stream's class; `keys`: which the family has mostly for itself; `weight`: its share of the commands; `only_7_2`: 7.0
        answers too much otherwise."""
        self.make, self.keys, self.weight, self.only_7_2 = make, keys, weight, only_7_2


FAMILIES = [
    Family(strings, [b"k1", b"k2", b"num", b"hll1", b"hll2"], weight=2.0),
    Family(set_stream.SetStream, [b"s1", b"s2", b"s3", b"{t}5"]),
    Family(hash_stream.HashStream, [b"h1", b"h2", b"h3"]),
    Family(list_stream.ListStream, [b"l1", b"l2", b"l3"]),
    Family(zset_stream.ZsetStream, [b"z1", b"z2", b"z3", b"set"]),
    Family(geo_stream.GeoStream, [b"g1", b"g2"], weight=0.5),
    Family(sort_stream.StoredSortStream, [b"o1", b"o2"], weight=0.5),
    Family(streams, [b"x1", b"x2"], only_7_2=True),
]
