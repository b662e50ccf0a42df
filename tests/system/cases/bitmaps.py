"""SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP, BITFIELD: what Redis says, and the same as a stock server says."""
from harness.framework import NOT_INTEGER, WRONG_TYPE, check, eq, fails, short, test, wrong_arity

OFFSET = "ERR bit offset is not an integer or out of range"
BIT = "ERR bit is not an integer or out of range"
FIELD = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."


class Both:
    """Gives commands to the server under test and to a stock server; the replies are to be the same."""

    def __init__(self, t):
        t.note("seed %d" % t.seed)
        self.ours = t.client()
        self.theirs = t.client(t.stock())

    def __call__(self, *commands):
        for words, ours, theirs in zip(commands, self.ours.pipeline(commands), self.theirs.pipeline(commands)):
            check(type(ours) is type(theirs) and ours == theirs,
                  "%s\n  server under test %s\n  stock             %s" % (short(words, 300), short(ours, 300), short(theirs, 300)))


@test
def single_bits(t):
    """SETBIT and GETBIT on missing keys, integers and long strings; what is not changed is not made longer."""
    c = t.client()
    eq(c("GETBIT", "k", 100), 0)
    eq(c("SETBIT", "k", 1, 1), 0)
    eq(c("GET", "k"), b"@")
    eq(c("SETBIT", "k", 1, 1), 1)
    eq(c("SETBIT", "k", 15, 0), 0)
    eq(c("GET", "k"), b"@\0")
    c("SET", "n", 1234, "EX", 100)
    eq(c("GETBIT", "n", 2), 1)
    eq(c("SETBIT", "n", 7, 0), 1)
    eq(c("GET", "n"), b"0234")
    eq(c("TTL", "n") > 0, True)
    eq(c("SETBIT", "long", 80000, 1), 0)
    eq(c("STRLEN", "long"), 10001)
    eq(c("BITCOUNT", "long"), 1)
    for bad in (-1, 4294967296, "x", "", 2**63, "#1"):
        fails(c, OFFSET, "SETBIT", "k", bad, 1)
        fails(c, OFFSET, "GETBIT", "k", bad)
    for bad in (2, -1, "x", "", "1.0"):
        fails(c, BIT, "SETBIT", "k", 0, bad)
    fails(c, OFFSET, "SETBIT", "k", "x", "x")
    c("CONFIG", "SET", "proto-max-bulk-len", "1mb")
    fails(c, OFFSET, "SETBIT", "k", 8 << 20, 1)
    eq(c("SETBIT", "k", (8 << 20) - 1, 1), 0)
    eq(c("STRLEN", "k"), 1 << 20)
    wrong_arity(c, "SETBIT", "k", 0)
    wrong_arity(c, "GETBIT", "k")


@test
def ranges(t):
    """BITCOUNT and BITPOS with every range of a short string and with random ranges of long ones equal stock's."""
    both = Both(t)
    for value in (b"\xff\xf0\x00", b"\x00\x0f\xff", b"123", b"", b"\xff\xff", b"\0\0\0", t.random.randbytes(2), b"\x7f"):
        both(["SET", "k", value])
        commands = [[name, "k"] + bit for name, bit in (("BITCOUNT", []), ("BITPOS", [0]), ("BITPOS", [1]))]
        for start in list(range(-5, 6)) + [-2**63, 2**63 - 1]:
            commands += [["BITPOS", "k", bit, start] for bit in (0, 1)]
            for end in list(range(-5, 6)) + [-2**63, 2**63 - 1]:
                for unit in ([], ["BYTE"], ["bit"]):
                    commands += [["BITCOUNT", "k", start, end] + unit] + [["BITPOS", "k", bit, start, end] + unit for bit in (0, 1)]
        for start in range(-26, 26):
            for end in range(-26, 26):
                commands += [["BITCOUNT", "k", start, end, "BIT"], ["BITPOS", "k", 0, start, end, "BIT"], ["BITPOS", "k", 1, start, end, "BIT"]]
        both(*commands)
    for _ in range(t.size(60, quick=20, long=600)):
        size = t.random.choice([60, 300, 5000])
        value = bytearray(t.random.choice([b"\0", b"\xff"]) * size)
        for _ in range(t.random.randint(0, 3)):
            value[t.random.randrange(size)] = t.random.randrange(256)
        both(["SET", "k", bytes(value)])
        index = lambda: t.random.randint(-size * 9, size * 9)
        both(*[[name, "k"] + bit + [index(), index(), "BIT"] for _ in range(30) for name, bit in (("BITCOUNT", []), ("BITPOS", [0]), ("BITPOS", [1]))])


@test
def mistakes(t):
    """The errors of every command and their order are stock's, also for missing keys and for other types."""
    both = Both(t)
    both(["SET", "s", "value"], ["SET", "n", 5])
    commands = []
    for key in ("s", "n", "missing"):
        for rest in ([], ["x"], [0], [0, "x"], [0, 1, "WORD"], ["x", 1, "WORD"], [-1, -2, "WORD"], [0, 1, "BIT", 2], [0, 1, "BIT", 2, 3]):
            commands += [["BITCOUNT", key] + rest] + [["BITPOS", key, bit] + rest for bit in (0, 1, 2, "x", -1, "")]
        for rest in (["GET"], ["GET", "u8"], ["GET", "u8", "x"], ["GET", "u64", 0], ["GET", "u0", 0], ["GET", "i65", 0], ["GET", "", 0], ["GET", "i", 0],
                     ["GET", "x8", 0], ["GET", "i08", 0], ["GET", "i+8", 0], ["GET", b"u8\0x", 0], ["GET", "u8", "#"], ["GET", "u8", "#-1"], ["GET", "u8", -1],
                     ["GET", "u8", 4294967295], ["GET", "u8", 4294967296], ["GET", "u8", "#536870912"], ["SET", "u8", 0], ["SET", "u8", 0, "x"],
                     ["INCRBY", "u8", 0, ""], ["OVERFLOW"], ["OVERFLOW", "none"], ["OVERFLOW", "SAT"], ["OVERFLOW", "SAT", "GET", "u8", 0],
                     ["GET", "u8", 0, "NOSUCH"], ["SET", "u8", 0, 1, "GET"], [], ["NOSUCH", "u8", 0, 1]):
            commands += [["BITFIELD", key] + rest, ["BITFIELD_RO", key] + rest]
    for operation in ("AND", "or", "XOR", "NOT", "NAND", ""):
        for keys in (["d", "s"], ["d", "s", "n"], ["d", "missing"], ["d", "missing", "missing"], ["d", "s", "missing"], ["d"]):
            commands += [["BITOP", operation] + keys, ["GET", "d"], ["OBJECT", "ENCODING", "d"]]
    commands += [["BITFIELD_RO", "s", "SET", "u8", 0, 1], ["BITFIELD"], ["BITFIELD_RO"], ["BITCOUNT"], ["BITPOS", "s"], ["BITOP"], ["GET", "s"], ["EXISTS", "missing"]]
    both(*commands)
    c = both.ours
    fails(c, FIELD, "BITFIELD", "s", "GET", "u64", 0)
    fails(c, NOT_INTEGER, "BITFIELD", "s", "SET", "u8", 0, "x")
    t.need("LPUSH", client=c)
    c("LPUSH", "l", 1)
    for words in (["SETBIT", "l", 0, 1], ["GETBIT", "l", 0], ["BITCOUNT", "l"], ["BITPOS", "l", 0], ["BITOP", "AND", "d", "l"], ["BITFIELD", "l"],
                  ["BITFIELD", "l", "SET", "u8", 0, 1], ["BITFIELD_RO", "l", "GET", "u8", 0], ["PFADD", "l", 1], ["PFCOUNT", "l"], ["PFMERGE", "d", "l"]):
        fails(c, WRONG_TYPE, *words)


@test
def encodings(t):
    """OBJECT ENCODING after each command is stock's: what could have been changed is raw."""
    both = Both(t)
    for words in (["SETBIT", "k", 0, 0], ["SETBIT", "k", 2, 1], ["SETBIT", "k", 100, 0], ["GETBIT", "k", 0], ["BITFIELD", "k", "SET", "u1", 0, 0],
                  ["BITFIELD", "k", "GET", "u1", 0], ["BITFIELD", "k", "INCRBY", "u8", 200, 0], ["BITOP", "OR", "k", "k"], ["BITCOUNT", "k"]):
        for value in ("12", "text", "x" * 50, "x" * 2000):
            both(["SET", "k", value, "EX", 1000], words, ["OBJECT", "ENCODING", "k"], ["GET", "k"], ["BITOP", "NOT", "d", "k"], ["GET", "d"], ["INCR", "k"])
            both(["TTL", "k"])


@test
def fields(t):
    """Random BITFIELD operations of every width and overflow mode, with border values, equal stock's; so do the bytes."""
    both = Both(t)
    borders = [0, 1, -1, 127, 128, -128, -129, 255, 256, 2**31, -2**31, 2**32, 2**62, 2**63 - 1, -2**63, -2**63 + 1, -2**63 + 127, -2**63 + 128]
    for _ in range(t.size(1500, quick=300, long=40000)):
        words = ["BITFIELD", "k"]
        for _ in range(t.random.randint(1, 6)):
            bits = t.random.choice([1, 2, 7, 8, 9, 31, 32, 33, 63, 64, t.random.randint(1, 64)])
            kind = t.random.choice("iu") + str(bits)
            offset = t.random.choice([t.random.randint(0, 200), "#%d" % t.random.randint(0, 10), "#2305843009213693952" if bits in (8, 16, 64) else 3])
            number = t.random.choice(borders) if t.random.random() < 0.6 else t.random.randint(-300, 300)
            if t.random.random() < 0.4:
                words += ["OVERFLOW", t.random.choice(["WRAP", "SAT", "FAIL"])]
            words += t.random.choice([["GET", kind, offset], ["SET", kind, offset, number], ["INCRBY", kind, offset, number]])
        both(words, ["GET", "k"])
        if t.random.random() < 0.05:
            both(["DEL", "k"])
    both(["BITFIELD_RO", "k"] + ["GET", "i64", 3, "GET", "u63", 1000, "GET", "u1", 4294967295])


@test
def combinations(t):
    """BITOP over random strings of different lengths equals Python's own answer; the target may be a source."""
    c = t.client()
    for round_number in range(t.size(100, quick=30, long=1000)):
        longest = t.random.choice([4, 40, 1000, 70000])
        values = [t.random.randbytes(t.random.randint(0, longest)) for _ in range(t.random.randint(1, 20))]
        names = ["s%d" % i for i in range(len(values))]
        for name, value in zip(names, values):
            c("SET", name, value)
        size = max(map(len, values))
        numbers = [int.from_bytes(value.ljust(size, b"\0"), "big") for value in values]
        for operation in ("AND", "OR", "XOR"):
            result = numbers[0]
            for number in numbers[1:]:
                result = result & number if operation == "AND" else result | number if operation == "OR" else result ^ number
            eq(c("BITOP", operation, "d", *names), size)
            eq(c("GET", "d"), result.to_bytes(size, "big") if size else None)
        eq(c("BITOP", "NOT", "s0", "s0"), len(values[0]))
        eq(c("GET", "s0"), bytes(255 - byte for byte in values[0]) or None)
