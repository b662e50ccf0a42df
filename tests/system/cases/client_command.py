"""CLIENT: ID INFO LIST KILL SETNAME GETNAME SETINFO NO-EVICT NO-TOUCH REPLY PAUSE UNPAUSE UNBLOCK TRACKINGINFO GETREDIR."""
import re
import time

from harness.framework import SYNTAX, ReplyError, between, check, eq, eventually, fails, fails_like, test
from harness.resp_client import encode

INFO_FORM = (r"id=\d+ addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:\d+ fd=-?\d+ name=\S* age=\d+ idle=\d+ flags=\S+ db=\d+ sub=\d+ psub=\d+ "
             r"ssub=\d+ multi=-?\d+ qbuf=\d+ qbuf-free=\d+ argv-mem=\d+ multi-mem=\d+ rbs=\d+ rbp=\d+ obl=\d+ oll=\d+ omem=\d+ tot-mem=\d+ "
             r"events=\w* cmd=\S+ user=\S+ redir=-?\d+ resp=[23] lib-name=\S* lib-ver=\S*\n")


def fields(line):
    return dict(part.split("=", 1) for part in bytes(line).decode().strip().split(" "))


@test
def ids_grow(t):
    """CLIENT ID is unique and grows."""
    t.client()
    ids = [t.client()("CLIENT", "ID") for _ in range(20)]
    eq(len(set(ids)), 20)
    eq(ids, sorted(ids))


@test
def info_and_list_form(t):
    """CLIENT INFO and LIST have Redis's fields in Redis's order."""
    c = t.client()
    line = bytes(c("CLIENT", "INFO")).decode()
    check(re.fullmatch(INFO_FORM, line), line)
    c("SELECT", 3)
    c("CLIENT", "SETNAME", "me")
    row = fields(c("CLIENT", "INFO"))
    eq((row["db"], row["name"], row["cmd"], row["user"], row["resp"], row["flags"]), ("3", "me", "client|info", "default", "2", "N"))
    eq(row["id"], str(c("CLIENT", "ID")))
    others = [t.client() for _ in range(5)]
    for d in others:
        d("PING")
    text = bytes(c("CLIENT", "LIST")).decode()
    check(re.fullmatch("(%s){6}" % INFO_FORM, text), text)
    others[0].send("MULTI")
    others[0].send("PING")
    others[0].read()
    others[0].read()
    rows = [fields(line) for line in bytes(c("CLIENT", "LIST")).splitlines()]
    row = next(r for r in rows if r["flags"] == "x")
    eq((row["multi"], row["cmd"]), ("1", "ping"))


@test
def list_filters(t):
    """CLIENT LIST by TYPE and by ID."""
    c, d = t.client(), t.client()
    ids = [c("CLIENT", "ID"), d("CLIENT", "ID")]
    eq(len(bytes(c("CLIENT", "LIST", "TYPE", "normal")).splitlines()), 2)
    eq(bytes(c("CLIENT", "LIST", "TYPE", "pubsub")), b"")
    eq(bytes(c("CLIENT", "LIST", "TYPE", "replica")), b"")
    rows = [fields(line)["id"] for line in bytes(c("CLIENT", "LIST", "ID", ids[1], ids[0], 99999)).splitlines()]
    eq(rows, [str(ids[1]), str(ids[0])])
    fails(c, "ERR Unknown client type 'nosuch'", "CLIENT", "LIST", "TYPE", "nosuch")
    fails(c, "ERR Invalid client ID", "CLIENT", "LIST", "ID", "x")
    fails(c, SYNTAX, "CLIENT", "LIST", "FOO")


@test
def names(t):
    """SETNAME, GETNAME, and what a name may not have."""
    c = t.client()
    eq(c.call("CLIENT", "GETNAME"), None)
    eq(c("CLIENT", "SETNAME", "abc"), "OK")
    eq(c("CLIENT", "GETNAME"), b"abc")
    for bad in ("a b", "a\nb", "é"):
        fails(c, "ERR Client names cannot contain spaces, newlines or special characters.", "CLIENT", "SETNAME", bad)
    eq(c("CLIENT", "SETNAME", ""), "OK")
    eq(c.call("CLIENT", "GETNAME"), None)


@test
def library_name_and_version(t):
    """SETINFO LIB-NAME and LIB-VER show up in CLIENT LIST and survive RESET."""
    c = t.client()
    eq(c("CLIENT", "SETINFO", "lib-name", "mylib"), "OK")
    eq(c("CLIENT", "SETINFO", "LIB-VER", "1.2.3"), "OK")
    row = fields(c("CLIENT", "INFO"))
    eq((row["lib-name"], row["lib-ver"]), ("mylib", "1.2.3"))
    fails(c, "ERR lib-name cannot contain spaces, newlines or special characters.", "CLIENT", "SETINFO", "lib-name", "a b")
    fails(c, "ERR Unrecognized option 'foo'", "CLIENT", "SETINFO", "foo", "x")
    c("RESET")
    eq(fields(c("CLIENT", "INFO"))["lib-name"], "mylib")


@test
def clients_leave_while_others_look(t):
    """CLIENT LIST, also by id, answers in order while the clients it shows go away, some in a transaction."""
    looker = t.client()
    for _ in range(t.size(20, quick=8)):
        leaving = [t.client() for _ in range(24)]
        ids = [c("CLIENT", "ID") for c in leaving]
        for c in leaving[::2]:
            c("MULTI")
            c("SET", "k", "v")
        looker.send_raw((encode("CLIENT", "LIST") + encode("CLIENT", "LIST", "ID", *ids)) * 40)
        for c in leaving:
            c.close()
        for _ in range(80):
            lines = bytes(looker.read()).decode().splitlines()
            check(all(line.startswith("id=") for line in lines), "an odd line: %r" % lines)
    eventually(lambda: len(bytes(looker("CLIENT", "LIST")).splitlines()) == 1, "only the looker is left", patience=t.patience)


@test
def reply_modes(t):
    """REPLY OFF silences, SKIP drops one reply, ON answers."""
    c = t.client()
    c.send_raw(encode("CLIENT", "REPLY", "OFF") + encode("SET", "a", 1) + encode("NOSUCH") + encode("CLIENT", "REPLY", "ON") + encode("GET", "a"))
    eq(c.read(), "OK")
    eq(c.read(), b"1")
    c.send_raw(encode("CLIENT", "REPLY", "SKIP") + encode("SET", "a", 2) + encode("GET", "a"))
    eq(c.read(), b"2")
    fails(c, SYNTAX, "CLIENT", "REPLY", "maybe")
    check(c.nothing_comes(), "more replies")


@test
def no_evict_and_no_touch(t):
    """NO-EVICT and NO-TOUCH are shown as flags; NO-TOUCH leaves the idle time alone."""
    c, d = t.client(), t.client()
    eq(c("CLIENT", "NO-EVICT", "on"), "OK")
    eq(fields(c("CLIENT", "INFO"))["flags"], "e")
    eq(c("CLIENT", "NO-EVICT", "off"), "OK")
    eq(d("CLIENT", "NO-TOUCH", "ON"), "OK")
    eq(fields(d("CLIENT", "INFO"))["flags"], "T")
    for name in ("NO-EVICT", "NO-TOUCH"):
        fails(c, SYNTAX, "CLIENT", name, "x")
    c("SET", "k", "v")
    eventually(lambda: c("OBJECT", "IDLETIME", "k") >= 1, "idle", patience=t.patience)
    d("GET", "k")
    check(c("OBJECT", "IDLETIME", "k") >= 1, "NO-TOUCH has touched")
    d("TOUCH", "k")
    eq(c("OBJECT", "IDLETIME", "k"), 0)


@test
def pause_all(t):
    """PAUSE holds every command until its time is over; UNPAUSE ends a pause of writes; replies come complete and in order."""
    main, c = t.client(), t.client()
    began = time.monotonic()
    eq(main("CLIENT", "PAUSE", "400"), "OK")
    c.send_raw(encode("SET", "k", 1) + encode("INCR", "k"))
    check(c.nothing_comes(0.15), "answered during the pause")
    eq([c.read(), c.read()], ["OK", 2])
    between(time.monotonic() - began, 0.35, 10 * t.patience)
    eq(main("CLIENT", "PAUSE", "300", "ALL"), "OK")
    main.send("CLIENT", "UNPAUSE")
    c.send("PING")
    check(c.nothing_comes(0.1), "answered during the pause")
    eq([main.read(), c.read()], ["OK", "PONG"])
    eq(main("CLIENT", "PAUSE", "100000", "WRITE"), "OK")
    eq(main("CLIENT", "PAUSE", "300", "WRITE"), "OK")  # a shorter one does not end a longer one
    c.send("SET", "k", 5)
    check(c.nothing_comes(0.5), "answered during the pause")
    eq(main("CLIENT", "UNPAUSE"), "OK")
    eq(c.read(), "OK")


@test
def pause_writes(t):
    """PAUSE ... WRITE lets reads through and holds writes and transactions with writes."""
    main, c, d, e = (t.client() for _ in range(4))
    c("SET", "k", "1")
    main("CLIENT", "PAUSE", "100000", "WRITE")
    eq(c("GET", "k"), b"1")
    eq(c("PING"), "PONG")
    d.send("SET", "k", "2")
    check(d.nothing_comes(), "a write went through")
    eq(e.pipeline([("MULTI",), ("GET", "k"), ("EXEC",)])[-1], [b"1"])
    e.send_raw(encode("MULTI") + encode("INCR", "k") + encode("EXEC"))
    eq(e.read(), "OK")
    check(e.nothing_comes(), "a transaction with a write went on")
    eq(c("GET", "k"), b"1")
    eq(main("CLIENT", "UNPAUSE"), "OK")
    eq(d.read(), "OK")
    eq(e.read(), "QUEUED")
    check(e.read()[0] in (2, 3), "the writes are lost")
    fails(main, "ERR timeout is not an integer or out of range", "CLIENT", "PAUSE", "x")
    fails(main, "ERR timeout is negative", "CLIENT", "PAUSE", "-1")
    fails(main, "ERR CLIENT PAUSE mode must be WRITE or ALL", "CLIENT", "PAUSE", "1", "x")
    main("CLIENT", "UNPAUSE")


@test
def expiry_during_pause(t):
    """During a pause expired keys are not visible, and not removed."""
    main, c = t.client(), t.client()
    lifetime_ms = int(50 * t.patience)  # the pause has to begin before it ends
    c("SET", "k", "v", "PX", lifetime_ms)
    main("CLIENT", "PAUSE", "100000", "WRITE")
    time.sleep(0.02 + 2 * lifetime_ms / 1000)
    eq(c.call("GET", "k"), None)
    eq(c("DBSIZE"), 1)
    main("CLIENT", "UNPAUSE")
    eventually(lambda: c("DBSIZE") == 0, "removed after the pause", patience=t.patience)


@test
def tracking_off_by_default(t):
    """TRACKINGINFO and GETREDIR of a client without tracking."""
    c = t.client()
    reply = c.call("CLIENT", "TRACKINGINFO")
    if isinstance(reply, ReplyError):
        t.skip("needs CLIENT TRACKINGINFO")
    eq(reply, [b"flags", [b"off"], b"redirect", -1, b"prefixes", []])
    eq(c("CLIENT", "GETREDIR"), -1)


@test
def unknown_subcommands(t):
    """Errors and HELP."""
    c = t.client()
    fails(c, "ERR unknown subcommand 'x'. Try CLIENT HELP.", "CLIENT", "x")
    fails(c, "ERR wrong number of arguments for 'client' command", "CLIENT")
    fails(c, "ERR wrong number of arguments for 'client|setname' command", "CLIENT", "SETNAME")
    check("CLIENT <subcommand>" in c("CLIENT", "HELP")[0], "CLIENT HELP")
    fails_like(c, "wrong number of arguments for 'client|unblock'", "CLIENT", "UNBLOCK")
    eq(c("CLIENT", "UNBLOCK", 99999), 0)
    fails(c, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR", "CLIENT", "UNBLOCK", 1, "x")
