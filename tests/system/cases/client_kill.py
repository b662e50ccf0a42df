"""CLIENT KILL: its filters, and that who was killed is gone."""
import contextlib

from cases.client_command import fields
from harness.framework import SYNTAX, check, eq, eventually, fails, test
from harness.resp_client import encode


@test
def kill_by_address_and_filters(t):
    """KILL old and new style; the number killed; SKIPME; killing oneself."""
    c, d = t.client(), t.client()
    address = fields(d("CLIENT", "INFO"))["addr"]
    eq(c("CLIENT", "KILL", address), "OK")
    check(d.is_closed(), "not killed")
    fails(c, "ERR No such client", "CLIENT", "KILL", address)
    d = t.client()
    eq(c("CLIENT", "KILL", "ID", d("CLIENT", "ID")), 1)
    check(d.is_closed(), "not killed")
    eq(c("CLIENT", "KILL", "ID", 99999), 0)
    more = [t.client() for _ in range(4)]
    for d in more:
        d("PING")
    eq(c("CLIENT", "KILL", "TYPE", "normal"), 4)
    check(all(d.is_closed() for d in more), "not killed")
    d = t.client()
    d("PING")
    eq(c("CLIENT", "KILL", "USER", "default", "SKIPME", "yes"), 1)
    d = t.client()
    laddr = fields(d("CLIENT", "INFO"))["laddr"]
    eq(c("CLIENT", "KILL", "LADDR", laddr, "ADDR", fields(d("CLIENT", "INFO"))["addr"]), 1)
    eq(c("CLIENT", "KILL", "SKIPME", "no", "ID", c("CLIENT", "ID")), 1)
    check(c.is_closed(), "did not kill itself")


@test
def kill_errors(t):
    """KILL's filters are checked."""
    c = t.client()
    fails(c, "ERR client-id should be greater than 0", "CLIENT", "KILL", "ID", "x")
    fails(c, "ERR client-id should be greater than 0", "CLIENT", "KILL", "ID", "0")
    fails(c, "ERR Unknown client type 'x'", "CLIENT", "KILL", "TYPE", "x")
    fails(c, SYNTAX, "CLIENT", "KILL", "SKIPME", "maybe")
    fails(c, SYNTAX, "CLIENT", "KILL", "ID", "1", "FOO")
    fails(c, "ERR No such user 'nobody'", "CLIENT", "KILL", "USER", "nobody")
    fails(c, "ERR No such client", "CLIENT", "KILL", "000.123.321.567:0000")


@test
def a_killed_client_runs_nothing_more(t):
    """What it sends once KILL has been answered, also where another thread serves it."""
    c = t.client()
    for n in range(t.size(300, quick=100)):
        victim = t.client()
        eq(c("CLIENT", "KILL", "ID", victim("CLIENT", "ID")), 1)
        with contextlib.suppress(OSError):  # it may be closed already
            victim.send_raw(encode("SET", "late", n))
        check(victim.is_closed(), "it is still served")
        eq(c("EXISTS", "late"), 0)


@test
def killed_in_mid_pipeline(t):
    """A client that kills itself in a pipeline gets that reply and nothing after it runs."""
    main, c = t.client(), t.client()
    number = c("CLIENT", "ID")
    c.send_raw(encode("SET", "a", 1) + encode("CLIENT", "KILL", "ID", number, "SKIPME", "no") + encode("SET", "b", 1))
    eq(c.read_until_closed(), b"+OK\r\n:1\r\n")
    eq(main("EXISTS", "a", "b"), 1)


@test
def kill_a_busy_client(t):
    """Killing a client that does not read its replies frees it."""
    main = t.client()
    main("SET", "k", "x" * 1000000)
    c = t.client(receive_buffer=16384)
    number = c("CLIENT", "ID")
    c.send_raw(encode("GET", "k") * 20)
    eventually(lambda: int(fields(main("CLIENT", "LIST", "ID", number))["tot-mem"]) > 1000000, "replies wait", patience=t.patience)
    eq(main("CLIENT", "KILL", "ID", number), 1)
    eventually(lambda: bytes(main("CLIENT", "LIST", "ID", number)) == b"", "gone", patience=t.patience)
