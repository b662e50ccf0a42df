"""What this machine allows: leak checking, io_uring. And the environment of sanitized programs."""
import ctypes
import errno
import functools
import os
import subprocess
import tempfile

_SYS_IO_URING_SETUP = 425
_LEAK = "int main() { volatile char* lost = new char[8]; lost = nullptr; return lost != nullptr; }\n"


@functools.lru_cache(None)
def io_uring_refusal():
    """None where the kernel gives a ring, otherwise the name of its error."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(_SYS_IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
    if descriptor < 0:
        return errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))
    os.close(descriptor)
    return None


@functools.lru_cache(None)
def leak_check_works():
    """LeakSanitizer stops threads by ptrace, which some containers forbid: then it fails every program."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "leak.cc"), os.path.join(folder, "leak")
        with open(source, "w", encoding="utf8") as file:
            file.write(_LEAK)
        subprocess.run(["clang++-19", "-fsanitize=address", source, "-o", program], check=True)
        result = subprocess.run([program], env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return b"encountered a fatal error" not in result.stdout


def environment(flavour):
    """The environment for a program of build `flavour`; what the caller's environment sets wins."""
    options = {}
    if flavour == "asan":
        leaks = "1" if leak_check_works() else "0"
        options["ASAN_OPTIONS"] = f"detect_leaks={leaks}:strict_string_checks=1:check_initialization_order=1"
        options["UBSAN_OPTIONS"] = "print_stacktrace=1"
    if flavour == "tsan":
        options["TSAN_OPTIONS"] = "halt_on_error=1:second_deadlock_stack=1"
    result = dict(os.environ)
    for name, value in options.items():
        value += ":external_symbolizer_path=/usr/bin/llvm-symbolizer-19"
        result[name] = f"{value}:{os.environ[name]}" if name in os.environ else value
    return result
