"""Random commands on sets, with every option, border values and mistakes."""

KEYS = [b"s1", b"s2", b"s3", b"s4", b"{t}5", b"s\x00\r\n\xff", b"text"]
COUNTS = ["0", "1", "2", "-1", "-0", "x", "", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854775808"]
# Sampled members are random by nature; all of them, or none, are not.
ALL = "100000"


class SetStream:
    """An endless stream of commands from one random source, whose replies are the same on any server, but for their order."""

    def __init__(self, random):
        self.random = random
        table = [
            ("SADD", 20, lambda: [self.key()] + self.members()), ("SREM", 12, lambda: [self.key()] + self.members()),
            ("SISMEMBER", 4, lambda: [self.key(), self.member()]), ("SMISMEMBER", 4, lambda: [self.key()] + self.members()),
            ("SCARD", 4, self.one_key), ("SMEMBERS", 4, self.one_key), ("SMOVE", 6, lambda: [self.key(), self.key(), self.member()]),
            ("SPOP", 1.5, lambda: [self.key(), self.count()]), ("SRANDMEMBER", 3, lambda: [self.key(), self.count()]),
            ("SINTER", 5, self.some_keys), ("SUNION", 5, self.some_keys), ("SDIFF", 5, self.some_keys), ("SINTERCARD", 5, self.sintercard),
            ("SINTERSTORE", 4, lambda: self.one_key() + self.some_keys()), ("SUNIONSTORE", 2, lambda: self.one_key() + self.some_keys()),
            ("SDIFFSTORE", 4, lambda: self.one_key() + self.some_keys()), ("SSCAN", 4, self.sscan), ("SET", 0.3, lambda: [self.key(), self.member()]),
            ("DEL", 1.5, self.one_key), ("TYPE", 2, self.one_key), ("OBJECT", 6, lambda: ["ENCODING", self.key()]),
            ("COPY", 2, lambda: [self.key(), self.key()] + self.maybe(["REPLACE"])), ("RENAME", 1, lambda: [self.key(), self.key()]),
            ("EXPIRE", 1, lambda: [self.key(), "100000"]), ("PERSIST", 1, self.one_key), ("DBSIZE", 1, list),
            ("MULTI", 1, list), ("EXEC", 2, list), ("WATCH", 1, self.one_key), ("UNWATCH", 1, list),
            ("DEBUG", 1, lambda: ["DIGEST-VALUE"] + self.some_keys()),
        ]
        self.names = [row[0] for row in table]
        self.weights = [row[1] for row in table]
        self.makers = {row[0]: row[2] for row in table}

    def maybe(self, words, chance=0.5):
        return words if self.random.random() < chance else []

    def key(self):
        return self.random.choice(KEYS)

    def one_key(self):
        return [self.key()]

    def some_keys(self):
        return [self.key() for _ in range(self.random.choice([1, 2, 2, 3, 6]))]

    def member(self):
        kind = self.random.random()
        if kind < 0.55:
            return str(self.random.randint(-5, 400))
        if kind < 0.85:
            return "m%d" % self.random.randint(0, 150)
        if kind < 0.9:
            return self.random.choice(["32767", "-32769", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808"])
        return self.random.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 300, b"y" * 5000])

    def members(self):
        if self.random.random() < 0.04:
            first = self.random.randint(0, 300)
            return [str(n) for n in range(first, first + self.random.choice([20, 127, 128, 129, 200, 512]))]
        return [self.member() for _ in range(self.random.choice([1, 1, 1, 2, 3, 10]))]

    def count(self):
        return self.random.choice(COUNTS[:1] + COUNTS[4:7] + COUNTS[10:]) if self.random.random() < 0.5 else ALL

    def sintercard(self):
        keys = self.some_keys()
        number = len(keys) if self.random.random() < 0.9 else self.random.choice(COUNTS + [len(keys) + 1])
        return [str(number)] + keys + self.maybe(["LIMIT", self.random.choice(COUNTS + ["5", "100"])], 0.4)

    def sscan(self):
        cursor = "0" if self.random.random() < 0.9 else self.random.choice(["x", "", "-", " 0"])
        pattern = self.random.choice(["*", "m*", "1?", "[a-m]1*", "", "m1", "\\*"])
        return [self.key(), cursor] + ["COUNT", ALL] + self.maybe(["MATCH", pattern], 0.4) + self.maybe(["COUNT", self.random.choice(["0", "-1", "x"])], 0.05)

    def next(self):
        """One command as a list of words; now and then with a mistake in it."""
        name = self.random.choices(self.names, self.weights)[0]
        words = self.makers[name]()
        chance = self.random.random()
        if name in ("MULTI", "EXEC", "WATCH", "UNWATCH", "SPOP", "SSCAN", "SRANDMEMBER"):
            return [name] + words
        if chance < 0.02 and words:
            words.pop()
        elif chance < 0.04:
            words.append(self.random.choice([b"junk", b"", b"10"]))
        return [name.lower() if chance > 0.9 else name] + words
