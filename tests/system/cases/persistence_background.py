"""BGSAVE: the moment that it writes, what INFO tells of it, what ends it."""
import os

from cases.persistence import file_of, restarted, soon, started, stop
from harness.framework import check, eq, fails, test


@test
def saving_in_the_background(t):
    """BGSAVE writes the moment at which it began, while writes go on; a second one is refused meanwhile."""
    server = started(t, rdb_key_save_delay=20)
    c = t.client(server)
    for n in range(20):
        c("MSET", *[word for i in range(1000) for word in ("key:%d" % (n * 1000 + i), "value")])
    digest = c("DEBUG", "DIGEST")
    eq(c("BGSAVE"), "Background saving started")
    fails(c, "ERR Background save already in progress", "BGSAVE")
    fails(c, "ERR Background save already in progress", "SAVE")
    info = server.info("persistence")
    eq([info[name] for name in ("rdb_bgsave_in_progress", "current_save_keys_total", "rdb_last_cow_size")], ["1", "20000", "0"])
    c("MSET", *[word for i in range(20000) for word in ("key:%d" % i, "changed")])
    info = server.info("persistence")
    check(int(info["current_cow_size"]) > 15000 * len("key:12345value"), "little was preserved: %s" % info)
    check(int(info["current_save_keys_processed"]) > 15000 and float(info["current_fork_perc"]) > 75, "what is preserved is done: %s" % info)
    soon(lambda: eq(server.info("persistence")["rdb_bgsave_in_progress"], "0"), within_s=60)
    info = server.info("persistence")
    eq(info["rdb_last_bgsave_status"], "ok")
    check(int(info["rdb_changes_since_last_save"]) >= 20000, "changes since the save: %s" % info)
    check(int(info["rdb_last_cow_size"]) > 15000 * len("key:12345value"), "little was preserved: %s" % info)
    eq([info[name] for name in ("current_cow_size", "current_save_keys_total", "current_fork_perc")], ["0", "0", "0.00"])
    stop(t, server, "NOSAVE")
    eq(t.client(restarted(t, server))("DEBUG", "DIGEST"), digest)


def saved_state(server):
    info = server.info("persistence")
    return [info[name] for name in ("rdb_bgsave_in_progress", "rdb_last_bgsave_status", "rdb_changes_since_last_save", "rdb_saves")]


@test
def flushing_everything(t):
    """FLUSHALL gives up a save in the background, whose image would bring back what is gone; with save points it saves that there is
    nothing. What INFO says of it is what stock says."""
    servers, states = [started(t, rdb_key_save_delay=1000), t.stock(rdb_key_save_delay=1000)], []
    for server in servers:
        c = t.client(server)
        c("CONFIG", "SET", "save", "")
        c("MSET", *[word for i in range(5000) for word in ("key:%d" % i, "value")])
        eq(c("BGSAVE"), "Background saving started")
        c("FLUSHALL")
        soon(lambda: eq(server.info("persistence")["rdb_bgsave_in_progress"], "0"), within_s=3)  # noqa: B023
        states.append(saved_state(server))
        check(not os.path.exists(file_of(server)), "the old image became the file")
        eq([name for name in os.listdir(server.folder) if name.startswith("temp-")], [])
        c("CONFIG", "SET", "save", "3600 1", "rdb-key-save-delay", "0")
        c("SET", "a", "1")
        eq(c("BGSAVE"), "Background saving started")
        soon(lambda: eq(server.info("persistence")["rdb_bgsave_in_progress"], "0"))  # noqa: B023
        states[-1] += saved_state(server)
        for words in (["MULTI"], ["FLUSHALL"], ["SET", "c", "1"], ["EXEC"]):
            c(*words)
        states[-1] += saved_state(server)
        c("FLUSHALL", "ASYNC")
        states[-1] += saved_state(server)
    eq(states[0], states[1])
    stop(t, servers[0], "NOSAVE")
    eq(t.client(restarted(t, servers[0]))("DBSIZE"), 0)
