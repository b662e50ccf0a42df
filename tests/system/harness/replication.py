"""Replicas for the tests of a primary: one that speaks the protocol by hand, and stock servers that follow."""
import os
import re
import select
import time

from harness.framework import check, eq, eventually
from harness.resp_client import ConnectionClosed, encode


class RawReplica:
    """A replica by hand: it says the words of the handshake, reads the image and counts the stream's bytes."""

    def __init__(self, t, server, capa=("eof", "psync2"), port=7777, receive_buffer=None, handshake=True):
        self.t = t
        self.link = t.client(server, receive_buffer=receive_buffer)
        self.link._fill = self.more
        self.acknowledges = False
        self.keep_alives = 0
        self.id, self.offset, self.image, self.framing = None, None, b"", None
        if handshake:
            eq(self.link("PING"), "PONG")
            eq(self.link("REPLCONF", "listening-port", port), "OK")
            if capa:
                eq(self.link("REPLCONF", *[word for name in capa for word in ("capa", name)]), "OK")

    # --- synchronization -----------------------------------------------------------------------------------
    def line(self):
        """The next line that is no keep-alive."""
        link = self.link
        while True:
            end = link.buffer.find(b"\n", link.position)
            if end < 0:
                self.more()
                continue
            line = bytes(link.buffer[link.position:end]).rstrip(b"\r")
            link.position = end + 1
            if line:
                return line.decode()
            self.keep_alives += 1

    def more(self):
        """Reads what there is. A primary heeds an acknowledgement only once it is through with the image: it is repeated."""
        link = self.link
        limit = time.monotonic() + 20 * self.t.patience
        while not select.select([link.sock], [], [], 0.2)[0]:
            check(time.monotonic() < limit, "the primary sends nothing more behind %r" % bytes(link.buffer[link.position:][-300:]))
            if self.acknowledges:
                self.ack()
        try:
            data = link.sock.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        if not data:
            raise ConnectionClosed("the primary closed the connection")
        if link.position > 1 << 22:
            del link.buffer[:link.position]
            link.position = 0
        link.buffer += data

    def psync(self, replid="?", offset=-1, read_image=True):
        """Asks for the stream behind `offset` - 1; returns 'full' or 'continue', with the image read in the first case."""
        self.link.send("PSYNC", replid, offset)
        answer = self.line()
        if answer.startswith("+CONTINUE"):
            self.answer = answer
            self.id = answer.split()[1] if " " in answer else replid
            self.offset = int(offset) - 1
            return "continue"
        check(answer.startswith("+FULLRESYNC "), "PSYNC is answered with " + answer)
        _, self.id, text = answer.split(" ")
        check(re.fullmatch("[0-9a-f]{40}", self.id), "replication id " + self.id)
        self.offset = int(text)
        if read_image:
            self.read_image()
        return "full"

    def sync(self):
        """The old way: no id, no offset (it counts from 0 here), no acknowledgements."""
        self.offset = 0
        self.link.send("SYNC")
        self.read_image()

    def read_image(self):
        head = self.line()
        if head.startswith("$EOF:"):
            self.framing = "eof"
            mark = head[5:].encode()
            eq(len(mark), 40)
            self.image = self.read_to(mark)
        else:
            check(head.startswith("$"), "no image but " + head)
            self.framing = "length"
            self.image = bytes(self.link.read_bytes(int(head[1:])))
        check(self.image.startswith(b"REDIS00"), "image begins with %r" % self.image[:9])
        self.online()

    def read_to(self, mark):
        link = self.link
        start = link.position
        del link.buffer[:start]
        start = searched = link.position = 0
        while True:
            at = link.buffer.find(mark, searched)
            if at >= 0:
                image = bytes(link.buffer[start:at])
                link.position = at + len(mark)
                return image
            searched = max(start, len(link.buffer) - len(mark))
            self.more()

    def online(self):
        """A primary that sent an image up to a mark waits for the first acknowledgement."""
        if self.framing == "eof":
            self.acknowledges = True
            self.ack()

    # --- the stream ----------------------------------------------------------------------------------------
    def ack(self, offset=None):
        self.link.send("REPLCONF", "ACK", self.offset if offset is None else offset)

    def read_exactly(self, count):
        data = bytes(self.link.read_bytes(count))
        self.offset += count
        return data

    def read_command(self):
        """The next command of the stream, as a list of words."""
        words = self.link.read()
        check(isinstance(words, list), "not a command: %r" % (words,))
        self.offset += len(encode(*words))
        return words

    def read_to_offset(self, offset):
        """The raw bytes up to this offset of the stream."""
        check(offset >= self.offset, "the stream is at %d, behind %d" % (self.offset, offset))
        return self.read_exactly(offset - self.offset)

    def read_to_head(self, client):
        """The raw bytes up to where the primary is now; the client must be the only writer."""
        return self.read_to_offset(primary_offset(client))

    def commands_until(self, word):
        """Commands up to the one that contains this word, which is not returned."""
        commands = []
        while True:
            command = self.read_command()
            if word.encode() in command:
                return commands
            commands.append(command)

    def close(self):
        self.link.close()


# --- what servers say about themselves -------------------------------------------------------------------------
def replication(client):
    text = bytes(client("INFO", "replication")).decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def primary_offset(client):
    return int(replication(client)["master_repl_offset"])


def stat(client, name):
    text = bytes(client("INFO", "stats")).decode()
    return int(dict(line.split(":", 1) for line in text.splitlines() if ":" in line)[name])


def log_count(server, text):
    return server.log().decode("utf-8", "replace").count(text)


def online_replicas(client):
    return sum("state=online" in value for name, value in replication(client).items() if re.fullmatch(r"slave\d+", name))


def no_replicas(t, client, within_s=10):
    eventually(lambda: replication(client)["connected_slaves"] == "0", "a replica is still listed", within_s, t.patience)


# --- servers ---------------------------------------------------------------------------------------------------
def primary(t, **settings):
    """The server under test, ready for replicas at once."""
    settings.setdefault("repl_diskless_sync_delay", 0)
    settings.setdefault("enable_debug_command", "yes")
    settings.setdefault("loglevel", "verbose")
    return t.server(**settings)


def stock_replica(t, of, **settings):
    """A stock server that follows another one; started, not necessarily in step."""
    settings.setdefault("enable_debug_command", "yes")
    settings.setdefault("repl_diskless_sync_delay", 0)
    return stock_beside(t, of, replicaof=["127.0.0.1", of.port], **settings)


def stock_beside(t, server, **settings):
    """A stock server that loads what this one sends: beside a stock one, one of the same version."""
    if "gyre_version" in server.info("server"):
        return t.stock(**settings)
    return t.server_of(server.program, **settings)


def has_link(t, replica, within_s=60):
    """Waits until the replica says that it follows."""
    with replica.client() as c:
        eventually(lambda: replication(c)["master_link_status"] == "up", "the replica is not up", within_s, t.patience)


def in_step(t, server, replicas, within_s=60):
    """Waits until the replicas have all that the primary wrote. Nothing may write meanwhile but the primary itself."""
    for replica in replicas:
        with server.client() as p, replica.client() as r:
            def same():
                fields = replication(r)
                return fields["master_link_status"] == "up" and int(fields["slave_repl_offset"]) == primary_offset(p)
            eventually(same, "the replica does not reach the primary's offset", within_s, t.patience, pause_s=0.05)


def digests(servers):
    found = []
    for server in servers:
        with server.client(timeout_s=120) as c:
            found.append(str(c("DEBUG", "DIGEST")))
    return found


def key_counts(server):
    with server.client() as c:
        text = bytes(c("INFO", "keyspace")).decode()
    return {m.group(1): int(m.group(2)) for m in re.finditer(r"(db\d+):keys=(\d+)", text)}


def same_data(t, servers):
    """All have the same digest. Nothing may write; keys that ran out may be about to be deleted."""
    found = []

    def same():
        found[:] = digests(servers)
        return len(set(found)) == 1
    try:
        eventually(same, "digests differ", 15, t.patience, pause_s=0.2)
    except AssertionError:
        raise AssertionError("digests %r of data sets %r" % (found, [key_counts(s) for s in servers])) from None
    return found[0]


def load_image(t, server, image):
    """A stock server that started with this server's image."""
    folder = os.path.join(t.folder, "image%d" % time.monotonic_ns())
    os.makedirs(folder)
    with open(os.path.join(folder, "dump.rdb"), "wb") as file:
        file.write(image)
    return stock_beside(t, server, dir=folder, dbfilename="dump.rdb", enable_debug_command="yes")

