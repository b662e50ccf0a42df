"""Tables, as text and as Markdown, and the result sections of docs/benchmarks.md."""
import dataclasses
import os
import platform
import re


@dataclasses.dataclass
class Table:
    title: str
    columns: list
    rows: list
    note: str = ""


@dataclasses.dataclass
class Section:
    """What one part of the comparison found out."""
    name: str
    tables: list
    data: dict
    plots: dict = dataclasses.field(default_factory=dict)  # file name -> SVG text


def number(value, digits=2):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return f"{value:,.{digits}f}" if abs(value) < 1000 else f"{value:,.0f}"


def ratio(ours, theirs):
    return number(ours / theirs) if ours is not None and theirs else "-"


def microseconds(ns):
    return number(ns / 1000, 1) if ns is not None else "-"


def as_text(table):
    rows = [table.columns] + table.rows
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    lines = [table.title, "-" * len(table.title)]
    for row in rows:
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    if table.note:
        lines.append(table.note)
    return "\n".join(lines) + "\n"


def as_markdown(table):
    lines = [f"**{table.title}**", "", "| " + " | ".join(table.columns) + " |",
             "|" + "|".join([" --- "] + [" ---: "] * (len(table.columns) - 1)) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    if table.note:
        lines += ["", table.note]
    return "\n".join(lines) + "\n"


def section_markdown(section, versions, plots_folder="plots"):
    compared = "; ".join(f"{name}: {version}" for name, version in versions.items())
    parts = [f"Compared: {compared}.\n"] + [as_markdown(table) for table in section.tables]
    parts += [f"![{name}]({plots_folder}/{name})\n" for name in section.plots]
    return "\n".join(parts)


def fill_document(path, sections, versions, machine):
    """Replaces what stands between `<!-- results:NAME -->` and `<!-- end:NAME -->`."""
    with open(path, encoding="utf8") as file:
        text = file.read()
    contents = {section.name: section_markdown(section, versions) for section in sections}
    contents["machine"] = "\n".join(f"- {name}: {value}" for name, value in machine.items()) + "\n"
    for name, content in contents.items():
        pattern = re.compile(rf"(<!-- results:{name} -->\n).*?(<!-- end:{name} -->)", re.DOTALL)
        text, count = pattern.subn(lambda m, c=content: m.group(1) + c + m.group(2), text)
        if count != 1:
            raise SystemExit(f"{path} has no place for the results of {name}")
    with open(path, "w", encoding="utf8") as file:
        file.write(text)


def machine():
    """What it ran on."""
    model, memory = platform.processor() or platform.machine(), "unknown"
    with open("/proc/cpuinfo", encoding="utf8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    if names:
        model = names[0]
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = f"{int(file.readline().split()[1]) / 2**20:.1f} GiB"
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled", encoding="ascii") as file:
            huge_pages = re.search(r"\[(\w+)\]", file.read()).group(1)
    except OSError:
        huge_pages = "none"
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return {"processor": f"{model}, {os.cpu_count()} cores", "memory": memory, "kernel": platform.release(),
            "transparent huge pages": huge_pages, "load average at the start": load}
