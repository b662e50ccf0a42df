// Directives that are lists or records: bind, save, replicaof, client-output-buffer-limit, dir.
#include <climits>

#include "config_row_builders.h"
#include "config_text.h"
#include "gyre/base/numbers.h"
#include "gyre/server/config_environment.h"

namespace gyre::server::rows {
namespace {

std::string with_name(std::string_view name, std::string_view value) {
  return std::string(name) + " " + std::string(value);
}

SetOutcome fail(const ConfigSetCall& call, std::string_view reason) {
  call.error = reason;
  return SetOutcome::kError;
}

bool is_plain_word(const std::string& word) {
  if (word.empty()) return false;
  for (char c : word) {
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\') return false;
  }
  return true;
}

// ---- bind

constexpr size_t kMaxBindAddresses = 16;

SetOutcome set_bind(const ConfigSetCall& call) {
  std::vector<std::string> addresses(call.args.begin(), call.args.end());
  if (addresses.size() > kMaxBindAddresses) return fail(call, "Too many bind addresses specified.");
  if (addresses.size() == 1 && addresses[0].empty()) addresses.clear();
  for (const std::string& address : addresses) {
    if (!is_plain_word(address)) return fail(call, "Invalid bind address");
  }
  call.config.bind.set(std::move(addresses));
  return SetOutcome::kChanged;
}

std::string get_bind(const Config& config) {
  std::string joined;
  for (const std::string& address : config.bind.get()) {
    if (!joined.empty()) joined.push_back(' ');
    joined += address;
  }
  return joined;
}

std::vector<RewriteLine> rewrite_bind(const Config& config, std::string_view name) {
  const std::string addresses = get_bind(config);
  // The default is never written: a line with it would fail on machines without one of the protocols.
  if (addresses == default_value(*find_config_row(name))) return {};
  return {{with_name(name, addresses.empty() ? "\"\"" : addresses), true}};
}

// ---- save

SetOutcome set_save(const ConfigSetCall& call) {
  if (call.args.size() == 1 && call.args[0].empty()) {
    call.config.save.set({});
    return SetOutcome::kChanged;
  }
  constexpr std::string_view kInvalid = "Invalid save parameters";
  if (call.args.size() % 2 != 0) return fail(call, kInvalid);
  // Lines of one file add up; its first line replaces the default.
  std::vector<SavePoint> points = call.adds ? call.config.save.get() : std::vector<SavePoint>();
  for (size_t i = 0; i < call.args.size(); i += 2) {
    int64_t seconds = 0;
    int64_t changes = 0;
    if (!parse_lenient(call.args[i], &seconds) || !parse_lenient(call.args[i + 1], &changes)) {
      return fail(call, kInvalid);
    }
    if (seconds < 1 || changes < 0 || changes > INT_MAX) return fail(call, kInvalid);
    points.push_back({seconds, static_cast<int>(changes)});
  }
  call.config.save.set(std::move(points));
  return SetOutcome::kChanged;
}

std::string print_save_point(const SavePoint& point) {
  return std::to_string(point.seconds) + " " + std::to_string(point.changes);
}

std::string get_save(const Config& config) {
  std::string joined;
  for (const SavePoint& point : config.save.get()) {
    if (!joined.empty()) joined.push_back(' ');
    joined += print_save_point(point);
  }
  return joined;
}

std::vector<RewriteLine> rewrite_save(const Config& config, std::string_view name) {
  const std::vector<SavePoint> points = config.save.get();
  if (points.empty()) return {{with_name(name, "\"\""), true}};
  std::vector<RewriteLine> lines;
  for (const SavePoint& point : points) lines.push_back({with_name(name, print_save_point(point)), true});
  return lines;
}

// ---- replicaof

SetOutcome set_replicaof(const ConfigSetCall& call) {
  if (call.args.size() != 2) return fail(call, "wrong number of arguments");
  if (same_word(call.args[0], "no") && same_word(call.args[1], "one")) {
    call.config.replicaof.set({});
    return SetOutcome::kChanged;
  }
  int64_t port = 0;
  if (!parse_lenient(call.args[1], &port) || port < 0 || port > 65535)
    return fail(call, "Invalid master port");
  if (!is_plain_word(call.args[0])) return fail(call, "Invalid master host");
  call.config.replicaof.set({call.args[0], static_cast<int>(port)});
  return SetOutcome::kChanged;
}

std::string get_replicaof(const Config& config) {
  const ReplicaOf primary = config.replicaof.get();
  return primary.host.empty() ? "" : primary.host + " " + std::to_string(primary.port);
}

std::vector<RewriteLine> rewrite_replicaof(const Config& config, std::string_view name) {
  const std::string primary = get_replicaof(config);
  // In a cluster, nodes.conf says who replicates whom.
  if (primary.empty() || config.cluster_enabled) return {};
  return {{with_name(name, primary), true}};
}

// ---- client-output-buffer-limit

struct OutputLimitValue {
  bool given = false;
  uint64_t hard = 0;
  uint64_t soft = 0;
  int64_t seconds = 0;
};

std::optional<ClientClass> find_client_class(std::string_view name) {
  if (same_word(name, "normal")) return ClientClass::kNormal;
  if (same_word(name, "slave") || same_word(name, "replica")) return ClientClass::kReplica;
  if (same_word(name, "pubsub")) return ClientClass::kPubsub;
  return std::nullopt;
}

SetOutcome set_output_limit(const ConfigSetCall& call) {
  if (call.args.size() % 4 != 0)
    return fail(call, "Wrong number of arguments in buffer limit configuration.");
  std::array<OutputLimitValue, kClientClasses> values;
  for (size_t i = 0; i < call.args.size(); i += 4) {
    const auto client_class = find_client_class(call.args[i]);
    if (!client_class) return fail(call, "Invalid client class specified in buffer limit configuration.");
    const auto hard = base::parse_memory(call.args[i + 1]);
    const auto soft = base::parse_memory(call.args[i + 2]);
    int64_t seconds = 0;
    if (!hard || !soft || !parse_lenient(call.args[i + 3], &seconds) || seconds < 0) {
      return fail(call, "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    values[static_cast<size_t>(*client_class)] = {true, *hard, *soft, seconds};
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].given) continue;
    OutputLimit& limit = call.config.client_output_buffer_limit[i];
    limit.hard_bytes.set(values[i].hard);
    limit.soft_bytes.set(values[i].soft);
    limit.soft_seconds.set(values[i].seconds);
  }
  return SetOutcome::kChanged;
}

std::string get_output_limit(const Config& config) {
  // CONFIG GET keeps the old word for a replica; CONFIG REWRITE writes the new one.
  constexpr std::string_view kNames[] = {"normal", "slave", "pubsub"};
  std::string joined;
  for (size_t i = 0; i < kClientClasses; ++i) {
    const OutputLimit& limit = config.client_output_buffer_limit[i];
    if (i != 0) joined.push_back(' ');
    joined += with_name(kNames[i], std::to_string(limit.hard_bytes.get())) + " " +
              std::to_string(limit.soft_bytes.get()) + " " + std::to_string(limit.soft_seconds.get());
  }
  return joined;
}

std::vector<RewriteLine> rewrite_output_limit(const Config& config, std::string_view name) {
  constexpr std::string_view kNames[] = {"normal", "replica", "pubsub"};
  constexpr OutputLimitValue kDefaults[] = {
      {true, 0, 0, 0}, {true, 256ull << 20, 64ull << 20, 60}, {true, 32ull << 20, 8ull << 20, 60}};
  std::vector<RewriteLine> lines;
  for (size_t i = 0; i < kClientClasses; ++i) {
    const OutputLimit& limit = config.client_output_buffer_limit[i];
    const uint64_t hard = limit.hard_bytes;
    const uint64_t soft = limit.soft_bytes;
    const int64_t seconds = limit.soft_seconds;
    const bool changed =
        hard != kDefaults[i].hard || soft != kDefaults[i].soft || seconds != kDefaults[i].seconds;
    lines.push_back({with_name(name, kNames[i]) + " " + format_memory(hard) + " " + format_memory(soft) +
                         " " + std::to_string(seconds),
                     changed});
  }
  return lines;
}

// ---- dir: the value is the process's working directory itself

SetOutcome set_dir(const ConfigSetCall& call) {
  if (call.args.size() != 1) return fail(call, "wrong number of arguments");
  const int failure = call.config.environment().change_directory(call.args[0]);
  return failure == 0 ? SetOutcome::kChanged : fail(call, std::strerror(failure));
}

std::string get_dir(const Config& config) { return config.environment().current_directory(); }

std::vector<RewriteLine> rewrite_dir(const Config& config, std::string_view name) {
  const std::string directory = get_dir(config);
  if (directory.empty()) return {};
  return {{with_name(name, quote_config_word(directory)), true}};
}

}  // namespace

constinit const SpecialType kBindType = {set_bind, get_bind, rewrite_bind};
constinit const SpecialType kSaveType = {set_save, get_save, rewrite_save};
constinit const SpecialType kReplicaOfType = {set_replicaof, get_replicaof, rewrite_replicaof};
constinit const SpecialType kOutputLimitType = {set_output_limit, get_output_limit, rewrite_output_limit};
constinit const SpecialType kDirType = {set_dir, get_dir, rewrite_dir};

}  // namespace gyre::server::rows
