"""Random commands on lists, with every option, border values and mistakes."""

KEYS = [b"l1", b"l2", b"l3", b"{t}4", b"l\x00\r\n\xff", b"text"]
NUMBERS = ["0", "1", "-1", "2", "-2", "3", "-3", "10", "-10", "100", "-100", "-0", "x", "", "1.5", "9223372036854775807",
           "-9223372036854775808", "9223372036854775808"]
ENDS = ["LEFT", "RIGHT", "left", "Right"]


class ListStream:
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    def __init__(self, random, of_7_2=True):
        """`of_7_2`: compared with a Redis 7.2, whose words for a timeout that is too large are others than before."""
        self.random, self.of_7_2 = random, of_7_2
        self.wrong_timeouts = ["x", "-1", ""] + (["1e20", "inf", "nan"] if of_7_2 else [])
        table = [
            ("RPUSH", 16, lambda: [self.key()] + self.elements()), ("LPUSH", 10, lambda: [self.key()] + self.elements()),
            ("RPUSHX", 2, lambda: [self.key()] + self.elements()), ("LPUSHX", 2, lambda: [self.key()] + self.elements()),
            ("LPOP", 6, self.pop), ("RPOP", 6, self.pop), ("LLEN", 3, self.one_key),
            ("LINDEX", 4, lambda: [self.key(), self.number()]), ("LSET", 6, self.lset),
            ("LRANGE", 6, lambda: [self.key(), self.number(), self.number()]),
            ("LTRIM", 2, lambda: [self.key(), self.number(), self.number()]),
            ("LREM", 5, lambda: [self.key(), self.number(), self.element()]),
            ("LINSERT", 5, lambda: [self.key(), self.choice(["BEFORE", "AFTER", "after", "Before"]), self.element(), self.element()]),
            ("LPOS", 5, self.lpos), ("LMOVE", 5, lambda: [self.key(), self.key(), self.end(), self.end()]),
            ("RPOPLPUSH", 3, lambda: [self.key(), self.key()]), ("LMPOP", 4, self.lmpop),
            ("BLPOP", 1, self.ready_keys), ("BRPOP", 1, self.ready_keys),
            ("BLMOVE", 1, lambda: [b"full", self.key(), self.end(), self.end(), self.timeout()]),
            ("BRPOPLPUSH", 1, lambda: [b"full", self.key(), self.timeout()]),
            ("BLMPOP", 1, lambda: [self.timeout(), "2", self.key(), b"full", self.end()] + self.maybe(["COUNT", "3"])),
            ("SET", 0.3, lambda: [self.key(), self.element()]), ("DEL", 1, self.one_key), ("TYPE", 2, self.one_key),
            ("COPY", 2, lambda: [self.key(), self.key()] + self.maybe(["REPLACE"])), ("RENAME", 1, lambda: [self.key(), self.key()]),
            ("EXPIRE", 1, lambda: [self.key(), "100000"]), ("PERSIST", 1, self.one_key), ("DBSIZE", 1, list),
            ("MULTI", 1, list), ("EXEC", 2, list), ("WATCH", 1, self.one_key), ("UNWATCH", 1, list),
            ("OBJECT", 1, lambda: ["ENCODING", self.key()]),
        ]
        self.names = [row[0] for row in table]
        self.weights = [row[1] for row in table]
        self.makers = {row[0]: row[2] for row in table}

    def choice(self, values):
        return self.random.choice(values)

    def maybe(self, words, chance=0.5):
        return words if self.random.random() < chance else []

    def key(self):
        return self.choice(KEYS)

    def one_key(self):
        return [self.key()]

    def end(self):
        return self.choice(ENDS) if self.random.random() < 0.98 else "up"

    def timeout(self):
        return self.choice(["0", "1", "0.5", "100"]) if self.random.random() < 0.9 else self.choice(self.wrong_timeouts)

    def ready_keys(self):
        """The last list is never empty: nobody waits."""
        return [self.key(), self.key(), b"full", self.timeout()]

    def number(self):
        return str(self.random.randint(-8, 12)) if self.random.random() < 0.8 else self.choice(NUMBERS)

    def element(self):
        kind = self.random.random()
        if kind < 0.5:
            return str(self.random.randint(-3, 12))
        if kind < 0.8:
            return "e%d" % self.random.randint(0, 12)
        if kind < 0.88:
            return self.choice(["127", "-4096", "32767", "-8388609", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808"])
        if kind < 0.98:
            return self.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"y" * 300])
        return self.choice([b"z" * 4095, b"z" * 4096, b"z" * 8160, b"z" * 8192, b"z" * 20000])

    def elements(self):
        many = self.random.random() < 0.05
        return [self.element() for _ in range(self.choice([50, 200]) if many else self.choice([1, 1, 1, 2, 3, 10]))]

    def pop(self):
        return [self.key()] + self.maybe([self.number()])

    def lset(self):
        index = self.number()
        # 7.2.4 looks at 32 bits of it.
        return [self.key(), index if self.of_7_2 or len(index) < 10 else "99", self.element()]

    def lpos(self):
        words = [self.key(), self.element()]
        for name in ("RANK", "COUNT", "MAXLEN", "count"):
            words += self.maybe([name, self.number()], 0.25)
        # Redis 7.0 takes this rank for another.
        return words if self.of_7_2 else ["-1" if word == "-9223372036854775808" else word for word in words]

    def lmpop(self):
        keys = [self.key() for _ in range(self.choice([1, 2, 3]))]
        number = len(keys) if self.random.random() < 0.9 else self.choice(NUMBERS)
        return [str(number)] + keys + [self.end()] + self.maybe(["COUNT", self.number()])

    def next(self):
        """One command as a list of words; now and then with a mistake in it."""
        name = self.random.choices(self.names, self.weights)[0]
        words = self.makers[name]()
        chance = self.random.random()
        if name in ("MULTI", "EXEC", "WATCH", "UNWATCH") or name.startswith("B"):
            return [name] + words
        if chance < 0.02 and words:
            words.pop()
        elif chance < 0.04:
            words.append(self.choice([b"junk", b"", b"10"]))
        return [name.lower() if chance > 0.9 else name] + words
