"""Sections cpu, latency, threads and backends: what a command costs and how long it takes."""
import contextlib
import os

from comparelib import plots, processes
from comparelib.output import Section, Table, microseconds, number, ratio

PIPELINES = {1: 200_000, 16: 1_600_000, 64: 4_000_000}  # requests a run
ROUNDS = 3
KEYS = 1_000_000
COMMON = ["-c", 50, "-r", KEYS, "-d", 32]


def preload(lab, server):
    lab.load(server, *COMMON, "--preload-only")


def interleaved(lab, servers, options):
    """Runs the load against each server in turn, ROUNDS times; {label: [run, ...]}."""
    runs = {server.label: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            runs[server.label].append(lab.load(server, *options)["runs"][-1])
    return runs


def cheapest(runs):
    return min(run["server_cpu"]["us_per_command"] for run in runs)


def fastest(runs):
    return max(run["rate"] for run in runs)


def cost_table(lab, servers, title, base):
    """CPU and throughput of the servers for each pipeline and test; rows, data, and the values for a plot."""
    labels = [server.label for server in servers]
    columns = (["load"] + [f"{label} CPU us" for label in labels] + [f"{label} / {base}" for label in labels if label != base] +
               [f"{label} per s" for label in labels])
    rows, data = [], {}
    for pipeline, requests in PIPELINES.items():
        for test in ("set", "get"):
            runs = interleaved(lab, servers, [*COMMON, "-P", pipeline, "-t", test, "-n", lab.scaled(requests)])
            cpu = {label: cheapest(runs[label]) for label in labels}
            rate = {label: fastest(runs[label]) for label in labels}
            rows.append([f"{test.upper()} P={pipeline}"] + [number(cpu[label], 3) for label in labels] +
                        [ratio(cpu[label], cpu[base]) for label in labels if label != base] +
                        [number(rate[label], 0) for label in labels])
            data[f"{test} {pipeline}"] = {
                label: {"cpu_us": cpu[label], "rate": rate[label],
                        "all_cpu_us": [run["server_cpu"]["us_per_command"] for run in runs[label]]} for label in labels}
    return Table(title, columns, rows), data


def cost_plot(title, data, labels):
    groups = list(data)
    values = [[data[group][label]["cpu_us"] for group in groups] for label in labels]
    names = ["{} P={}".format(*group.upper().split()) for group in groups]
    # Small bars next to those of P=1 cannot be read: a picture for each.
    deep = [i for i, group in enumerate(groups) if not group.endswith(" 1")]
    shallow = [i for i in range(len(groups)) if i not in deep]

    def part(indices):
        return plots.bars(title, "CPU us a command", [names[i] for i in indices], labels, [[row[i] for i in indices] for row in values])

    return part(shallow), part(deep)


def cpu(lab):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(lab.stock()), stack.enter_context(lab.gyre())]
        if lab.ceiling_binary:
            servers.append(stack.enter_context(lab.ceiling()))
        for server in servers:
            preload(lab, server)
        table, data = cost_table(lab, servers, "Server CPU per command, one thread", "stock")
        table.note = ("Best of three interleaved runs each; 50 connections, 1 M random keys, 32-byte values, closed loop by gyre-bench, server "
                      "and generator on a core each.")
        check = redis_benchmark_table(lab, servers)
    shallow, deep = cost_plot("Server CPU per command", data, [server.label for server in servers])
    tables = [table] + ([check[0]] if check else [])
    return Section("cpu", tables, {"gyre-bench": data, "redis-benchmark": check[1] if check else None},
                   {"cpu-p1.svg": shallow, "cpu-pipelined.svg": deep})


def redis_benchmark_table(lab, servers):
    if not lab.redis_benchmark:
        return None
    labels = [server.label for server in servers]
    rows, data = [], {}
    for pipeline, requests in PIPELINES.items():
        for test in ("set", "get"):
            runs = {server.label: [] for server in servers}
            for _ in range(ROUNDS):
                for server in servers:
                    runs[server.label].append(lab.redis_benchmark_run(server, pipeline, lab.scaled(requests), "-t", test))
            best = {label: {"cpu_us": min(run["cpu_us"] for run in runs[label]), "rate": max(run["rate"] for run in runs[label])}
                    for label in labels}
            data[f"{test} {pipeline}"] = best
            rows.append([f"{test.upper()} P={pipeline}"] + [number(best[label]["cpu_us"], 3) for label in labels] +
                        [ratio(best[label]["cpu_us"], best["stock"]["cpu_us"]) for label in labels if label != "stock"] +
                        [number(best[label]["rate"], 0) for label in labels])
    columns = (["load"] + [f"{label} CPU us" for label in labels] + [f"{label} / stock" for label in labels if label != "stock"] +
               [f"{label} per s" for label in labels])
    return Table("The same by redis-benchmark", columns, rows), data


def latency(lab):
    options = [*COMMON, "--mix", "set:50,get:50"]
    seconds = 1 if lab.quick else 5
    with lab.stock() as stock, lab.gyre() as gyre:
        for server in (stock, gyre):
            preload(lab, server)
        peak = fastest([lab.load(stock, *options, "--seconds", seconds)["runs"][-1] for _ in range(ROUNDS)])
        runs = interleaved(lab, (stock, gyre), [*options, "--rate", f"{peak / 2:.0f}", "--warm-up", 0.5, "--seconds", seconds, "--spin",
                                                200])
    best = {label: min(those, key=lambda run: run["latency"]["p99_ns"]) for label, those in runs.items()}
    rows = [[title] + [microseconds(best[label]["latency"][key]) for label in best] +
            [ratio(best["gyre"]["latency"][key], best["stock"]["latency"][key])]
            for title, key in (("p50", "p50_ns"), ("p90", "p90_ns"), ("p99", "p99_ns"), ("p99.9", "p99.9_ns"), ("max", "max_ns"))]
    rows.append(["generator late, p99"] + [microseconds(best[label]["start_delay"]["p99_ns"]) for label in best] + ["-"])
    table = Table(f"Latency at half of stock's peak rate, {number(peak / 2, 0)} per second", ["us", "stock", "gyre", "gyre / stock"], rows,
                  "Open loop with Poisson arrivals, 50 connections, SET and GET in equal parts; the run with the lowest p99 of three. Latency "
                  "counts from the intended start.")
    plot = plots.bars("Latency at half of stock's peak rate", "us", ["p50", "p90", "p99"], ["stock", "gyre"],
                      [[best[label]["latency"][f"{p}_ns"] / 1000 for p in ("p50", "p90", "p99")] for label in ("stock", "gyre")])
    return Section("latency", [table], {"stock_peak": peak, "runs": runs}, {"latency.svg": plot})


def backends(lab):
    with contextlib.ExitStack() as stack:
        servers = []
        for backend in ("io_uring", "epoll"):
            try:
                servers.append(stack.enter_context(lab.gyre("--io-backend", backend, label=backend)))
            except processes.Failure as failure:
                return Section("backends", [Table(f"{backend} is not available here", ["reason"], [[str(failure)[:300]]])], {})
            preload(lab, servers[-1])
        table, data = cost_table(lab, servers, "io_uring and epoll: server CPU per command", "io_uring")
    shallow, deep = cost_plot("Backends", data, ["io_uring", "epoll"])
    return Section("backends", [table], data, {"backends-p1.svg": shallow, "backends-pipelined.svg": deep})


def _pair_cost(lab, servers, options):
    """A generator from each core at each server; CPU us a command over all servers."""
    distinct = {server.pid: server for server in servers}
    before = {pid: processes.cpu_seconds(pid) for pid in distinct}
    # Everything is pinned: where the system puts a client and its server decides the cost of a loopback connection (half of
    # it on one core). From each core to each server, so that in both set-ups half of the traffic stays on its core.
    loads = [lab.start_load(server, *options, cores=core) for server in servers for core in lab.pair.split(",")]
    runs = [lab.finish_load(load)["runs"][-1] for load in loads]
    cpu_s = sum(processes.cpu_seconds(pid) - before[pid] for pid in distinct)
    commands = sum(run["requests"] for run in runs)
    return {"cpu_us": cpu_s * 1e6 / commands, "rate": sum(run["rate"] for run in runs)}


def _pin_reactors(server, cores):
    """The threads with the most CPU time so far, one to each core."""
    tasks = sorted(os.listdir(f"/proc/{server.pid}/task"), key=lambda tid: -processes.cpu_seconds(server.pid, tid))
    for tid, core in zip(tasks, cores):
        os.sched_setaffinity(int(tid), {int(core)})


def threads(lab):
    rows, data = [], {}
    with lab.gyre("--threads", "2", cores=lab.pair, label="one server, 2 threads") as wide, \
            lab.gyre(cores=lab.server_core, label="first") as first, lab.gyre(cores=lab.load_cores, label="second") as second:
        for server in (wide, first, second):
            preload(lab, server)
        _pin_reactors(wide, lab.pair.split(","))
        def compare(name, *options):
            options = ["-c", 12, "-r", KEYS, "-d", 32, "--mix", "set:50,get:50", *options]
            tries = {"wide": [], "pair": []}
            for _ in range(ROUNDS):
                tries["pair"].append(_pair_cost(lab, (first, second), options))
                tries["wide"].append(_pair_cost(lab, (wide, wide), options))
            best = {name: min(run["cpu_us"] for run in those) for name, those in tries.items()}
            rows.append([name, number(best["pair"], 3), number(best["wide"], 3), ratio(best["wide"], best["pair"])])
            data[name] = tries
            return max(run["rate"] for run in tries["pair"])

        peak = 0
        for pipeline, requests in PIPELINES.items():
            rate = compare(f"P={pipeline}", "-P", pipeline, "-n", lab.scaled(requests) // 4)
            peak = peak or rate
        # In a closed loop a generator's requests arrive together: 12 at one server, or 6 at each of two threads. Smaller
        # batches cost more, whoever serves them. An open loop gives both the same arrivals.
        each = peak / 8
        compare(f"P=1, open loop, {number(4 * each, 0)} per s", "--rate", f"{each:.0f}", "--seconds", 1 if lab.quick else 5)
        client = wide.client()
        info = client.info("all")
        client.close()
    locks = {key: info[key] for key in ("gyre_lock_contentions", "gyre_suspended_commands", "total_commands_processed") if key in info}
    note = "Four generators with 12 connections each, SET and GET in equal parts, the same load in both set-ups; CPU of all server threads."
    if locks.get("gyre_lock_contentions") and int(locks.get("total_commands_processed", 0)):
        share = int(locks["gyre_lock_contentions"]) / int(locks["total_commands_processed"])
        note += f" Contended locks: {100 * share:.2f}% of the commands."
    if locks:
        note += " Of the server with 2 threads: " + ", ".join(f"{key} {value}" for key, value in locks.items()) + "."
    data["locks"] = locks
    table = Table("Two threads against two servers of one thread", ["load", "two servers, CPU us", "2 threads, CPU us", "ratio"], rows, note)
    return Section("threads", [table], data)
