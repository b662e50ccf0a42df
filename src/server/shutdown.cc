#include "gyre/server/shutdown.h"

#include "gyre/base/log.h"
#include "gyre/server/server.h"

namespace gyre::server {

void shut_down(Server& server, const ShutdownRequest&) {
  base::log(base::LogLevel::kNotice, "User requested shutdown...");
  server.request_shutdown(0);
}

}  // namespace gyre::server
