"""Workloads whose replies and final state betray any order that no serial execution has.

Each workload owns a family of shared keys, makes small groups of commands on them, checks what a single reply can
show at once, records the rest, and judges all records together with the final state. Records are arrays of
integers, so that minutes of load fit into memory. Those over several keys at once are in group_histories.py.
"""
import array
import collections


class Violation(AssertionError):
    """A reply or a final state that no serial order explains."""


def expect(condition, text, *parts):
    if not condition:
        raise Violation(text % parts)


def ok(reply):
    expect(reply == "OK", "expected OK, got %r", reply)


class Workload:
    """`step(me, random)` gives [(command, check or None), ...] for connection number `me`."""

    keys = 0

    def prepare(self, client):
        pass

    def result(self):
        return None

    def verify(self, client, results):
        pass


class Appends(Workload):
    """APPEND of unique tokens: each reply is the place of its token in the final string, each token is there once,
    and the tokens of one connection are in its order."""

    keys = 200

    def __init__(self):
        self.ends = collections.defaultdict(lambda: array.array("q"))

    def step(self, me, random):
        key = random.randrange(self.keys)
        ends = self.ends[key, me]
        token = b"%d.%d;" % (me, len(ends))
        ends.append(-1)
        place = len(ends) - 1

        def check(length):
            expect(isinstance(length, int) and length >= len(token), "APPEND replied %r", length)
            expect(place == 0 or length > ends[place - 1], "a later APPEND of one connection ended earlier")
            ends[place] = length

        return [((b"APPEND", b"append:%d" % key, token), check)]

    def result(self):
        return dict(self.ends)

    def verify(self, client, results):
        merged = {}
        for result in results:
            merged.update(result)
        for key in range(self.keys):
            text = client.call("GET", "append:%d" % key) or b""
            position, seen = 0, collections.Counter()
            for token in text.split(b";")[:-1]:
                position += len(token) + 1
                me, number = map(int, token.split(b"."))
                expect((key, me) in merged and number < len(merged[key, me]), "append:%d: nobody appended %r", key, token)
                expect(number == seen[me], "append:%d: token %d of connection %d out of order", key, number, me)
                expect(merged[key, me][number] == position, "append:%d: token %r is at %d, its reply said %d",
                       key, token, position, merged[key, me][number])
                seen[me] += 1
            expect(position == len(text), "append:%d ends with half a token", key)
            for (name, me), ends in merged.items():
                if name == key:
                    expect(seen[me] == len(ends), "append:%d: %d of %d tokens of connection %d", key, seen[me], len(ends), me)


class Counters(Workload):
    """INCR: the replies of all connections together are 1..n without gap or repeat."""

    keys = 150

    def __init__(self):
        self.replies = collections.defaultdict(lambda: array.array("q"))
        self.last = {}

    def step(self, me, random):
        key = random.randrange(self.keys)

        def check(value):
            expect(isinstance(value, int), "INCR replied %r", value)
            expect(value > self.last.get((key, me), 0), "INCR replies of one connection do not grow")
            self.last[key, me] = value
            self.replies[key].append(value)

        return [((b"INCR", b"count:%d" % key), check)]

    def result(self):
        return dict(self.replies)

    def verify(self, client, results):
        for key in range(self.keys):
            values = sorted(value for result in results for value in result.get(key, ()))
            expect(values == list(range(1, len(values) + 1)), "count:%d: the replies are no permutation of 1..%d", key, len(values))
            final = client.call("GET", "count:%d" % key)
            expect(int(final or 0) == len(values), "count:%d is %r after %d INCR", key, final, len(values))


class Chains(Workload):
    """GETSET of unique values: who replaced whom forms one chain from nothing to the final value."""

    keys = 100

    def __init__(self):
        self.steps = collections.defaultdict(lambda: array.array("q"))
        self.made = 0

    def step(self, me, random):
        key = random.randrange(self.keys)
        self.made += 1
        value = me << 40 | self.made
        name = b"GETSET" if value & 1 else b"SET"

        def check(old):
            self.steps[key].extend((value, int(old) if old is not None else 0))

        command = (name, b"chain:%d" % key, b"%d" % value)
        return [(command if name == b"GETSET" else command + (b"GET",), check)]

    def result(self):
        return dict(self.steps)

    def verify(self, client, results):
        for key in range(self.keys):
            successor = {}
            for result in results:
                steps = result.get(key, ())
                for value, old in zip(steps[::2], steps[1::2]):
                    expect(old not in successor, "chain:%d: %d was replaced twice", key, old)
                    successor[old] = value
            length, at = 0, 0
            while at in successor:
                at, length = successor[at], length + 1
            expect(length == len(successor), "chain:%d: the chain has %d of %d links", key, length, len(successor))
            final = client.call("GET", "chain:%d" % key)
            expect(int(final or 0) == at, "chain:%d is %r, the chain ends with %d", key, final, at)


class Slots(Workload):
    """SETRANGE of each connection's own 8 bytes in shared strings: never torn, own writes are read back, the last stands."""

    keys = 50

    def __init__(self):
        self.last = {}
        self.turn = 0

    def step(self, me, random):
        key = random.randrange(self.keys)
        self.turn += 1
        value = b"%08d" % (self.turn % 10**8)
        self.last[key, me] = value
        name = b"slots:%d" % key

        def whole(text):
            for at in range(0, len(text or b""), 8):
                part = text[at:at + 8]
                expect(part == b"\0" * 8 or part.isdigit(), "%r: torn write %r", name, part)

        def mine(text):
            expect(text == value, "%r: wrote %r, read %r", name, value, text)

        return [((b"SETRANGE", name, b"%d" % (me * 8), value), None),
                ((b"GETRANGE", name, b"%d" % (me * 8), b"%d" % (me * 8 + 7)), mine), ((b"GET", name), whole)]

    def result(self):
        return self.last

    def verify(self, client, results):
        for result in results:
            for (key, me), value in result.items():
                found = client("GETRANGE", "slots:%d" % key, me * 8, me * 8 + 7)
                expect(found == value, "slots:%d of connection %d is %r, last written %r", key, me, found, value)
