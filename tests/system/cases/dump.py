"""DUMP and RESTORE: payloads of every type and encoding to and from stock servers, options, errors, propagation of times."""
from harness.framework import check, eq, fails, test

BAD = "ERR Bad data format"
WRONG = "ERR DUMP payload version or checksum are wrong"

# Small enough for the packed encodings, and for those of large values.
SMALL = {"hash-max-listpack-entries": 512, "zset-max-listpack-entries": 128, "set-max-intset-entries": 512,
         "list-max-listpack-size": -2, "stream-node-max-entries": 100}
LARGE = {"hash-max-listpack-entries": 1, "zset-max-listpack-entries": 1, "set-max-intset-entries": 1,
         "list-max-listpack-size": 3, "stream-node-max-entries": 3}


def fill(c):
    """Every type, by commands that any server has."""
    long = "x" * 70
    c("SET", "string", "value")
    c("SET", "int", "12345")
    c("SET", "negative", "-7")
    c("SET", "big number", "123456789012")
    c("SET", "compressible", "ab" * 300)
    c("SET", "long", b"\x00\xff" * 40000)
    c("RPUSH", "list", "a", "1", "-300", "70000", "", long)
    c("RPUSH", "numbers", *range(100))
    c("SADD", "intset", 1, -5, 300, 1 << 40)
    c("SADD", "set", "a", "17", "", "zz")
    c("SADD", "table", "a", long)
    c("HSET", "hash", "f", "v", "17", "18", "", "empty")
    c("HSET", "large hash", "f", long, *[x for n in range(300) for x in ("f%d" % n, "v%d" % n)])
    c("ZADD", "zset", "1.5", "a", "-inf", "low", "inf", "high", "3", "17", "1e30", "large")
    c("ZADD", "large zset", "1", long, *[x for n in range(300) for x in (n / 8, "m%d" % n)])
    c("DEL", "stream", "no stream")
    for n in range(1, 200):
        c("XADD", "stream", "%d-%d" % (n, n % 3), "f", n, "name", "v%d" % n, *(["more", long] if n % 50 == 0 else []))
    c("XDEL", "stream", "2-2", "100-1")
    c("XGROUP", "CREATE", "stream", "group", 0)
    c("XGROUP", "CREATE", "stream", "other", "50-2")
    c("XREADGROUP", "GROUP", "group", "alice", "COUNT", 7, "STREAMS", "stream", ">")
    c("XREADGROUP", "GROUP", "group", long, "COUNT", 9, "STREAMS", "stream", ">")
    c("XCLAIM", "stream", "group", "alice", 0, "10-1", "TIME", 1700000000000, "RETRYCOUNT", 7)
    c("XGROUP", "CREATECONSUMER", "stream", "other", "idle")
    c("XGROUP", "CREATE", "no stream", "group", "$", "MKSTREAM")
    return ["stream", "no stream", "string", "int", "negative", "big number", "compressible", "long", "list", "numbers", "intset", "set", "table",
            "hash", "large hash", "zset", "large zset"]


def version(t, server):
    words = server.info("server", client=t.client(server))["redis_version"].split(".")
    return tuple(int(word) for word in words[:2])


def encodings(c, keys):
    return {key: c("OBJECT", "ENCODING", key) for key in keys}


def groups(reply):
    """What XINFO STREAM FULL says but for the times that servers before 7.2 do not know."""
    if isinstance(reply, list):
        return [groups(reply[n]) for n in range(len(reply)) if b"active-time" not in (reply[n], n and reply[n - 1])]
    return reply


def digests(c, keys):
    """Digests tell nothing of a stream's groups."""
    return {key: (c("DEBUG", "DIGEST-VALUE", key)[0], c("TYPE", key) == "stream" and groups(c("XINFO", "STREAM", key, "FULL", "COUNT", 0)))
            for key in keys}


@test
def payloads_from_and_to_stock(t):
    """Values of every encoding go from stock to this server and back, and are what they were."""
    stock_server = t.stock(enable_debug_command="yes")
    ours, stock = t.client(t.server(enable_debug_command="yes")), t.client(stock_server)
    newest = version(t, stock_server) >= (7, 2)
    for limits in (SMALL, LARGE):
        ours("FLUSHALL")
        stock("FLUSHALL")
        for name, value in limits.items():
            ours("CONFIG", "SET", name, value)
            stock("CONFIG", "SET", name, value)
        keys = fill(stock)
        for key in keys:
            ours("RESTORE", key, 0, stock("DUMP", key))
        eq(digests(ours, keys), digests(stock, keys))
        if newest:
            eq(encodings(ours, keys), encodings(stock, keys))
        for rdb_version in (10, 11) if newest else (10,):
            ours("CONFIG", "SET", "rdb-version", rdb_version)
            before = digests(stock, keys)
            for key in keys:
                stock("RESTORE", key, 0, ours("DUMP", key), "REPLACE")
            eq(digests(stock, keys), before)
            for key in keys:
                payload = ours("DUMP", key)
                eq(payload[-10], rdb_version)
                ours("RESTORE", "copy", 0, payload, "REPLACE")
                eq(ours("DEBUG", "DIGEST-VALUE", "copy"), ours("DEBUG", "DIGEST-VALUE", key))


@test
def options_of_restore(t):
    """REPLACE, ABSTTL, IDLETIME and FREQ; times that have passed."""
    c = t.client()
    c("SET", "k", "v")
    payload = c("DUMP", "k")
    eq(c("DUMP", "none"), None)
    fails(c, "BUSYKEY Target key name already exists.", "RESTORE", "k", 0, payload)
    eq(c("RESTORE", "k", 0, payload, "REPLACE"), "OK")
    eq(c("PTTL", "k"), -1)
    eq(c("RESTORE", "k", 5000, payload, "replace"), "OK")
    check(4000 < c("PTTL", "k") <= 5000, "relative time")
    eq(c("RESTORE", "k", 2569591501000, payload, "REPLACE", "absttl"), "OK")
    eq(c("PEXPIRETIME", "k"), 2569591501000)
    eq(c("RESTORE", "k", 1, payload, "REPLACE", "ABSTTL"), "OK")
    eq(c("EXISTS", "k"), 0)
    eq(c("RESTORE", "k", 1, payload, "ABSTTL"), "OK")
    eq(c("EXISTS", "k"), 0)
    eq(c("RESTORE", "k", 0, payload, "IDLETIME", 1000), "OK")
    check(1000 <= c("OBJECT", "IDLETIME", "k") <= 1010, "idle time")
    c("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    eq(c("RESTORE", "k", 0, payload, "REPLACE", "FREQ", 100), "OK")
    eq(c("OBJECT", "FREQ", "k"), 100)


@test
def errors_of_restore(t):
    """In Redis's order, with Redis's words; nothing is changed."""
    c = t.client(t.server(enable_debug_command="yes"))
    c("SET", "k", "v")
    payload = c("DUMP", "k")
    fails(c, "ERR syntax error", "RESTORE", "n", 0, payload, "WHAT")
    fails(c, "ERR syntax error", "RESTORE", "n", 0, payload, "IDLETIME")
    fails(c, "ERR syntax error", "RESTORE", "n", 0, payload, "IDLETIME", 1, "FREQ", 1)
    fails(c, "ERR Invalid IDLETIME value, must be >= 0", "RESTORE", "n", 0, payload, "IDLETIME", -1)
    fails(c, "ERR Invalid FREQ value, must be >= 0 and <= 255", "RESTORE", "n", 0, payload, "FREQ", 256)
    fails(c, "ERR value is not an integer or out of range", "RESTORE", "n", "x", payload)
    fails(c, "ERR Invalid TTL value, must be >= 0", "RESTORE", "n", -1, payload)
    fails(c, WRONG, "RESTORE", "n", 0, "short")
    fails(c, WRONG, "RESTORE", "n", 0, payload[:-1] + bytes([payload[-1] ^ 1]))
    fails(c, WRONG, "RESTORE", "n", 0, payload[:-10] + b"\x0c\x00" + payload[-8:])
    eq(c("EXISTS", "n"), 0)
    c("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", 1)
    fails(c, BAD, "RESTORE", "n", 0, b"\x10\x02xx" + payload[-10:])
    fails(c, BAD, "RESTORE", "n", 0, b"\x02\x05\x01a" + payload[-10:])
    fails(c, BAD, "RESTORE", "n", 0, b"\x63\x01a" + payload[-10:])
    fails(c, BAD, "RESTORE", "n", 0, b"\x02\x00" + payload[-10:])
    fails(c, BAD, "RESTORE", "k", 0, b"\x02\x02\x01a\x01a" + payload[-10:], "REPLACE")
    eq(c("GET", "k"), b"v")
    twice = b"\x14\x0d\x0d\x00\x00\x00\x02\x00\x81a\x02\x81a\x02\xff" + payload[-10:]
    eq(c("RESTORE", "n", 0, twice), "OK")
    c("DEL", "n")
    c("CONFIG", "SET", "sanitize-dump-payload", "yes")
    fails(c, BAD, "RESTORE", "n", 0, twice)
    c("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", 0)
    fails(c, WRONG, "RESTORE", "n", 0, twice)
