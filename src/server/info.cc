// INFO: the command, the choice of sections, the lines.
#include "gyre/server/info.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "gyre/base/numbers.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/server/command_families.h"
#include "support.h"

namespace gyre::server {

namespace {

constexpr std::string_view kDefaultSections[] = {"server",     "clients",     "memory",  "persistence",
                                                 "stats",      "replication", "cpu",     "module_list",
                                                 "errorstats", "cluster",     "keyspace"};

void info(exec::CommandContext& c) {
  c.reply.verbatim("txt", info_text(server_of(c), InfoSections(c.args.subspan(1))));
}

}  // namespace

InfoSections::InfoSections(std::span<const std::string_view> names) {
  if (names.empty()) add_defaults();
  for (std::string_view name : names) {
    if (exec::equal_ignoring_case(name, "default")) {
      add_defaults();
    } else if (exec::equal_ignoring_case(name, "all") || exec::equal_ignoring_case(name, "everything")) {
      all_ = true;
    } else {
      names_.emplace_back(name);
    }
  }
}

void InfoSections::add_defaults() {
  names_.insert(names_.end(), std::begin(kDefaultSections), std::end(kDefaultSections));
}

bool InfoSections::wants(std::string_view section) const { return all_ || names(section); }

bool InfoSections::names(std::string_view section) const {
  return std::any_of(names_.begin(), names_.end(),
                     [section](const std::string& name) { return exec::equal_ignoring_case(name, section); });
}

void InfoText::section(std::string_view name) {
  if (!text_.empty()) text_ += "\r\n";
  text_ += "# ";
  text_ += name;
  text_ += "\r\n";
}

void InfoText::text(std::string_view name, std::string_view value) {
  text_ += name;
  text_ += ':';
  text_ += value;
  text_ += "\r\n";
}

void InfoText::number(std::string_view name, int64_t value) {
  char digits[base::kInt64TextMax];
  text(name, {digits, base::format_int64(value, digits)});
}

void InfoText::field(std::string_view name, const char* format, ...) {
  char value[512];
  va_list args;
  va_start(args, format);
  const int size = std::vsnprintf(value, sizeof(value), format, args);
  va_end(args);
  text(name, {value, std::min(sizeof(value) - 1, static_cast<size_t>(std::max(0, size)))});
}

std::string human_bytes(uint64_t bytes) {
  static constexpr char kUnits[] = {'K', 'M', 'G', 'T', 'P'};
  char text[32];
  if (bytes < 1024) {
    std::snprintf(text, sizeof(text), "%lluB", static_cast<unsigned long long>(bytes));
    return text;
  }
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (uint64_t rest = bytes >> 10; rest >= 1024 && unit + 1 < std::size(kUnits); rest >>= 10, ++unit)
    value /= 1024;
  std::snprintf(text, sizeof(text), "%.2f%c", value, kUnits[unit]);
  return text;
}

std::unique_ptr<exec::Stats> merged_stats(Server& server) {
  auto merged = std::make_unique<exec::Stats>(server.commands().id_count());
  for (const auto& reactor : server.dispatcher().reactors()) merged->merge(reactor->stats);
  return merged;
}

std::string info_text(Server& server, const InfoSections& sections) {
  InfoText out;
  const std::unique_ptr<exec::Stats> stats = merged_stats(server);
  if (sections.wants("server")) info_server(server, out);
  if (sections.wants("clients")) info_clients(server, out);
  if (sections.wants("memory")) info_memory(server, out);
  if (sections.wants("persistence")) info_persistence(server, out);
  if (sections.wants("stats")) info_stats(server, *stats, out);
  if (sections.wants("replication")) info_replication(server, out);
  if (sections.wants("cpu")) info_cpu(out);
  // No modules can be loaded, so the section is always empty.
  if (sections.wants("module_list") || sections.wants("modules")) out.section("Modules");
  if (sections.wants("commandstats")) info_commandstats(server, *stats, out);
  if (sections.wants("errorstats")) info_errorstats(*stats, out);
  if (sections.wants("latencystats")) info_latencystats(server, *stats, out);
  if (sections.wants("cluster")) info_cluster(server, out);
  if (sections.wants("keyspace")) info_keyspace(server, out);
  if (sections.names("debug")) info_debug(server, *stats, out);
  return out.take();
}

void bind_info_commands(exec::CommandTable& table) { table.bind("info", info); }

}  // namespace gyre::server
