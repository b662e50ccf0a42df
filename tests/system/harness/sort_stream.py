"""Random SORTs of lists, sets and sorted sets by elements, strings and fields, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

LISTS = [b"l1", b"l2", b"{t}3", b"l\x00\r\n\xff"]
SETS, ZSETS = [b"s1", b"s2"], [b"z1", b"z2"]
OTHERS = [b"none", b"text", b"h_1"]
NUMBERS = ["0", "1", "-1", "2", "3", "5", "7", "10", "40", "100", "-100", "-0", "x", "", "1.5", "9223372036854775807",
           "-9223372036854775808", "9223372036854775808"]
BY = ["w_*", "w_*", "w_*", "h_*->f", "h_*->f", "h_*->g", "t_*", "t_*", "t_*", "none_*", "nosort", "w_*->", "*", "h_*", b"t_*\x00", b"x\x00*"]
GET = ["#", "#", "w_*", "h_*->f", "h_*->g", "t_*", "none_*", "fix", "h_*", "w_*->f", "t_*->", b"#\x00", b"h_*->f\x00", "*->"]


class SortStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    EXACT = RandomStream.EXACT + ("RPUSH", "SADD", "ZADD", "COMMAND")  # an element that is no number spoils many a SORT

    def __init__(self, random, of_7_2=True):
        super().__init__(random, [
            ("SORT", 43, self.sort), ("SORT_RO", 5, self.sort_of_a_list),
            ("RPUSH", 8, lambda: [self.choice(LISTS)] + self.elements()), ("LPOP", 3, lambda: [self.choice(LISTS), self.choice(["1", "3", "50"])]),
            ("SADD", 4, lambda: [self.choice(SETS)] + self.elements()),
            ("ZADD", 4, lambda: [self.choice(ZSETS)] + [word for e in self.elements() for word in (str(self.random.randint(-9, 9)), e)]),
            ("ZREMRANGEBYRANK", 1, lambda: [self.choice(ZSETS), "0", "-1"]),
            ("SET", 12, self.string), ("HSET", 8, self.field), ("DEL", 6, self.deletion),
            ("LRANGE", 5, lambda: [self.choice(LISTS), "0", "-1"]), ("OBJECT", 4, lambda: ["ENCODING", self.choice(LISTS)]),
            ("TYPE", 2, lambda: [self.any_key()]), ("EXPIRE", 1, lambda: [self.any_key(), "100000"]), ("TTL", 2, lambda: [self.choice(LISTS)]),
            ("MULTI", 1, list), ("EXEC", 2, list), ("WATCH", 1, lambda: [self.choice(LISTS)]), ("UNWATCH", 1, list),
            ("COMMAND", 2, lambda: ["GETKEYS", "SORT"] + self.sort_of_a_list()),
        ], of_7_2)

    def any_key(self):
        return self.choice(LISTS + SETS + ZSETS + OTHERS + ["w_%d" % self.random.randint(0, 40), "t_%d" % self.random.randint(0, 40)])

    def element(self):
        kind = self.random.random()
        if kind < 0.93:
            return str(self.random.randint(0, 40))
        if kind < 0.97:
            return self.choice(["1.5", "-2", "0x1f", "1e3", "inf", "-inf", " 4", "007", "+3", "-0"])
        return self.choice([b"", b"a", b"B", b"\xe4", b"a\x00b", b"a\x00a", b"nan", b"x" * 100, b"y" * 5000])

    def elements(self):
        # Up to 6 elements are sorted in another way than more, and up to 40.
        return [self.element() for _ in range(self.choice([1, 1, 3, 6, 7, 30, 60]))]

    def string(self):
        kind = self.random.random()
        if kind < 0.5:
            return ["w_%d" % self.random.randint(0, 40), str(self.random.randint(0, 12))]
        if kind < 0.55:
            return ["w_%d" % self.random.randint(0, 40), self.choice(["x", "", "2.5", "-1e2", "nan", b"1\x002"])]
        return ["t_%d" % self.random.randint(0, 40), self.choice(["a", "b", "B", "aa", "", b"a\x00b", b"\xff", "z" * 50])]

    def field(self):
        return ["h_%d" % self.random.randint(0, 40), self.choice(["f", "f", "g", b"f\x00"]), str(self.random.randint(0, 12))]

    def words(self, alpha, by=None):
        """What stands behind the key, in any order."""
        groups = [["ALPHA"]] if alpha else []
        if by is not None:
            groups.append([self.choice(["BY", "by"]), by])
        if self.random.random() < 0.5:
            groups.append([self.choice(["ASC", "DESC", "desc"])])
        if self.random.random() < 0.5:
            groups.append(["LIMIT", self.choice(NUMBERS[:12]), self.choice(NUMBERS[:12])])
        if self.random.random() < 0.03:
            groups.append(["LIMIT", self.choice(NUMBERS), self.choice(NUMBERS)])
        while self.random.random() < 0.35:
            groups.append(["GET", self.choice(GET)])
        self.random.shuffle(groups)
        return [word for group in groups for word in group]

    def store(self, words):
        if self.random.random() < 0.25:
            return words + ["STORE", self.choice(LISTS)]
        return words

    def sort_of_a_list(self):
        by = self.choice(BY) if self.random.random() < 0.6 else None
        return self.store([self.choice(LISTS)] + self.words(self.random.random() < 0.5, by))

    def sort_of_a_set(self):
        """Sets, and sorted sets that are not taken as they stand, have no order: nothing may depend on it."""
        kind = self.random.random()
        if kind < 0.3:
            return self.store([self.choice(ZSETS)] + self.words(self.random.random() < 0.5, "nosort"))
        # Texts that are equal for the locale come in the set's order unless they are stored.
        alpha = self.random.random() < 0.4
        key = self.choice(SETS + ZSETS)
        if alpha:
            return [key] + self.words(True) + ["STORE", self.choice(LISTS)]
        if key in SETS and kind < 0.4:
            return [key] + self.words(True, "nosort") + ["STORE", self.choice(LISTS)]
        return self.store([key] + self.words(False, self.choice(["w_*", "h_*->f", "none_*", None])))

    def sort(self):
        kind = self.random.random()
        if kind < 0.7:
            words = self.sort_of_a_list()
        elif kind < 0.98:
            words = self.sort_of_a_set()
        else:
            words = [self.choice(OTHERS)] + self.words(self.choice([True, False]))
        if self.random.random() < 0.02:
            words.insert(self.random.randint(1, len(words)), self.choice([b"junk", b"", b"10", b"store", b"get", b"by", b"limit"]))
        return words

    def deletion(self):
        return [self.choice([self.choice(SETS), self.any_key(), self.any_key(), self.choice(LISTS), self.choice(LISTS), self.choice(LISTS)])]


class StoredSortStream(RandomStream):
    """SORTs of keys of any type: those whose result follows from the elements alone, in whatever order a server keeps them. That is
    what is sorted as bytes: STORE without a locale, every element different or equal in every byte."""

    def __init__(self, random, of_7_2=True, only_writes=False):
        super().__init__(random, [
            ("SORT", 10, self.stored), ("SADD", 4, lambda: [self.key()] + self.elements()), ("RPUSH", 4, lambda: [self.key()] + self.elements()),
            ("ZADD", 4, lambda: [self.key()] + [word for e in self.elements() for word in (str(self.random.randint(-9, 9)), e)]),
            ("LRANGE", 3, lambda: [self.key(), "0", "-1"]),
        ] + self.common(), of_7_2)

    def elements(self):
        return [str(self.random.randint(0, 200)) for _ in range(self.choice([1, 3, 6, 7, 30]))]

    def stored(self):
        """STORE stands last, so that a word less is an error."""
        options = self.maybe([self.choice(["DESC", "ASC"])]) + self.maybe(["LIMIT", self.choice(NUMBERS), self.choice(NUMBERS)], 0.3)
        return [self.key(), "ALPHA"] + options + self.maybe(["GET", "#"], 0.2) + ["STORE", self.key()]
