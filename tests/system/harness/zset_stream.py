"""Random commands on sorted sets, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

KEYS = [b"z1", b"z2", b"z3", b"z4", b"{t}5", b"z\x00\r\n\xff", b"text", b"set"]
NUMBERS = ["0", "1", "-1", "2", "-0", "x", "", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854775808"]
SCORES = ["inf", "-inf", "+inf", "Infinity", "1e20", "3.0", "0.1", "1e-5", "-0", "-0.0", "nan", "x", "", "4611686018427387905", "0x10", " 1", "1 ",
          "1e400", "-1e400", "1e-400", "9007199254740993", "1.7976931348623157e308", "5e-324", "0.30000000000000004", "123456789012345678"]
EXACT_SCORES = ["inf", "-inf", "+inf", "Infinity", "3.0", "nan", "x", "", "0x10", " 1", "1 ", "1e400", "-1e400", "1e-400"]
WEIGHTS = ["2", "1", "-1", "0", "0.5", "inf", "-inf", "3e300"]
# Ranges by name are told only where all scores are the same: what else Redis gives depends on the levels that its skip list drew.
SAME_SCORES = [b"lex1", b"lex2"]
# Sampled members are random by nature; all of them, or none, are not.
ALL = "100000"


class ZsetStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("ZSCAN", "ZRANDMEMBER", "BZPOPMIN", "BZPOPMAX", "BZMPOP")
    FULL = b"zfull"  # a sorted set that is never empty

    def __init__(self, random, of_7_2=True, only_writes=False):
        """7.0 writes 17 digits of a score, 7.2 as few as tell it: compared with 7.0 there are only such as are the same in both, and no
        negative zero, which packing makes a positive one: 7.0 packs more often on its way to an encoding."""
        self.full = lambda: self.FULL
        if not of_7_2:
            self.EXACT = self.EXACT + ("ZRANK", "ZREVRANK")  # 7.0 knows no WITHSCORE
        table = [
            ("ZADD", 24, self.zadd), ("ZINCRBY", 6, lambda: [self.key(), self.score(), self.member()]),
            ("ZREM", 8, lambda: [self.key() if self.random.random() < 0.9 else self.choice(SAME_SCORES)] + self.members()), ("ZRANGESTORE", 5, self.zrangestore),
            ("ZREMRANGEBYRANK", 1, lambda: [self.key()] + self.indexes()), ("ZREMRANGEBYSCORE", 1, lambda: [self.key()] + self.borders()),
            ("ZREMRANGEBYLEX", 1, self.by_name), ("ZPOPMIN", 2, self.pop), ("ZPOPMAX", 2, self.pop), ("ZMPOP", 3, self.zmpop),
            ("ZUNIONSTORE", 2, lambda: self.one_key() + self.combination()), ("ZINTERSTORE", 2, lambda: self.one_key() + self.combination()),
            ("ZDIFFSTORE", 2, lambda: self.one_key() + self.numbered_keys()), ("BZPOPMIN", 1, self.ready_keys), ("BZPOPMAX", 1, self.ready_keys),
            ("BZMPOP", 1, lambda: [self.timeout(), "2", self.key(), self.full(), self.end()] + self.maybe(["COUNT", "3"])),
            ("SADD", 1, lambda: [b"set", self.member(), self.member()]), ("SET", 0.3, lambda: [self.key(), self.member()]),
        ] + self.common()
        if not only_writes:
            table += [
                ("ZSCORE", 3, lambda: [self.key(), self.member()]), ("ZRANK", 3, self.rank), ("ZREVRANK", 3, self.rank), ("ZCARD", 2, self.one_key),
                ("ZMSCORE", 3, lambda: [self.key()] + self.members()), ("ZCOUNT", 3, lambda: [self.key()] + self.borders()),
                ("ZLEXCOUNT", 3, self.by_name), ("ZRANGE", 8, self.zrange),
                ("ZREVRANGE", 2, lambda: [self.key()] + self.indexes() + self.with_scores()),
                ("ZRANGEBYSCORE", 3, lambda: [self.key()] + self.borders() + self.with_scores() + self.limit()),
                ("ZREVRANGEBYSCORE", 3, lambda: [self.key()] + self.borders() + self.limit() + self.with_scores()),
                ("ZRANGEBYLEX", 3, lambda: self.by_name() + self.limit()),
                ("ZREVRANGEBYLEX", 3, lambda: self.by_name() + self.limit()),
                ("ZUNION", 2, lambda: self.combination() + self.with_scores()), ("ZINTER", 2, lambda: self.combination() + self.with_scores()),
                ("ZDIFF", 2, lambda: self.numbered_keys() + self.with_scores()),
                ("ZINTERCARD", 2, lambda: self.numbered_keys() + self.maybe(["LIMIT", self.choice(["0", "1", "2", "-1", "x"])])),
                ("ZRANDMEMBER", 2, self.sample), ("ZSCAN", 2, self.zscan),
            ] + self.common_reads()
        super().__init__(random, table, of_7_2)

    # --- arguments -----------------------------------------------------------------------------------------
    def member(self):
        kind = self.random.random()
        if kind < 0.5:
            return "m%d" % self.random.randint(0, 40)
        if kind < 0.85:
            return str(self.random.randint(-5, 60))
        return self.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 300, b"9223372036854775807",
                            b"-9223372036854775808", b"9223372036854775808"])

    def members(self):
        return [self.member() for _ in range(self.choice([1, 1, 1, 2, 3, 10]))]

    def score(self):
        kind = self.random.random()
        if kind < 0.7:
            return str(self.random.randint(-3, 9))
        if kind > 0.9:
            return self.choice(SCORES if self.of_7_2 else EXACT_SCORES)
        return "%.2f" % self.random.uniform(-5, 5) if self.of_7_2 else str(self.random.randint(-20, 20) / 4)

    def border(self):
        return self.choice(["", "", "("]) + self.score() if self.random.random() < 0.8 else self.choice(["-inf", "+inf", "(-inf", "(", "[1"])

    def borders(self):
        return [self.border(), self.border()]

    def word(self):
        if self.random.random() < 0.05:
            return self.choice(["bad", "", "[", "(", "-x", "+x"])
        member = self.member()
        return self.choice([b"[", b"("]) + (member if isinstance(member, bytes) else member.encode())

    def words(self):
        return [self.choice(["-", "+"]) if self.random.random() < 0.4 else self.word() for _ in range(2)]

    def by_name(self):
        """A key and a range of names; of any key everything, or nothing."""
        if self.random.random() < 0.7:
            return [self.choice(SAME_SCORES)] + self.words()
        return [self.key()] + self.choice([["-", "+"], ["-", "+"], ["+", "-"], ["+", "+"], ["bad", "+"], ["-", ""]])

    def index(self):
        return str(self.random.randint(-9, 9)) if self.random.random() < 0.9 else self.choice(NUMBERS)

    def indexes(self):
        return [self.index(), self.index()]

    def number(self):
        return str(self.random.randint(0, 4)) if self.random.random() < 0.8 else self.choice(NUMBERS)

    def end(self):
        return self.choice(["MIN", "MAX", "min", "Max"]) if self.random.random() < 0.97 else "LEFT"

    def limit(self):
        return self.maybe(["LIMIT", self.index(), self.index()], 0.3)

    def with_scores(self):
        return self.maybe([self.choice(["WITHSCORES", "WITHSCORES", "withscores", "WITHSCORE"])])

    def ready_keys(self):
        """The last one is never empty: nobody waits."""
        return [self.key(), self.key(), self.full(), self.timeout()]

    # --- commands ------------------------------------------------------------------------------------------
    def zadd(self):
        if self.random.random() < 0.15:
            return [self.choice(SAME_SCORES)] + [word for member in self.members() for word in ("0", member)]
        words = [self.key()]
        if self.random.random() < 0.35:
            words += [word for word in ("NX", "XX", "gt", "LT", "CH", "INCR") if self.random.random() < 0.25]
        if self.random.random() < 0.02:
            first = self.random.randint(0, 300)
            return words + [word for n in range(first, first + self.choice([20, 127, 128, 129, 300])) for word in (str(n % 7), "n%d" % n)]
        for _ in range(self.choice([1, 1, 1, 2, 5, 20])):
            words += [self.score(), self.member()]
        return words + self.maybe([self.score()], 0.03)

    def pop(self):
        return [self.key()] + self.maybe([self.number()])

    def rank(self):
        # 7.0 knows no further word.
        return [self.key(), self.member()] + (self.maybe([self.choice(["WITHSCORE", "withscore", "WITHSCORES", "x"])], 0.4) if self.of_7_2 else [])

    def range_of(self):
        return self.choice([lambda: self.one_key() + self.indexes(), lambda: self.one_key() + self.borders() + ["BYSCORE"] + self.limit(),
                            lambda: self.by_name() + ["BYLEX"] + self.limit()])()

    def zrange(self):
        return self.range_of() + self.maybe(["REV"], 0.3) + self.maybe(self.with_scores(), 0.6) + self.maybe(self.limit(), 0.1)

    def zrangestore(self):
        return self.one_key() + self.range_of() + self.maybe(["REV"], 0.3) + self.maybe(["WITHSCORES"], 0.02)

    def numbered_keys(self):
        keys = [self.key() for _ in range(self.choice([1, 2, 2, 3]))]
        return [str(len(keys)) if self.random.random() < 0.95 else self.choice(NUMBERS + [str(len(keys) + 1)])] + keys

    def combination(self):
        words = self.numbered_keys()
        if self.random.random() < 0.3:
            weights = WEIGHTS if self.of_7_2 else ["1"]
            words += ["WEIGHTS"] + [self.choice(weights) if self.random.random() < 0.97 else "x" for _ in range(len(words) - 1)]
        # Sums grow beyond what has few digits.
        if not self.of_7_2 or self.random.random() < 0.3:
            names = ["SUM", "min", "MAX", "Sum"] if self.of_7_2 else ["min", "MAX"]
            words += ["AGGREGATE", self.choice(names) if self.random.random() < 0.95 else "avg"]
        return words

    def zmpop(self):
        return self.numbered_keys() + [self.end()] + self.maybe(["COUNT", self.number()])

    def sample(self):
        if self.random.random() < 0.05:
            return [self.key(), self.choice(["4611686018427387904", "-4611686018427387904", "9223372036854775807", "-9223372036854775808"]), "WITHSCORES"]
        count = self.choice(["0", "-0", "x", "", "1.5", "9223372036854775808", "-9223372036854775808"]) if self.random.random() < 0.3 else ALL
        return [self.key(), count] + self.maybe([self.choice(["WITHSCORES", "withscores", "x"])])

    def zscan(self):
        cursor = "0" if self.random.random() < 0.9 else self.choice(["x", "", "-", " 0"])
        return [self.key(), cursor, "COUNT", ALL] + self.maybe(["MATCH", self.choice(["*", "m*", "1?", "[a-m]1*", "", "m1", "\\*"])], 0.4)
