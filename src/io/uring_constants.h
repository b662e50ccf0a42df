// io_uring constants that are newer than liburing 2.3's header, each with the kernel that brought it.
// Everything here is probed at start (uring_probe.cc) before it is used.
#pragma once

#include <liburing.h>

#include <cstdint>

namespace gyre::io::uring {

// io_uring_enter(2) flags.
constexpr unsigned kEnterNoIowait = 1u << 7;  // 6.15: waiting is not counted as I/O wait
// io_uring_params.features.
constexpr unsigned kFeatureRecvSendBundle = 1u << 14;  // 6.10
constexpr unsigned kFeatureNoIowait = 1u << 17;        // 6.15
// io_uring_buf_reg.flags (liburing 2.3 calls the field `pad`).
constexpr unsigned kBufferRingIncremental = 2;  // 6.12: a buffer is used up piece by piece
// sqe.ioprio of sends and receives.
constexpr unsigned kSendZcReportUsage =
    1u << 3;  // 6.2: the notification's result tells whether bytes were copied
constexpr unsigned kRecvSendBundle = 1u << 4;  // 6.10: one completion for several buffers
// cqe.res of a zero-copy notification, with kSendZcReportUsage.
constexpr uint32_t kNotificationCopied = 1u << 31;  // 6.2
// cqe.flags.
constexpr unsigned kCqeBufferMore = 1u << 4;  // 6.12: an incremental buffer has room left
// Operations.
constexpr unsigned kOpFtruncate = 55;  // 6.9

}  // namespace gyre::io::uring
