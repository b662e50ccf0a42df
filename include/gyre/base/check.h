// Invariant checks that stay on in release builds: a broken invariant stops the process with file, line and
// expression (and the crash report that the server installs) instead of going on with corrupt data.
#pragma once

namespace gyre::base {

/// Logs "file:line: CHECK failed: expression" at warning level and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* expression);

}  // namespace gyre::base

#define GYRE_CHECK(condition)                                                              \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] ::gyre::base::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)
