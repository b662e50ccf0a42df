// A world of its own for tests: virtual clock, network and disk, all from one seed. Reactors made over its
// backends (SimWorld::make_backend) run on one thread, turned by the test; the same seed gives the same run.
//
// Network: byte streams with delays, bounded windows, short reads and writes, cuts. Disk: files with short
// reads and writes, ENOSPC, EIO, and a power cut that drops everything not covered by a completed fsync:
// bytes by an fsync of their file, names (new ones, renames, removals) by an fsync of their directory.
//
// Thread: one, except SimBackend::wake(). The world outlives its backends.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gyre/base/random.h"
#include "gyre/io/backend.h"

namespace gyre::io {

class SimBackend;

struct SimOptions {
  uint64_t seed = 1;
  int64_t max_delay_us = 500;        // of a delivery, a connection, a file operation
  size_t window_bytes = 200 * 1024;  // what a socket takes before its peer has read
  double short_io = 0.3;             // chance that a read or write moves only a part
  double cut = 0;                    // chance per send that the connection breaks
  double file_error = 0;             // chance per file operation of EIO
  int64_t disk_bytes = INT64_MAX;    // room for content; beyond it ENOSPC
};

/// The disk. Paths are plain strings; a directory is whatever precedes the last slash and always exists.
class SimDisk {
 public:
  /// `from`: completes the operation now. Result >= 0 or -errno.
  int32_t run(FileOp& op, base::Random& random, const SimOptions& options);
  /// Forgets what is not durable. Open files are gone (EBADF).
  void power_cut();
  /// The next operation of this kind fails with this errno value.
  void fail_next(Backend::FileKind kind, int error) { failures_.emplace_back(kind, error); }

  /// For assertions: content now, or after a power cut; nullptr when there is no such file.
  const std::string* content(const std::string& path) const;
  const std::string* durable_content(const std::string& path) const;
  std::vector<std::string> names() const;

 private:
  struct File {
    std::string content, durable;
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct Handle {
    std::shared_ptr<File> file;
    std::string directory;
    int64_t position = 0;
    bool append = false;
  };

  int32_t open(const FileOp& op);
  int32_t write(Handle& handle, const FileOp& op, size_t bytes, int64_t room);
  void sync_directory(const std::string& directory);
  int64_t used() const;

  Names names_, durable_names_;
  std::map<int, Handle> handles_;
  int next_handle_ = 2'000'000;
  std::vector<std::pair<Backend::FileKind, int>> failures_;
};

class SimWorld {
 public:
  explicit SimWorld(const SimOptions& options);
  SimWorld(const SimWorld&) = delete;
  ~SimWorld();

  std::unique_ptr<Backend> make_backend();
  SimOptions& options() { return options_; }  // may change while it runs
  SimDisk& disk() { return disk_; }
  int64_t now_us() const { return now_us_; }
  /// Moves wall time away from monotonic time.
  void step_wall_clock(int64_t us) { wall_offset_us_ += us; }

  /// A listening socket for AcceptOp; addresses are compared byte by byte.
  int listen(const sockaddr_storage& address, socklen_t length);
  /// Two connected sockets.
  std::pair<int, int> pair();
  /// The connection breaks: both ends see ECONNRESET.
  void cut(int fd);
  void half_close(int fd);
  /// Nothing is delivered in either direction while it is held.
  void hold(int fd, bool held);

  /// While on, zero-copy sends meet a device that reads late: the result of one comes as ever, but its memory is read, and
  /// its notification comes, only with release_notification(). The peer gets the bytes in order all the same: those of a
  /// send released early wait for the ones before. What is held when it is switched off stays so.
  void hold_notifications(bool on) { holds_notifications_ = on; }
  /// Sends that are held, and the bytes of each, in the order in which they were made.
  size_t held_notifications() const { return held_sends_.size(); }
  size_t held_bytes(size_t index) const { return held_sends_[index].bytes; }
  void release_notification(size_t index);

 private:
  friend class SimBackend;
  struct Socket;
  struct Transit;
  struct Event {
    SimBackend* owner;
    std::function<void()> run;
  };
  using When = std::pair<int64_t, uint64_t>;  // time, and order within it
  /// A zero-copy send whose result was given and whose memory has not been read.
  struct HeldSend {
    SendOp* op;
    SimBackend* owner;
    int to;  // the socket that gets the bytes
    uint64_t ticket;
    size_t bytes;
  };

  Socket* find(int fd);
  int add(std::unique_ptr<Socket> socket);
  void at(int64_t time_us, SimBackend* owner, std::function<void()> run);
  int64_t delay() {
    return 1 + static_cast<int64_t>(random_.below(static_cast<uint64_t>(options_.max_delay_us) + 1));
  }
  bool chance(double probability) {
    return probability > 0 && static_cast<double>(random_.below(1'000'000)) < probability * 1e6;
  }
  size_t part(size_t bytes) {
    return bytes > 1 && chance(options_.short_io) ? 1 + random_.below(bytes) : bytes;
  }
  void advance(int64_t limit_us);

  // Network.
  size_t room(const Socket& from);
  size_t push(Socket& from, const SendOp& op, size_t offset);
  void hold_send(Socket& from, SendOp& op, size_t bytes);
  void deliver(int fd);
  void finish_write_side(Socket& from);
  void reset(Socket& socket);

  SimOptions options_;
  base::Random random_;
  int64_t now_us_ = 1'000'000;
  int64_t wall_offset_us_ = 1'700'000'000'000'000;
  uint64_t sequence_ = 0;
  std::map<When, Event> events_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  int next_fd_ = 1'000'000;
  uint16_t next_port_ = 40'000;
  std::set<SimBackend*> backends_;
  SimDisk disk_;
  bool holds_notifications_ = false;
  uint64_t last_ticket_ = 0;
  std::vector<HeldSend> held_sends_;
};

}  // namespace gyre::io
