#!/usr/bin/env python3
"""Runs Gyre's system tests against a server binary.

  run.py --server build/gyre-server                          everything but the long tests
  run.py --server build/gyre-server --backend epoll --threads 4 strings expiry
  run.py --server build-asan/gyre-server --quick             smaller, for sanitizer builds
  run.py --server PATH --long                                everything, at full size

A filter picks tests whose name (file.function) contains it. Each test has servers of its own on free loopback
ports. The last line is `N passed, N failed`, with `, N skipped` after it when there are any.
"""
import argparse
import ctypes
import importlib
import os
import random
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from harness import framework  # noqa: E402

PR_SET_PDEATHSIG = 1
MOST_AGAIN = 3  # when more fail, it is not chance
FIRST_PORT, PORTS_PER_TEST, PORT_SLOTS = 12000, 40, 450


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary under test")
    parser.add_argument("--backend", choices=("io_uring", "epoll"), help="passed on as --io-backend")
    parser.add_argument("--threads", type=int, help="passed on as --threads")
    parser.add_argument("--quick", action="store_true", help="a smaller run for slow builds")
    parser.add_argument("--long", action="store_true", help="the long tests too, and full sizes")
    parser.add_argument("--jobs", type=int, default=1, help="tests at a time")
    parser.add_argument("--seed", type=int, help="of every random choice")
    parser.add_argument("--stock", help="a stock redis-server of version 7.2 to compare with")
    parser.add_argument("--duration", type=float, help="seconds of the consistency test")
    parser.add_argument("--count", type=int, help="commands of the differential test")
    parser.add_argument("--runs", type=int, help="rounds of the test of replicas under long load, each with the next seed")
    parser.add_argument("--again", action="store_true",
                        help="run tests whose expectations failed once more, by themselves, and name those that pass then")
    parser.add_argument("--patience", type=float, help="factor on every time limit")
    parser.add_argument("--list", action="store_true", help="only list the tests")
    parser.add_argument("--keep", action="store_true", help="keep the folders of the servers")
    parser.add_argument("filter", nargs="*")
    return parser.parse_args()


def load_tests(arguments):
    for file in sorted(os.listdir(os.path.join(HERE, "cases"))):
        if file.endswith(".py") and not file.startswith("_"):
            importlib.import_module("cases." + file[:-3])
    chosen = framework.REGISTRY
    if arguments.filter:
        chosen = [t for t in chosen if any(part in t.name for part in arguments.filter)]
    return chosen


def run_one(case, options, folder, first_port, result_path):
    """Runs one test in this (forked) process; writes 'outcome', then details, to the result file."""
    fixture = framework.Fixture(case.name, options, folder, first_port)
    outcome, details = "ok", ""
    try:
        case.function(fixture)
    except framework.Skip as reason:
        outcome, details = "skip", str(reason)
    except BaseException:  # noqa: B902  (everything a test can raise is its failure)
        outcome, details = "FAIL", traceback.format_exc()
        tails = [s.log_tail(8) for s in fixture.servers if s.log()]
        details += "".join("  end of a server's log:\n%s\n" % tail for tail in tails[-2:])
    faults = fixture.finish()
    if faults:
        outcome = "FAULT"
        details += "\n".join(faults) + "\n"
    with open(result_path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("\n".join([outcome, str(len(fixture.notes))] + fixture.notes + [details]))


class Running:
    """A test in its own process group, so that what it started can be ended with it and nothing else is."""

    def __init__(self, case, options, root, slot):
        self.case = case
        self.slot = slot
        self.folder = tempfile.mkdtemp(prefix=re.sub(r"\W", "-", case.name) + "-", dir=root)
        self.result_path = os.path.join(self.folder, "result")
        self.began = time.monotonic()
        self.limit = self.began + case.limit_s * options["patience"] * (10 if options["long"] else 1)
        self.done_fd, write_fd = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # end in order when the runner is killed
            signal.signal(signal.SIGTERM, lambda *_: sys.exit("the runner is gone"))
            os.close(self.done_fd)
            os.set_inheritable(write_fd, False)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                first_port = FIRST_PORT + slot % PORT_SLOTS * PORTS_PER_TEST
                run_one(case, options, os.path.join(self.folder, "t"), first_port, self.result_path)
            finally:
                os._exit(0)
        os.close(write_fd)

    def reap(self):
        """Ends the group, and returns (outcome, notes, details, seconds)."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        os.waitpid(self.pid, 0)
        os.close(self.done_fd)
        seconds = time.monotonic() - self.began
        try:
            with open(self.result_path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            count = int(lines[1])
            return lines[0], lines[2:2 + count], "\n".join(lines[2 + count:]), seconds
        except (OSError, IndexError, ValueError):
            return "FAIL", [], "did not end within its time limit" + self.logs(), seconds

    def logs(self):
        text = ""
        for folder, _, files in os.walk(self.folder):
            if "server.log" in files:
                with open(os.path.join(folder, "server.log"), "rb") as file:
                    tail = file.read().decode("utf-8", "replace").splitlines()[-15:]
                text += "\n  end of a server's log:\n" + "\n".join("    | " + line for line in tail)
        return text


class Schedule:
    """Keeps `jobs` tests running and reports each as it ends."""

    def __init__(self, arguments, options, cases):
        self.arguments, self.options = arguments, options
        self.waiting = [c for c in cases if not c.alone] + [c for c in cases if c.alone]
        self.running = []
        self.counts = {"ok": 0, "FAIL": 0, "FAULT": 0, "skip": 0}
        self.failed = []
        self.once_more = []  # failed, and are to be run again
        self.flaky = []
        self.slot = random.randrange(PORT_SLOTS)
        self.root = tempfile.mkdtemp(prefix="gyre-system-")

    def may_start(self):
        if not self.waiting or len(self.running) >= self.arguments.jobs:
            return False
        return not self.running or not (self.waiting[0].alone or self.running[0].case.alone)

    def report(self, test):
        outcome, notes, details, seconds = test.reap()
        self.counts[outcome] += 1
        text = "%-4s %s  %.2fs" % (outcome, test.case.name, seconds)
        print(text + ("  (" + details + ")" if outcome == "skip" else ""))
        for note in notes:
            print("       " + note)
        if test.case in self.once_more:  # this is the second run: what the first one said no longer counts
            self.once_more.remove(test.case)
            self.counts["FAIL"] -= 1
            self.failed.remove(test.case.name)
            if outcome == "ok":
                self.flaky.append(test.case.name)
        elif outcome == "FAIL" and self.arguments.again and len(self.once_more) + len(self.flaky) < MOST_AGAIN:
            self.once_more.append(test.case)
        if outcome in ("FAIL", "FAULT"):
            self.failed.append(test.case.name)
            if test.case.function.__doc__:
                print("     proves: " + " ".join(test.case.function.__doc__.split()))
            print("     " + details.rstrip().replace("\n", "\n     "))
        sys.stdout.flush()
        if not self.arguments.keep:
            shutil.rmtree(test.folder, ignore_errors=True)

    def start(self, case):
        self.slot += 1
        self.running.append(Running(case, self.options, self.root, self.slot))

    def run(self):
        try:
            while self.waiting or self.running or self.once_more:
                while self.may_start():
                    self.start(self.waiting.pop(0))
                if not self.running:
                    self.start(self.once_more[0])
                ready, _, _ = select.select([t.done_fd for t in self.running], [], [], 0.5)
                now = time.monotonic()
                for test in [t for t in self.running if t.done_fd in ready or now > t.limit]:
                    self.running.remove(test)
                    self.report(test)
        finally:
            for test in self.running:
                test.reap()
            if self.arguments.keep:
                print("folders kept in " + self.root)
            else:
                shutil.rmtree(self.root, ignore_errors=True)


def does_not_serve(options):
    """What goes wrong when one server is started, asked and stopped with the options given; None if nothing does."""
    folder = tempfile.mkdtemp(prefix="gyre-system-")
    fixture = framework.Fixture("start", options, folder, FIRST_PORT + random.randrange(PORT_SLOTS) * PORTS_PER_TEST)
    try:
        fixture.client()("PING")
        return "\n".join(fixture.finish()) or None
    except Exception as fault:  # noqa: B902
        fixture.finish()
        return str(fault)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    arguments = parse_arguments()
    cases = load_tests(arguments)
    if arguments.list:
        print("\n".join(case.name for case in cases))
        return 0
    server = os.path.abspath(arguments.server)
    if not os.access(server, os.X_OK):
        sys.exit("run.py: no server at " + server)
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    options = {
        "server": server, "backend": arguments.backend, "threads": arguments.threads, "quick": arguments.quick,
        "long": arguments.long, "seed": seed, "duration": arguments.duration, "count": arguments.count,
        "runs": arguments.runs,
        "stock": os.path.abspath(arguments.stock) if arguments.stock else None,
        "patience": arguments.patience or (4.0 if arguments.quick else 1.0),
    }
    cases = [c for c in cases if (not c.long or arguments.long) and (c.quick or not arguments.quick)]
    print("%d tests of %s, backend %s, threads %s, seed %d" %
          (len(cases), server, arguments.backend or "default", arguments.threads or "default", seed))
    fault = does_not_serve(options)
    if fault:
        print("the server does not serve, so nothing is tested:\n" + fault)
        print("0 passed, %d failed" % len(cases))
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("run.py: ended by SIGTERM"))
    schedule = Schedule(arguments, options, cases)
    schedule.run()
    for name in schedule.flaky:
        print("flaky: %s failed, and passed when it was run again" % name)
    if schedule.failed:
        print("failed: " + " ".join(schedule.failed))
    counts = schedule.counts
    failed = counts["FAIL"] + counts["FAULT"]
    print("%d passed, %d failed%s" % (counts["ok"], failed, ", %d skipped" % counts["skip"] if counts["skip"] else ""))
    return 1 if failed or not counts["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
