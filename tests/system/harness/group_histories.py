"""Workloads over several keys at once (histories.py explains the idea); together with those there, 1,000 keys."""
import collections

from harness.histories import Appends, Chains, Counters, Slots, Workload, expect, ok


class Groups(Workload):
    """MSET of one token to five keys: MGET, and GETs in a transaction, always see five equal tokens."""

    keys = 200
    size = 5

    def prepare(self, client):
        for group in range(self.keys // self.size):
            client("MSET", *[word for n in range(self.size) for word in ("group:%d:%d" % (group, n), "start")])

    def step(self, me, random):
        group = random.randrange(self.keys // self.size)
        names = [b"group:%d:%d" % (group, n) for n in range(self.size)]
        random.shuffle(names)
        kind = random.randrange(4)
        if kind == 0:
            token = b"%d-%d" % (me, random.getrandbits(40))
            return [((b"MSET",) + tuple(word for name in names for word in (name, token)), ok)]
        if kind == 1:
            token = b"%d-%d" % (me, random.getrandbits(40))
            return [((b"MULTI",), ok)] + [((b"SET", name, token), None) for name in names] + [((b"EXEC",), self.all_ok)]
        if kind == 2:
            return [((b"MGET",) + tuple(names), self.equal)]
        return [((b"MULTI",), ok)] + [((b"GET", name), None) for name in names] + [((b"EXEC",), self.equal)]

    @staticmethod
    def all_ok(replies):
        expect(replies == ["OK"] * Groups.size, "EXEC replied %r", replies)

    @staticmethod
    def equal(values):
        expect(len(values) == Groups.size and len(set(values)) == 1 and values[0], "half a multi-key write was seen: %r", values)

    def verify(self, client, results):
        for group in range(self.keys // self.size):
            self.equal(client("MGET", *["group:%d:%d" % (group, n) for n in range(self.size)]))


class OnceGroups(Workload):
    """MSETNX on three keys against DEL of all three: all or none, and successes minus deletions is what is there."""

    keys = 90
    size = 3

    def __init__(self):
        self.balance = collections.Counter()

    def step(self, me, random):
        group = random.randrange(self.keys // self.size)
        names = [b"once:%d:%d" % (group, n) for n in range(self.size)]
        random.shuffle(names)

        def made(reply):
            expect(reply in (0, 1), "MSETNX replied %r", reply)
            self.balance[group] += reply

        def gone(reply):
            expect(reply in (0, self.size), "DEL of a group made at once replied %r", reply)
            self.balance[group] -= reply // self.size

        def seen(reply):
            expect(len(set(reply)) == 1, "half a group was seen: %r", reply)

        token = b"%d-%d" % (me, random.getrandbits(30))
        return [[((b"MSETNX",) + tuple(word for name in names for word in (name, token)), made)],
                [((random.choice((b"DEL", b"UNLINK")),) + tuple(names), gone)],
                [((b"MGET",) + tuple(names), seen)],
                [((b"EXISTS",) + tuple(names), lambda n: expect(n in (0, self.size), "EXISTS of a group: %r", n))]][random.randrange(4)]

    def result(self):
        return dict(self.balance)

    def verify(self, client, results):
        for group in range(self.keys // self.size):
            balance = sum(result.get(group, 0) for result in results)
            there = client("EXISTS", *["once:%d:%d" % (group, n) for n in range(self.size)])
            expect(there == balance * self.size, "group %d: %d keys there, made minus deleted is %d", group, there, balance)


class Balls(Workload):
    """RENAME among four names of one ball: exactly one of the names exists at any time, with the same value."""

    keys = 80
    size = 4

    def prepare(self, client):
        for ball in range(self.keys // self.size):
            client("SET", "ball:%d:0" % ball, "ball-%d" % ball)

    def step(self, me, random):
        ball = random.randrange(self.keys // self.size)
        names = [b"ball:%d:%d" % (ball, n) for n in range(self.size)]

        def one(values):
            expect([v for v in values if v] == [b"ball-%d" % ball], "ball %d: %r", ball, values)

        def renamed(reply):
            expect(reply in ("OK", 1, 0) or "no such key" in str(reply), "RENAME replied %r", reply)

        if random.random() < 0.6:
            source, target = random.sample(names, 2)
            return [((random.choice((b"RENAME", b"RENAMENX")), source, target), renamed)]
        random.shuffle(names)
        if random.random() < 0.5:
            return [((b"MGET",) + tuple(names), one)]
        return [((b"EXISTS",) + tuple(names), lambda n: expect(n == 1, "ball %d exists %r times", ball, n))]

    def verify(self, client, results):
        for ball in range(self.keys // self.size):
            values = [v for v in client("MGET", *["ball:%d:%d" % (ball, n) for n in range(self.size)]) if v]
            expect(values == [b"ball-%d" % ball], "ball %d ends as %r", ball, values)


class Accounts(Workload):
    """Transfers between accounts, by WATCH and by plain transactions, keep the sum, in every MGET of all accounts."""

    keys = 80
    start = 1000

    def __init__(self):
        self.watching = {}
        self.done = self.refused = 0

    def prepare(self, client):
        client("MSET", *[word for n in range(self.keys) for word in ("account:%d" % n, self.start)])

    def step(self, me, random):
        kind = random.randrange(8)
        if kind < 5 and me not in self.watching:
            return self.begin(me, *random.sample(range(self.keys), 2))
        a, b = random.sample(range(self.keys), 2)
        if kind == 5:
            return [((b"MGET",) + tuple(b"account:%d" % n for n in range(self.keys)), self.sum_stands)]
        if kind == 6 and me not in self.watching:
            names = [b"account:%d" % n for n in range(self.keys)]
            return [((b"MULTI",), ok)] + [((b"GET", name), None) for name in names] + [((b"EXEC",), self.sum_stands)]
        if me in self.watching:
            return []
        amount = b"%d" % random.randint(1, 9)
        return [((b"MULTI",), ok), ((b"DECRBY", b"account:%d" % a, amount), None), ((b"INCRBY", b"account:%d" % b, amount), None),
                ((b"EXEC",), None)]

    def begin(self, me, a, b):
        """WATCH and read now; `finish` writes with the connection's next batch."""
        self.watching[me] = None

        def read(values):
            self.watching[me] = (a, b, int(values[0]), int(values[1]))

        return [((b"WATCH", b"account:%d" % a, b"account:%d" % b), ok), ((b"MGET", b"account:%d" % a, b"account:%d" % b), read)]

    def finish(self, me, random):
        a, b, have_a, have_b = self.watching.pop(me)
        amount = random.randint(1, 9)

        def executed(reply):
            if reply is None:
                self.refused += 1
            else:
                expect(reply == ["OK", "OK"], "EXEC replied %r", reply)
                self.done += 1

        return [((b"MULTI",), ok), ((b"SET", b"account:%d" % a, b"%d" % (have_a - amount)), None),
                ((b"SET", b"account:%d" % b, b"%d" % (have_b + amount)), None), ((b"EXEC",), executed)]

    def sum_stands(self, values):
        total = sum(int(value) for value in values)
        expect(total == self.keys * self.start, "the accounts hold %d instead of %d", total, self.keys * self.start)

    def result(self):
        return self.done, self.refused

    def verify(self, client, results):
        self.sum_stands(client("MGET", *["account:%d" % n for n in range(self.keys)]))


class Twins(Workload):
    """Transactions that append the same token to two logs: both logs are the same in every MGET and at the end."""

    keys = 50

    def step(self, me, random):
        pair = random.randrange(self.keys // 2)
        names = [b"twin:%d:%d" % (pair, n) for n in range(2)]
        random.shuffle(names)
        if random.random() < 0.3:
            return [((b"MGET",) + tuple(names), lambda texts: expect(texts[0] == texts[1], "twins %d differ", pair))]
        token = b"%d.%d;" % (me, random.getrandbits(30))

        def lengths(reply):
            expect(reply[0] == reply[1], "the twins %d had lengths %r in one transaction", pair, reply)

        if random.random() < 0.02:
            return [((b"DEL",) + tuple(names), lambda n: expect(n in (0, 2), "DEL of twins: %r", n))]
        return [((b"MULTI",), ok)] + [((b"APPEND", name, token), None) for name in names] + [((b"EXEC",), lengths)]

    def verify(self, client, results):
        for pair in range(self.keys // 2):
            texts = client("MGET", "twin:%d:0" % pair, "twin:%d:1" % pair)
            expect(texts[0] == texts[1], "twins %d differ at the end", pair)


ALL = (Appends, Counters, Chains, Slots, Groups, OnceGroups, Balls, Accounts, Twins)
assert sum(kind.keys for kind in ALL) == 1000
