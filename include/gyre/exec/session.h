// What a client is to the commands: its database, protocol, authentication, transaction, watched keys, name. Owned by its
// connection; used on the connection's reactor only, or by others with the gate closed (CLIENT LIST, CLIENT KILL).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/coro/task.h"
#include "gyre/exec/owned_command.h"
#include "gyre/resp/reply_writer.h"
#include "gyre/store/watch.h"

namespace gyre::io {
class Reactor;
class Stream;
}  // namespace gyre::io

namespace gyre::exec {

class Session;

/// Bits of Session::flags. Any bit of kSlowPath sends each command of the client through the general path.
namespace session_flag {
inline constexpr uint32_t kMulti = 1u << 0;            // between MULTI and EXEC
inline constexpr uint32_t kDirtyExec = 1u << 1;        // a command could not be queued: EXEC aborts
inline constexpr uint32_t kUnauthenticated = 1u << 2;  // a password is required and was not given
inline constexpr uint32_t kReplyOff = 1u << 3;         // CLIENT REPLY OFF
inline constexpr uint32_t kReplySkipNext = 1u << 4;    // CLIENT REPLY SKIP was just given
inline constexpr uint32_t kReplySkip = 1u << 5;        // the reply of the current command is dropped
inline constexpr uint32_t kNoTouch = 1u << 6;          // CLIENT NO-TOUCH
inline constexpr uint32_t kNoEvict = 1u << 7;
inline constexpr uint32_t kCloseAfterReply = 1u << 8;  // QUIT, protocol errors, CLIENT KILL of oneself
inline constexpr uint32_t kUnixSocket = 1u << 9;
inline constexpr uint32_t kInExec = 1u << 10;          // the current command runs inside EXEC
inline constexpr uint32_t kReplica = 1u << 11;         // has asked for the replication stream: gets no replies
inline constexpr uint32_t kBlocked = 1u << 12;         // the command has called Session::block()
/// Any of these ends a batch behind the command that set it.
inline constexpr uint32_t kEndsBatch = kCloseAfterReply | kBlocked;
inline constexpr uint32_t kSlowPath = kMulti | kUnauthenticated | kReplyOff | kReplySkipNext | kReplySkip | kInExec;
}  // namespace session_flag

/// Commands queued by MULTI.
struct Transaction {
  std::vector<OwnedCommand> commands;
  size_t footprint = 0;
};

struct WatchedKey {
  unsigned db;
  std::string name;
  uint64_t hash;
};

/// What a command may ask of the connection that carries it. Implemented by the server.
class ClientHandle {
 public:
  virtual ~ClientHandle() = default;
  /// For those who send on their own (replication), on the connection's reactor; null where there is none.
  virtual io::Stream* stream() { return nullptr; }
  virtual io::Reactor* home() { return nullptr; }
  /// From now on the connection carries a replica's stream: what is pending on it is the sender's affair.
  virtual void carries_stream() {}
  /// As in CLIENT LIST.
  virtual std::string_view address() const { return {}; }
  /// Ends the connection (after its reply when it is the caller's own). With the gate closed, from any reactor.
  virtual void kill() = 0;
};

/// What another layer hangs on a session for as long as the connection lives.
class Attachment {
 public:
  virtual ~Attachment() = default;
  /// The connection ends: completes when nothing of this uses it any more. On its reactor.
  virtual coro::Task<void> detach() = 0;
  /// Empty lines came, by which the peer of a stream shows that it lives. On the connection's reactor.
  virtual void shows_life() {}
};

/// A command whose reply comes later. Its body hands it to Session::block() and writes no reply.
class Blocked {
 public:
  virtual ~Blocked() = default;
  /// Completes when the reply has been written, or the connection has failed. On the connection's reactor, outside the
  /// gate.
  virtual coro::Task<void> wait(Session& session) = 0;
  /// CLIENT UNBLOCK: as if the time were up, or with an error. With the gate closed; false when it is over
  /// already.
  virtual bool unblock(bool with_error) = 0;
  /// What it waits for has not come, nor is its time up. With the gate closed.
  virtual bool waiting() const { return true; }
  virtual bool has_deadline() const { return false; }
};

class Session {
 public:
  Session(uint64_t id, base::OutBuffer& out, ClientHandle& handle) : id(id), reply(out), handle(handle) {}

  const uint64_t id;
  uint32_t flags = 0;
  unsigned db = 0;
  resp::ReplyWriter reply;
  ClientHandle& handle;

  std::unique_ptr<Transaction> transaction;
  store::Watcher watcher;
  std::vector<WatchedKey> watched;

  /// What the client calls itself, and what few clients have; most never need it.
  struct Labels {
    std::string name, lib_name, lib_version;
    std::unique_ptr<Attachment> attachment;
    std::unique_ptr<Blocked> blocked;
  };
  bool waits() const { return has(session_flag::kBlocked) && labels().blocked->waiting(); }
  const Labels& labels() const { return labels_ ? *labels_ : kNoLabels; }
  Labels& own_labels() {
    if (!labels_) labels_ = std::make_unique<Labels>();
    return *labels_;
  }
  /// The replication offset behind the last write of this client; what WAIT waits for.
  uint64_t last_write_offset = 0;
  Attachment* attachment() const { return labels_ ? labels_->attachment.get() : nullptr; }
  /// The running command's reply comes later; nothing behind it is run before.
  void block(std::unique_ptr<Blocked> blocked) {
    own_labels().blocked = std::move(blocked);
    flags |= session_flag::kBlocked;
  }
  const CommandRow* last_command = nullptr;
  uint64_t commands = 0;

  /// There is one user as long as there are no access lists.
  std::string_view user() const { return "default"; }
  bool has(uint32_t f) const { return (flags & f) != 0; }

 private:
  static inline const Labels kNoLabels;
  std::unique_ptr<Labels> labels_;
};

}  // namespace gyre::exec
