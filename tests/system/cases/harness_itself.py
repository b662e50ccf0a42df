"""The consistency test would notice: every workload's verdict is tried on states that no serial order explains."""
import random

from harness.framework import check, test
from harness.group_histories import ALL
from harness.histories import Violation
from harness.resp_client import ReplyError

# For each workload: the commands that spoil the state it left.
SPOILED = {
    "Appends": [("APPEND", "append:7", "99.0;"), ("SETRANGE", "append:7", 0, "9")],
    "Counters": [("INCR", "count:3")],
    "Chains": [("SET", "chain:5", "123")],
    "Slots": [("SETRANGE", "slots:1", 8, "99999999")],
    "Groups": [("SET", "group:2:3", "other")],
    "OnceGroups": [("DEL", "once:4:1"), ("SET", "once:4:1", "x")],
    "Balls": [("COPY", "ball:6:0", "ball:6:1"), ("DEL", "ball:6:0")],
    "Accounts": [("INCR", "account:8")],
    "Twins": [("APPEND", "twin:3:0", "x")],
}


def drive(c, workload, me, source, turns):
    for _ in range(turns):
        steps = workload.step(me, source)
        if getattr(workload, "watching", {}).get(me, 0) is None:
            judge_all(c, steps)
            steps = workload.finish(me, source)
        judge_all(c, steps)


def judge_all(c, steps):
    for (_, judge), reply in zip(steps, c.pipeline(command for command, _ in steps)):
        if judge is not None:
            judge(reply)


@test
def spoiled_states_are_noticed(t):
    """Each workload accepts what really happened, and raises a Violation once one key is changed behind its back."""
    c = t.client()
    for kind in ALL:
        for spoil in SPOILED[kind.__name__]:
            c("FLUSHALL")
            workload = kind()
            workload.prepare(c)
            source = random.Random(t.seed)
            drive(c, workload, 1, source, 300)
            while kind.__name__ == "Slots" and (1, 1) not in workload.last:  # that is the one to be spoiled
                drive(c, workload, 1, source, 30)
            if kind.__name__ == "OnceGroups":  # the group must be whole before a part is taken or given
                c("DEL", *["once:4:%d" % n for n in range(3)])
                workload.balance[4] = 0
                if spoil[0] == "DEL":
                    c("MSET", *[word for n in range(3) for word in ("once:4:%d" % n, "x")])
                    workload.balance[4] = 1
            if kind.__name__ == "Balls" and not c("EXISTS", "ball:6:0"):
                c("RENAME", next(n for n in ("ball:6:1", "ball:6:2", "ball:6:3") if c("EXISTS", n)), "ball:6:0")
            workload.verify(c, [workload.result()])
            check(not isinstance(c.call(*spoil), ReplyError), "%r failed" % (spoil,))
            try:
                workload.verify(c, [workload.result()])
            except Violation:
                continue
            check(False, "%s did not notice %r" % (kind.__name__, spoil))
