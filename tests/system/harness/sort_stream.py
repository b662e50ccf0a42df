"""Random SORTs of lists, sets and sorted sets by elements, strings and fields, with every option, border values and mistakes."""

LISTS = [b"l1", b"l2", b"{t}3", b"l\x00\r\n\xff"]
SETS, ZSETS = [b"s1", b"s2"], [b"z1", b"z2"]
OTHERS = [b"none", b"text", b"h_1"]
NUMBERS = ["0", "1", "-1", "2", "3", "5", "7", "10", "40", "100", "-100", "-0", "x", "", "1.5", "9223372036854775807",
           "-9223372036854775808", "9223372036854775808"]
BY = ["w_*", "w_*", "w_*", "h_*->f", "h_*->f", "h_*->g", "t_*", "t_*", "t_*", "none_*", "nosort", "w_*->", "*", "h_*", b"t_*\x00", b"x\x00*"]
GET = ["#", "#", "w_*", "h_*->f", "h_*->g", "t_*", "none_*", "fix", "h_*", "w_*->f", "t_*->", b"#\x00", b"h_*->f\x00", "*->"]


class SortStream:
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    def __init__(self, random):
        self.random = random
        table = [
            ("SORT", 30, self.sort_of_a_list), ("SORT_RO", 5, self.sort_of_a_list), ("SORT", 12, self.sort_of_a_set),
            ("SORT", 1, lambda: [self.choice(OTHERS)] + self.words(self.choice([True, False]))),
            ("RPUSH", 8, lambda: [self.choice(LISTS)] + self.elements()), ("LPOP", 3, lambda: [self.choice(LISTS), self.choice(["1", "3", "50"])]),
            ("SADD", 4, lambda: [self.choice(SETS)] + self.elements()), ("DEL", 1, lambda: [self.choice(SETS)]),
            ("ZADD", 4, lambda: [self.choice(ZSETS)] + [word for e in self.elements() for word in (str(self.random.randint(-9, 9)), e)]),
            ("ZREMRANGEBYRANK", 1, lambda: [self.choice(ZSETS), "0", "-1"]),
            ("SET", 12, self.string), ("HSET", 8, self.field), ("DEL", 2, lambda: [self.any_key()]), ("DEL", 3, lambda: [self.choice(LISTS)]),
            ("LRANGE", 5, lambda: [self.choice(LISTS), "0", "-1"]), ("OBJECT", 4, lambda: ["ENCODING", self.choice(LISTS)]),
            ("TYPE", 2, lambda: [self.any_key()]), ("EXPIRE", 1, lambda: [self.any_key(), "100000"]), ("TTL", 2, lambda: [self.choice(LISTS)]),
            ("MULTI", 1, list), ("EXEC", 2, list), ("WATCH", 1, lambda: [self.choice(LISTS)]), ("UNWATCH", 1, list),
            ("COMMAND", 2, lambda: ["GETKEYS", "SORT"] + self.sort_of_a_list()),
        ]
        self.names = [row[0] for row in table]
        self.weights = [row[1] for row in table]
        self.makers = [row[2] for row in table]

    def choice(self, values):
        return self.random.choice(values)

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

    def next(self):
        """One command as a list of words; now and then with a mistake in it."""
        at = self.random.choices(range(len(self.names)), self.weights)[0]
        name, words = self.names[at], self.makers[at]()
        chance = self.random.random()
        if name == "SORT" and chance < 0.02:
            words.pop()
        elif name == "SORT" and chance < 0.04:
            words.insert(self.random.randint(1, len(words)), self.choice([b"junk", b"", b"10", b"store", b"get", b"by", b"limit"]))
        return [name.lower() if chance > 0.9 else name] + words
