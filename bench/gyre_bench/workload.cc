#include "workload.h"

#include <cstdio>

#include "gyre/base/numbers.h"

namespace gyre::bench {
namespace {

struct Builtin {
  std::string_view name, text;
};

constexpr Builtin kBuiltins[] = {
    {"ping", "PING"},
    {"set", "SET __key__ __data__"},
    {"get", "GET __key__"},
    {"incr", "INCR counter:__rand_int__"},
    {"mset",
     "MSET __key__ __data__ __key__ __data__ __key__ __data__ __key__ __data__ __key__ __data__ "
     "__key__ __data__ __key__ __data__ __key__ __data__ __key__ __data__ __key__ __data__"},
    {"del", "DEL __key__"},
    {"expire", "EXPIRE __key__ 3600"},
    {"append", "APPEND __key__ __data__"},
    {"getset", "GETSET __key__ __data__"},
};

}  // namespace

bool Workload::add_template(std::string_view text, double weight, std::string* error) {
  Command& command = commands_.emplace_back();
  command.name = text;
  command.weight = weight;
  if (weight > 0) return command.request.parse(text, error);
  *error = "a weight must be positive";
  return false;
}

bool Workload::add_builtin(std::string_view name, double weight, std::string* error) {
  for (const Builtin& builtin : kBuiltins) {
    if (builtin.name != name) continue;
    if (!add_template(builtin.text, weight, error)) return false;
    commands_.back().name = name;
    return true;
  }
  *error = "no test '" + std::string(name) + "'; there are:";
  for (const Builtin& builtin : kBuiltins) *error += " " + std::string(builtin.name);
  return false;
}

bool Workload::add_mix(std::string_view text, std::string* error) {
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const size_t colon = item.find(':');
    double weight = 1;
    if (colon != std::string_view::npos) weight = base::parse_double(item.substr(colon + 1)).value_or(0);
    if (!(weight > 0)) {
      *error = "mix: '" + std::string(item) + "' is not NAME:WEIGHT";
      return false;
    }
    if (!add_builtin(item.substr(0, colon), weight, error)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string> Workload::builtin_names() {
  std::vector<std::string> names;
  for (const Builtin& builtin : kBuiltins) names.emplace_back(builtin.name);
  return names;
}

void Workload::prepare(const KeySpec& keys, const KeyFormat& format, const ValueSizes& sizes) {
  double total = 0, sum = 0;
  for (const Command& command : commands_) total += command.weight;
  upto_.clear();
  for (Command& command : commands_) {
    command.request.prepare(keys, format, sizes);
    upto_.push_back((sum += command.weight) / total);
  }
}

std::string Workload::describe() const {
  if (commands_.size() == 1) return commands_[0].name;
  std::string text;
  for (const Command& command : commands_) {
    char weight[32];
    std::snprintf(weight, sizeof(weight), ":%g", command.weight);
    text += (text.empty() ? "" : ",") + command.name + weight;
  }
  return text;
}

}  // namespace gyre::bench
