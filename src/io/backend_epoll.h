// The epoll backend: readiness turned into completions. Private to module io; make_backend() is the door.
#pragma once

#include <sys/epoll.h>

#include <memory>
#include <string>
#include <vector>

#include "file_pool.h"
#include "gyre/io/backend.h"

namespace gyre::io {

// Every descriptor is registered once, edge-triggered for both directions; its state remembers which edges
// were seen and not used up, so that no epoll_ctl is needed per command.
//
// A receive that brought fewer bytes than asked for has emptied the socket: the next arrival is a new edge.
// The end of the stream that arrived before that receive is not; so after a hang-up event we read until the
// end.
class EpollBackend final : public Backend {
 public:
  EpollBackend() : scratch_(new char[kScratchBytes]) {}
  ~EpollBackend() override;
  bool start(std::string* reason);

  const char* name() const override { return "epoll"; }
  std::string describe() const override { return "edge-triggered"; }
  unsigned turn(bool may_block) override;
  void wake() noexcept override;
  void set_deadline(int64_t monotonic_us) override { deadline_us_ = monotonic_us; }

  void accept(AcceptOp& op, int listen_fd) override;
  void connect(ConnectOp& op, int fd) override;
  void receive(RecvOp& op, int fd) override;
  void receive_into(RecvOp& op, int fd, char* data, size_t bytes) override;
  void send_attempt(SendOp& op, int fd) override;
  void send_when_ready(SendOp& op, int fd) override;
  void send_zero_copy(SendOp& op, int fd) override { send_when_ready(op, fd); }
  bool has_zero_copy() const override { return false; }
  void poll(PollOp& op, int fd, uint32_t events) override;
  void cancel(Op& op) override;
  void close(int fd) override;
  void file(FileOp& op) override { files_.submit(op); }

 private:
  static constexpr size_t kScratchBytes = 64 * 1024;
  static constexpr unsigned kAcceptsPerTurn = 64;
  // What an Op's state says: where it waits.
  enum Where : uint32_t { kNowhere, kReader, kWriter, kPolled, kQueued };

  struct Descriptor {
    Op* reader = nullptr;  // RecvOp or AcceptOp
    Op* writer = nullptr;  // SendOp or ConnectOp
    PollOp* polled = nullptr;
    char* into = nullptr;  // receive_into
    size_t into_bytes = 0;
    bool registered = false;
    bool readable = false;  // an edge was seen and not used up
    bool hung_up = false;
    bool listening = false;
    bool connecting = false;
    bool listed = false;  // in again_
  };
  struct Result {
    Op* op;
    Completion completion;
  };

  Descriptor& at(int fd);
  Descriptor& registered(int fd);
  void read_again(int fd);
  void do_read(int fd);
  void do_receive(int fd);
  void do_accept(int fd);
  void do_write(int fd);
  ssize_t send_some(SendOp& op, int fd);
  void finish(Op& op, int32_t result);  // through the queue
  void dispatch(const epoll_event& event);
  unsigned deliver_results();
  void set_timer();

  int epoll_ = -1, wake_ = -1, timer_ = -1;
  int64_t deadline_us_ = INT64_MAX, armed_us_ = INT64_MAX;
  std::unique_ptr<char[]> scratch_;
  std::vector<Descriptor> descriptors_;
  std::vector<int> again_, again_now_;  // readable, with a reader: to look at in the next turn
  std::vector<Result> results_, results_now_;
  bool result_matters_ = false;  // one of results_ is not a silent success
  FilePool files_{[this] { wake(); }};
  epoll_event events_[256];
};

std::unique_ptr<Backend> make_epoll_backend(const BackendOptions& options, std::string* reason);

}  // namespace gyre::io
