// INFO's text: which sections were asked for, and the functions that write one each. Names, order and
// constants are those of Redis 7.2; fields that start with gyre_ stand at the end of their sections.
//
// All of it runs with the gate closed, because statistics of all reactors are read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/exec/stats.h"

namespace gyre::server {

class Server;

class InfoSections {
 public:
  /// `names` as given; none means the default ones.
  explicit InfoSections(std::span<const std::string_view> names);
  bool wants(std::string_view section) const;
  /// Only when named: never part of "all".
  bool names(std::string_view section) const;

 private:
  void add_defaults();
  bool all_ = false;
  std::vector<std::string> names_;
};

/// Collects "field:value" lines under "# Section" headings.
class InfoText {
 public:
  void section(std::string_view name);
  /// printf-style value.
  void field(std::string_view name, const char* format, ...) __attribute__((format(printf, 3, 4)));
  void number(std::string_view name, int64_t value);
  void number(std::string_view name, uint64_t value) { number(name, static_cast<int64_t>(value)); }
  void number(std::string_view name, int value) { number(name, int64_t{value}); }
  void text(std::string_view name, std::string_view value);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string info_text(Server& server, const InfoSections& sections);

/// Redis's "1.50M": bytes with a unit and two decimals, plain bytes below 1 KiB.
std::string human_bytes(uint64_t bytes);

// One function a section; `stats` are those of all reactors together.
void info_server(Server& server, InfoText& out);
void info_clients(Server& server, InfoText& out);
void info_memory(Server& server, InfoText& out);
void info_persistence(Server& server, InfoText& out);
void info_stats(Server& server, const exec::Stats& stats, InfoText& out);
void info_replication(Server& server, InfoText& out);
void info_cpu(InfoText& out);
void info_commandstats(Server& server, const exec::Stats& stats, InfoText& out);
void info_errorstats(const exec::Stats& stats, InfoText& out);
void info_latencystats(Server& server, const exec::Stats& stats, InfoText& out);
void info_cluster(Server& server, InfoText& out);
void info_keyspace(Server& server, InfoText& out);
void info_debug(Server& server, const exec::Stats& stats, InfoText& out);

/// The statistics of all reactors together. With the gate closed.
std::unique_ptr<exec::Stats> merged_stats(Server& server);

}  // namespace gyre::server
