"""MIGRATE among other commands: who waits meanwhile, transactions, propagation, many clients that write to what moves."""
import random
import threading
import time

from cases.migrate import IOERR_READING, Peer, migrate, pair
from harness.framework import check, eq, eventually, test
from harness.replication import RawReplica
from harness.resp_client import ReplyError


@test
def others_go_on_and_who_names_the_key_waits(t):
    """While a peer does not answer: other keys are served, commands on the key wait and see it when it has come to nothing."""
    source = t.server()
    a, other, waiting, transaction = (t.client(source) for _ in range(4))
    t.need("migrate", client=a)
    a("MSET", "k", "1", "other", "1")
    silent = Peer()
    begun = time.monotonic()
    a.send("MIGRATE", "127.0.0.1", silent.port, "k", 0, 2000)
    eventually(lambda: b"RESTORE" in silent.received, "the key is on its way", 2, t.patience)
    waiting.send("INCR", "k")
    eq(transaction("MULTI"), "OK")
    eq(transaction("INCR", "k"), "QUEUED")
    transaction.send("EXEC")
    longest = 0
    while time.monotonic() - begun < 1.5:
        at = time.monotonic()
        other("INCR", "other")
        eq(other("EXISTS", "missing"), 0)
        longest = max(longest, time.monotonic() - at)
    check(longest < 0.4 * t.patience, "a command on another key took %.3f s" % longest)
    reply = a.read()
    check(isinstance(reply, ReplyError) and reply.text == IOERR_READING, repr(reply))
    check(time.monotonic() - begun > 1.8, "too early")
    eq(sorted([waiting.read(), transaction.read()[0]]), [2, 3])
    eq(a("GET", "k"), b"3")
    silent.close()


@test
def in_a_transaction(t):
    """MIGRATE between other commands of a transaction moves what these have written."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    eq(a("MULTI"), "OK")
    for words in (["SET", "k", "v"], ["MIGRATE", "127.0.0.1", target.port, "k", 0, 5000], ["EXISTS", "k"], ["SET", "k", "w"],
                  ["MIGRATE", "127.0.0.1", target.port, "k", 0, 5000], ["MIGRATE", "127.0.0.1", target.port, "x", 0, 5000]):
        eq(a.call(*words), "QUEUED")
    replies = a("EXEC")
    eq(replies[:4], ["OK", "OK", 0, "OK"])
    check(isinstance(replies[4], ReplyError) and "BUSYKEY" in replies[4].text, repr(replies[4]))
    eq(replies[5], "NOKEY")
    eq(a("GET", "k"), b"w")
    eq(b("GET", "k"), b"v")
    silent = Peer()
    a("MULTI")
    a("MIGRATE", "127.0.0.1", silent.port, "k", 0, 300)
    a("GET", "k")
    replies = a("EXEC")
    check(isinstance(replies[0], ReplyError) and replies[0].text == IOERR_READING, repr(replies))
    eq(replies[1], b"w")
    silent.close()


@test
def propagation_as_stock(t):
    """Replicas are told DEL of what was acknowledged, and nothing else."""
    source, target = pair(t)
    a, b = t.client(source), t.client(target)
    streams = []
    for server in (source, t.stock()):
        c = t.client(server)
        b("FLUSHALL")
        b("SET", "busy", "there")
        c("SELECT", 2)
        c("SET", "before", "1")
        replica = RawReplica(t, server)
        replica.psync()
        c("MSET", "one", 1, "two", 2, "busy", 3, "copied", 4)
        c("SET", "gone", "v", "PX", 1)
        time.sleep(0.05)
        migrate(c, target, "one")
        migrate(c, target, "copied", "COPY")
        migrate(c, target, "", "KEYS", "missing", "busy", "two", "before")
        migrate(c, target, "missing")
        c("MULTI")
        c("SET", "x", 1)
        c.call("MIGRATE", "127.0.0.1", target.port, "x", 0, 5000)
        c("EXEC")
        c("SET", "last", "1")
        commands = replica.commands_until("last")
        streams.append([words for words in commands if words[0].upper() != b"PING" and b"gone" not in words])
    eq(streams[0], streams[1])


@test(limit_s=180)
def nothing_is_lost_or_doubled(t):
    """Many clients write to keys while others move them to and fro: each counter's increments are all there in the end."""
    source, target = pair(t)
    servers = [source, target]
    keys = ["counter:%d" % n for n in range(6)]
    end = time.monotonic() + t.size(12, quick=4)
    done = {key: 0 for key in keys}
    lock, faults = threading.Lock(), []

    def write(number):
        clients = [server.client() for server in servers]
        numbers = random.Random(t.seed + number)
        try:
            while time.monotonic() < end:
                key = numbers.choice(keys)
                # Only where the key is, as a client that is redirected would.
                for c in clients:
                    c("WATCH", key)
                    if not c("EXISTS", key):
                        c("UNWATCH")
                        continue
                    c("MULTI")
                    c("INCR", key)
                    if c("EXEC") is not None:
                        with lock:
                            done[key] += 1
                        break
        except Exception as fault:  # noqa: BLE001: reported by the test's own thread
            faults.append(fault)
        finally:
            for c in clients:
                c.close()

    def move(number):
        a, b = source.client(), target.client()
        numbers = random.Random(t.seed - number)
        try:
            while time.monotonic() < end:
                some = numbers.sample(keys, numbers.randint(1, 3))
                for c, to in ((a, target), (b, source)):
                    reply = c.call("MIGRATE", "127.0.0.1", to.port, "", 0, 5000, "KEYS", *some)
                    check(reply in ("OK", "NOKEY"), repr(reply))
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)
        finally:
            a.close()
            b.close()

    a, b = t.client(source), t.client(target)
    for key in keys:
        a("SET", key, 0)
    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)] + [threading.Thread(target=move, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not faults, repr(faults))
    there = [dict(zip(keys, c("MGET", *keys))) for c in (a, b)]
    for key in keys:
        values = [int(values[key]) for values in there if values[key] is not None]
        eq(values, [done[key]], key)
    t.note("%d increments" % sum(done.values()))
