"""Many connections on shared keys: no multi-key write is seen half done, and a serial order explains the final state."""
import multiprocessing
import pickle
import random
import time
import traceback

from harness.framework import check, eq, test
from harness.group_histories import ALL, Accounts
from harness.histories import Violation, expect
from harness.resp_client import ReplyError, encode

PROCESSES, CONNECTIONS = 4, 10
PRIVATE_KEYS = 2000


class Load:
    """One process: drives its connections in rounds (send a batch on each, then read all replies)."""

    def __init__(self, server, number, seed):
        self.random = random.Random("%d/%d" % (seed, number))
        self.first = number * CONNECTIONS
        self.clients = [server.client() for _ in range(CONNECTIONS)]
        self.workloads = [kind() for kind in ALL]
        self.accounts = next(w for w in self.workloads if isinstance(w, Accounts))
        self.weights = [4, 6, 4, 2, 4, 4, 3, 4, 3]
        self.private = {}
        self.commands = 0

    def private_steps(self, me, count):
        """Commands on keys of this connection alone, whose replies are known exactly."""
        steps = []
        for _ in range(count):
            key = b"private:%d:%d" % (me, self.random.randrange(PRIVATE_KEYS // 10))
            value = self.private.get(key)
            if value is None or self.random.random() < 0.5:
                new = b"%d" % self.random.getrandbits(30)
                steps.append(((b"SET", key, new), None))
                self.private[key] = new
            else:
                steps.append(((b"GET", key), lambda got, want=value, key=key: expect(got == want, "%r is %r, not %r", key, got, want)))
        return steps

    def batch(self, me):
        steps = []
        if self.accounts.watching.get(me):
            steps += self.accounts.finish(me, self.random)
        for _ in range(self.random.randint(1, 6)):
            shared = self.random.choices(self.workloads, self.weights)[0].step(me, self.random)
            if self.accounts.watching.get(me, 0) is None and any(command[0] == b"WATCH" for command, _ in shared):
                return steps + self.private_steps(me, 3) + shared  # WATCH and its read end the batch
            steps += shared + self.private_steps(me, len(shared))
        return steps

    def round(self):
        batches = []
        for number, client in enumerate(self.clients):
            steps = self.batch(self.first + number)
            client.send_raw(b"".join(encode(*command) for command, _ in steps))
            batches.append(steps)
            self.commands += len(steps)
        for client, steps in zip(self.clients, batches):
            for command, judge in steps:
                reply = client.read()
                if judge is not None:
                    judge(reply)
                elif isinstance(reply, ReplyError):
                    raise Violation("%r: %s" % (command, reply.text))


def run_load(server, number, seed, seconds, path):
    """The body of a load process; leaves its records, or the violation found, in a file."""
    try:
        load = Load(server, number, seed)
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            load.round()
        for number, client in enumerate(load.clients):  # no transfer is left half way
            if load.accounts.watching.get(load.first + number):
                client("UNWATCH")
        outcome = ("ok", load.commands, [workload.result() for workload in load.workloads])
    except BaseException:  # noqa: B902
        outcome = ("failed", traceback.format_exc())
    with open(path, "wb") as file:
        pickle.dump(outcome, file)


def run_disturber(server, seconds, path):
    """Commands that need the whole keyspace, or look at it, beside the load; on databases of their own where they change."""
    try:
        with server.client() as c, server.client() as reader:
            reader("SELECT", 8)
            limit, turn = time.monotonic() + seconds, 0
            names = ["x:%d" % n for n in range(20)]
            while time.monotonic() < limit:
                turn += 1
                c("SELECT", 8 + turn % 2)
                c("MSET", *[word for name in names for word in (name, "turn%d" % turn)])
                c("SWAPDB", 8, 9)
                if turn % 5 == 0:
                    c("FLUSHDB", "ASYNC" if turn % 2 else "SYNC")
                values = reader("MGET", *names)
                expect(len(set(values)) == 1, "a swapped or flushed database was seen half: %r", values)
                c("SELECT", 0)
                for command in (("DBSIZE",), ("RANDOMKEY",), ("SCAN", turn * 977 % 65536, "COUNT", 200), ("INFO",), ("CLIENT", "LIST")):
                    c(*command)
                if turn % 20 == 0:
                    c("KEYS", "ball:*")
                time.sleep(0.02)
        outcome = ("ok", turn, None)
    except BaseException:  # noqa: B902
        outcome = ("failed", traceback.format_exc())
    with open(path, "wb") as file:
        pickle.dump(outcome, file)


def run_all(t, server, seconds):
    context = multiprocessing.get_context("fork")
    paths = ["%s/load%d" % (t.folder, n) for n in range(PROCESSES + 1)]
    processes = [context.Process(target=run_load, args=(server, n, t.seed, seconds, paths[n])) for n in range(PROCESSES)]
    processes.append(context.Process(target=run_disturber, args=(server, seconds, paths[-1])))
    for process in processes:
        process.start()
    for process in processes:
        process.join(seconds + 60 * t.patience)
        check(not process.is_alive(), "a load process hangs")
    outcomes = []
    for path in paths:
        with open(path, "rb") as file:
            outcomes.append(pickle.load(file))
    for outcome in outcomes:
        check(outcome[0] == "ok", outcome[1])
    return outcomes[:-1]


@test(limit_s=400, alone=True)
def a_serial_order_explains_everything(t):
    """40 connections, half of the commands on 1,000 shared keys, order-sensitive commands and transactions over several
    keys with WATCH: every reply and the final state fit a serial order."""
    t.note("seed %d" % t.seed)
    seconds = t.options["duration"] or t.size(10, quick=8, long=120)
    server = t.server(maxmemory_policy="noeviction")
    c = t.client()
    verifiers = [kind() for kind in ALL]
    for workload in verifiers:
        workload.prepare(c)
    outcomes = run_all(t, server, seconds)
    t.note("%d commands in %g s" % (sum(outcome[1] for outcome in outcomes), seconds))
    c.sock.settimeout(120 * t.patience)
    for position, workload in enumerate(verifiers):
        workload.verify(c, [outcome[2][position] for outcome in outcomes])
    done, refused = (sum(outcome[2][7][part] for outcome in outcomes) for part in (0, 1))
    t.note("%d transfers with WATCH, %d refused" % (done, refused))
    check(done > 0, "no transfer succeeded")
    eq(c("PING"), "PONG")


@test(limit_s=200, alone=True)
def twelve_hot_keys(t):
    """The same commands on a dozen keys only: everything collides."""
    server = t.server()
    c = t.client()
    workers = t.size(32, quick=16)
    clients = [t.client() for _ in range(workers)]
    rounds = t.size(150, quick=30, long=2000)
    appended = [0] * 4
    for turn in range(rounds):
        for number, client in enumerate(clients):
            n = (turn + number) % 4
            client.send_raw(encode("INCR", "n%d" % n) + encode("APPEND", "s%d" % n, "ab") + encode("MSET", "a", number, "b", number, "c", number) +
                            encode("MGET", "c", "a", "b") + encode("MULTI") + encode("INCR", "m1") + encode("INCR", "m2") + encode("EXEC") +
                            encode("MGET", "m2", "m1"))
            appended[n] += 1
        for client in clients:
            replies = [client.read() for _ in range(9)]
            check(len(set(replies[3])) == 1, "half an MSET was seen: %r" % replies[3])
            eq(replies[7][0], replies[7][1], "two counters raised together")
            check(replies[8][0] == replies[8][1], "half a transaction was seen: %r" % replies[8])
    for n in range(4):
        eq(c("GET", "n%d" % n), b"%d" % appended[n])
        eq(c("GET", "s%d" % n), b"ab" * appended[n])
    eq(c("MGET", "m1", "m2"), [b"%d" % (rounds * workers)] * 2)
    eq(server.alive(), True)
