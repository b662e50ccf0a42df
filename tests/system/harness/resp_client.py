"""A small RESP2/RESP3 client for tests: exact types, raw bytes, pipelining, time limits.

Reply types: simple string -> str, bulk string -> bytes, integer -> int, null -> None, array -> list,
error -> ReplyError (raised by `Client.__call__`, returned by `Client.call`), and in RESP3 map -> dict,
set -> RespSet, double -> float, boolean -> bool, big number -> BigNumber, verbatim -> Verbatim, push -> Push.
A test can so tell `+OK` ('OK') from `$2 OK` (b'OK').
"""
import socket
import time


class ReplyError(Exception):
    """An error reply; compares equal by its text."""

    def __eq__(self, other):
        return isinstance(other, ReplyError) and self.args == other.args

    def __hash__(self):
        return hash(self.args)

    @property
    def text(self):
        return self.args[0]


class ConnectionClosed(Exception):
    """The server closed the connection."""


class RespSet(list):
    """A RESP3 set, in the order of arrival."""


class Push(list):
    """A RESP3 out-of-band message."""


class BigNumber(str):
    """The digits of a RESP3 big number."""


class Verbatim(bytes):
    """A RESP3 verbatim string without its three-letter format, which `kind` holds."""

    kind = ""


def encode(*args):
    """One command as a RESP array of bulk strings."""
    parts = [b"*%d\r\n" % len(args)]
    for arg in args:
        if isinstance(arg, str):
            arg = arg.encode("utf-8", "surrogateescape")
        elif not isinstance(arg, (bytes, bytearray, memoryview)):
            arg = (repr(arg) if isinstance(arg, float) else str(arg)).encode()
        parts.append(b"$%d\r\n" % len(arg))
        parts.append(bytes(arg))
        parts.append(b"\r\n")
    return b"".join(parts)


def _hashable(key):
    return tuple(_hashable(k) for k in key) if isinstance(key, list) else key


class Client:
    """One blocking connection. `timeout_s` bounds every wait for the server."""

    def __init__(self, host="127.0.0.1", port=6379, path=None, timeout_s=30.0, resp=2, source=None,
                 receive_buffer=None):
        self.address = path if path else (host, port)
        self.timeout_s = timeout_s
        if path:
            family = socket.AF_UNIX
        else:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            if receive_buffer:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.sock.settimeout(timeout_s)
            if source:
                self.sock.bind(source)
            self.sock.connect(self.address)
            if not path:
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            self.sock.close()
            raise
        self.buffer = bytearray()
        self.position = 0
        self.keeps = False  # whether what is parsed stays in the buffer
        self.pushes = []
        self.attributes = None
        if resp == 3:
            self("HELLO", "3")

    # --- writing -------------------------------------------------------------------------------------------
    def send_raw(self, data):
        self.sock.sendall(data)

    def send(self, *args):
        self.sock.sendall(encode(*args))

    # --- reading -------------------------------------------------------------------------------------------
    def _fill(self):
        if self.position > 1 << 16 and not self.keeps:
            del self.buffer[: self.position]
            self.position = 0
        try:
            data = self.sock.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        if not data:
            raise ConnectionClosed("closed by the server, unread: %r" % bytes(self.buffer[self.position:][:200]))
        self.buffer += data

    def _line(self):
        start = self.position
        while True:
            end = self.buffer.find(b"\r\n", start)
            if end >= 0:
                line = bytes(self.buffer[self.position:end])
                self.position = end + 2
                return line
            start = max(self.position, len(self.buffer) - 1) - self.position
            self._fill()
            start += self.position

    def _exactly(self, count):
        while len(self.buffer) - self.position < count:
            self._fill()
        data = bytes(self.buffer[self.position:self.position + count])
        self.position += count
        return data

    def _bulk(self, count):
        if count < 0:
            return None
        data = self._exactly(count + 2)
        assert data[-2:] == b"\r\n", "bulk string does not end in CRLF: %r" % data[-20:]
        return data[:-2]

    def _parse(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode("utf-8", "surrogateescape")
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b":":
            return int(rest)
        if kind == b"-":
            return ReplyError(rest.decode("utf-8", "surrogateescape"))
        if kind in b"*~>" and kind:
            if rest == b"-1":
                return None
            items = [self._parse() for _ in range(int(rest))]
            return items if kind == b"*" else RespSet(items) if kind == b"~" else Push(items)
        return self._parse_resp3(kind, rest)

    def _parse_resp3(self, kind, rest):
        if kind == b"_":
            return None
        if kind == b",":
            return float(rest)
        if kind == b"#":
            assert rest in (b"t", b"f"), rest
            return rest == b"t"
        if kind == b"(":
            return BigNumber(rest.decode())
        if kind == b"=":
            data = self._bulk(int(rest))
            text = Verbatim(data[4:])
            text.kind = data[:3].decode()
            return text
        if kind == b"!":
            return ReplyError(self._bulk(int(rest)).decode("utf-8", "surrogateescape"))
        if kind == b"%":
            pairs = [(self._parse(), self._parse()) for _ in range(int(rest))]
            return {_hashable(key): value for key, value in pairs}
        if kind == b"|":
            pairs = [(self._parse(), self._parse()) for _ in range(int(rest))]
            self.attributes = {_hashable(key): value for key, value in pairs}
            return self._parse()
        raise AssertionError("not RESP: %r" % (kind + rest[:100]))

    def read(self):
        """The next reply; errors are returned as ReplyError; pushes go to `self.pushes`."""
        while True:
            reply = self._parse()
            if not isinstance(reply, Push):
                return reply
            self.pushes.append(reply)

    def read_push(self):
        if self.pushes:
            return self.pushes.pop(0)
        reply = self._parse()
        assert isinstance(reply, Push), "expected a push, got %r" % (reply,)
        return reply

    def read_bytes(self, count):
        """Exactly `count` raw bytes."""
        return self._exactly(count)

    def read_until_closed(self):
        """Everything up to the end of the stream."""
        try:
            while True:
                self._fill()
        except ConnectionClosed:
            data = bytes(self.buffer[self.position:])
            self.position = len(self.buffer)
            return data

    def is_closed(self, within_s=10.0):
        """True when the server closes the connection within the time given, whatever it sends before."""
        limit = time.monotonic() + within_s
        while True:
            left = limit - time.monotonic()
            if left <= 0:
                return False
            self.sock.settimeout(left)
            try:
                if not self.sock.recv(1 << 16):
                    return True
            except ConnectionResetError:
                return True
            except (TimeoutError, socket.timeout):
                return False
            finally:
                self.sock.settimeout(self.timeout_s)

    def nothing_comes(self, for_s=0.2):
        """True when no byte arrives for the time given."""
        if self.position < len(self.buffer):
            return False
        self.sock.settimeout(for_s)
        try:
            data = self.sock.recv(1 << 16)
            self.buffer += data
            return False
        except (TimeoutError, socket.timeout):
            return True
        finally:
            self.sock.settimeout(self.timeout_s)

    # --- commands ------------------------------------------------------------------------------------------
    def call(self, *args):
        """Sends one command and returns its reply, an error too."""
        self.sock.sendall(encode(*args))
        return self.read()

    def __call__(self, *args):
        """Sends one command; an error reply is raised."""
        reply = self.call(*args)
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def pipeline(self, commands):
        """Sends all commands at once and returns the list of replies (errors included)."""
        commands = list(commands)
        self.sock.sendall(b"".join(encode(*command) for command in commands))
        return [self.read() for _ in commands]

    def raw(self, data):
        """Sends raw bytes and returns the next reply."""
        self.sock.sendall(data)
        return self.read()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
