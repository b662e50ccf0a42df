"""Where the server listens: addresses, ports, Unix sockets, protected mode."""
import os
import socket
import stat

from harness.framework import ReplyError, check, eq, fails_like, test
from harness.resp_client import Client


def own_address():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


@test
def port_in_use(t):
    """A second server on the same port does not start, says why and exits with 1."""
    first = t.server()
    second = t.make_server(port=first.port)
    second.launch()
    second.expected_exit = (1,)
    eq(second.wait(), 1)
    check(b"Could not create server TCP listening socket 127.0.0.1:%d: bind: Address already in use" % first.port in second.log(),
          second.log_tail())
    eq(t.client(first)("PING"), "PONG")


@test
def several_addresses(t):
    """bind takes several addresses, optional ones with '-', IPv6, and serves each of them."""
    server = t.server(bind=["127.0.0.1", "127.0.0.2", "-203.0.113.77", "-::1"])
    for host in ("127.0.0.1", "127.0.0.2"):
        with Client(host=host, port=server.port) as c:
            eq(c("PING"), "PONG")
            check(b"laddr=%s:" % host.encode() in c("CLIENT", "INFO"), "laddr")
    try:
        with Client(host="127.0.0.3", port=server.port):
            check(False, "an address that was not bound is served")
    except OSError:
        pass
    c = t.client(server)
    eq(c("CONFIG", "GET", "bind"), [b"bind", b"127.0.0.1 127.0.0.2 -203.0.113.77 -::1"])
    bad = t.make_server(bind=["127.0.0.1", "203.0.113.77"])
    bad.launch()
    bad.expected_exit = (1,)
    eq(bad.wait(), 1)
    check(b"Could not create server TCP listening socket 203.0.113.77" in bad.log(), bad.log_tail())


@test
def change_port_and_bind(t):
    """CONFIG SET port and bind move the listener; a port or address that cannot be had changes nothing."""
    other = t.server()
    server = t.server()
    c = server.client()
    t.clients.append(c)
    port = t.ports.take()
    eq(c("CONFIG", "SET", "port", port), "OK")
    with Client(port=port) as d:
        eq(d("PING"), "PONG")
    try:
        with Client(port=server.port):
            check(False, "the old port still accepts")
    except OSError:
        pass
    server.port = port
    fails_like(c, "Unable to listen on this port", "CONFIG", "SET", "port", other.port)
    fails_like(c, "Failed to bind to specified addresses", "CONFIG", "SET", "bind", "999.999.999.999")
    with Client(port=port) as d:
        eq(d("PING"), "PONG")
    eq(c("CONFIG", "SET", "bind", "127.0.0.2"), "OK")
    with Client(host="127.0.0.2", port=port) as d:
        eq(d("PING"), "PONG")
    eq(c("CONFIG", "SET", "bind", "127.0.0.1"), "OK")
    eq(c("PING"), "PONG")


@test
def unix_socket(t):
    """unixsocket serves, with unixsocketperm's rights, and is shown as such; port 0 listens on nothing else."""
    path = os.path.join(t.folder, "s")
    server = t.server(port=0, unixsocket=path, unixsocketperm="700")
    eq(stat.S_IMODE(os.stat(path).st_mode), 0o700)
    c = t.client(server)
    eq(c("SET", "k", "v"), "OK")
    info = bytes(c("CLIENT", "INFO")).decode()
    check("addr=%s:0" % path in info and "flags=U" in info, info)
    value = b"x" * 2000000
    eq(c("SET", "big", value), "OK")
    check(c("GET", "big") == value, "a value changed")
    replies = c.pipeline([("INCR", "n")] * 5000)
    eq(replies, list(range(1, 5001)))
    eq(server.listening_tcp_ports(), set())
    server.stop()
    check(not os.path.exists(path), "the socket file is left behind")


@test
def unix_socket_left_behind(t):
    """A socket file of a dead server does not prevent the start."""
    path = os.path.join(t.folder, "s")
    os.makedirs(t.folder, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(path)
    server = t.server(unixsocket=path)
    with Client(path=path) as c:
        eq(c("PING"), "PONG")
    eq(t.client(server)("PING"), "PONG")


@test
def protected_mode(t):
    """Without a password only loopback is served; a password or `protected-mode no` opens it."""
    address = own_address()
    if not address:
        t.skip("no address besides loopback")
    server = t.server(bind="*")
    main = t.client(server)
    c = Client(host=address, port=server.port)
    reply = c.read()
    check(isinstance(reply, ReplyError) and reply.text.startswith(
        "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user."),
        repr(reply))
    check(c.is_closed(), "still open")
    main("CONFIG", "SET", "requirepass", "x")
    with Client(host=address, port=server.port) as c:
        eq(c("AUTH", "x"), "OK")
    main("CONFIG", "SET", "requirepass", "")
    with Client(host=address, port=server.port) as c:
        check(isinstance(c.read(), ReplyError), "served without a password")
    main("CONFIG", "SET", "protected-mode", "no")
    with Client(host=address, port=server.port) as c:
        eq(c("PING"), "PONG")
