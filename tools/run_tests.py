#!/usr/bin/python3
"""Runs every test of the project: `tools/dev test` calls it. The last line is "N passed, N failed".

Builds one flavour after the other; within one, unit tests and fuzzers run side by side and system tests alone. Output
goes to build*/test-logs/; what failed is shown at the end."""
import argparse
import concurrent.futures
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testlib import jobs as job_list  # noqa: E402
from testlib import machine  # noqa: E402

SHOWN_LINES = 120


class Report:
    def __init__(self):
        self.started = time.monotonic()
        self.passed = self.failed = self.skipped = 0
        self.failures = []  # (name, log)
        self.flaky = []     # the same, of those that have cases which passed when they were run again

    def add(self, name, counts, log, seconds, output=""):
        passed, failed, skipped = counts
        self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped
        words = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
        print(f"{'FAIL' if failed else 'ok':4} {name:32} {seconds:7.1f} s  {words}", flush=True)
        told = [f"flaky: {case}" for case in job_list.flaky_cases(output)]
        if told:
            self.flaky.append((name, log))
        if failed:
            self.failures.append((name, log))
            told += job_list.failed_cases(output)
        print("".join(f"     {line}\n" for line in told), end="", flush=True)

    def finish(self):
        for name, log in self.flaky:
            with open(log, errors="replace", encoding="utf8") as file:
                print(f"\n---- {name} has flaky cases:\n" + "\n".join(job_list.reports_of(file.read(), "FAIL")))
        for name, log in self.failures:
            with open(log, errors="replace", encoding="utf8") as file:
                lines = file.read().split("\n")
            print(f"\n---- {name}: the last lines of {log}")
            print("\n".join(lines[-SHOWN_LINES:]))
        print(f"\n{time.monotonic() - self.started:.0f} s" + (f", {self.skipped} tests skipped" if self.skipped else ""))
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def run_logged(name, argv, flavour, timeout_s):
    """Runs a command in a process group of its own; (log file, output, exit status, seconds)."""
    log = os.path.join(job_list.folder(flavour), "test-logs", name.replace("/", "-") + ".log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    started, status = time.monotonic(), 1
    with open(log, "w", encoding="utf8") as file:
        try:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                     env=machine.environment(flavour), start_new_session=True)
            status = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            file.write(f"\n{name}: ran longer than {timeout_s} s and was killed\n")
        except OSError as error:
            file.write(f"{error}\n")
        if status < 0:
            file.write(f"\n{name}: ended by {signal.Signals(-status).name}\n")
    with open(log, errors="replace", encoding="utf8") as file:
        return log, file.read(), status, time.monotonic() - started


def run_job(job, report):
    log, output, status, seconds = run_logged(job.name, job.argv, job.flavour, job.timeout_s)
    report.add(job.name, job.count(output, status), log, seconds, output)


def build(flavour, jobs, report):
    """True when everything that the jobs need of a flavour is built."""
    option = [] if flavour == "release" else [f"--{flavour}"]
    targets = job_list.targets(flavour, jobs)
    name = f"{flavour}/build"
    log, _, status, seconds = run_logged(name, ["tools/dev", "build"] + option + targets, flavour, 3600)
    report.add(name, (int(status == 0), int(status != 0), 0), log, seconds)
    return status == 0


def run_flavour(flavour, jobs, report):
    if flavour and not build(flavour, jobs, report):
        return
    with concurrent.futures.ThreadPoolExecutor(job_list.WORKERS) as pool:
        list(pool.map(lambda job: run_job(job, report), [job for job in jobs if not job.alone]))
    for job in jobs:
        refusal = machine.io_uring_refusal() if "io_uring" in job.name else None
        if job.alone and refusal and "GYRE_NO_IO_URING" in os.environ:
            print(f"skip {job.name}: this kernel refuses io_uring ({refusal})")
        elif job.alone:
            run_job(job, report)


def main():
    parser = argparse.ArgumentParser(prog="tools/dev test", description=__doc__)
    parser.add_argument("--quick", dest="tier", action="store_const", const="quick", default="short",
                        help="release build only, the short system tests")
    parser.add_argument("--long", dest="tier", action="store_const", const="long",
                        help="the long system tests, and half an hour of fuzzing a target")
    parser.add_argument("--list", action="store_true", help="name the jobs and stop")
    parser.add_argument("filter", nargs="?", default="", help="JOB or JOB:PATTERN; JOB may be a part of the name")
    options = parser.parse_args()
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    wanted, _, pattern = options.filter.partition(":")
    jobs = [job for job in job_list.all_jobs(options.tier) if wanted in job.name]
    for job in jobs:
        job.pattern = pattern if job.pattern_option else ""
    if options.list:
        print("\n".join(job.name for job in jobs))
        return 0
    if not jobs:
        parser.error(f"no job's name contains {wanted}")
    if machine.io_uring_refusal():
        print(f"this kernel refuses io_uring ({machine.io_uring_refusal()}): its tests will fail. Where that is known, "
              "GYRE_NO_IO_URING=1 leaves them out.")
    report = Report()
    for flavour in dict.fromkeys(job.flavour for job in jobs):
        run_flavour(flavour, [job for job in jobs if job.flavour == flavour], report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
