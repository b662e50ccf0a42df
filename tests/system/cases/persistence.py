"""The RDB file: SAVE, BGSAVE, save points, loading at start, what a broken file does, SHUTDOWN."""
import os
import signal
import time

from cases.dump import digests, fill, version
from harness.framework import ConnectionClosed, ReplyError, check, eq, fails, test


def started(t, **settings):
    return t.server(enable_debug_command="yes", **settings)


def restarted(t, server, **settings):
    """A second server in the folder of the first, which has ended."""
    return started(t, dir=server.folder, **settings)


def soon(done, within_s=20):
    """Waits until `done` finds nothing wrong."""
    limit = time.monotonic() + within_s
    while True:
        try:
            return done()
        except (AssertionError, ReplyError, OSError):
            if time.monotonic() > limit:
                raise
        time.sleep(0.01)


def file_of(server):
    return os.path.join(server.folder, "dump.rdb")


def load_into(c, stock):
    keys = fill(stock)
    for key in keys:
        c("RESTORE", key, 0, stock("DUMP", key), "REPLACE")
    return keys


def stop(t, server, *words):
    c = t.client(server)
    c.send("SHUTDOWN", *words)
    try:
        return c.read()
    except ConnectionClosed:
        eq(server.wait(), 0)


@test
def save_and_load(t):
    """What SAVE wrote is there after a restart, of every type, in several databases, with times; stock loads it as well."""
    stock_server = t.stock(enable_debug_command="yes")
    stock = t.client(stock_server)
    for rdb_version in (10, 11):
        server = started(t)
        c = t.client(server)
        c("CONFIG", "SET", "rdb-version", rdb_version)
        keys = load_into(c, stock)
        c("PEXPIREAT", "string", 2569591501000)
        c("DEBUG", "SET-ACTIVE-EXPIRE", 0)
        c("SET", "gone", "x", "PX", 1)
        c("SELECT", 9)
        c("SET", "elsewhere", "y")
        time.sleep(0.01)
        before = c("LASTSAVE")
        eq(c("SAVE"), "OK")
        check(c("LASTSAVE") >= before, "LASTSAVE")
        eq(server.info("persistence")["rdb_changes_since_last_save"], "0")
        first = t.client(server)
        eq(first("EXISTS", "gone"), 0)
        whole, single = c("DEBUG", "DIGEST"), digests(first, keys)
        stop(t, server, "NOSAVE")
        check(not [name for name in os.listdir(server.folder) if name.startswith("temp-")], "a temporary file is left")
        again = restarted(t, server)
        c = t.client(again)
        eq(digests(c, keys), single)
        eq(c("DEBUG", "DIGEST"), whole)
        eq(c("PEXPIRETIME", "string"), 2569591501000)
        eq(c("EXISTS", "gone"), 0)
        info = again.info("persistence")
        eq((info["rdb_last_load_keys_loaded"], info["rdb_last_load_keys_expired"]), (str(len(keys) + 1), "1"))
        check(b"Done loading RDB, keys loaded: %d" % (len(keys) + 1) in again.log(), again.log_tail())
        check(b"DB loaded from disk" in again.log(), again.log_tail())
        if rdb_version == 10 or version(t, stock_server) >= (7, 2):
            other = t.stock(dir=server.folder, enable_debug_command="yes")
            eq(t.client(other)("DEBUG", "DIGEST"), whole)


@test
def loads_what_stock_saved(t):
    """A file of stock's."""
    stock_server = t.stock(enable_debug_command="yes")
    stock = t.client(stock_server)
    fill(stock)
    stock("SELECT", 5)
    stock("SET", "x", "y", "EX", 1000)
    eq(stock("SAVE"), "OK")
    server = started(t, dir=stock_server.folder)
    eq(t.client(server)("DEBUG", "DIGEST"), stock("DEBUG", "DIGEST"))


@test
def save_points(t):
    """A save point saves by itself; with save points SHUTDOWN and SIGTERM save; without, they do not."""
    server = started(t, save="1 2")
    c = t.client(server)
    c("SET", "a", "1")
    c("SET", "b", "2")
    soon(lambda: check(b"Background saving terminated with success" in server.log(), server.log_tail()), within_s=20)
    check(b"2 changes in 1 seconds. Saving..." in server.log(), server.log_tail())
    c("SET", "c", "3")
    stop(t, server)
    check(b"Saving the final RDB snapshot before exiting." in server.log(), server.log_tail())
    again = restarted(t, server, save="3600 1")
    c = t.client(again)
    eq(c("DBSIZE"), 3)
    c("SET", "d", "4")
    os.kill(again.pid(), signal.SIGTERM)
    eq(again.wait(), 0)
    last = restarted(t, server)
    c = t.client(last)
    eq(c("DBSIZE"), 4)
    c("SET", "e", "5")
    stop(t, last)
    last = restarted(t, server)
    eq(t.client(last)("DBSIZE"), 4)
    t.client(last)("SET", "e", "5")
    stop(t, last, "SAVE")
    eq(t.client(restarted(t, server))("DBSIZE"), 5)


@test
def saving_that_fails(t):
    """Where no file can be written SAVE fails, BGSAVE stops writes, SHUTDOWN does not end the server."""
    if os.getuid() == 0:
        target = "/proc"
    else:
        target = "/"
    server = started(t, save="3600 1", enable_protected_configs="yes")
    c = t.client(server)
    c("SET", "a", "1")
    folder = c("CONFIG", "GET", "dir")[1]
    c("CONFIG", "SET", "dir", target)
    fails(c, "ERR", "SAVE")
    eq(c("BGSAVE"), "Background saving started")
    soon(lambda: eq(server.info("persistence")["rdb_last_bgsave_status"], "err"))
    check(c.call("SET", "a", "2").text.startswith("MISCONF Redis is configured to save RDB snapshots"), "writes are refused")
    eq(c("GET", "a"), b"1")
    fails(c, "ERR Errors trying to SHUTDOWN. Check logs.", "SHUTDOWN")
    c("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
    eq(c("SET", "a", "2"), "OK")
    c("CONFIG", "SET", "dir", folder, "stop-writes-on-bgsave-error", "yes")
    eq(c("SAVE"), "OK")
    eq(c("SET", "a", "3"), "OK")
    stop(t, server)


@test
def clients_during_loading(t):
    """While a file is read most commands are answered with LOADING, INFO says how far it is, and the end is clean."""
    server = started(t)
    c = t.client(server)
    for n in range(20):
        c("MSET", *[word for i in range(1000) for word in ("key:%d" % (n * 1000 + i), "value")])
    c("SAVE")
    digest = c("DEBUG", "DIGEST")
    stop(t, server, "NOSAVE")
    loading = t.make_server(dir=server.folder, key_load_delay=100, enable_debug_command="yes").launch()
    c = soon(lambda: t.client(loading))
    fails(c, "LOADING Redis is loading the dataset in memory", "GET", "key:1")
    fails(c, "LOADING Redis is loading the dataset in memory", "PING")
    info = loading.info("persistence", client=c)
    eq(info["loading"], "1")
    check(int(info["loading_total_bytes"]) > int(info["loading_loaded_bytes"]) >= 0, str(info))
    fails(c, "LOADING Redis is loading the dataset in memory", "CONFIG", "SET", "appendonly", "no")
    eq(c("CONFIG", "SET", "key-load-delay", "0"), "OK")

    def loaded():
        eq(c("PING"), "PONG")

    soon(loaded, within_s=60)
    eq(c("DEBUG", "DIGEST"), digest)
    check(loading.log().index(b"DB loaded from disk") < loading.log().index(b"Ready to accept connections"), "the log's order")


@test
def broken_files(t):
    """A file that is no good ends the server with code 1 and with Redis's words."""
    server = started(t)
    c = t.client(server)
    c("MSET", *[word for i in range(100) for word in ("key:%d" % i, "value")])
    c("SAVE")
    stop(t, server, "NOSAVE")
    path = file_of(server)
    with open(path, "rb") as file:
        good = file.read()

    def outcome(content, *lines, **settings):
        with open(path, "wb") as file:
            file.write(content)
        broken = t.make_server(dir=server.folder, **settings).launch()
        broken.expected_exit = (1,)
        eq(broken.wait(), 1)
        for line in lines:
            check(line in broken.log(), "%r is not in the log: %s" % (line, broken.log_tail()))

    end = b"Terminating server after rdb file reading failure."
    outcome(good[:-1] + bytes([good[-1] ^ 1]), b"Wrong RDB checksum expected: (", b"RDB CRC error", end)
    outcome(good[:-20], b"Short read or OOM loading DB. Unrecoverable error, aborting now.",
            b"Internal error in RDB reading offset ", b"Unexpected EOF reading RDB file", end)
    outcome(b"", b"Unexpected EOF reading RDB file", end)
    outcome(b"NOREDIS00" + good, b"Wrong signature trying to load DB from file",
            b"Fatal error loading the DB, check server logs. Exiting.")
    outcome(b"REDIS0099" + good[9:], b"Can't handle RDB format version 99")
    outcome(b"REDIS0011\x63\x01a\x01b", b"Unknown RDB encoding type 99", end)
    outcome(b"REDIS0011\x00\x01a\x01b\x00\x01a\x01b", b"RDB has duplicated key 'a' in DB 0")
    outcome(b"REDIS0011\xfe\x20\x00\x01a\x01b", b"FATAL: Data file was created with a Redis server configured to handle more")
    outcome(b"REDIS0011\xf5\x0e#!lua name=abc\xff", b"Failed loading library, Engine 'lua' not found")
    with open(path, "wb") as file:
        file.write(good[:-1] + bytes([good[-1] ^ 1]))
    eq(t.client(restarted(t, server, rdbchecksum="no"))("DBSIZE"), 100)


@test
def reloading(t):
    """DEBUG RELOAD, with and without saving, emptying and replacing."""
    stock_server = t.stock(enable_debug_command="yes")
    server = started(t)
    c = t.client(server)
    load_into(c, t.client(stock_server))
    digest = c("DEBUG", "DIGEST")
    eq(c("DEBUG", "RELOAD"), "OK")
    eq(c("DEBUG", "DIGEST"), digest)
    c("SET", "more", "x")
    eq(c("DEBUG", "RELOAD", "NOSAVE"), "OK")
    eq(c("DEBUG", "DIGEST"), digest)
    c("SET", "more", "x")
    c("SET", "string", "changed")
    eq(c("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"), "OK")
    eq(c("GET", "more"), b"x")
    eq(c("GET", "string"), b"value")
    check(isinstance(c.call("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"), ReplyError), "repeated keys are an error")
