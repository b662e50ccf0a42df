"""Random commands on strings, keys, times and transactions, with every option, border values and mistakes.

Times to live are far away or in the past, so that the same stream gives the same replies on any server at any speed.
"""
import itertools
import time

from harness.random_stream import RandomStream

KEYS = [b"a", b"b", b"c", b"k1", b"k2", b"k3", b"num", b"float", b"text", b"big", b"", b"bin\x00\r\n\xff", b"{tag}1", b"{tag}2", b"list", b"hll1", b"hll2"]
HLLS = [b"pf1", b"pf2"]  # HyperLogLogs that only their own commands change
INTEGERS = ["0", "1", "-1", "2", "7", "10", "100", "9999", "10000", "-0", "01", "+1", " 1", "1 ", "", "x", "1.5", "1e3", "0x10",
            "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808", "-9223372036854775809", "9223372036854775806", "9223372036854776", "-9223372036854776",
            "18446744073709551615", "18446744073709551616", "99999999999999999999999"]
FLOATS = ["0", "1", "-1", "1.5", "-2.25", "0.1", "3.0", "1e2", "1e-2", "1E5", "5e-324", "1e308", "1e4931", "1e5000", "-1e4931", "inf", "-inf",
          "+inf", "infinity", "nan", "0x1p3", "0x10", ".5", "5.", "", " 1", "1 ", "x", "1.5x", "1e", "00.5", "-0", "-0.0", "1.23456789012345678901",
          "0.00000000000000001", "100000000000000000000", "9007199254740993"]
VALUES = [b"", b"0", b"1", b"-5", b"12345", b"10000", b"3.0", b"1.5e3", b"hello", b"hello world", b"\x00\x01\r\n\xff", b"x" * 43, b"x" * 44, b"x" * 45,
          b"y" * 64, b"z" * 300, b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"ohmytext", b"mynewtext", b" 12", b"012",
          b"w" * 5000]


_SPANS = itertools.count(1)  # each span of GT and LT is another one


class Stream(RandomStream):
    """Commands on strings, keys, times, transactions and databases; of other families one or two, for wrong types."""

    KEYS = KEYS

    def __init__(self, random, lists=False, bits=False, hashes=False, of_7_2=False):
        self.now = int(time.time())
        table = [
            ("SET", 12, self.set_), ("GET", 8, self.one_key), ("GETSET", 2, self.key_value), ("GETDEL", 2, self.one_key),
            ("GETEX", 4, self.getex), ("SETNX", 2, self.key_value), ("SETEX", 2, lambda: [self.key(), self.seconds(), self.value()]),
            ("PSETEX", 2, lambda: [self.key(), self.milliseconds(), self.value()]), ("APPEND", 4, self.key_value), ("STRLEN", 2, self.one_key),
            ("GETRANGE", 4, lambda: [self.key(), self.index(), self.index()]), ("SUBSTR", 1, lambda: [self.key(), self.index(), self.index()]),
            ("SETRANGE", 4, lambda: [self.key(), self.offset(), self.value()]), ("INCR", 3, self.one_key), ("DECR", 3, self.one_key),
            ("INCRBY", 4, lambda: [self.key(), self.integer()]), ("DECRBY", 4, lambda: [self.key(), self.integer()]),
            ("INCRBYFLOAT", 5, lambda: [self.key(), self.float_()]), ("MGET", 3, self.some_keys), ("MSET", 3, self.pairs), ("MSETNX", 2, self.pairs),
            ("LCS", 3, self.lcs), ("DEL", 3, self.some_keys), ("UNLINK", 2, self.some_keys), ("EXISTS", 3, self.some_keys),
            ("TYPE", 2, self.one_key), ("TOUCH", 1, self.some_keys), ("RENAME", 3, self.two_keys), ("RENAMENX", 2, self.two_keys),
            ("COPY", 4, self.copy), ("MOVE", 2, lambda: [self.key(), self.database()]), ("SWAPDB", 1, lambda: [self.database(), self.database()]),
            ("KEYS", 1, self.pattern), ("SCAN", 1, self.scan), ("RANDOMKEY", 1, list), ("DBSIZE", 2, list), ("FLUSHDB", 0.3, self.flush),
            ("FLUSHALL", 0.1, self.flush), ("EXPIRE", 3, lambda: self.expire(self.seconds)), ("PEXPIRE", 3, lambda: self.expire(self.milliseconds)),
            ("EXPIREAT", 3, lambda: self.expire(self.second_at)), ("PEXPIREAT", 3, lambda: self.expire(self.millisecond_at)),
            ("TTL", 2, self.one_key), ("PTTL", 2, self.one_key), ("EXPIRETIME", 2, self.one_key), ("PEXPIRETIME", 2, self.one_key),
            ("PERSIST", 2, self.one_key), ("OBJECT", 3, self.object_), ("MULTI", 3, list), ("EXEC", 4, list), ("DISCARD", 1, list),
            ("WATCH", 2, self.some_keys), ("UNWATCH", 1, list), ("PING", 1, lambda: self.maybe([self.value()])), ("ECHO", 1, lambda: [self.value()]),
            ("SELECT", 2, lambda: [self.database()]), ("COMMAND", 1, self.getkeys), ("NOSUCHCOMMAND", 0.3, self.some_keys),
        ]
        if bits:
            table += [
                ("SETBIT", 3, lambda: [self.key(), self.bit_offset(), self.random.choice(["0", "1", "1", "2", "x"])]),
                ("GETBIT", 2, lambda: [self.key(), self.bit_offset()]), ("BITCOUNT", 2, lambda: [self.key()] + self.range_()),
                ("BITPOS", 2, lambda: [self.key(), self.random.choice("0011x")] + self.range_()), ("BITFIELD", 3, self.bitfield),
                ("BITFIELD_RO", 1, self.bitfield), ("PFADD", 3, self.pfadd),
                ("BITOP", 2, lambda: [self.random.choice(["AND", "OR", "XOR", "NOT"]), self.key()] + self.some_keys()),
                ("PFCOUNT", 2, lambda: [self.hll() for _ in range(self.random.choice([1, 1, 2]))]), ("PFMERGE", 2, lambda: [self.hll(), self.hll()]),
                ("PFDEBUG", 1, lambda: [self.random.choice(["ENCODING", "DECODE", "TODENSE", "NOSUCH"]), self.hll()]),
            ]
        if hashes:
            table += [
                ("HSET", 2, lambda: [self.key(), self.field(), self.value()] + self.maybe([self.field(), self.value()], 0.3)),
                ("HGET", 1, lambda: [self.key(), self.field()]), ("HDEL", 1, lambda: [self.key(), self.field()]),
                ("HINCRBY", 1, lambda: [self.key(), self.field(), self.integer()]), ("HLEN", 0.5, self.one_key),
                ("HINCRBYFLOAT", 1, lambda: [self.key(), self.field(), self.float_()]),
            ]
        if lists:
            table += [("LPUSH", 1, self.key_value), ("SADD", 0.5, self.key_value)]
        super().__init__(random, table, of_7_2)

    # --- arguments -----------------------------------------------------------------------------------------
    def some_keys(self):
        return [self.key() for _ in range(self.random.choice([1, 1, 2, 3, 8]))]

    def key_value(self):
        return [self.key(), self.value()]

    def field(self):
        return self.random.choice([b"1", b"2", b"field", b"", b"\x00\xff"])

    def pairs(self):
        return [word for _ in range(self.random.choice([1, 2, 3, 5])) for word in (self.key(), self.value())]

    def value(self):
        if self.random.random() < 0.15:
            return self.random.randbytes(self.random.randint(0, 60))
        return self.random.choice(VALUES)

    def integer(self):
        return self.random.choice(INTEGERS) if self.random.random() < 0.4 else str(self.random.randint(-1000, 1000))

    def float_(self):
        return self.random.choice(FLOATS) if self.random.random() < 0.6 else "%g" % self.random.uniform(-1000, 1000)

    def index(self):
        return self.random.choice(INTEGERS) if self.random.random() < 0.15 else str(self.random.randint(-70, 70))

    def offset(self):
        return self.random.choice(INTEGERS[:12] + ["536870911000", "-1", "x"]) if self.random.random() < 0.2 else str(self.random.randint(0, 100))

    # Far offsets that are allowed would make strings of hundreds of megabytes.
    def bit_offset(self):
        return self.random.choice(["", "x", "-1", "1.5", "4294967296", "9223372036854775807"]) if self.random.random() < 0.1 else str(self.random.randint(0, 700))

    def range_(self):
        return self.maybe([self.index()] + self.maybe([self.index()] + self.maybe([self.random.choice(["BIT", "BYTE"])], 0.6), 0.8), 0.8)

    def bitfield(self):
        words = [self.key()]
        for _ in range(self.random.choice([0, 1, 1, 2, 4])):
            place = [self.random.choice("iu") + str(self.random.randint(1, 64)), self.random.choice([self.bit_offset(), "#%d" % self.random.randint(0, 20)])]
            words += self.maybe(["OVERFLOW", self.random.choice(["WRAP", "SAT", "FAIL"])], 0.3)
            words += self.random.choice([["GET"] + place, ["SET"] + place + [self.integer()], ["INCRBY"] + place + [self.integer()]])
        return words

    def pfadd(self):
        # Of several elements Redis keeps those before the one at which it finds that the value is corrupt: such are for whole ones.
        whole = self.random.random() < 0.6
        count = self.random.choice([0, 1, 2, 9] if whole else [0, 1])
        return [self.random.choice(HLLS) if whole else self.hll()] + [self.value() for _ in range(count)]

    def hll(self):
        """One of those that other commands change too; Debian's 7.0 refuses more of what they make."""
        if not self.of_7_2 or self.random.random() < 0.3:
            return self.random.choice(HLLS)
        return self.random.choice([b"hll1", b"hll2"]) if self.random.random() < 0.9 else self.key()

    def database(self):
        return self.random.choice(["0", "0", "0", "1", "2", "3", "15", "16", "-1", "x", "99999999999999"]) if self.random.random() < 0.5 else "0"

    def bad_time(self):
        return self.random.choice(INTEGERS)

    # Bad times that mean a moment within the length of a test would make replies depend on speed.
    def far(self, value, unit, absolute):
        try:
            moment = int(value) * unit + (0 if absolute else self.now * 1000)
        except ValueError:
            return value
        near = abs(moment - self.now * 1000) < 10**8 and (absolute or int(value) > 0)
        return value if not near else "100000" if absolute or unit == 1000 else "100000000"

    def seconds(self):
        return self.far(self.bad_time(), 1000, False) if self.random.random() < 0.25 else str(self.random.choice([0, -1, 200000, 300000, 10**9]))

    def milliseconds(self):
        return self.far(self.bad_time(), 1, False) if self.random.random() < 0.25 else str(self.random.choice([0, -1, 2 * 10**8, 3 * 10**8, 10**12]))

    def second_at(self):
        return self.far(self.bad_time(), 1000, True) if self.random.random() < 0.25 else str(self.random.choice([0, 1, self.now + 200000, self.now + 300000]))

    def millisecond_at(self):
        if self.random.random() < 0.25:
            return self.far(self.bad_time(), 1, True)
        return str(self.random.choice([0, 1, self.now * 1000 + 2 * 10**8, self.now * 1000 + 3 * 10**8 + 7]))

    def option_time(self):
        kind = self.random.choice(["EX", "PX", "EXAT", "PXAT"])
        return [kind, {"EX": self.seconds, "PX": self.milliseconds, "EXAT": self.second_at, "PXAT": self.millisecond_at}[kind]()]

    # SET with a moment in the past makes a key that is gone for readers, but counted until it is reclaimed.
    def option_future_time(self):
        kind, value = self.option_time()
        past = value.isdigit() and 0 < int(value) * (1000 if kind == "EXAT" else 1) < self.now * 1000
        return [kind, str(10**13) if past and kind in ("EXAT", "PXAT") else value]

    # --- commands ------------------------------------------------------------------------------------------
    def set_(self):
        words = [self.maybe(["NX"], 0.15), self.maybe(["XX"], 0.15), self.maybe(["GET"], 0.25), self.maybe(["KEEPTTL"], 0.12),
                 self.maybe(self.option_future_time(), 0.3), self.maybe(self.option_future_time(), 0.02)]
        self.random.shuffle(words)
        return [self.key(), self.value()] + sum(words, [])

    def getex(self):
        return [self.key()] + self.maybe(self.option_time()) + self.maybe(["PERSIST"], 0.2)

    def lcs(self):
        words = [self.maybe(["LEN"], 0.3), self.maybe(["IDX"], 0.5), self.maybe(["WITHMATCHLEN"], 0.4), self.maybe(["MINMATCHLEN", self.index()], 0.4)]
        self.random.shuffle(words)
        return [self.random.choice([b"a", b"text", b"k1", b"k2", b"list"]), self.random.choice([b"a", b"text", b"k1", b"b"])] + sum(words, [])

    def copy(self):
        return [self.key(), self.key()] + self.maybe(["DB", self.database()], 0.3) + self.maybe(["REPLACE"], 0.4)

    def expire(self, moment):
        words = sum((self.maybe([word], 0.15) for word in ("NX", "XX", "GT", "LT")), [])
        value = moment()
        if ("GT" in words or "LT" in words) and moment in (self.seconds, self.milliseconds):
            # Which of two equal spans ends later depends on the millisecond in which each server ran the command.
            number = next(_SPANS)
            value = str(5005 + 10 * number if moment == self.seconds else 5005003 + 10000 * number)
        return [self.key(), value] + words + self.maybe(["ZZ"], 0.02)

    def pattern(self):
        return [self.random.choice(["*", "k*", "k?", "[a-c]", "[^a]", "{tag}*", "", "\\*", "n[ou]m", "*\x00*", "[", "k[1-", "*1", "?*?"])]

    def scan(self):
        return ["0", "COUNT", "100000"] + self.maybe(["MATCH"] + self.pattern(), 0.4) + self.maybe(["TYPE", self.random.choice(["string", "list", "hash"])], 0.3)

    def flush(self):
        return self.maybe([self.random.choice(["SYNC", "ASYNC", "bad"])])

    def object_(self):
        return [self.random.choice(["ENCODING", "ENCODING", "IDLETIME", "FREQ", "REFCOUNT", "NOSUCH"]), self.key()]

    def getkeys(self):
        name, words = self.plain()
        return ["GETKEYS", name] + words

    # --- the stream ----------------------------------------------------------------------------------------
    def plain(self):
        """A command with at least one argument (COMMAND GETKEYS of 7.0 wants that, of 7.2 does not)."""
        while True:
            name = self.pick()
            words = [] if name == "COMMAND" else self.makers[name]()
            if words:
                return name, words

    def next(self):
        """One command as a list of words; now and then with a mistake in it."""
        name = self.pick()
        words = self.makers[name]()
        chance = self.random.random()
        if name == "COMMAND":
            return [name] + words
        if chance < 0.02 and words:
            words.pop()
        elif chance < 0.04:
            words.append(self.random.choice([b"junk", b"", b"EX", b"NX", b"10"]))
        elif chance < 0.05 and words and name not in ("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "SETEX", "PSETEX"):
            words[self.random.randrange(len(words))] = self.random.choice([b"junk", b""])
        if chance > 0.9:
            name = name.lower()
            words = [word.lower() if isinstance(word, str) else word for word in words]
        return [name] + words
