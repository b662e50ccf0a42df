#!/usr/bin/env python3
"""Records what stock Redis 7.2.4 shows, for the tests that compare with it: record.py PATH-OF-REDIS-SERVER.

Writes info_fields.json (INFO's field names by section) and config_defaults.json (CONFIG GET * of a server started
with nothing but its port). Only run it to move to another reference version.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.resp_client import Client  # noqa: E402

PORT = 11999


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([sys.argv[1], "--port", str(PORT)], cwd=folder, stdout=subprocess.DEVNULL)
        try:
            time.sleep(1)
            c = Client(port=PORT)
            record(c)
        finally:
            server.terminate()
            server.wait()


def record(c):
    c("SET", "k", "v", "EX", 1000)
    c.call("GET")
    sections, name = {}, None
    for line in c("INFO", "everything").decode().splitlines():
        if line.startswith("# "):
            name = line[2:]
            sections[name] = []
        elif ":" in line and name not in ("Commandstats", "Latencystats", "Errorstats", "Keyspace"):
            sections[name].append(line.split(":", 1)[0])
    flat = [word.decode() for word in c("CONFIG", "GET", "*")]
    defaults = dict(zip(flat[::2], flat[1::2]))
    defaults.update({"dir": "", "port": "6379"})
    for what, data in (("info_fields", sections), ("config_defaults", dict(sorted(defaults.items())))):
        with open(os.path.join(HERE, what + ".json"), "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
