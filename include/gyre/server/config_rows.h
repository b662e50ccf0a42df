// One declarative row per directive. CONFIG GET, SET, REWRITE, the file's parser, the defaults and
// gyre.conf's test all read these rows; to add a directive, add a field (config_fields.h), a row
// (src/server/config_rows_*.cc) and a paragraph to gyre.conf.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/server/config.h"

namespace gyre::server {

/// Whether the directive does anything.
enum class Effect : uint8_t {
  kExists,    // it does
  kHarmless,  // it does not, and ignoring it loses nothing: accepted
  kWarn,      // it does not; accepted, with a warning at the start while it has a value
  kRequired,  // it does not, and ignoring it would be dangerous: only the default is accepted
};

enum ConfigFlag : uint32_t {
  kModifiable = 0,
  kImmutable = 1 << 0,    // CONFIG SET is refused
  kSensitive = 1 << 1,    // redacted in logs
  kDebug = 1 << 2,        // shown in crash reports
  kMultiArg = 1 << 3,     // takes several words
  kHidden = 1 << 4,       // CONFIG GET only by its exact name
  kProtected = 1 << 5,    // CONFIG SET needs enable-protected-configs
  kDenyLoading = 1 << 6,  // CONFIG SET is refused while loading
  kVolatile = 1 << 7,     // hooks run even when the value stays the same (the file it names may have changed)
  kEmptyIsNull = 1 << 8,  // text: empty means absent, and is never written by CONFIG REWRITE
  kSameAllowed = 1 << 9,  // with kImmutable, for directives that Redis lacks: setting the value it has is no error, so
                          // that clients which write back all that they have read keep working
};

enum class ConfigKind : uint8_t { kBool, kNumber, kText, kEnum, kSpecial, kDeclaration };
enum class NumberUnit : uint8_t { kPlain, kMemory, kPercentOrMemory, kOctal };

struct EnumName {
  std::string_view name;
  int value;
};

struct NumberRange {
  int64_t low = 0;
  int64_t high = 0;
  bool is_unsigned = false;
};

enum class SetOutcome { kChanged, kSame, kError };

/// A directive being set: `args` are its words without the name.
struct ConfigSetCall {
  Config& config;
  std::span<const std::string> args;
  bool adds;  // a later line of the same file: extends instead of replacing, for the directives that do that
  std::string& error;
};

/// One line CONFIG REWRITE may write; `force` false: only in place of an older line.
struct RewriteLine {
  std::string text;
  bool force;
};

/// Behaviour of a directive that is more than one value.
struct SpecialType {
  SetOutcome (*set)(const ConfigSetCall& call);
  std::string (*get)(const Config& config);
  std::vector<RewriteLine> (*rewrite)(const Config& config, std::string_view name);
  /// What CONFIG GET answers under the alias, where that differs.
  std::string (*get_alias)(const Config& config) = nullptr;
  /// Words that set() turns back into exactly this value, where CONFIG GET's answer leaves something out.
  std::string (*get_exact)(const Config& config) = nullptr;
};

struct ConfigRow {
  std::string_view name;
  ConfigKind kind = ConfigKind::kBool;
  uint32_t flags = 0;
  Effect effect = Effect::kExists;
  std::string_view summary;
  std::string_view alias = {};

  // By kind: where the value lives, its default and what it may be.
  Flag& (*flag)(Config&) = nullptr;
  NumberCell& (*number)(Config&) = nullptr;
  ChoiceCell& (*choice)(Config&) = nullptr;
  Text& (*text)(Config&) = nullptr;
  const SpecialType* special = nullptr;
  int64_t initial = 0;                 // bool, number, enum
  std::string_view initial_text = {};  // text, special (as CONFIG GET prints it)
  NumberRange range = {};
  NumberUnit unit = NumberUnit::kPlain;
  std::span<const EnumName> names = {};
  /// Additional checks. They may adjust a number. False: refused, with `error` set.
  bool (*check_number)(int64_t& value, std::string& error) = nullptr;
  bool (*check_text)(Config& config, const std::string& value, std::string& error) = nullptr;

  constexpr ConfigRow with_alias(std::string_view other) const {
    ConfigRow row = *this;
    row.alias = other;
    return row;
  }
  constexpr ConfigRow checked(bool (*check)(int64_t&, std::string&)) const {
    ConfigRow row = *this;
    row.check_number = check;
    return row;
  }
  constexpr ConfigRow checked(bool (*check)(Config&, const std::string&, std::string&)) const {
    ConfigRow row = *this;
    row.check_text = check;
    return row;
  }
  bool has(ConfigFlag flag_bit) const { return (flags & flag_bit) != 0; }
};

/// All rows, by topic.
std::span<const ConfigRow* const> config_rows();
/// By name or alias, ignoring case; null when there is none.
const ConfigRow* find_config_row(std::string_view name);

// ---- what every kind of directive can do; `row` is not a declaration

/// Parses and stores. On kError nothing changed.
SetOutcome set_value(const ConfigRow& row, const ConfigSetCall& call);
/// As CONFIG GET prints it.
std::string get_value(const ConfigRow& row, const Config& config);
/// As set_value reads it without loss.
std::string exact_value(const ConfigRow& row, const Config& config);
std::string default_value(const ConfigRow& row);
std::vector<RewriteLine> rewrite_lines(const ConfigRow& row, const Config& config);
/// Why `row` may not have the value it has (see Effect::kRequired); empty when it may.
std::string effect_error(const ConfigRow& row, const Config& config);

// ---- the grammar of lines

/// Words of a line with Redis's quoting ("..." with escapes, '...'); nullopt when quotes are unbalanced.
std::optional<std::vector<std::string>> split_config_line(std::string_view line);
/// `text` in quotes, so that split_config_line returns it as one word.
std::string quote_config_word(std::string_view text);

}  // namespace gyre::server
