// Directives that are several numbers or a set of bits: oom-score-adj-values, notify-keyspace-events,
// latency-tracking-info-percentiles, threads, io-uring-features.
#include <cstdio>

#include "config_row_builders.h"
#include "config_text.h"
#include "gyre/base/log.h"
#include "gyre/base/numbers.h"

namespace gyre::server::rows {
namespace {

SetOutcome fail(const ConfigSetCall& call, std::string_view reason) {
  call.error = reason;
  return SetOutcome::kError;
}

std::vector<RewriteLine> one_line(std::string_view name, const std::string& value, bool force) {
  return {{std::string(name) + " " + value, force}};
}

bool differs(std::string_view name, const std::string& value) {
  return value != default_value(*find_config_row(name));
}

// ---- oom-score-adj-values

SetOutcome set_oom_values(const ConfigSetCall& call) {
  OomScoreAdjValues& fields = call.config.oom_score_adj_values;
  if (call.args.size() != fields.size()) return fail(call, "wrong number of arguments");
  std::array<int, std::tuple_size_v<OomScoreAdjValues>> values;
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t value = 0;
    if (!parse_lenient(call.args[i], &value) || value < -2000 || value > 2000) {
      return fail(call, "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    values[i] = static_cast<int>(value);
  }
  if (values[1] < values[0] || values[2] < values[1]) {
    base::log(
        base::LogLevel::kWarning,
        "oom-score-adj-values fall from one to the next; without privileges the kernel may refuse them");
  }
  bool changed = false;
  for (size_t i = 0; i < values.size(); ++i) {
    changed = changed || fields[i] != values[i];
    fields[i].set(values[i]);
  }
  return changed ? SetOutcome::kChanged : SetOutcome::kSame;
}

std::string get_oom_values(const Config& config) {
  std::string joined;
  for (const Number<int>& value : config.oom_score_adj_values) {
    if (!joined.empty()) joined.push_back(' ');
    joined += std::to_string(value.get());
  }
  return joined;
}

std::vector<RewriteLine> rewrite_oom_values(const Config& config, std::string_view name) {
  const std::string values = get_oom_values(config);
  return one_line(name, values, differs(name, values));
}

// ---- notify-keyspace-events

struct NotifyClass {
  char letter;
  int flag;
};

/// In the order of CONFIG GET. The first group is what "A" stands for, and is left out when all of it is
/// there.
constexpr NotifyClass kInAll[] = {{'g', kNotifyGeneric}, {'$', kNotifyString},  {'l', kNotifyList},
                                  {'s', kNotifySet},     {'h', kNotifyHash},    {'z', kNotifyZset},
                                  {'x', kNotifyExpired}, {'e', kNotifyEvicted}, {'t', kNotifyStream},
                                  {'d', kNotifyModule},  {'n', kNotifyNew}};
constexpr NotifyClass kBesidesAll[] = {{'K', kNotifyKeyspace}, {'E', kNotifyKeyevent}, {'m', kNotifyKeyMiss}};

int find_notify_flag(char letter) {
  if (letter == 'A') return kNotifyAll;
  for (const NotifyClass& known : kInAll) {
    if (known.letter == letter) return known.flag;
  }
  for (const NotifyClass& known : kBesidesAll) {
    if (known.letter == letter) return known.flag;
  }
  return 0;
}

SetOutcome set_notify(const ConfigSetCall& call) {
  if (call.args.size() != 1) return fail(call, "wrong number of arguments");
  int flags = 0;
  for (char letter : call.args[0]) {
    const int flag = find_notify_flag(letter);
    if (flag == 0) return fail(call, "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    flags |= flag;
  }
  call.config.notify_keyspace_events.set(flags);
  return SetOutcome::kChanged;
}

std::string get_notify(const Config& config) {
  const int flags = config.notify_keyspace_events;
  std::string letters;
  if ((flags & kNotifyAll) == kNotifyAll) {
    // As Redis does, this leaves out 'n' although "A" does not include it.
    letters = "A";
  } else {
    for (const NotifyClass& known : kInAll) {
      if (flags & known.flag) letters.push_back(known.letter);
    }
  }
  for (const NotifyClass& known : kBesidesAll) {
    if (flags & known.flag) letters.push_back(known.letter);
  }
  return letters;
}

std::string get_exact_notify(const Config& config) {
  std::string letters = get_notify(config);
  const bool new_keys = (config.notify_keyspace_events & kNotifyNew) != 0;
  if (new_keys && letters.find('n') == std::string::npos) letters.push_back('n');
  return letters;
}

std::vector<RewriteLine> rewrite_notify(const Config& config, std::string_view name) {
  return one_line(name, quote_config_word(get_exact_notify(config)), config.notify_keyspace_events != 0);
}

// ---- latency-tracking-info-percentiles

SetOutcome set_percentiles(const ConfigSetCall& call) {
  std::vector<double> percentiles;
  const bool empty = call.args.size() == 1 && call.args[0].empty();
  for (const std::string& word : empty ? std::span<const std::string>() : call.args) {
    const auto percentile = base::parse_double(word);
    if (!percentile) return fail(call, "Invalid latency-tracking-info-percentiles parameters");
    if (!(*percentile >= 0.0 && *percentile <= 100.0)) {
      return fail(call, "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    percentiles.push_back(*percentile);
  }
  call.config.latency_tracking_info_percentiles.set(std::move(percentiles));
  return SetOutcome::kChanged;
}

std::string get_percentiles(const Config& config) {
  std::string joined;
  for (double percentile : config.latency_tracking_info_percentiles.get()) {
    char text[32];
    std::snprintf(text, sizeof(text), "%f", percentile);
    std::string_view trimmed = text;
    while (trimmed.ends_with('0')) trimmed.remove_suffix(1);
    if (trimmed.ends_with('.')) trimmed.remove_suffix(1);
    if (!joined.empty()) joined.push_back(' ');
    joined += trimmed;
  }
  return joined;
}

std::string get_exact_percentiles(const Config& config) {
  std::string joined;
  for (double percentile : config.latency_tracking_info_percentiles.get()) {
    if (!joined.empty()) joined.push_back(' ');
    joined += base::format_double(percentile);
  }
  return joined;
}

std::vector<RewriteLine> rewrite_percentiles(const Config& config, std::string_view name) {
  const std::string percentiles = get_exact_percentiles(config);
  return one_line(name, percentiles.empty() ? "\"\"" : percentiles, true);
}

// ---- threads

constexpr int64_t kMaxThreads = 128;

SetOutcome set_threads(const ConfigSetCall& call) {
  if (call.args.size() != 1) return fail(call, "wrong number of arguments");
  int64_t threads = 0;
  if (!same_word(call.args[0], "auto")) {
    const auto number = base::parse_int64(call.args[0]);
    if (!number) return fail(call, "argument couldn't be parsed into an integer");
    if (*number < 1 || *number > kMaxThreads)
      return fail(call, "argument must be between 1 and 128 inclusive");
    threads = *number;
  }
  const bool changed = call.config.threads != threads;
  call.config.threads.set(static_cast<int>(threads));
  return changed ? SetOutcome::kChanged : SetOutcome::kSame;
}

std::string get_threads(const Config& config) {
  const int threads = config.threads;
  return threads == 0 ? "auto" : std::to_string(threads);
}

/// io-threads is a number in Redis, so its readers get one.
std::string get_io_threads(const Config& config) { return std::to_string(config.thread_count()); }

std::vector<RewriteLine> rewrite_threads(const Config& config, std::string_view name) {
  return one_line(name, get_threads(config), config.threads != 0);
}

// ---- io-uring-features

constexpr std::string_view kFeatureNames[] = {"single-issuer",       "defer-taskrun",  "multishot-accept",
                                              "multishot-recv",      "buffer-ring",    "recv-bundle",
                                              "incremental-buffers", "send-zc",        "msg-ring",
                                              "no-iowait",           "registered-ring", "silent-sends"};

std::optional<uint32_t> find_feature(std::string_view name) {
  for (size_t i = 0; i < std::size(kFeatureNames); ++i) {
    if (same_word(name, kFeatureNames[i])) return 1u << i;
  }
  return std::nullopt;
}

std::vector<std::string> split_features(std::span<const std::string> args) {
  std::vector<std::string> names;
  for (const std::string& arg : args) {
    size_t at = 0;
    while (at < arg.size()) {
      const size_t end = std::min(arg.find_first_of(", ", at), arg.size());
      if (end > at) names.push_back(arg.substr(at, end - at));
      at = end + 1;
    }
  }
  return names;
}

/// From left to right: "all" and "none" set everything, a name adds, -name takes away. A list that starts
/// with -name starts from all, one that starts with a name from none.
SetOutcome set_uring_features(const ConfigSetCall& call) {
  const std::vector<std::string> names = split_features(call.args);
  bool known = !names.empty();
  uint32_t features = known && names[0][0] == '-' ? kUringAll : 0;
  for (const std::string& name : names) {
    if (same_word(name, "all") || same_word(name, "none")) {
      features = same_word(name, "all") ? kUringAll : 0;
      continue;
    }
    const bool takes_away = name[0] == '-';
    const auto feature = find_feature(std::string_view(name).substr(takes_away ? 1 : 0));
    if (!feature) {
      known = false;
      break;
    }
    features = takes_away ? features & ~*feature : features | *feature;
  }
  if (!known) {
    call.error = "argument(s) must be one of the following, a name with - in front leaves it out: all, none";
    for (std::string_view name : kFeatureNames) call.error += ", " + std::string(name);
    return SetOutcome::kError;
  }
  const bool changed = call.config.io_uring_features != features;
  call.config.io_uring_features.set(features);
  return changed ? SetOutcome::kChanged : SetOutcome::kSame;
}

std::string get_uring_features(const Config& config) {
  const uint32_t features = config.io_uring_features;
  if (features == kUringAll) return "all";
  if (features == 0) return "none";
  std::string joined = "all";
  for (size_t i = 0; i < std::size(kFeatureNames); ++i) {
    if ((features & (1u << i)) == 0) joined += " -" + std::string(kFeatureNames[i]);
  }
  return joined;
}

std::vector<RewriteLine> rewrite_uring_features(const Config& config, std::string_view name) {
  return one_line(name, get_uring_features(config), config.io_uring_features != kUringAll);
}

}  // namespace

constinit const SpecialType kOomValuesType = {set_oom_values, get_oom_values, rewrite_oom_values};
constinit const SpecialType kNotifyType = {set_notify, get_notify, rewrite_notify, nullptr, get_exact_notify};
constinit const SpecialType kPercentilesType = {set_percentiles, get_percentiles, rewrite_percentiles,
                                                nullptr, get_exact_percentiles};
constinit const SpecialType kThreadsType = {set_threads, get_threads, rewrite_threads, get_io_threads};
constinit const SpecialType kUringFeaturesType = {set_uring_features, get_uring_features,
                                                  rewrite_uring_features};

}  // namespace gyre::server::rows
