"""Large values: received into and sent from buffers of their own, over every boundary of sizes."""
import socket
import threading

from harness.framework import check, eq, fails_like, test
from harness.resp_client import encode


def pattern(size, salt=0):
    unit = bytes((i * 7 + salt) % 251 for i in range(65521))
    return (unit * (size // len(unit) + 1))[:size]


@test
def sizes_around_boundaries(t):
    """Values one byte around every likely buffer size come back unchanged, one by one and pipelined."""
    c = t.client()
    sizes = sorted({base + d for base in (16, 44, 64, 255, 512, 1024, 4096, 8192, 16384, 32768, 65536, 131072, 262144)
                    for d in (-2, -1, 0, 1, 2)} | {1 << 20, (1 << 20) + 1})
    for size in sizes:
        value = pattern(size, size)
        eq(c("SET", "k%d" % size, value), "OK")
        check(c("GET", "k%d" % size) == value, "value of %d bytes changed" % size)
    replies = c.pipeline([("GET", "k%d" % size) for size in sizes])
    check(all(reply == pattern(size, size) for reply, size in zip(replies, sizes)), "a pipelined value changed")


@test(limit_s=120)
def twenty_megabytes(t):
    """Values up to 20 MB: SET, GET, APPEND, GETRANGE, SETRANGE, overwrite while others read."""
    c = t.client()
    for megabytes in (1, 5) if t.quick else (1, 5, 20):
        value = pattern(megabytes << 20)
        eq(c("SET", "big", value), "OK")
        check(c("GET", "big") == value, "%d MB changed" % megabytes)
        eq(c("STRLEN", "big"), len(value))
        eq(c("GETRANGE", "big", 70000, 70099), value[70000:70100])
        eq(c("APPEND", "big", b"tail"), len(value) + 4)
        eq(c("SETRANGE", "big", 100, b"HEAD"), len(value) + 4)
        check(c("GET", "big") == value[:100] + b"HEAD" + value[104:] + b"tail", "changed by APPEND and SETRANGE")
        eq(c("DEL", "big"), 1)
    eq(c("DBSIZE"), 0)


@test(limit_s=120)
def overwritten_while_being_sent(t):
    """A slow reader gets the value as it was when the command ran, though it is overwritten and appended to meanwhile."""
    size = t.size(4 << 20, quick=1 << 20)
    reader, writer = t.client(receive_buffer=16384), t.client()
    first = pattern(size, 1)
    for change in (("SET", "k", pattern(size, 2)), ("SETRANGE", "k", size // 2, b"CHANGED"), ("APPEND", "k", b"MORE"),
                   ("DEL", "k"), ("UNLINK", "k"), ("FLUSHALL",), ("GETDEL", "k"), ("RENAME", "k", "other"), ("SET", "k", "1")):
        writer("SET", "k", first)
        reader.send("GET", "k")
        reader.send("STRLEN", "none")
        reader.sock.recv(1, socket.MSG_PEEK)  # the GET has run
        writer(*change)
        check(reader.read() == first, "the reply changed with " + change[0])
        eq(reader.read(), 0)


@test(limit_s=120)
def concurrent_big_writers(t):
    """Four connections write and read big values of their own at once; nothing is mixed up."""
    t.client()
    faults = []

    def work(number):
        try:
            with t.main.client() as c:
                for turn in range(t.size(8, quick=3)):
                    value = pattern(300000 + number * 70001 + turn * 1000, number * 16 + turn)
                    c("SET", "k%d" % number, value)
                    check(c("GET", "k%d" % number) == value, "value of writer %d changed" % number)
        except Exception as fault:  # noqa: B902
            faults.append(repr(fault)[:300])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eq(faults, [])


@test
def pipelined_mixture(t):
    """Small and big commands in one stream, written in odd pieces, are answered in order."""
    c = t.client()
    commands, expected = [], []
    for turn in range(60):
        size = t.random.choice([0, 1, 100, 5000, 16384, 33000, 70000, 200000])
        value = pattern(size, turn)
        commands += [("SET", "k", value), ("STRLEN", "k"), ("GET", "k")]
        expected += ["OK", size, value]
    stream = b"".join(encode(*command) for command in commands)
    sender = threading.Thread(target=send_in_pieces, args=(c, stream, t.random))
    sender.start()
    replies = [c.read() for _ in commands]
    sender.join()
    check(replies == expected, "replies differ")


def send_in_pieces(c, stream, random):
    at = 0
    while at < len(stream):
        size = random.choice([1, 17, 1000, 16384, 40000])
        c.send_raw(stream[at:at + size])
        at += size


@test
def value_above_the_limit(t):
    """A bulk above proto-max-bulk-len is a protocol error, announced length alone suffices."""
    c = t.client()
    c("CONFIG", "SET", "proto-max-bulk-len", "1mb")
    value = pattern(1 << 20)
    eq(c("SET", "k", value), "OK")
    check(c("GET", "k") == value, "value at the limit changed")
    c2 = t.client()
    c2.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048577\r\n")
    eq(c2.read().text, "ERR Protocol error: invalid bulk length")
    check(c2.is_closed(), "the connection stays open after a protocol error")
    fails_like(c, "argument", "CONFIG", "SET", "proto-max-bulk-len", "1")


@test(long=True, quick=False, limit_s=300, alone=True)
def half_a_gigabyte(t):
    """The largest value allowed, 512 MB, can be written and read; one byte more cannot be appended."""
    c = t.client(timeout_s=120)
    size = 512 << 20
    value = pattern(size)
    eq(c("SET", "k", value), "OK")
    eq(c("STRLEN", "k"), size)
    reply = c.call("APPEND", "k", "x")
    eq(reply.text, "ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    eq(c("GETRANGE", "k", size - 10, size), value[-10:])
    check(c("GET", "k") == value, "512 MB changed")
    eq(c("DEL", "k"), 1)
