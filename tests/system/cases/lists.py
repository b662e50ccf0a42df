"""Lists: the same random commands to the server under test and to a stock server; long lists; a stock replica."""
from harness.comparing import connect, feed, same_digest
from harness.framework import check, eq, test
from harness.list_stream import KEYS, ListStream
from harness.replication import in_step, has_link, primary, stock_replica

FULL = ["RPUSH", "full"] + ["f%d" % n for n in range(200)]


def run_lists(t, count, resp):
    pairs = connect(t, 2, resp)

    def between(turn):
        if turn % 20 == 0:
            for pair in pairs:
                pair.settle()
            pairs[0].run([["DEL", "full"], FULL])
        if turn % 100 == 0:
            # Other sizes of nodes, for lists that come.
            pairs[0].run([["CONFIG", "SET", "list-max-listpack-size", t.random.choice(["-2", "-1", "-5", "1", "3", "128"])],
                          ["CONFIG", "SET", "list-compress-depth", t.random.choice(["0", "1", "1", "2", "3"])]])
    pairs[0].run([FULL])
    feed(t, pairs, ListStream(t.random, pairs[0].of_7_2), count, between)
    pairs[0].run([[name, key] + more for key in KEYS for name, more in (("LRANGE", ["0", "-1"]), ("TYPE", []), ("LLEN", []))])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_list_commands(t):
    """Random commands on lists on two connections over RESP2."""
    run_lists(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_list_commands_in_resp3(t):
    """The same over RESP3."""
    run_lists(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test
def long_lists(t):
    """A list of many nodes: indexes, ranges, insertions and removals anywhere."""
    c = t.client()
    t.need("lpush", client=c)
    model = [b"element:%d" % n for n in range(20000)]
    for at in range(0, len(model), 1000):
        c("RPUSH", "l", *model[at:at + 1000])
    eq(c("OBJECT", "ENCODING", "l"), b"quicklist")
    for _ in range(300):
        at = t.random.randrange(len(model))
        eq(c("LINDEX", "l", at), model[at])
        eq(c("LRANGE", "l", at, at + 5), model[at:at + 6])
        eq(c("LPOS", "l", model[at]), at)
        if t.random.random() < 0.5:
            eq(c("LINSERT", "l", "BEFORE", model[at], "new:%d" % at), len(model) + 1)
            model.insert(at, b"new:%d" % at)
            eq(c("LREM", "l", 1, "new:%d" % at), 1)
            model.remove(b"new:%d" % at)
    eq(c("LREM", "l", 0, model[77]), 1)
    del model[77]
    eq(c("LTRIM", "l", 500, -501), "OK")
    model = model[500:-500]
    eq(c("LRANGE", "l", 0, -1), model)
    eq(c("RPOP", "l", len(model) - 3), model[:2:-1])
    eq(c("OBJECT", "ENCODING", "l"), b"listpack")
    eq(c("LRANGE", "l", 0, -1), model[:3])


def list_fields(c, key):
    """The fields that DEBUG OBJECT gives for lists."""
    words = c("DEBUG", "OBJECT", key).decode() if isinstance(c("DEBUG", "OBJECT", key), bytes) else c("DEBUG", "OBJECT", key)
    return {name: value for name, _, value in (word.partition(":") for word in words.split()) if name.startswith("ql_")}


@test(limit_s=120)
def compressed_lists(t):
    """list-compress-depth: what is compressed is as it was; lists keep the depth they were made with; stock loads the payload."""
    server = t.server(enable_debug_command="yes")
    stock_server = t.stock(enable_debug_command="yes")
    ours, theirs = t.client(server), t.client(stock_server)
    t.need("lpush", client=ours)
    elements = ["a value that compresses well, as values do: %06d" % n for n in range(20000)]
    for c in (ours, theirs):
        for depth in ("0", "1", "3"):
            eq(c("CONFIG", "SET", "list-compress-depth", depth), "OK")
            for at in range(0, len(elements), 500):
                c("RPUSH", "depth:" + depth, *elements[at:at + 500])
    sizes = {depth: ours("MEMORY", "USAGE", "depth:" + depth) for depth in ("0", "1", "3")}
    t.note("memory by depth: %r" % sizes)
    check(sizes["1"] < sizes["0"] // 2 and sizes["1"] <= sizes["3"] < sizes["0"] // 2, "not compressed: %r" % sizes)
    eq(ours("CONFIG", "SET", "list-compress-depth", "0"), "OK")
    for depth in ("0", "1", "3"):
        key = "depth:" + depth
        eq(ours("MEMORY", "USAGE", key), sizes[depth])
        mine, yours = list_fields(ours, key), list_fields(theirs, key)
        eq(sorted(mine), sorted(yours))
        for name in ("ql_compressed", "ql_listpack_max"):
            eq(mine[name], yours[name])
        eq(ours("LRANGE", key, 0, -1), [e.encode() for e in elements])
        # The payload there and back.
        eq(theirs("RESTORE", "from:" + key, 0, ours("DUMP", key)), "OK")
        eq(ours("RESTORE", "from:" + key, 0, theirs("DUMP", key)), "OK")
        eq(ours("COPY", key, "copy:" + key), 1)
        eq(theirs("COPY", key, "copy:" + key), 1)
    for index in (0, 1, 9999, 19998, 19999):
        for c in (ours, theirs):
            eq(c("LSET", "depth:1", index, "set %d" % index), "OK")
    check(ours("MEMORY", "USAGE", "depth:1") < sizes["0"] // 2, "changes left the nodes expanded")
    check(ours("MEMORY", "USAGE", "copy:depth:1") < sizes["0"] // 2, "the copy is not compressed")
    eq(ours("DEBUG", "DIGEST"), theirs("DEBUG", "DIGEST"))
    if t.is_7_2(stock_server):
        digest = ours("DEBUG", "DIGEST")
        ours("DEBUG", "RELOAD")
        eq(ours("DEBUG", "DIGEST"), digest)


@test(limit_s=120)
def a_stock_replica_has_the_same_lists(t):
    """Random list commands, with clients that wait and are served; a stock replica ends up with the same data."""
    server = primary(t)
    c, waiting = t.client(server), t.client(server)
    t.need("lpush", "blpop", client=c)
    c("RPUSH", "before", *range(3000))
    replica = stock_replica(t, server)
    has_link(t, replica)
    stream = ListStream(t.random, of_7_2=False)
    c(*FULL)
    for round_number in range(t.size(40, quick=15)):
        for _ in range(50):
            words = stream.next()
            if words[0] not in ("MULTI", "EXEC", "WATCH"):
                c.call(*words)
        c.call("DEL", "full")
        c.call(*FULL)
        key = "wait:%d" % round_number
        waiting.send(*t.random.choice([["BLPOP", key, "x", "0"], ["BRPOPLPUSH", key, "moved", "0"], ["BLMPOP", "0", "2", "x", key, "LEFT", "COUNT", "2"]]))
        c("RPUSH", key, "1", "2", "3")
        waiting.read()
    in_step(t, server, [replica])
    eq(c("DEBUG", "DIGEST"), t.client(replica)("DEBUG", "DIGEST"))
