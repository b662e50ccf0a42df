"""Lengths of files and functions, with a ratchet for those that were too long already."""
import collections
import json
import os
import re

from tidylib.functions import functions

FILE_LIMIT = 300
FUNCTION_LIMIT = 70
PATH = "tools/tidy-ratchet.json"
# Documents, configuration and data have no length that matters.
LOOKED_AT = r"^(src|include|bench|tests|tools)/.*(\.(h|cc|py|sh)|/[a-z_]+)$"


def measure(sources):
    """{'path': lines, 'path: function': lines} of everything above its limit."""
    lengths = {}
    for source in sources:
        if not re.search(LOOKED_AT, source.path):
            continue
        lines = source.text.count("\n")
        if lines > FILE_LIMIT:
            lengths[source.path] = lines
        seen = collections.Counter()
        for name, _, length in functions(source):
            seen[name] += 1
            # Overloads are told apart by their order.
            key = f"{source.path}: {name}" + (f"#{seen[name]}" if seen[name] > 1 else "")
            if length > FUNCTION_LIMIT:
                lengths[key] = length
    return lengths


def _read():
    if not os.path.exists(PATH):
        return {}
    with open(PATH, encoding="utf8") as file:
        return json.load(file)


def check(lengths):
    """(findings, notes). What got shorter is a note, no finding: two changes that shorten the same file, each right by
    itself, would otherwise break the tree when they meet."""
    known = _read()
    findings, notes = [], []
    for key, length in lengths.items():
        path, limit = key.split(": ")[0], FUNCTION_LIMIT if ": " in key else FILE_LIMIT
        if key not in known:
            findings.append(f"{path}:1: length: {key} has {length} lines, the limit is {limit}")
        elif length > known[key]:
            findings.append(f"{path}:1: length: {key} grew to {length} lines from {known[key]}, the limit is {limit}")
        elif length < known[key]:
            notes.append(f"{path}:1: {key} shrank to {length} lines: tools/tidy --update lowers the ratchet")
    for key in known.keys() - lengths.keys():
        notes.append(f"{PATH}:1: {key} is within the limit: tools/tidy --update drops it")
    return findings, notes


def update(lengths):
    """Lowers what shrank and drops what got within its limit; never raises, never adds to a ratchet that exists."""
    if os.path.exists(PATH):
        known = _read()
        lengths = {key: min(length, known[key]) for key, length in lengths.items() if key in known}
    os.makedirs(os.path.dirname(PATH), exist_ok=True)
    with open(PATH, "w", encoding="utf8") as file:
        json.dump(lengths, file, indent=2, sort_keys=True)
        file.write("\n")
