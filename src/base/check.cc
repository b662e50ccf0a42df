#include "gyre/base/check.h"

#include <cstdlib>

#include "gyre/base/log.h"

namespace gyre::base {

void check_failed(const char* file, int line, const char* expression) {
  log(LogLevel::kWarning, "%s:%d: CHECK failed: %s", file, line, expression);
  std::abort();
}

}  // namespace gyre::base
