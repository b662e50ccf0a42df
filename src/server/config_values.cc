// Parsing and printing of the plain kinds of directives, and the calls that work for every kind.
#include <cinttypes>
#include <cstdio>

#include "config_text.h"
#include "gyre/base/numbers.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

// Rows point to fields through functions that take a mutable Config; reading does not change it.
Config& mutable_config(const Config& config) { return const_cast<Config&>(config); }

SetOutcome outcome(const ConfigRow& row, bool changed) {
  return changed || row.has(kVolatile) ? SetOutcome::kChanged : SetOutcome::kSame;
}

SetOutcome set_bool(const ConfigRow& row, const ConfigSetCall& call) {
  int64_t value = 0;
  if (same_word(call.args[0], "yes")) {
    value = 1;
  } else if (!same_word(call.args[0], "no")) {
    call.error = "argument must be 'yes' or 'no'";
    return SetOutcome::kError;
  }
  if (row.check_number != nullptr && !row.check_number(value, call.error)) return SetOutcome::kError;
  Flag& field = row.flag(call.config);
  const bool changed = field.get() != (value != 0);
  field.set(value != 0);
  return outcome(row, changed);
}

bool parse_number(const ConfigRow& row, const std::string& text, int64_t* value, std::string& error) {
  const bool memory = row.unit == NumberUnit::kMemory || row.unit == NumberUnit::kPercentOrMemory;
  if (memory) {
    if (const auto bytes = base::parse_memory(text)) {
      *value = static_cast<int64_t>(*bytes);
      return true;
    }
  }
  if (row.unit == NumberUnit::kPercentOrMemory && text.size() > 1 && text.back() == '%') {
    const auto percent = base::parse_int64(std::string_view(text).substr(0, text.size() - 1));
    if (percent && *percent >= 0) {
      *value = -*percent;
      return true;
    }
  }
  if (row.unit == NumberUnit::kOctal && parse_lenient(text, value, 8)) return true;
  if (row.unit == NumberUnit::kPlain) {
    if (const auto number = base::parse_int64(text)) {
      *value = *number;
      return true;
    }
  }
  if (row.unit == NumberUnit::kPercentOrMemory)
    error = "argument must be a memory or percent value";
  else if (memory)
    error = "argument must be a memory value";
  else if (row.unit == NumberUnit::kOctal)
    error = "argument couldn't be parsed as an octal number";
  else
    error = "argument couldn't be parsed into an integer";
  return false;
}

bool check_range(const ConfigRow& row, int64_t value, std::string& error) {
  const NumberRange& range = row.range;
  char message[128];
  if (range.is_unsigned) {
    const auto low = static_cast<uint64_t>(range.low);
    const auto high = static_cast<uint64_t>(range.high);
    const auto given = static_cast<uint64_t>(value);
    if (given >= low && given <= high) return true;
    const char* format = row.unit == NumberUnit::kOctal
                             ? "argument must be between %" PRIo64 " and %" PRIo64 " inclusive"
                             : "argument must be between %" PRIu64 " and %" PRIu64 " inclusive";
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
    std::snprintf(message, sizeof(message), format, low, high);
#pragma clang diagnostic pop
    error = message;
    return false;
  }
  if (row.unit == NumberUnit::kPercentOrMemory && value < 0) {
    if (value >= range.low) return true;
    error = "percentage argument must be less or equal to " + std::to_string(-range.low);
    return false;
  }
  if (value >= range.low && value <= range.high) return true;
  std::snprintf(message, sizeof(message), "argument must be between %" PRId64 " and %" PRId64 " inclusive",
                range.low, range.high);
  error = message;
  return false;
}

SetOutcome set_number(const ConfigRow& row, const ConfigSetCall& call) {
  int64_t value = 0;
  if (!parse_number(row, call.args[0], &value, call.error)) return SetOutcome::kError;
  if (!check_range(row, value, call.error)) return SetOutcome::kError;
  if (row.check_number != nullptr && !row.check_number(value, call.error)) return SetOutcome::kError;
  NumberCell& field = row.number(call.config);
  const bool changed = field.raw() != value;
  field.set_raw(value);
  return outcome(row, changed);
}

std::string print_number(const ConfigRow& row, int64_t value) {
  if (row.unit == NumberUnit::kPercentOrMemory && value < 0) return std::to_string(-value) + "%";
  if (row.unit == NumberUnit::kMemory || row.unit == NumberUnit::kPercentOrMemory) {
    return std::to_string(static_cast<uint64_t>(value));
  }
  if (row.unit == NumberUnit::kOctal) {
    char octal[32];
    std::snprintf(octal, sizeof(octal), "%" PRIo64, static_cast<uint64_t>(value));
    return octal;
  }
  return std::to_string(value);
}

SetOutcome set_text(const ConfigRow& row, const ConfigSetCall& call) {
  const std::string& value = call.args[0];
  if (row.check_text != nullptr && !row.check_text(call.config, value, call.error)) return SetOutcome::kError;
  Text& field = row.text(call.config);
  const bool changed = field.get() != value;
  field.set(value);
  return outcome(row, changed);
}

SetOutcome set_enum(const ConfigRow& row, const ConfigSetCall& call) {
  int64_t value = 0;
  bool known = !call.args.empty();
  for (const std::string& word : call.args) {
    bool matched = false;
    for (const EnumName& name : row.names) {
      if (!same_word(word, name.name)) continue;
      value |= name.value;
      matched = true;
    }
    known = known && matched;
  }
  if (!known) {
    call.error = "argument(s) must be one of the following: ";
    for (const EnumName& name : row.names) {
      if (&name != &row.names.front()) call.error += ", ";
      call.error += name.name;
    }
    return SetOutcome::kError;
  }
  if (row.check_number != nullptr && !row.check_number(value, call.error)) return SetOutcome::kError;
  ChoiceCell& field = row.choice(call.config);
  const bool changed = field.raw() != value;
  field.set_raw(static_cast<int>(value));
  return outcome(row, changed);
}

/// The name of `value`; of a set of bits, the names of all of them in the row's order.
std::string print_enum(const ConfigRow& row, int value) {
  std::string names;
  int left = value;
  for (const EnumName& name : row.names) {
    if (name.value == value) return std::string(name.name);
    if (!row.has(kMultiArg) || name.value == 0 || (left & name.value) != name.value) continue;
    if (!names.empty()) names.push_back(' ');
    names += name.name;
    left &= ~name.value;
  }
  return names.empty() || left != 0 ? "unknown" : names;
}

std::string print_number_for_file(const ConfigRow& row, int64_t value) {
  const bool percent = row.unit == NumberUnit::kPercentOrMemory && value < 0;
  if (percent || row.unit == NumberUnit::kPlain || row.unit == NumberUnit::kOctal)
    return print_number(row, value);
  return format_memory(static_cast<uint64_t>(value));
}

}  // namespace

SetOutcome set_value(const ConfigRow& row, const ConfigSetCall& call) {
  const bool one_word = row.kind != ConfigKind::kSpecial && !row.has(kMultiArg);
  if (one_word && call.args.size() != 1) {
    call.error = "wrong number of arguments";
    return SetOutcome::kError;
  }
  switch (row.kind) {
    case ConfigKind::kBool:
      return set_bool(row, call);
    case ConfigKind::kNumber:
      return set_number(row, call);
    case ConfigKind::kText:
      return set_text(row, call);
    case ConfigKind::kEnum:
      return set_enum(row, call);
    case ConfigKind::kSpecial:
      return row.special->set(call);
    case ConfigKind::kDeclaration:
      break;
  }
  call.error = "not a value";
  return SetOutcome::kError;
}

std::string get_value(const ConfigRow& row, const Config& config) {
  Config& values = mutable_config(config);
  switch (row.kind) {
    case ConfigKind::kBool:
      return row.flag(values).get() ? "yes" : "no";
    case ConfigKind::kNumber:
      return print_number(row, row.number(values).raw());
    case ConfigKind::kText:
      return row.text(values).get();
    case ConfigKind::kEnum:
      return print_enum(row, row.choice(values).raw());
    case ConfigKind::kSpecial:
      return row.special->get(config);
    case ConfigKind::kDeclaration:
      break;
  }
  return {};
}

std::string exact_value(const ConfigRow& row, const Config& config) {
  const bool differs = row.special != nullptr && row.special->get_exact != nullptr;
  return differs ? row.special->get_exact(config) : get_value(row, config);
}

std::string default_value(const ConfigRow& row) {
  switch (row.kind) {
    case ConfigKind::kBool:
      return row.initial != 0 ? "yes" : "no";
    case ConfigKind::kNumber:
      return print_number(row, row.initial);
    case ConfigKind::kEnum:
      return print_enum(row, static_cast<int>(row.initial));
    case ConfigKind::kText:
    case ConfigKind::kSpecial:
    case ConfigKind::kDeclaration:
      break;
  }
  return std::string(row.initial_text);
}

std::vector<RewriteLine> rewrite_lines(const ConfigRow& row, const Config& config) {
  const std::string name = std::string(row.name) + " ";
  Config& values = mutable_config(config);
  switch (row.kind) {
    case ConfigKind::kBool: {
      const bool value = row.flag(values).get();
      return {{name + (value ? "yes" : "no"), value != (row.initial != 0)}};
    }
    case ConfigKind::kNumber: {
      const int64_t value = row.number(values).raw();
      return {{name + print_number_for_file(row, value), value != row.initial}};
    }
    case ConfigKind::kText: {
      const std::string value = row.text(values).get();
      // Absent is the only way to write it: a line would say empty, which need not mean the same.
      if (row.has(kEmptyIsNull) && value.empty()) return {};
      return {{name + quote_config_word(value), value != row.initial_text}};
    }
    case ConfigKind::kEnum: {
      const int value = row.choice(values).raw();
      return {{name + print_enum(row, value), value != row.initial}};
    }
    case ConfigKind::kSpecial:
      return row.special->rewrite(config, row.name);
    case ConfigKind::kDeclaration:
      break;
  }
  return {};
}

std::string effect_error(const ConfigRow& row, const Config& config) {
  if (row.effect != Effect::kRequired) return {};
  std::string reason =
      "this has no effect in this version of Gyre, and ignoring it could lose data, open the server to "
      "others or "
      "change answers";
  if (row.kind == ConfigKind::kDeclaration) return reason;
  const std::string only = default_value(row);
  if (get_value(row, config) == only) return {};
  return reason + "; only the default is accepted: " + std::string(row.name) + " " +
         (only.empty() ? "\"\"" : only);
}

}  // namespace gyre::server
