"""Hashes: the same random commands to the server under test and to a stock server; walks, samples, what replicas are told."""
from cases.replication_stream import Twins
from harness.comparing import connect, feed, same_digest
from harness.framework import check, eq, test
from harness.hash_stream import KEYS, HashStream
from harness.replication import in_step, primary, replication, same_data, stock_replica
from harness.resp_client import encode


def run_hashes(t, count, resp):
    pairs = connect(t, 2, resp)
    feed(t, pairs, HashStream(t.random), count)
    pairs[0].run([[name, key] for key in KEYS for name in ("HGETALL", "TYPE", "HLEN")])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_hash_commands(t):
    """Random commands on hashes on two connections over RESP2."""
    run_hashes(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_hash_commands_in_resp3(t):
    """The same over RESP3."""
    run_hashes(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test(limit_s=600)
def random_hash_commands_to_replicas(t):
    """The bytes that replicas are sent for random writes are stock's."""
    t.note("seed %d" % t.seed)
    twins = Twins(t)
    stream = HashStream(t.random, only_writes=True)
    for _ in range(t.options["count"] or t.size(1500, quick=400, long=30000)):
        twins.run(*stream.next())
    for c in twins.clients:
        c.call("DISCARD")
    eq(*[c("DEBUG", "DIGEST") for c in twins.clients])


@test(limit_s=600)
def stock_replica_of_hashes(t):
    """A stock replica loads packed and large hashes from the image, follows random writes, and has the same digest."""
    server = primary(t)
    c = t.client(server)
    stream = HashStream(t.random, only_writes=True)

    def write(count):
        for _ in range(count):
            c.call(*stream.next())
        c.call("DISCARD")

    write(500)
    c("HSET", "large", *[word for n in range(3000) for word in ("field:%d" % n, "value:%d" % n)])
    c("HSET", "long", "f", b"v" * 100000, b"g" * 3000, "1")
    replica = stock_replica(t, server)
    in_step(t, server, [replica])
    write(t.size(2000, quick=500, long=50000))
    c("HINCRBYFLOAT", "large", "sum", "0.1")
    in_step(t, server, [replica])
    same_data(t, [server, replica])


@test(limit_s=600)
def an_image_taken_while_counters_run(t):
    """Counters in packed and in large hashes run on while a stock replica is sent the image: none counts twice, none is lost."""
    server = primary(t)
    c = t.client(server)
    large, small = t.size(40, quick=10), t.size(20000, quick=3000)
    for n in range(large):
        c("HSET", "large:%d" % n, *[word for k in range(4000) for word in ("field:%d" % k, k)])
    for n in range(0, small, 1000):
        c.send_raw(b"".join(encode("HSET", "small:%d" % k, "n", k, "text", "t") for k in range(n, n + 1000)))
        for _ in range(1000):
            c.read()

    def burst():
        commands = []
        for _ in range(200):
            commands.append(("HINCRBY", "large:%d" % t.random.randrange(large), "field:%d" % t.random.randrange(4100), 1))
            commands.append(("HINCRBY", "small:%d" % t.random.randrange(small), t.random.choice(["n", "m"]), 1))
            commands.append(("HDEL", "large:%d" % t.random.randrange(large), "field:%d" % t.random.randrange(4100)))
        c.send_raw(b"".join(encode(*words) for words in commands))
        for _ in commands:
            c.read()

    replica = stock_replica(t, server)
    with replica.client() as r:
        bursts = 0
        while replication(r)["master_link_status"] != "up" or bursts < 20:
            burst()
            bursts += 1
    t.note("%d bursts" % bursts)
    in_step(t, server, [replica])
    same_data(t, [server, replica])


@test
def walks_and_samples(t):
    """HSCAN sees all that stays, with its values; HRANDFIELD gives different fields."""
    c = t.client()
    fields = {b"field:%d" % n: b"%d" % n for n in range(20000)}
    eq(c("HSET", "h", *[word for pair in fields.items() for word in pair]), 20000)
    seen, cursor = {}, b"0"
    while True:
        cursor, some = c("HSCAN", "h", cursor, "COUNT", 100)
        seen.update(zip(some[::2], some[1::2]))
        c("HDEL", "h", "other:%d" % len(seen))
        c("HSET", "h", "other:%d" % (len(seen) + 1), "x")
        if cursor == b"0":
            break
    check(fields.items() <= seen.items(), "a walk misses fields")
    some = c("HRANDFIELD", "h", 1000)
    eq(len(set(some)), 1000)
    some = c("HRANDFIELD", "h", 15000, "WITHVALUES")
    eq(len(set(some[::2])), 15000)
    check(all(fields.get(field, b"x") == value for field, value in zip(some[::2], some[1::2])), "a value of another field")
