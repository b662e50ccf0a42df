#include "gyre/server/shutdown.h"

#include "gyre/base/log.h"
#include "gyre/server/server.h"

namespace gyre::server {

bool shut_down(Server& server, const ShutdownRequest& request) {
  using base::LogLevel;
  base::log(LogLevel::kNotice, "User requested shutdown...");
  if (request.save) {
    // Whoever asks for a file must not lose the data for having asked.
    base::log(LogLevel::kWarning, "SHUTDOWN SAVE: this server writes no RDB files%s",
              request.force ? ", and goes down without one as FORCE demands" : "; it does not go down");
    if (!request.force) return false;
  }
  server.request_shutdown(0);
  return true;
}

}  // namespace gyre::server
