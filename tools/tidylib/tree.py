"""The files that tidy looks at, and C++ text with comments and strings blanked."""
import dataclasses
import functools
import os
import re
import subprocess

CPP = (".h", ".cc")


@dataclasses.dataclass(frozen=True)
class Source:
    path: str  # relative to the root of the tree, with slashes
    text: str

    @property
    def is_cpp(self):
        return self.path.endswith(CPP)

    @property
    def is_header(self):
        return self.path.endswith(".h")

    @property
    def is_python(self):
        return self.path.endswith(".py") or self.text.startswith(("#!/usr/bin/python3", "#!/usr/bin/env python3"))

    @functools.cached_property
    def code(self):
        """The text with comments and the insides of strings blanked; line numbers stay the same."""
        return blank(self.text) if self.is_cpp else self.text

    @property
    def module(self):
        """The module a C++ file belongs to, or None."""
        match = re.match(r"(?:src|include/gyre|tests/unit)/([a-z0-9_]+)/", self.path)
        return match.group(1) if match else None


def load():
    """Tracked files and new ones that git does not ignore; without git (a release archive), all files."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listing.returncode == 0:
        paths = listing.stdout.decode().split("\0")
    else:
        paths = [os.path.relpath(os.path.join(folder, name)) for folder, _, names in os.walk(".") for name in names
                 if not folder.startswith("./build")]
    sources = []
    for path in sorted(set(filter(None, paths))):
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            sources.append(Source(path, text))
    return sources


_TOKEN = re.compile(
    r"""(?P<line>//(?:\\\n|[^\n])*)
      | (?P<block>/\*.*?\*/)
      | R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\b\d(?:'?[0-9a-zA-Z_.])*)
      | (?P<char>'(?:\\.|[^'\\\n])+')
    """, re.VERBOSE | re.DOTALL)


def blank(text):
    """Comments become spaces, strings and characters keep their quotes only. An include keeps its name."""

    def keep_lines(piece):
        return re.sub(r"[^\n]", " ", piece)

    def replace(match):
        piece = match.group()
        if match.group("number"):
            return piece
        if piece.startswith("/"):
            return keep_lines(piece)
        if piece.startswith('"') and text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip() == "#include":
            return piece
        return piece[0] + keep_lines(piece[1:-1]) + piece[-1]

    return _TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
