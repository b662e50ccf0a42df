#!/usr/bin/python3
"""Tests of tools/testlib/jobs.py: what is read from the output of the test runners."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
from testlib import jobs  # noqa: E402


class FailedCases(unittest.TestCase):
    """Which cases failed is told at once: the log behind it may be gone when somebody asks."""

    def test_of_the_system_tests(self):
        output = "ok   strings.get  0.10s\nFAIL expiry.active_expiry  1.00s\n     proves: FAIL nothing\nFAILURE\n"
        self.assertEqual(jobs.failed_cases(output), ["expiry.active_expiry"])
        self.assertEqual(jobs.failed_cases("FAULT info.errors  1.03s\n     the server logged a data race\n"), ["info.errors"])

    def test_of_googletest(self):
        output = "[  FAILED  ] Runtimes/ReactorTest.Polls/epoll (3 ms)\n[       OK ] A.B (0 ms)\n[  FAILED  ] Runtimes/ReactorTest.Polls/epoll\n"
        self.assertEqual(jobs.failed_cases(output), ["Runtimes/ReactorTest.Polls/epoll"])

    def test_of_unittest(self):
        self.assertEqual(jobs.failed_cases("FAIL: test_a (x.Y.test_a)\nERROR: test_b (x.Y.test_b)\n"), ["test_a", "test_b"])

    def test_of_one_that_passed(self):
        self.assertEqual(jobs.failed_cases("[  PASSED  ] 3 tests.\nok   a.b  1.00s\n3 passed, 0 failed\n"), [])


class FlakyCases(unittest.TestCase):
    """A system test that passes only when it is run again stops nobody, but is told of with all that it said."""

    def test_told(self):
        output = ("FAIL a.b  1.00s\n     proves: x\n     got 1\nok   c.d  0.10s\nok   a.b  0.90s\n"
                  "flaky: a.b failed, and passed when it was run again\n2 passed, 0 failed\n")
        self.assertEqual(jobs.flaky_cases(output), ["a.b"])
        self.assertEqual(jobs.reports_of(output, "FAIL"), ["FAIL a.b  1.00s\n     proves: x\n     got 1"])

    def test_only_the_short_tier_runs_them_again(self):
        for tier, again in (("short", True), ("long", False), ("quick", False)):
            for job in jobs.all_jobs(tier):
                if "/system-" in job.name:
                    self.assertEqual("--again" in job.command, again, job.name)


class Counting(unittest.TestCase):
    """A job that ran nothing, or that ended badly without a failed case, has failed."""

    def count(self, counts, output, status):
        return jobs.Job("name", "release", [], counts=counts).count(output, status)

    def test_nothing_ran(self):
        self.assertEqual(self.count("gtest", "", 0), (0, 1, 0))

    def test_crashed_after_its_cases(self):
        self.assertEqual(self.count("gtest", "[       OK ] A.B (0 ms)\n", -11), (1, 1, 0))

    def test_no_summary(self):
        self.assertEqual(self.count("summary", "ok   a.b  1.00s\n", 1), (0, 1, 0))
        self.assertEqual(self.count("summary", "2 passed, 1 failed, 3 skipped\n", 1), (2, 1, 3))


if __name__ == "__main__":
    unittest.main()
