"""How long functions are: C++ by its braces, Python by its syntax tree."""
import ast
import re

from tidylib import tree

_TYPE = re.compile(r"^(?:typedef\s+|static\s+|inline\s+|constexpr\s+|const\s+)*(?:class|struct|union|enum)\b")
_SCOPE = re.compile(r"^(?:inline\s+)?namespace\b|^extern\s*\"\s*\"")
_NOISE = re.compile(r"\[\[[^\]]*\]\]|\b(?:alignas|decltype|__attribute__|GYRE_[A-Z_]+)\s*"
                    r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_LABEL = re.compile(r"^\s*(?:(?:public|private|protected)\s*:(?!:)\s*)+")


def _without_preprocessor(code):
    """Blanks directives, and all branches of a conditional but the first, so that braces balance."""
    out = []
    branches = []  # per open #if: whether the present branch is looked at
    continued = False
    for line in code.split("\n"):
        directive = None if continued else re.match(r"\s*#\s*(\w+)", line)
        if directive:
            word = directive.group(1)
            if word in ("if", "ifdef", "ifndef"):
                branches.append(True)
            elif word in ("else", "elif") and branches:
                branches[-1] = False
            elif word == "endif" and branches:
                branches.pop()
        keep = not directive and not continued and all(branches)
        continued = (directive is not None or continued) and line.endswith("\\")
        out.append(line if keep else "")
    return "\n".join(out)


def _top_level(text):
    """`text` with what is in parentheses and in a template's brackets removed: 'void f(int a)' is 'void f()'."""
    text = re.sub(r"\boperator\s*(?:\(\)|[^\s\w(]+)", "operator_", text)
    text = text.replace("->", "  ").replace("<=>", " ")
    kept, depth = [], 0
    for mark in text:
        depth -= mark in ")]}"
        if depth <= 0:
            kept.append(mark)
        depth += mark in "([{"
    text, previous = "".join(kept), None
    while previous != text:
        previous, text = text, re.sub(r"<[^<>;]*>", "", text)
    return text


def _classify(head):
    """What the brace after `head` opens: 'scope', 'function' or 'value' (an initialiser)."""
    head = _LABEL.sub("", head.strip())
    if _SCOPE.search(head):
        return "scope"
    head = re.sub(r"^template\s*<", "<", _NOISE.sub(" ", head)).strip()
    flat = _top_level(head).strip()
    if head.startswith("<"):
        flat = re.sub(r"^requires\b.*?(?=\b(?:class|struct|union)\b)", "", flat)
    if _TYPE.search(flat) and not flat.endswith(")"):
        return "scope"
    if "=" in re.sub(r"[=!<>]=", "", flat):
        # A named lambda counts as a function; tables and other initialisers do not.
        return "function" if re.search(r"=\s*\[\](?:\s*\(\))?[\w\s:]*$", flat) else "value"
    if "()" not in flat:
        return "value"
    parameters = flat.index("()") + 2
    rest = flat[parameters:]
    initialisers = re.search(r"(?<!:):(?!:)", rest)
    if initialisers:
        return "function" if re.search(r"[)}]\s*(?:\.\.\.)?\s*$", rest) else "value"
    return "function"


def _name(head):
    test = re.match(r"(?:TYPED_)?TEST(?:_F|_P)?\s*\(\s*(\w+)\s*,\s*(\w+)", head)
    if test:
        return f"{test.group(1)}.{test.group(2)}"
    flat = _top_level(_NOISE.sub(" ", head))
    match = re.search(r"([\w:~]+)\s*\(\)", flat) or re.search(r"(\w+)\s*=\s*\[", flat)
    return match.group(1).strip(":") if match else "?"


def cpp_functions(code):
    """Yields (name, first line, lines) of every function body outside other functions. `code` is blanked text."""
    text = _without_preprocessor(code)
    stack = []  # per open brace: (kind, where its head begins, where the brace is)
    start = 0  # where the head of the next brace begins
    for match in re.finditer(r"[{};]", text):
        inside = any(kind != "scope" for kind, _, _ in stack)
        if match.group() == "{":
            kind = "block" if inside else _classify(text[start:match.start()])
            stack.append((kind, start, match.start()))
        elif match.group() == "}":
            kind, begin, brace = stack.pop() if stack else ("scope", 0, 0)
            if kind == "function":
                head = _LABEL.sub("", text[begin:brace]).lstrip()
                first = tree.line_of(text, brace - len(head))
                yield _name(head), first, tree.line_of(text, match.start()) - first + 1
        else:
            kind = "block" if inside else "scope"
        if kind in ("scope", "function"):
            start = match.end()


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def functions(source):
    if source.is_cpp:
        return list(cpp_functions(source.code))
    if source.is_python:
        return list(python_functions(source.text))
    return []
