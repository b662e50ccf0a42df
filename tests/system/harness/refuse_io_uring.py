#!/usr/bin/env python3
"""Runs a program under a seccomp filter that answers io_uring's system calls with an error, as containers do.

refuse_io_uring.py EPERM|ENOSYS|ENOMEM PROGRAM ARGUMENTS...
"""
import ctypes
import errno
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
IO_URING_CALLS = (425, 426, 427)  # setup, enter, register: the same numbers on every architecture


def instruction(code, if_true, if_false, value):
    return struct.pack("HBBI", code, if_true, if_false, value)


def main():
    error = getattr(errno, sys.argv[1])
    program = [instruction(LOAD_WORD, 0, 0, 0)]
    for at, number in enumerate(IO_URING_CALLS):
        program.append(instruction(JUMP_IF_EQUAL, len(IO_URING_CALLS) - at, 0, number))
    program += [instruction(RETURN, 0, 0, RET_ALLOW), instruction(RETURN, 0, 0, RET_ERRNO | error)]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    header_buffer = ctypes.create_string_buffer(header)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header_buffer, 0, 0):
        sys.exit("refuse_io_uring: prctl: " + os.strerror(ctypes.get_errno()))
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
