"""PFADD, PFCOUNT, PFMERGE, PFDEBUG: the values are byte for byte those of a stock server."""
from cases.bitmaps import Both
from harness.framework import eq, fails, test, wrong_arity

INVALID = "WRONGTYPE Key is not a valid HyperLogLog string value."
CORRUPT = "INVALIDOBJ Corrupted HLL object detected"
HEADER = b"HYLL\x01" + b"\0" * 11


@test
def counting(t):
    """Estimates of known sets, the kept estimate in the header, the time to live of a changed value."""
    c = t.client()
    eq(c("PFCOUNT", "h"), 0)
    eq(c("PFADD", "h"), 1)
    eq(c("PFADD", "h"), 0)
    eq(c("PFADD", "h", "a", "b", "c"), 1)
    eq(c("PFADD", "h", "c", "a"), 0)
    eq(c("GETRANGE", "h", 15, 15), b"\x80")
    eq(c("PFCOUNT", "h"), 3)
    eq(c("GETRANGE", "h", 8, 15), b"\3" + b"\0" * 7)
    c("EXPIRE", "h", 100)
    eq(c("PFADD", "h", "d"), 1)
    eq(c("PFADD", "i", "d", "e"), 1)
    eq(c("PFCOUNT", "h", "i", "none"), 5)
    eq(c("PFMERGE", "h", "i", "none"), "OK")
    eq(c("PFCOUNT", "h"), 5)
    eq(c("TTL", "h") > 0, True)
    eq(c("PFMERGE", "fresh"), "OK")
    eq(c("PFCOUNT", "fresh"), 0)
    eq(c("PFDEBUG", "ENCODING", "h"), "sparse")
    eq(c("PFDEBUG", "TODENSE", "h"), 1)
    eq(c("PFDEBUG", "todense", "h"), 0)
    eq(c("PFDEBUG", "ENCODING", "h"), "dense")
    eq(c("STRLEN", "h"), 12304)
    eq(c("PFCOUNT", "h"), 5)
    eq(c("OBJECT", "ENCODING", "i"), b"raw")
    eq(c("PFSELFTEST"), "OK")
    wrong_arity(c, "PFADD")
    wrong_arity(c, "PFCOUNT")
    wrong_arity(c, "PFMERGE")


@test(limit_s=300)
def same_bytes(t):
    """Random elements and merges under several values of hll-sparse-max-bytes: replies and bytes are stock's at every step."""
    both = Both(t)
    keys = ["h1", "h2", "h3", "h4"]
    for limit in (3000, 0, 18, 25, 300, 1000, 20000):
        both(["CONFIG", "SET", "hll-sparse-max-bytes", limit], ["FLUSHALL"])
        for _ in range(t.size(150, quick=40, long=3000)):
            key, other, third = (t.random.choice(keys) for _ in range(3))
            count = t.random.choice([0, 1, 1, 2, 10, 100, 400])
            elements = [t.random.randbytes(t.random.randint(0, 20)) if t.random.random() < 0.5 else str(t.random.randint(0, 3000)) for _ in range(count)]
            words = t.random.choice([["PFADD", key] + elements, ["PFADD", key] + elements, ["PFADD", key] + elements, ["PFCOUNT", key],
                                     ["PFCOUNT", key, other, third], ["PFMERGE", key, other, third], ["PFMERGE", key], ["PFDEBUG", "DECODE", key],
                                     ["PFDEBUG", "ENCODING", key], ["DEL", key] if t.random.random() < 0.3 else ["OBJECT", "ENCODING", key],
                                     ["PFDEBUG", t.random.choice(["GETREG", "TODENSE"]) if t.random.random() < 0.1 else "NOSUCH", key]])
            both(words, ["GET", key])
    both(["CONFIG", "SET", "hll-sparse-max-bytes", 3000])


@test
def same_bytes_to_the_end(t):
    """One HyperLogLog grows element by element from empty to dense; the bytes are stock's all the way."""
    both = Both(t)
    for start in range(0, t.size(4000, quick=1000, long=200000), 50):
        both(*[["PFADD", "h", "element %d" % (start + i)] for i in range(50)])
        both(["GET", "h"], ["PFCOUNT", "h"])


@test
def corrupt_values(t):
    """Values with a HyperLogLog's header and anything behind it: Redis's errors, the value stays, the server lives."""
    c = t.client()
    for value in (b"", b"HYLL", b"12345", b"hyll" + HEADER[4:], b"HYLL\2" + HEADER[5:] + b"\x7f\xff", b"HYLL\0" + b"\0" * 11 + b"\0" * 12287,
                  b"HYLL\0" + b"\0" * 11 + b"\0" * 12289):
        c("SET", "h", value)
        for words in (["PFADD", "h", "x"], ["PFCOUNT", "h"], ["PFCOUNT", "h", "i"], ["PFMERGE", "i", "h"], ["PFMERGE", "h"], ["PFDEBUG", "DECODE", "h"]):
            fails(c, INVALID, *words)
        eq(c("GET", "h"), value)
    for runs in (b"", b"\x7f", b"\x7f\xfe", b"\0" * 3, b"\xff" * 3, b"\x40\x00" * 300):
        value = HEADER[:15] + b"\x80" + runs
        c("SET", "h", value)
        for words in (["PFCOUNT", "h"], ["PFCOUNT", "h", "i"], ["PFMERGE", "i", "h"], ["PFMERGE", "h"], ["PFDEBUG", "GETREG", "h"],
                      ["PFDEBUG", "TODENSE", "h"]):
            fails(c, CORRUPT, *words)
        fails(c, CORRUPT, "PFADD", "h", *range(10000))
        eq(c("GET", "h"), value)
        eq(c("EXISTS", "i"), 0)
    fails(c, "ERR The specified key does not exist", "PFDEBUG", "GETREG", "none")
    c("PFADD", "good", 1)
    fails(c, "ERR Unknown PFDEBUG subcommand 'x'", "PFDEBUG", "x", "good")
    c("PFDEBUG", "TODENSE", "good")
    fails(c, "ERR HLL encoding is not sparse", "PFDEBUG", "DECODE", "good")


@test
def random_runs(t):
    """Random bytes behind the header: estimates, merges and errors are stock's."""
    both = Both(t)
    of_7_2_4 = b"redis_version:7.2.4\r" in both.theirs("INFO", "server")
    for _ in range(t.size(400, quick=100, long=20000)):
        runs, left = b"", 16384
        while left > 0 and t.random.random() < 0.98:
            kind = t.random.random()
            if kind < 0.2:
                length = min(left, t.random.randint(1, 3000))
                runs += bytes([0x40 | (length - 1) >> 8, (length - 1) & 255])
            elif kind < 0.5:
                length = min(left, t.random.randint(1, 64))
                runs += bytes([length - 1])
            else:
                length = min(left, t.random.randint(1, 4))
                runs += bytes([0x80 | t.random.choice([0, 0, 1, 2, 31, t.random.randrange(32)]) << 2 | length - 1])
            left -= length
        if left > 0 and t.random.random() < 0.9:
            runs += bytes([0x40 | (left - 1) >> 8, (left - 1) & 255])
        if t.random.random() < 0.1:
            # Values behind the last register end the count in 7.2.4; later versions, and 7.0's with their mends, call them corrupt.
            runs += t.random.choice([b"\0", b"\x40\x00"] + ([b"\x80", b"\xff\xff"] if of_7_2_4 else []))
        value = HEADER[:15] + t.random.choice([b"\x80", b"\0"]) + runs
        both(["SET", "h", value], ["DEL", "i"], ["PFCOUNT", "h"], ["PFCOUNT", "h", "none"], ["PFDEBUG", "DECODE", "h"], ["PFMERGE", "i", "h"], ["GET", "i"],
             ["SET", "h", value], ["PFADD", "h", t.random.randrange(1000)], ["GET", "h"])
