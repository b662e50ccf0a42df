#!/usr/bin/python3
"""tools/tidy against small trees: every rule fails on a bad example and lets a good one pass."""
import json
import os
import subprocess
import tempfile
import unittest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "tidy")
GOOD_HEADER = "#pragma once\n\n#include <cstdint>\n\nnamespace gyre::ds {\nint64_t f(int64_t a);\n}  // namespace gyre::ds\n"


class TidyTest(unittest.TestCase):
    def tidy(self, files, *options):
        """Exit status and output of tools/tidy over a tree with just `files` {path: text}."""
        with tempfile.TemporaryDirectory() as root:
            return self.tidy_in(root, files, *options)

    def tidy_in(self, root, files, *options):
        for path, text in files.items():
            path = os.path.join(root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf8") as file:
                file.write(text)
        if not os.path.isdir(os.path.join(root, ".git")):
            subprocess.run(["git", "init", "-q", root], check=True)
        result = subprocess.run([TIDY, "--root", root, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                check=False, text=True)
        return result.returncode, result.stdout

    def assert_fails(self, rule, path, text, options=("--no-headers",), **more):
        status, output = self.tidy({path: text, **more}, *options)
        self.assertEqual(status, 1, output)
        self.assertIn(f"{path}:", output)
        self.assertIn(f": {rule}: ", output)

    def assert_passes(self, path, text, options=("--no-headers",), **more):
        status, output = self.tidy({path: text, **more}, *options)
        self.assertEqual(status, 0, output)


class Layers(TidyTest):
    def test_downward_passes(self):
        self.assert_passes("include/gyre/io/a.h", '#pragma once\n#include "gyre/base/b.h"\n#include "gyre/io/c.h"\n')

    def test_upward_fails(self):
        self.assert_fails("layers", "include/gyre/io/a.h", '#pragma once\n#include "gyre/store/b.h"\n')

    def test_upward_in_a_source_fails(self):
        self.assert_fails("layers", "src/io/a.cc", '  #  include <gyre/exec/b.h>\n')

    def test_upward_to_a_private_header_fails(self):
        self.assert_fails("layers", "src/io/a.cc", '#include "cmd/b.h"\n', **{"src/cmd/b.h": "#pragma once\n"})

    def test_unit_tests_count_too(self):
        self.assert_fails("layers", "tests/unit/io/a_test.cc", '#include "gyre/cmd/b.h"\n')

    def test_unknown_module_fails(self):
        self.assert_fails("layers", "include/gyre/io/a.h", '#pragma once\n#include "gyre/utils/b.h"\n')

    def test_commented_include_passes(self):
        self.assert_passes("include/gyre/io/a.h", '#pragma once\n// #include "gyre/store/b.h"\n')

    def test_relative_path_fails(self):
        self.assert_fails("include", "src/io/a.cc", '#include "../store/b.h"\n')

    def test_unlisted_source_fails(self):
        self.assert_fails("unlisted", "src/io/a.cc", "", **{"src/io/meson.build": "gyre_sources += files('b.cc')\n"})


class Headers(TidyTest):
    def test_good_header_passes(self):
        self.assert_passes("include/gyre/ds/a.h", GOOD_HEADER, ())

    def test_missing_pragma_fails(self):
        self.assert_fails("pragma-once", "include/gyre/ds/a.h", GOOD_HEADER.replace("#pragma", "// #pragma"))

    def test_not_self_contained_fails(self):
        self.assert_fails("self-contained", "include/gyre/ds/a.h", GOOD_HEADER.replace("<cstdint>", "<cstddef>")
                          .replace("int64_t a", "std::string a"), ())

    def test_change_of_an_included_header_is_seen(self):
        user = '#pragma once\n#include "gyre/ds/a.h"\ninline int64_t twice(int64_t a) { return gyre::ds::f(a); }\n'
        with tempfile.TemporaryDirectory() as root:
            status, output = self.tidy_in(root, {"include/gyre/ds/a.h": GOOD_HEADER, "include/gyre/ds/b.h": user})
            self.assertEqual(status, 0, output)
            status, output = self.tidy_in(root, {"include/gyre/ds/a.h": GOOD_HEADER.replace("f(", "g(")})
            self.assertEqual(status, 1, output)
            self.assertIn("include/gyre/ds/b.h:1: self-contained: ", output)


class Banned(TidyTest):
    def test_each_banned_construct_fails(self):
        long_sleep = "std::this_thread::sleep_for(std::chrono::seconds(2));\n"
        for rule, path, text in [
                ("regex", "bench/a.cc", "std::regex r;\n"),
                ("using-namespace", "include/gyre/ds/a.h", "#pragma once\nusing namespace std;\n"),
                ("raw-new", "bench/a.cc", "auto* a = new Thing(1);\n"),
                ("raw-delete", "bench/a.cc", "delete a;\n"),
                ("raw-delete", "bench/a.cc", "delete[] a;\n"),
                ("fence", "bench/a.cc", "std::atomic_thread_fence(std::memory_order_seq_cst);\n"),
                ("lambda-coroutine", "bench/a.cc", "spawn([&x](int a) -> coro::Task<void> { co_return; });\n"),
                ("iostream", "include/gyre/ds/a.h", "#pragma once\n#include <iostream>\n"),
                ("unfinished", "bench/a.cc", "// TODO: more\n"),
                ("unfinished", "docs/a.md", "FIXME\n"),
                ("not-yet", "bench/a.cc", 'reply("this is not implemented");\n'),
                ("long-sleep", "tests/system/a.cc", long_sleep),
                ("long-sleep", "tests/system/a.cc", long_sleep.replace("std::chrono::seconds(2)", "5s")),
                ("long-sleep", "tests/system/a.py", "time.sleep(3)\n"),
                ("long-sleep", "tests/system/a.sh", "sleep 2\n"),
                ("machine-path", "tools/a.sh", "cd /home/someone/x\n"),
                ("registry-host", "tools/a.sh", "npm install --registry=x\n")]:
            with self.subTest(rule=rule, text=text):
                self.assert_fails(rule, path, text)

    def test_lookalikes_pass(self):
        self.assert_passes("bench/a.cc", """
            A(const A&) = delete;
            void* operator new(size_t bytes);
            new (place) Thing(1);
            const char* text = "new Thing, delete it";  // a new thing; delete it
            auto plain = [](int a) -> coro::Task<void> { co_return; };
            mkstemp("gyre-XXXXXX");
            """)
        self.assert_passes("tests/system/a.py", "time.sleep(0.05)\ntime.sleep(1)\n")

    def test_allowed_with_a_reason(self):
        self.assert_passes("bench/a.cc", "// tidy: allow raw-new: never freed, so no exit order\nA* a = new A;\n")

    def test_allowed_without_a_reason_fails(self):
        self.assert_fails("raw-new", "bench/a.cc", "// tidy: allow raw-new:\nA* a = new A;\n")


def body(lines):
    return "{\n" + "  call();\n" * lines + "}\n"


class Lengths(TidyTest):
    def function_length(self, text):
        """The lengths that tidy sees, by name, through a ratchet written anew."""
        with tempfile.TemporaryDirectory() as root:
            self.tidy_in(root, {"bench/a.cc": text}, "--no-headers", "--update")
            with open(os.path.join(root, "tools/tidy-ratchet.json"), encoding="utf8") as file:
                return {key.split(": ")[-1]: value for key, value in json.load(file).items()}

    def test_long_file_fails(self):
        self.assert_fails("length", "bench/a.cc", "int a;\n" * 301)
        self.assert_passes("bench/a.cc", "int a;\n" * 300)

    def test_long_function_fails(self):
        self.assert_fails("length", "bench/a.cc", "void f() " + body(69))
        self.assert_passes("bench/a.cc", "void f() " + body(68))
        self.assert_fails("length", "bench/a.py", "def f():\n" + "    call()\n" * 70)

    def test_every_form_of_function_is_seen(self):
        for name, head in [
                ("f", "static int f(int a, std::function<void(int)> b) noexcept "),
                ("A::f", "auto A::f() const -> std::vector<int> "),
                ("A::A", "A::A(int a) : a_{a}, b_(std::move(a)), c_{} "),
                ("A::A", "A::A()\n    : a_(1),\n      b_{2} "),
                ("f", "template <typename T, typename = std::enable_if_t<(sizeof(T) > 4)>>\nvoid f(T a) "),
                ("f", "template <class T>\n  requires std::integral<T>\nT f(T a) "),
                ("A::operator_", "bool A::operator==(const A& other) const "),
                ("A::operator_", "void A::operator()(int a) "),
                ("f", "[[nodiscard]] coro::Task<int> f(Guard& guard) GYRE_REQUIRES(guard.mutex()) "),
                ("Suite.Case", "TEST_F(Suite, Case) "),
                ("kBody", "constexpr auto kBody = [](Context& context) "),
                ("f", "struct Pair f() ")]:
            with self.subTest(head=head):
                self.assertEqual(self.function_length(head + body(80)), {name: 82 + head.count("\n")})

    def test_members_are_seen(self):
        text = ("namespace gyre {\nclass alignas(64) A final : public B<int> {\n public:\n  explicit A(int a) : a_(a) {}\n"
                " private:\n  int b_{3};\n  void f() const override " + body(80) + "};\n}  // namespace gyre\n")
        self.assertEqual(self.function_length(text), {"f": 82})

    def test_what_is_no_function_has_no_length(self):
        rows = "    {1, 2},\n" * 80
        for text in ["constexpr Row kRows[] = {\n" + rows + "};\n", "const std::map<int, int> rows{\n" + rows + "};\n",
                     "namespace a {\n" + "int b;\n" * 80 + "}\n", "struct A {\n" + "  int b{1};\n" * 80 + "};\n",
                     "enum class A : int {\n" + "  kB,\n" * 80 + "};\n", "extern \"C\" {\n" + "int f();\n" * 80 + "}\n",
                     "class GYRE_CAPABILITY(\"mutex\") A {\n" + "  int f() { return 1; }\n" * 80 + "};\n"]:
            with self.subTest(text=text[:30]):
                self.assertEqual(self.function_length(text), {})

    def test_braces_in_text_do_not_count(self):
        text = ("void f() {\n  g(\"{{{\", '{', R\"(\n{ \" {)\", 1'000'000);  // {\n  /* {\n */\n#if A\n  if (b) {\n#else\n"
                "  if (c) {\n#endif\n  }\n}\nvoid h() " + body(80))
        self.assertEqual(self.function_length(text), {"h": 82})

    def test_ratchet_only_tightens(self):
        with tempfile.TemporaryDirectory() as root:
            def tidy(lines, *options):
                return self.tidy_in(root, {"bench/a.cc": "void f() " + body(lines)}, "--no-headers", *options)
            status, output = tidy(100, "--update")
            self.assertEqual(status, 0, output)
            status, output = tidy(101)
            self.assertEqual(status, 1, output)
            self.assertIn("grew to 103 lines from 102", output)
            status, output = tidy(101, "--update")
            self.assertEqual(status, 1, output)
            status, output = tidy(90)
            self.assertEqual(status, 0, output)
            self.assertIn("shrank", output)
            status, output = tidy(90, "--update")
            self.assertEqual(status, 0, output)
            status, output = tidy(100)
            self.assertEqual(status, 1, output)
            status, output = tidy(10)
            self.assertIn("is within the limit", output)
            status, output = tidy(10, "--update")
            self.assertEqual(status, 0, output)


if __name__ == "__main__":
    unittest.main()
