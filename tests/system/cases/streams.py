"""Streams: the same random commands to the server under test and to a stock server; stock replicas have the same streams."""
from harness.comparing import Pair, connect, encode, feed, same_digest
from harness.framework import check, eq, test
from harness.replication import has_link, in_step, primary, same_data, stock_replica
from harness.resp_client import ReplyError
from harness.stream_stream import GROUPS, KEYS, StreamStream

# Fields whose values depend on the clock.
TIMES = (b"idle", b"inactive", b"seen-time", b"active-time")


def pairs_of(reply):
    return list(reply.items()) if isinstance(reply, dict) else list(zip(reply[::2], reply[1::2]))


def without_times(reply, inside=b""):
    """XINFO's reply without what depends on the clock."""
    if isinstance(reply, dict) or (isinstance(reply, (list, tuple)) and reply and isinstance(reply[0], bytes) and len(reply) % 2 == 0
                                   and reply[0] in (b"length", b"name")):
        return [(name, name in TIMES or without_times(value, name)) for name, value in pairs_of(reply)]
    if isinstance(reply, (list, tuple)) and inside == b"pending":
        return [list(item[:-2]) + [item[-1]] for item in reply]
    if isinstance(reply, (list, tuple)):
        return [without_times(item) for item in reply]
    return reply


class StreamPair(Pair):
    """Times are not compared."""

    def judge(self, words, ours, theirs):
        name = words[0].upper()
        if name == "XINFO" and not isinstance(ours, ReplyError):
            ours, theirs = [without_times(reply) for reply in (ours, theirs)]
        elif name == "XPENDING" and len(words) > 5 and isinstance(ours, list) and isinstance(theirs, list):
            ours, theirs = [item[:2] + item[3:] for item in ours], [item[:2] + item[3:] for item in theirs]
        super().judge(words, ours, theirs)


def run_streams(t, count, resp, **config):
    pairs = connect(t, 2, resp, kind=StreamPair)
    if not pairs[0].of_7_2:
        t.skip("before 7.2 a consumer comes to be only when it is given something")
    for name, value in config.items():
        pairs[0].one("CONFIG", "SET", name.replace("_", "-"), value)
    reloaded = False

    def reload_in_the_middle(turn):
        nonlocal reloaded
        if pairs[0].compared > count / 4 and not reloaded:
            reloaded = True
            for pair in pairs:
                pair.settle()
            pairs[0].one("DEBUG", "RELOAD")

    feed(t, pairs, StreamStream(t.random), count, reload_in_the_middle)
    check(reloaded)
    pairs[0].run([command for key in KEYS for command in (["XRANGE", key, "-", "+"], ["XINFO", "STREAM", key, "FULL", "COUNT", "0"])])
    same_digest(pairs[0])
    c = pairs[0].ours
    check(any(c("EXISTS", key) and c("TYPE", key) == "stream" and c("XLEN", key) for key in KEYS), "no stream is left")


@test(limit_s=1200)
def random_stream_commands(t):
    """Random commands on streams on two connections over RESP2."""
    run_streams(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_stream_commands_in_resp3(t):
    """The same over RESP3, with small nodes."""
    run_streams(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3, stream_node_max_entries=7, stream_node_max_bytes=300)


def same_streams(t, servers):
    """The same entries by DEBUG DIGEST, and the same groups, which that does not see. A consumer's times are each server's own: replicas
    see it when an entry is given to it."""
    same_data(t, servers)
    clients = [t.client(server) for server in servers]
    for key in KEYS:
        if clients[0]("TYPE", key) != "stream":
            continue
        ours, theirs = [c("XINFO", "STREAM", key, "FULL", "COUNT", 0) for c in clients]
        ours, theirs = [drop_idle_consumers(reply) for reply in (ours, theirs)]
        eq(ours, theirs, "stream %r" % key)


def drop_idle_consumers(reply):
    """Consumers that have nothing pending may be unknown to a replica, in Redis too, and so are the times at which they were seen, and that
    they have read their history again."""
    fields = dict(pairs_of(reply))
    groups = []
    for group in fields[b"groups"]:
        group = dict(pairs_of(group))
        group.pop(b"entries-read"), group.pop(b"lag")  # an XCLAIM does not tell of them
        consumers = [dict(pairs_of(consumer)) for consumer in group[b"consumers"]]
        group[b"pending"] = [item[:2] for item in group[b"pending"]]
        group[b"consumers"] = [(c[b"name"], [item[0] for item in c[b"pending"]]) for c in consumers if c[b"pel-count"]]
        groups.append(group)
    fields[b"groups"] = groups
    fields.pop(b"radix-tree-keys"), fields.pop(b"radix-tree-nodes")
    return fields


def write_randomly(t, server, count, seed=None):
    stream = StreamStream(t.random)
    c = t.client(server)
    for _ in range(count // 100):
        commands = [stream.next() for _ in range(100)]
        c.send_raw(b"".join(encode(*words) for words in commands if words[0] not in ("MULTI", "WATCH", "SET")))
        for words in commands:
            if words[0] not in ("MULTI", "WATCH", "SET"):
                c.read()


@test(limit_s=300)
def stock_replica_has_the_same(t):
    """A stock replica takes streams and groups from the image, and what is written afterwards from the stream; another one that comes
    then has all from the image."""
    server = primary(t)
    write_randomly(t, server, t.size(6000, quick=2000))
    first = stock_replica(t, server)
    has_link(t, first)
    in_step(t, server, [first])
    same_streams(t, [server, first])
    write_randomly(t, server, t.size(6000, quick=2000))
    in_step(t, server, [first])
    same_streams(t, [server, first])
    second = stock_replica(t, server)
    has_link(t, second)
    in_step(t, server, [first, second])
    same_streams(t, [server, second])


@test(limit_s=200)
def large_streams_in_the_image(t):
    """A stream of many nodes, with much that is pending, comes whole while it is written to."""
    server = primary(t)
    c = t.client(server)
    entries, groups = t.size(40000, quick=20000, long=200000), 3
    c.pipeline([("XADD", "s1", "%d-1" % n, "f", n, "g", "v" * (n % 50)) for n in range(1, entries + 1)])
    for n in range(groups):
        eq(c("XGROUP", "CREATE", "s1", "g%d" % n, 0), "OK")
        c.pipeline([("XREADGROUP", "GROUP", "g%d" % n, "c%d" % (k % 7), "COUNT", 1000, "STREAMS", "s1", ">") for k in range(entries // 2000)])
    replica = stock_replica(t, server)
    for n in range(entries + 1, entries + 2001):
        c("XADD", "s1", "MAXLEN", "~", entries, "%d-1" % n, "f", n)
        c("XREADGROUP", "GROUP", GROUPS[0] + "1", "late", "COUNT", 2, "STREAMS", "s1", ">")
    has_link(t, replica)
    in_step(t, server, [replica])
    same_streams(t, [server, replica])


@test
def memory_is_given_back(t):
    """MEMORY USAGE grows and falls with a stream and with what is pending; DEL and XGROUP DESTROY give all back."""
    c = t.client()
    c.pipeline([("XADD", "s", "*", "field", n) for n in range(20000)])
    plain = c("MEMORY", "USAGE", "s")
    check(20000 * 8 < plain < 20000 * 30, "%d bytes" % plain)
    c("XGROUP", "CREATE", "s", "g", 0)
    c("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">")
    pending = c("MEMORY", "USAGE", "s")
    check(plain + 20000 * 40 < pending < plain + 20000 * 80, "%d bytes" % pending)
    eq(c("XGROUP", "DESTROY", "s", "g"), 1)
    check(abs(c("MEMORY", "USAGE", "s") - plain) < 1000)
    eq(c("XTRIM", "s", "MAXLEN", 0), 20000)
    check(c("MEMORY", "USAGE", "s") < 1000)
