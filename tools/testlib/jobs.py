"""The jobs of a test run: what each one runs, and how its output is counted."""
import dataclasses
import glob
import os
import re

PYTHON = "/usr/bin/python3"
FUZZ_SECONDS = {"quick": 5, "short": 20, "long": 1800}


@dataclasses.dataclass
class Job:
    name: str
    flavour: str  # the build it needs: release, asan, tsan, fuzz; '' for none
    command: list
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


def folder(flavour):
    return "build" if flavour in ("", "release") else f"build-{flavour}"


def all_jobs(tier):
    """Every job of a tier ('quick', 'short' or 'long'), in the order of the run."""
    jobs = [Job("tidy", "", ["tools/tidy"]), Job("format", "", ["tools/dev", "fmt", "--check"])]
    for path in sorted(glob.glob("tests/tools/*_test.py")):
        name = os.path.basename(path)[:-len("_test.py")]
        jobs.append(Job(f"tools/{name}", "", [PYTHON, path], counts="unittest", pattern_option="-k"))
    flavours = ["release"] if tier == "quick" else ["release", "asan", "tsan"]
    for flavour in flavours:
        jobs += _unit_jobs(flavour) + _system_jobs(flavour, tier)
    if tier != "quick":
        jobs += _fuzz_jobs(tier)
    return jobs


def _unit_jobs(flavour):
    modules = sorted({path.split("/")[2] for path in glob.glob("tests/unit/*/*_test.cc")})
    return [Job(f"{flavour}/unit-{module}", flavour, [f"{folder(flavour)}/tests/test-{module}", "--gtest_color=no"],
                counts="gtest", pattern_option="--gtest_filter=", timeout_s=300 if flavour == "release" else 900)
            for module in modules]


def _system_jobs(flavour, tier):
    if not os.path.exists("tests/system/run.py"):
        return []
    tier_option = {"quick": ["--quick"], "short": [], "long": ["--long"]}[tier]
    thread_counts = (1, 4)
    if flavour != "release":
        tier_option, thread_counts = ["--quick"], (4,)
    if tier == "quick":
        thread_counts = (4,)
    return [Job(f"{flavour}/system-{backend}-{threads}", flavour,
                [PYTHON, "tests/system/run.py", "--server", f"{folder(flavour)}/gyre-server", "--backend", backend,
                 "--threads", str(threads)] + tier_option,
                counts="summary", pattern_option=" ", alone=True, timeout_s=7200 if tier == "long" else 1200)
            for backend in ("io_uring", "epoll") for threads in thread_counts]


def _fuzz_jobs(tier):
    jobs = []
    seconds = FUZZ_SECONDS[tier]
    for path in sorted(glob.glob("tests/fuzz/*_fuzz.cc")):
        name = os.path.basename(path)[:-len("_fuzz.cc")]
        program, seeds = f"build-fuzz/tests/fuzz/fuzz-{name}", f"tests/fuzz/corpus/{name}"
        found, crashes = f"build-fuzz/corpus/{name}", f"build-fuzz/crashes/{name}/"
        command = [program, "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={crashes}"]
        if os.path.exists(f"tests/fuzz/{name}.dict"):
            command.append(f"-dict=tests/fuzz/{name}.dict")
        for made in (found, crashes):
            os.makedirs(made, exist_ok=True)
        seeds = [seeds] if os.path.isdir(seeds) else []
        if seeds:
            jobs.append(Job(f"fuzz/{name}-corpus", "fuzz", command + ["-runs=0"] + seeds))
        jobs.append(Job(f"fuzz/{name}", "fuzz", command + [f"-max_total_time={seconds}", found] + seeds,
                        timeout_s=seconds + 120))
    return jobs
