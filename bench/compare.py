#!/usr/bin/env python3
"""Compares Gyre with stock Redis on this machine.

  bench/compare.py                          everything, at full size (about an hour)
  bench/compare.py --quick                  ten times fewer requests and keys
  bench/compare.py --only cpu,latency       some sections: cpu latency memory idle growth threads backends sync stream types elements stalls
  bench/compare.py --update-docs            also fill the tables of docs/benchmarks.md, and docs/plots/

Servers run with `--save "" --appendonly no`, pinned to one core, the load generator to another. Tables go to standard
output; JSON, Markdown and plots to the folder of --output.
"""
import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from comparelib import memory, output, processes, replication, speed, stalls, types  # noqa: E402

SECTIONS = ["cpu", "latency", "memory", "idle", "growth", "threads", "backends", "sync", "stream", "types", "elements", "stalls"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=os.path.join(ROOT, "build/gyre-server"), help="Gyre's server")
    parser.add_argument("--bench", default=os.path.join(ROOT, "build/gyre-bench"), help="the load generator")
    parser.add_argument("--stock", default="redis-server", help="the server to compare with")
    parser.add_argument("--ceiling", help="a bare prototype (its only argument is a port) to measure beside them")
    parser.add_argument("--only", help="sections, separated by commas")
    parser.add_argument("--quick", action="store_true", help="ten times fewer requests and keys")
    parser.add_argument("--memory", type=int, metavar="N", help="keys of the sections memory and sync (10,000,000)")
    parser.add_argument("--growth", type=int, metavar="N", help="keys of the section growth (20,000,000)")
    parser.add_argument("--output", default=os.path.join(ROOT, "build/bench-results"), help="folder for JSON, Markdown and plots")
    parser.add_argument("--update-docs", action="store_true", help="fill docs/benchmarks.md and docs/plots/")
    arguments = parser.parse_args()
    arguments.sections = arguments.only.split(",") if arguments.only else SECTIONS
    unknown = set(arguments.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {' '.join(SECTIONS)}")
    return arguments


def run_section(name, lab, arguments):
    if name == "memory":
        return memory.memory(lab, arguments.memory or lab.scaled(10_000_000))
    if name == "growth":
        return memory.growth(lab, arguments.growth or lab.scaled(20_000_000))
    if name == "sync":
        return replication.sync(lab, arguments.memory or lab.scaled(10_000_000))
    run = {"cpu": speed.cpu, "latency": speed.latency, "idle": memory.idle, "threads": speed.threads, "backends": speed.backends,
           "stream": replication.stream, "types": types.types, "elements": types.elements, "stalls": stalls.stalls}[name]
    return run(lab)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf8") as file:
        file.write(text)


def save(arguments, sections, versions, machine):
    results = {"machine": machine, "versions": versions, "quick": arguments.quick, "sections": {s.name: s.data for s in sections}}
    write(os.path.join(arguments.output, "results.json"), json.dumps(results, indent=1) + "\n")
    write(os.path.join(arguments.output, "results.md"),
          "\n".join(output.section_markdown(section, versions) for section in sections))
    folders = [os.path.join(arguments.output, "plots")]
    if arguments.update_docs:
        folders.append(os.path.join(ROOT, "docs/plots"))
        output.fill_document(os.path.join(ROOT, "docs/benchmarks.md"), sections, versions, machine)
    for folder in folders:
        for section in sections:
            for name, svg in section.plots.items():
                write(os.path.join(folder, name), svg)


def main():
    arguments = parse_arguments()
    lab = processes.Lab(arguments)
    machine, versions = output.machine(), lab.versions()
    for name, value in {**machine, **versions}.items():
        print(f"{name}: {value}")
    if lab.shared:
        print("one core only: servers and generator share it")
    print(flush=True)
    sections, failed = [], 0
    for name in arguments.sections:
        began = time.monotonic()
        try:
            section = run_section(name, lab, arguments)
        except (processes.Failure, OSError) as failure:
            print(f"{name}: {failure}\n", flush=True)
            failed += 1
            continue
        sections.append(section)
        for table in section.tables:
            print(output.as_text(table))
        print(f"({name}: {time.monotonic() - began:.0f} s)\n", flush=True)
        save(arguments, sections, versions, machine)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except processes.Failure as problem:
        sys.exit(f"compare: {problem}")
