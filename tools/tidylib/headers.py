"""Every header compiles alone. What was compiled is remembered by content in build/tidy-headers."""
import concurrent.futures
import hashlib
import os
import re
import shlex
import subprocess

from tidylib.rules import INCLUDE

CACHE = "build/tidy-headers"
COMPILER = shlex.split(os.environ.get("GYRE_TIDY_COMPILER", "clang++-19"))
FLAGS = ["-std=c++20", "-fsyntax-only", "-w", "-Iinclude", "-Isrc", "-x", "c++"]  # warnings are the build's business


def check(sources):
    headers = [source.path for source in sources
               if source.is_header and re.match(r"(include|src|bench)/", source.path)]
    texts = {source.path: source.text for source in sources if source.is_header}
    os.makedirs(CACHE, exist_ok=True)
    wanted = {path: os.path.join(CACHE, _key(path, texts)) for path in headers}
    for stale in set(os.listdir(CACHE)) - {os.path.basename(mark) for mark in wanted.values()}:
        os.remove(os.path.join(CACHE, stale))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("GYRE_JOBS", 0)) or os.cpu_count()) as pool:
        return [finding for finding in pool.map(_compile, wanted.keys(), wanted.values()) if finding]


def _key(path, texts):
    """Changes when the header, a project header that it includes, or the way of compiling changes."""
    closure, queue = set(), [path]
    while queue:
        header = queue.pop()
        if header in closure or header not in texts:
            continue
        closure.add(header)
        for name in INCLUDE.findall(texts[header]):
            queue += [f"include/{name}", f"src/{name}", os.path.normpath(os.path.join(os.path.dirname(header), name))]
    content = [repr(COMPILER + FLAGS), path] + [header + texts[header] for header in sorted(closure)]
    return hashlib.sha256("\0".join(content).encode()).hexdigest()


def _compile(path, mark):
    if os.path.exists(mark):
        return None
    result = subprocess.run(COMPILER + FLAGS + [path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode == 0:
        open(mark, "w", encoding="utf8").close()
        return None
    return f"{path}:1: self-contained: does not compile alone:\n{result.stdout.decode(errors='replace')}"
