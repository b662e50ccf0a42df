// One full sync: a walk over the keyspace, and the replicas that it feeds. Shared by them and the primary; the last one
// frees it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "chunk_fan.h"
#include "gyre/coro/event.h"

namespace gyre::repl {

class FullSync {
 public:
  /// `file`: the image goes to a file first, for replicas that want to know its length.
  FullSync(bool file, std::string mark) : to_file(file), end_mark(std::move(mark)) {}
  ~FullSync();
  FullSync(const FullSync&) = delete;
  FullSync& operator=(const FullSync&) = delete;

  const bool to_file;
  const std::string end_mark;  // 40 random bytes that end a stream of unknown length
  uint64_t offset = 0;         // of the cut
  std::string id;              // the replication id at the cut

  ChunkFan fan;
  // Of a file: set when it is complete (or was given up: fd < 0).
  coro::Event file_done;
  int fd = -1;
  int64_t file_bytes = 0;

  bool of_save = false;               // for no replica: BGSAVE
  std::atomic<bool> given_up{false};  // what a save would save is gone
  std::atomic<uint64_t> bytes{0};
  int64_t started_us = 0;
};

}  // namespace gyre::repl
