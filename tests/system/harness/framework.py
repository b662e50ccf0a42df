"""What a test sees: the @test decorator, the fixture handed to it, and the assertions."""
import os
import random
import shutil
import time

from harness.resp_client import ConnectionClosed, ReplyError  # noqa: F401  (for the tests)
from harness.server import PortPool, Server, ServerFault

REGISTRY = []


class Skip(Exception):
    """The test cannot run here; the text says why."""


class TestCase:
    """One registered test function and when it runs."""

    def __init__(self, function, long, quick, limit_s, alone):
        self.function = function
        self.name = "%s.%s" % (function.__module__.rsplit(".", 1)[-1], function.__name__)
        self.long, self.quick, self.limit_s, self.alone = long, quick, limit_s, alone


def test(function=None, *, long=False, quick=True, limit_s=60.0, alone=False):
    """Registers a test.

    long: only with --long.  quick: also with --quick.  limit_s: a generous limit (scaled for slow builds).
    alone: runs beside no other test, because it takes a whole machine's worth of something.
    """
    def register(body):
        REGISTRY.append(TestCase(body, long, quick, limit_s, alone))
        return body
    return register(function) if function else register


class Fixture:
    """Servers, clients, randomness and options for one test. Everything it made is undone by `finish`."""

    def __init__(self, name, options, folder, first_port):
        self.name = name
        self.options = options
        self.folder = folder
        self.ports = PortPool(first_port, 40)
        self.seed = options["seed"]
        self.random = random.Random("%s/%s" % (self.seed, name))
        self.quick, self.long = options["quick"], options["long"]
        self.patience = options["patience"]
        self.servers = []
        self.clients = []
        self.notes = []
        self.main = None

    # --- servers and clients -------------------------------------------------------------------------------
    def make_server(self, program=None, backend=None, threads=None, **kw):
        """A server that is not started yet. Keywords that Server does not know are settings."""
        folder = os.path.join(self.folder, "server%d" % len(self.servers))
        options = dict(self.options) if program is None else {}
        options.update({name: value for name, value in (("backend", backend), ("threads", threads)) if value})
        server = Server(program or self.options["server"], folder, self.ports.take(), options,
                        patience=self.patience, **kw)
        self.servers.append(server)
        return server

    def server(self, **kw):
        """A started server; the first one becomes the one that `client()` talks to."""
        server = self.make_server(**kw)
        for attempt in range(3):
            try:
                server.start()
                break
            except ServerFault as fault:
                if attempt == 2 or "ddress already in use" not in str(fault) or "--port" not in server.words:
                    raise
                server.words[server.words.index("--port") + 1] = str(self.ports.take())
                server.port = int(server.words[server.words.index("--port") + 1])
                server.process = None
        if self.main is None:
            self.main = server
        return server

    def client(self, server=None, **kw):
        """A connection to the server given, or to the test's first one (started with defaults if need be)."""
        server = server or self.main or self.server()
        client = server.client(**kw)
        self.clients.append(client)
        return client

    def stock(self, **kw):
        """A server of stock Redis beside the one under test."""
        program = self.options.get("stock") or shutil.which("redis-server")
        if not program:
            self.skip("no stock redis-server")
        return self.server_of(program, **kw)

    def is_7_2(self, server):
        """Whether it is a Redis 7.2, as the one under test is meant to be; Debian 12 has 7.0, which answers some commands otherwise."""
        return server.info("server", client=self.client(server))["redis_version"].startswith("7.2")

    def server_of(self, program, **kw):
        main = self.main
        try:
            server = self.make_server(program=program, **kw)
            return server.start()
        finally:
            self.main = main

    # --- circumstances -------------------------------------------------------------------------------------
    def skip(self, why):
        raise Skip(why)

    def need(self, *commands, client=None):
        """Skips the test when the server lacks a command that a later stage of the project brings."""
        client = client or self.client()
        for command, row in zip(commands, client("COMMAND", "INFO", *commands)):
            if row is None:
                self.skip("needs the command " + command.upper())

    def tool(self, name):
        path = shutil.which(name)
        if not path:
            self.skip(name + " is not installed")
        return path

    def size(self, normal, quick=None, long=None):
        """A number of things to do: `normal`, less in a quick run, more in a long one."""
        if self.quick:
            return quick if quick is not None else max(1, normal // 10)
        return long if self.long and long is not None else normal

    def note(self, text):
        """A line shown below the test's own line."""
        self.notes.append(text)

    def is_gyre(self):
        return "gyre_version" in (self.main or self.server()).info("server")

    def is_sanitized(self):
        """Whether a sanitizer was built into the server, which then has a report of its own for crashes."""
        with open(self.options["server"], "rb") as file:
            program = file.read()
        return any(name in program for name in (b"__asan_init", b"__tsan_init", b"__ubsan_handle_"))

    def finish(self):
        """Closes and stops everything; returns the faults found."""
        for client in self.clients:
            client.close()
        faults = []
        for server in self.servers:
            try:
                server.stop()
            except ServerFault as fault:
                faults.append(str(fault))
        return faults


# --- assertions ------------------------------------------------------------------------------------------------
def short(value, limit=600):
    text = repr(value)
    return text if len(text) <= limit else text[:limit // 2] + " ... " + text[-limit // 2:]


def eq(actual, expected, what=""):
    """Equal in value and in type of reply: 'OK' is not b'OK', 1 is not True."""
    same = actual == expected and isinstance(actual, bool) == isinstance(expected, bool)
    if not same:
        raise AssertionError("%sgot      %s\n  expected %s" % (what + ": " if what else "", short(actual), short(expected)))


def check(condition, what="condition does not hold"):
    if not condition:
        raise AssertionError(what)


def between(actual, low, high, what="value"):
    if not low <= actual <= high:
        raise AssertionError("%s is %r, expected %r to %r" % (what, actual, low, high))


def fails(client, text, *args):
    """The command's reply is the error with exactly this text."""
    reply = client.call(*args)
    if not isinstance(reply, ReplyError) or reply.text != text:
        got = reply.text if isinstance(reply, ReplyError) else short(reply)
        raise AssertionError("%s\n  got      %s\n  expected error %s" % (short(args), got, text))


def fails_like(client, part, *args):
    """The command's reply is an error that contains this text."""
    reply = client.call(*args)
    if not isinstance(reply, ReplyError) or part not in reply.text:
        got = reply.text if isinstance(reply, ReplyError) else short(reply)
        raise AssertionError("%s\n  got      %s\n  expected an error with %s" % (short(args), got, part))


def wrong_arity(client, *args):
    name = str(args[0]).lower()
    fails(client, "ERR wrong number of arguments for '%s' command" % name, *args)


def eventually(condition, what, within_s=10.0, patience=1.0, pause_s=0.02):
    """Waits until the condition holds; its last value is returned."""
    limit = time.monotonic() + within_s * patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError("within %g s: %s (last value %s)" % (within_s * patience, what, short(value)))
        time.sleep(pause_s)


WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
SYNTAX = "ERR syntax error"
NOT_INTEGER = "ERR value is not an integer or out of range"
