"""The rules: layers, includes, banned constructs. Lengths are in ratchet.py, header compilation in headers.py.

A line that has a reason to break a banned construct's rule says so on itself or on the line above:
`// tidy: allow RULE: reason`."""
import dataclasses
import os
import re

from tidylib import tree

# A module may include itself and what stands to its left.
LAYERS = ["base", "coro", "io", "resp", "ds", "store", "rdb", "journal", "exec", "cmd", "pubsub", "script", "snapshot",
          "aof", "repl", "cluster", "sentinel", "server",
          "bench"]  # no module, but its tests stand beside theirs


@dataclasses.dataclass(frozen=True)
class Ban:
    name: str
    pattern: str
    message: str
    paths: str = r"\.(h|cc)$"  # which files are looked at
    where: str = "code"  # 'code': C++ without comments and strings; 'text': everything
    but: str = r"(?!)"  # files that may


PRODUCT = r"^(src|include|bench)/.*\.(h|cc)$"
# The rules' own text and their self-test name what they forbid.
SELF = r"^(tools/tidylib/|tests/tools/)"

# Where new and delete are right: the allocator itself, objects that never die or hang on an atomic pointer, and operations
# that nobody but the kernel owns until they complete.
OWNERS = r"^src/(base/memory|coro/frame_pool|io/|store/shard\.cc)"

BANS = [
    Ban("regex", r"\bstd::(basic_)?regex|#include <regex>", "std::regex is slow and may overflow the stack",
        paths=PRODUCT),
    Ban("using-namespace", r"\busing\s+namespace\b", "a header puts its names on everybody", paths=r"\.h$"),
    Ban("raw-new", r"(?<!operator )\bnew\s+(?!\()[A-Za-z_:]", "use std::make_unique, a pool or an arena",
        paths=PRODUCT, but=OWNERS),
    Ban("raw-delete", r"(?<!operator )(?<!= )\bdelete\b(?!;\s*$)(\s*\[\s*\])?\s+[A-Za-z_(*]",
        "let an owner free it", paths=PRODUCT, but=OWNERS),
    Ban("fence", r"\batomic_(thread|signal)_fence\b", "ThreadSanitizer does not model fences: order the accesses"),
    Ban("lambda-coroutine", r"\[[^\[\]\n]+\]\s*\([^()]*\)\s*(mutable\s*)?(noexcept\s*)?->\s*(\w+::)*Task<",
        "the captures die with the closure: pass them as parameters"),
    Ban("iostream", r"#include <iostream>", "static initialisers; use gyre/base/log.h or fputs",
        paths=r"^(src|include)/.*\.(h|cc)$"),
    Ban("unfinished", r"\b(TODO|FIXME|XXX|HACK)\b", "finish it, or file it", paths=r"", where="text",
        but=SELF + r"|^LICENSE$"),
    Ban("not-yet", r"(?i)\bnot (yet )?implemented\b|\bnot yet supported\b|\bnot supported yet\b|\bunimplemented\b",
        "finish it, or leave it out", paths=r"", where="text", but=SELF + r"|^LICENSE$"),
    Ban("long-sleep", r"sleep_for\s*\(\s*(std::chrono::)?(seconds\s*[({]\s*([2-9]|\d\d)|([2-9]|\d\d+)s\b)"
        r"|\bsleep\s*\(\s*([2-9]|\d\d)|\bsleep\s*\(\s*1\.\d*[1-9]|^\s*sleep\s+([2-9]|\d\d)|usleep\s*\(\s*([2-9]|1[0-9])\d{6}",
        "a test waits for what it waits for, not for a time", paths=r"^tests/", where="text", but=SELF),
    Ban("machine-path", r"/work/|/home/\w|/Users/\w|/root/", "a path of one machine", paths=r"", where="text", but=SELF),
    Ban("registry-host", r"(?i)\b(registry|artifactory|nexus|pypi|npmjs?)\.(\w+\.)*(org|com|net|io|dev|local|internal)\b"
        r"|--registry\b|--index-url\b|\bdeb\.debian\.org\b", "the machine's own configuration says where packages are",
        paths=r"", where="text", but=SELF),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)


def check(sources):
    """Findings as 'path:line: rule: message'."""
    paths = {source.path for source in sources}
    findings = _unlisted(sources)
    for source in sources:
        findings += _bans(source)
        if source.is_cpp:
            findings += _layers(source, paths)
        if source.is_header and not source.path.endswith("/pch.h") and not re.search(r"^#pragma once$", source.code, re.MULTILINE):
            findings.append(f"{source.path}:1: pragma-once: a header begins with #pragma once")
    return findings


def _layers(source, paths):
    findings = []
    for match in INCLUDE.finditer(source.code):
        target, line = match.group(1), tree.line_of(source.code, match.start())
        if ".." in target.split("/") and source.module:
            findings.append(f"{source.path}:{line}: include: no path upward: {target}")
        below = re.match(r"(?:gyre/|src/)?([a-z0-9_]+)/", target)
        project = target.startswith(("gyre/", "src/")) or f"src/{target}" in paths
        if not (source.module and below and project):
            continue
        for name in (source.module, below.group(1)):
            if name not in LAYERS:
                findings.append(f"{source.path}:{line}: layers: {name} is no module of the list")
                break
        else:
            if LAYERS.index(below.group(1)) > LAYERS.index(source.module):
                findings.append(f"{source.path}:{line}: layers: {source.module} may not include {target}: "
                                f"{below.group(1)} is above it")
    return findings


def _unlisted(sources):
    """A source or test that its folder's meson.build does not name would silently not be built."""
    texts = {source.path: source.text for source in sources if os.path.basename(source.path) == "meson.build"}
    findings = []
    for source in sources:
        folder, name = os.path.split(source.path)
        if re.match(r"(src|tests/unit)/[a-z0-9_]+/[^/]+\.cc$", source.path) and name != "main.cc":
            if f"'{name}'" not in texts.get(f"{folder}/meson.build", ""):
                findings.append(f"{source.path}:1: unlisted: {folder}/meson.build does not name it")
    return findings


def _bans(source):
    findings = []
    lines = source.text.split("\n")
    for ban in BANS:
        if not re.search(ban.paths, source.path) or re.search(ban.but, source.path):
            continue
        text = source.code if ban.where == "code" else source.text
        for match in re.finditer(ban.pattern, text, re.MULTILINE):
            line = tree.line_of(text, match.start())
            allowed = rf"tidy: allow {ban.name}: \S"
            if any(re.search(allowed, near) for near in lines[max(0, line - 2):line]):
                continue
            findings.append(f"{source.path}:{line}: {ban.name}: {ban.message}")
    return findings


def warnings(sources):
    """Tests mirror src: a source file without a test of its name is worth a look, no more."""
    tests = {os.path.basename(source.path) for source in sources if source.path.startswith("tests/unit/")}
    for source in sources:
        name, suffix = os.path.splitext(os.path.basename(source.path))
        if suffix == ".cc" and source.path.startswith("src/") and f"{name}_test.cc" not in tests and name != "main":
            yield f"{source.path}: no tests/unit/{source.module}/{name}_test.cc"
