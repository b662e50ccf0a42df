// Short constructors of rows, for the config_rows_*.cc files.
#pragma once

#include <climits>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "gyre/server/config_rows.h"

namespace gyre::server::rows {

template <class T>
struct NumberOf;
template <class Owner, class T>
struct NumberOf<Number<T> Owner::*> {
  using type = T;
};

template <auto Field>
Flag& flag_at(Config& config) {
  return config.*Field;
}
template <auto Field>
NumberCell& number_at(Config& config) {
  return config.*Field;
}
template <auto Field>
ChoiceCell& choice_at(Config& config) {
  return config.*Field;
}
template <auto Field>
Text& text_at(Config& config) {
  return config.*Field;
}

struct Bounds {
  int64_t low = 0;
  int64_t high = INT_MAX;
};

template <auto Field>
constexpr ConfigRow boolean(std::string_view name, bool initial, uint32_t flags, Effect effect,
                            std::string_view summary) {
  ConfigRow row{
      .name = name, .kind = ConfigKind::kBool, .flags = flags, .effect = effect, .summary = summary};
  row.flag = flag_at<Field>;
  row.initial = initial;
  return row;
}

template <auto Field>
constexpr ConfigRow number(std::string_view name, int64_t initial, Bounds bounds, uint32_t flags,
                           Effect effect, std::string_view summary) {
  ConfigRow row{
      .name = name, .kind = ConfigKind::kNumber, .flags = flags, .effect = effect, .summary = summary};
  row.number = number_at<Field>;
  row.initial = initial;
  row.range = {bounds.low, bounds.high, std::is_unsigned_v<typename NumberOf<decltype(Field)>::type>};
  return row;
}

template <auto Field>
constexpr ConfigRow memory(std::string_view name, int64_t initial, Bounds bounds, uint32_t flags,
                           Effect effect, std::string_view summary) {
  ConfigRow row = number<Field>(name, initial, bounds, flags, effect, summary);
  row.unit = NumberUnit::kMemory;
  return row;
}

template <auto Field>
constexpr ConfigRow text(std::string_view name, std::string_view initial, uint32_t flags, Effect effect,
                         std::string_view summary) {
  ConfigRow row{
      .name = name, .kind = ConfigKind::kText, .flags = flags, .effect = effect, .summary = summary};
  row.text = text_at<Field>;
  row.initial_text = initial;
  return row;
}

template <auto Field>
constexpr ConfigRow choice(std::string_view name, std::span<const EnumName> names, int initial,
                           uint32_t flags, Effect effect, std::string_view summary) {
  ConfigRow row{
      .name = name, .kind = ConfigKind::kEnum, .flags = flags, .effect = effect, .summary = summary};
  row.choice = choice_at<Field>;
  row.names = names;
  row.initial = initial;
  return row;
}

constexpr ConfigRow special(std::string_view name, const SpecialType& type, std::string_view initial,
                            uint32_t flags, Effect effect, std::string_view summary) {
  ConfigRow row{
      .name = name, .kind = ConfigKind::kSpecial, .flags = flags, .effect = effect, .summary = summary};
  row.special = &type;
  row.initial_text = initial;
  return row;
}

/// A directive that the loader hands to another part; it has no value.
constexpr ConfigRow declaration(std::string_view name, Effect effect, std::string_view summary) {
  return {.name = name,
          .kind = ConfigKind::kDeclaration,
          .flags = kImmutable | kMultiArg,
          .effect = effect,
          .summary = summary};
}

constexpr int64_t kAny = INT64_MAX;
constexpr int64_t kUnsignedAny = -1;  // the bits of UINT64_MAX

template <class E>
constexpr EnumName named(std::string_view name, E value) {
  return {name, static_cast<int>(value)};
}

// Types of the directives that are more than one value (config_special*.cc).
extern const SpecialType kBindType;
extern const SpecialType kSaveType;
extern const SpecialType kReplicaOfType;
extern const SpecialType kOutputLimitType;
extern const SpecialType kOomValuesType;
extern const SpecialType kNotifyType;
extern const SpecialType kPercentilesType;
extern const SpecialType kDirType;
extern const SpecialType kThreadsType;
extern const SpecialType kUringFeaturesType;

std::span<const ConfigRow> network_rows();
std::span<const ConfigRow> memory_rows();
std::span<const ConfigRow> persistence_rows();
std::span<const ConfigRow> replication_rows();
std::span<const ConfigRow> cluster_rows();
std::span<const ConfigRow> tls_rows();
std::span<const ConfigRow> security_rows();
std::span<const ConfigRow> general_rows();

}  // namespace gyre::server::rows
