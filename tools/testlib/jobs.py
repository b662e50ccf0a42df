"""The jobs of a test run: what each one runs, and how its output is counted."""
import dataclasses
import glob
import os
import re

PYTHON = "/usr/bin/python3"
WORKERS = int(os.environ.get("GYRE_JOBS", 0)) or os.cpu_count()
FUZZ_SECONDS = {"short": 20, "long": 1800}
# (backend, threads) of the system tests: everything in the release build; under a sanitizer, where a run takes several
# times as long, each backend once, with threads where they matter.
SYSTEM_RUNS = {
    "release": [("io_uring", 1), ("io_uring", 4), ("epoll", 1), ("epoll", 4)],
    "asan": [("io_uring", 1), ("epoll", 4)],
    "tsan": [("io_uring", 4), ("epoll", 4)],
}
SHORT_SYSTEM_RUNS = {**SYSTEM_RUNS, "tsan": SYSTEM_RUNS["tsan"][:1]}  # the short tier has to stay within minutes
RELEASE_ONLY = {"bench"}  # modules of no server code, whose tests measure time: not under sanitizers
MICROBENCHMARKS = ["bench/ds-bench", "bench/resp-bench", "bench/dispatch-bench"]  # must at least compile


@dataclasses.dataclass
class Job:
    name: str
    flavour: str  # the build it needs: release, asan, tsan; '' for none
    command: list
    target: str = ""  # what has to be built for it, relative to the build folder
    counts: str = "status"  # how its output is counted: status, gtest, unittest or summary
    pattern_option: str = ""  # how a pattern is handed on: appended after this; '' takes none, ' ' as it is
    alone: bool = False  # no other job beside it
    timeout_s: int = 600
    pattern: str = ""

    @property
    def argv(self):
        return self.command + ([(self.pattern_option + self.pattern).strip()] if self.pattern else [])

    def count(self, output, status):
        """(passed, failed, skipped) from the output and the exit status."""
        passed, failed, skipped = _COUNTERS[self.counts](output)
        if self.counts == "status":
            passed, failed = (1, 0) if status == 0 else (0, 1)
        elif status != 0 and failed == 0:
            failed = 1  # crashed, timed out, or a sanitizer's finding outside of any test
        elif status == 0 and passed + failed + skipped == 0 and not self.pattern:
            failed = 1  # a test program that ran nothing
        return passed, failed, skipped


def _count_status(_):
    return 0, 0, 0


def _count_gtest(output):
    def lines(mark):
        return len(re.findall(rf"^\[{mark}\] .*\(\d+ ms\)$", output, re.MULTILINE))
    return lines("       OK "), lines("  FAILED  "), lines("  SKIPPED ")


def _count_unittest(output):
    ran = re.search(r"^Ran (\d+) tests? in", output, re.MULTILINE)
    ran = int(ran.group(1)) if ran else 0
    bad = sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", output))
    skipped = sum(int(number) for number in re.findall(r"skipped=(\d+)", output))
    return ran - bad - skipped, bad, skipped


def _count_summary(output):
    found = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", output, re.MULTILINE)
    if not found:
        return 0, 1, 0
    passed, failed, skipped = found[-1]
    return int(passed), int(failed), int(skipped or 0)


_COUNTERS = {"status": _count_status, "gtest": _count_gtest, "unittest": _count_unittest, "summary": _count_summary}


def failed_cases(output):
    """The names of the test cases that failed, as any of the runners tells them."""
    return list(dict.fromkeys(re.findall(r"^(?:FAIL|FAULT|FAIL:|ERROR:|\[  FAILED  \]) +([\w./]+)", output, re.MULTILINE)))


def flaky_cases(output):
    """The system tests that failed, and passed when they were run again."""
    return re.findall(r"^flaky: (\S+)", output, re.MULTILINE)


def reports_of(output, outcome):
    """What the system tests said of each case with this outcome: its line and those below it that are indented."""
    return re.findall(rf"^{outcome} .*(?:\n +.*)*", output, re.MULTILINE)


def folder(flavour):
    return "build" if flavour in ("", "release") else f"build-{flavour}"


def all_jobs(tier):
    """Every job of a tier ('quick', 'short' or 'long'), in the order of the run."""
    jobs = [Job("tidy", "", ["tools/tidy"])]
    for path in sorted(glob.glob("tests/tools/*_test.py")):
        name = os.path.basename(path)[:-len("_test.py")]
        jobs.append(Job(f"tools/{name}", "", [PYTHON, path], counts="unittest", pattern_option="-k"))
    for flavour in ["release"] if tier == "quick" else ["release", "asan", "tsan"]:
        jobs += _unit_jobs(flavour) + _system_jobs(flavour, tier)
    if tier != "quick":
        jobs += _fuzz_jobs(tier)
    return jobs


def targets(flavour, jobs):
    """What to build for jobs of a flavour; the whole release build for more than one job of it."""
    if flavour == "release" and len(jobs) > 1:
        return ["all"] + MICROBENCHMARKS
    return sorted({job.target for job in jobs})


def _unit_jobs(flavour):
    modules = {path.split("/")[2] for path in glob.glob("tests/unit/*/*_test.cc")}
    if flavour != "release":
        modules -= RELEASE_ONLY
    return [Job(f"{flavour}/unit-{module}", flavour, [f"{folder(flavour)}/tests/test-{module}", "--gtest_color=no"],
                target=f"tests/test-{module}", counts="gtest", pattern_option="--gtest_filter=",
                timeout_s=300 if flavour == "release" else 900)
            for module in sorted(modules)]


def _system_jobs(flavour, tier):
    # What fails by chance on a machine that does other things too must not stop the short tier, but is named there.
    options = {"quick": ["--quick"], "short": ["--again"], "long": ["--long"]}[tier]
    runs = (SYSTEM_RUNS if tier == "long" else SHORT_SYSTEM_RUNS)[flavour]
    if tier == "quick":
        runs = [run for run in runs if run[1] == 4]
    elif tier == "short" and flavour != "release":
        options = ["--quick", "--again"]
    return [Job(f"{flavour}/system-{backend}-{threads}", flavour,
                [PYTHON, "tests/system/run.py", "--server", f"{folder(flavour)}/gyre-server", "--backend", backend,
                 "--threads", str(threads), "--jobs", str(WORKERS)] + options,
                target="gyre-server", counts="summary", pattern_option=" ", alone=True,
                timeout_s=7200 if tier == "long" else 1200)
            for backend, threads in runs]


def _fuzz_jobs(tier):
    jobs = []
    seconds = FUZZ_SECONDS[tier]
    for path in sorted(glob.glob("tests/fuzz/*_fuzz.cc")):
        name = os.path.basename(path)[:-len("_fuzz.cc")]
        target, seeds = f"tests/fuzz/fuzz-{name}", f"tests/fuzz/corpus/{name}"
        found, crashes = f"build-asan/corpus/{name}", f"build-asan/crashes/{name}/"
        command = [f"build-asan/{target}", "-timeout=30", "-rss_limit_mb=2048", f"-artifact_prefix={crashes}"]
        if os.path.exists(f"tests/fuzz/{name}.dict"):
            command.append(f"-dict=tests/fuzz/{name}.dict")
        for made in (found, crashes):
            os.makedirs(made, exist_ok=True)
        seeds = [seeds] if os.path.isdir(seeds) else []
        if seeds:
            jobs.append(Job(f"fuzz/{name}-corpus", "asan", command + ["-runs=0"] + seeds, target=target))
        jobs.append(Job(f"fuzz/{name}", "asan", command + [f"-max_total_time={seconds}", found] + seeds,
                        target=target, timeout_s=seconds + 120))
    return jobs
