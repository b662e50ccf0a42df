// The reactors, made as the configuration says.
#include "gyre/base/log.h"
#include "gyre/server/server.h"

namespace gyre::server {

namespace {

io::BackendKind backend_kind(IoBackend choice) {
  switch (choice) {
    case IoBackend::kIoUring:
      return io::BackendKind::kUring;
    case IoBackend::kEpoll:
      return io::BackendKind::kEpoll;
    case IoBackend::kAuto:
      break;
  }
  return io::BackendKind::kAuto;
}

io::ZeroCopy zero_copy_mode(ZeroCopy choice) {
  switch (choice) {
    case ZeroCopy::kOn:
      return io::ZeroCopy::kOn;
    case ZeroCopy::kOff:
      return io::ZeroCopy::kOff;
    case ZeroCopy::kAuto:
      break;
  }
  return io::ZeroCopy::kAuto;
}

io::UringFeatures uring_features(uint32_t bits) {
  io::UringFeatures f;
  f.single_issuer = bits & kUringSingleIssuer;
  f.defer_taskrun = bits & kUringDeferTaskrun;
  f.multishot_accept = bits & kUringMultishotAccept;
  f.multishot_recv = bits & kUringMultishotRecv;
  f.buffer_ring = bits & kUringBufferRing;
  f.recv_bundle = bits & kUringRecvBundle;
  f.incremental_buffers = bits & kUringIncrementalBuffers;
  f.send_zc = bits & kUringSendZc;
  f.msg_ring = bits & kUringMsgRing;
  f.no_iowait = bits & kUringNoIowait;
  f.registered_ring = bits & kUringRegisteredRing;
  f.silent_sends = bits & kUringSilentSends;
  return f;
}

}  // namespace

bool Server::make_reactors(std::string* error) {
  const auto threads = static_cast<unsigned>(config_.thread_count());
  for (unsigned i = 0; i < threads; ++i) {
    io::ReactorOptions options;
    options.index = i;
    options.backend = backend_kind(config_.io_backend);
    options.backend_options.uring = uring_features(config_.io_uring_features);
    options.zero_copy = zero_copy_mode(config_.zero_copy);
    std::string note;
    auto reactor = io::Reactor::create(options, &note, error);
    if (!reactor) return false;
    if (i == 0 && !note.empty()) base::log(base::LogLevel::kWarning, "%s", note.c_str());
    if (i == 0)
      base::log(base::LogLevel::kNotice, "I/O backend: %s; %u thread%s",
                reactor->backend().describe().c_str(), threads, threads == 1 ? "" : "s");
    reactors_.push_back(std::move(reactor));
  }
  reactor_counters_ = std::vector<ReactorCounters>(threads);
  clients_of_ = std::vector<std::atomic<uint32_t>>(threads);
  locals_ = std::vector<Local>(threads);
  return true;
}

void Server::apply_zero_copy() {
  const io::ZeroCopy mode = zero_copy_mode(config_.zero_copy);
  for (auto& reactor : reactors_) reactor->call([r = reactor.get(), mode] { r->set_zero_copy(mode); });
}

}  // namespace gyre::server
