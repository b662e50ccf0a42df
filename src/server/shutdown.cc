#include "gyre/server/shutdown.h"

#include "gyre/base/log.h"
#include "gyre/server/server.h"
#include "persistence.h"

namespace gyre::server {

using base::LogLevel;

namespace {

/// Saves if that was asked for or configured. False when it did not work and nothing forces the end.
bool save_first(Server& server, const ShutdownRequest& request) {
  Persistence& persistence = server.persistence();
  if (request.nosave || persistence.loading()) return true;
  if (!request.save && !persistence.has_save_points()) return true;
  base::log(LogLevel::kNotice, "Saving the final RDB snapshot before exiting.");
  if (persistence.save()) {
    // What was written from here on would be lost.
    server.refuse_writes_at_end();
    return true;
  }
  base::log(LogLevel::kWarning, request.force ? "Error trying to save the DB (forced exit)."
                                              : "Error trying to save the DB, can't exit.");
  return request.force;
}

ShutdownRequest with_flags(ShutdownRequest request, int flags) {
  request.save = flags & kShutdownSave;
  request.nosave = flags & kShutdownNosave;
  request.now = flags & kShutdownNow;
  request.force = flags & kShutdownForce;
  return request;
}

coro::Task<void> shut_down_alone(Server& server, ShutdownRequest request) {
  co_await server.keyspace().gate().close();
  shut_down(server, request);
  server.keyspace().gate().open();
}

}  // namespace

bool shut_down(Server& server, const ShutdownRequest& request) {
  base::log(LogLevel::kNotice, "User requested shutdown...");
  if (!save_first(server, request)) {
    base::log(LogLevel::kWarning,
              "Errors trying to shut down the server. Check the logs for more information.");
    return false;
  }
  server.request_shutdown(0);
  return true;
}

void shut_down_by_signal(Server& server, bool interrupt) {
  const Config& config = server.config();
  const ShutdownRequest request = with_flags(
      {.by_signal = true}, (interrupt ? config.shutdown_on_sigint : config.shutdown_on_sigterm).raw());
  server.reactor(0).call(
      [&server, request] { server.reactor(0).scope().spawn(shut_down_alone(server, request)); });
}

}  // namespace gyre::server
