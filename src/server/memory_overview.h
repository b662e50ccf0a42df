// Where the memory is: what INFO's Memory section, MEMORY STATS and MEMORY DOCTOR say. Taken with the gate
// closed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gyre::server {

class Server;

struct MemoryOverview {
  struct Db {
    unsigned index;
    int64_t table_bytes, expiry_bytes;
  };
  int64_t used, startup, peak, rss;
  int64_t active;    // used, and what the arenas' pages hold beyond it
  int64_t clients;   // all clients together
  int64_t overhead;  // startup, clients, tables, expiry indexes
  int64_t dataset;   // the rest
  uint64_t keys;
  uint64_t client_count;
  std::vector<Db> dbs;  // those that hold keys

  double dataset_percent() const;  // of what was added since the start
  double peak_percent() const;
  int64_t bytes_per_key() const;
  static double ratio(int64_t a, int64_t b) {
    return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
  }
};

MemoryOverview memory_overview(Server& server);
/// The human-readable report of MEMORY DOCTOR.
std::string memory_report(const MemoryOverview& memory);
/// The allocator's name as INFO shows it.
const char* allocator_name();

}  // namespace gyre::server
