#include "gyre/exec/key_extraction.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "gyre/base/numbers.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::exec {
namespace {

/// Positions first, first + step, ... up to last. Signed, because arguments decide: anything may come out.
struct KeyRange {
  int64_t first = 0;
  int64_t last = -1;
  int64_t step = 1;
};

enum class Found { kKeys, kNone, kInvalid };

/// Where a spec starts: its index, or behind its keyword; 0 when the keyword is not there. A keyword is
/// searched forward from begin_at without the last argument (nothing could follow it), or backward from the
/// end down to position 2.
int64_t begin_of(const KeySpec& spec, CommandArgs args) {
  if (spec.begin == KeySpec::Begin::kIndex) return spec.begin_at;
  const auto argc = static_cast<int64_t>(args.size());
  const bool forward = spec.begin_at > 0;
  int64_t at = forward ? spec.begin_at : argc + spec.begin_at;
  const int64_t end = forward ? argc - 1 : 1;
  const int64_t step = at <= end ? 1 : -1;
  for (; at != end && at >= 1 && at < argc; at += step) {
    if (equal_ignoring_case(args[static_cast<size_t>(at)], spec.keyword)) return at + 1;
  }
  return 0;
}

Found range_of(const KeySpec& spec, CommandArgs args, bool keys_optional, KeyRange& range) {
  if (spec.begin == KeySpec::Begin::kUnknown || spec.find == KeySpec::Find::kUnknown) return Found::kInvalid;
  const auto argc = static_cast<int64_t>(args.size());
  range.first = begin_of(spec, args);
  range.step = spec.key_step;
  if (range.first == 0) return Found::kNone;
  // The arity allows it: the keys of this spec are absent, those of the one before it must be locked all the
  // same.
  if (spec.begin == KeySpec::Begin::kIndex && range.first == argc && !keys_optional) return Found::kNone;
  if (spec.find == KeySpec::Find::kRange) {
    if (spec.last_key >= 0) {
      range.last = range.first + spec.last_key;
    } else if (spec.limit == 0) {
      range.last = argc + spec.last_key;
    } else {
      range.last = range.first + (argc - range.first) / spec.limit + spec.last_key;
    }
  } else {
    const int64_t count_at = range.first + spec.key_num_at;
    if (count_at >= argc) return Found::kInvalid;
    const auto count = base::parse_int64(args[static_cast<size_t>(count_at)]);
    if (!count || *count < 0 || *count > argc) return Found::kInvalid;
    if (*count == 0 && keys_optional) return Found::kNone;
    range.first += spec.first_key;
    range.last = range.first + (*count - 1) * range.step;
  }
  if (range.first >= argc || range.last >= argc || range.last < range.first) return Found::kInvalid;
  return Found::kKeys;
}

bool append_by_specs(const CommandRow& row, CommandArgs args, KeyList& out, KeySearch search) {
  const bool keys_optional = row.has(flag::kNoMandatoryKeys);
  for (const KeySpec& spec : row.keys) {
    if ((spec.flags & keyflag::kNotKey) && !search.include_not_keys) continue;
    KeyRange range;
    const Found found = range_of(spec, args, keys_optional, range);
    if (found == Found::kKeys) {
      for (int64_t at = range.first; at <= range.last; at += range.step) {
        out.push_back({static_cast<uint32_t>(at), spec.flags});
      }
    }
    // An incomplete spec misses keys: its finds count only for who asked for a part.
    const bool unusable =
        found == Found::kInvalid || (found == Found::kKeys && (spec.flags & keyflag::kIncomplete));
    if (unusable && !search.partial) return false;
  }
  return true;
}

/// Where a count is no number, or too large, Redis reads it as C does ("1x" is 1, what is beyond 32 bits is
/// cut). The command refuses it; what is told here are its keys as COMMAND GETKEYS tells them: counted ones
/// first, no flags.
bool append_by_lenient_count(const CommandRow& row, CommandArgs args, KeyList& out) {
  const bool keys_optional = row.has(flag::kNoMandatoryKeys);
  const auto is_counted = [](const KeySpec& spec) { return spec.find == KeySpec::Find::kKeyNum; };
  const auto spec = std::find_if(row.keys.begin(), row.keys.end(), is_counted);
  if (spec == row.keys.end()) return false;
  const auto count_at = static_cast<size_t>(spec->begin_at + spec->key_num_at);
  const auto first = static_cast<size_t>(spec->begin_at + spec->first_key);
  const auto step = static_cast<size_t>(spec->key_step);
  if (count_at >= args.size() || first >= args.size()) return keys_optional;
  const std::string text(args[count_at]);
  const auto count = static_cast<int32_t>(std::strtoll(text.c_str(), nullptr, 10));
  if (count < 1 || static_cast<size_t>(count) > (args.size() - first) / step) return keys_optional;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    out.push_back({static_cast<uint32_t>(first + i * step), 0});
  for (const KeySpec& other : row.keys) {
    if (!is_counted(other)) out.push_back({static_cast<uint32_t>(other.begin_at), 0});
  }
  return true;
}

}  // namespace

bool append_keys(const CommandRow& row, CommandArgs args, KeyList& out, KeySearch search) {
  const size_t before = out.size();
  const auto variable = [](const KeySpec& spec) { return (spec.flags & keyflag::kVariableFlags) != 0; };
  // Who asks for a part may get a wrong one from a spec that is not sure.
  const auto unsure = [&](const KeySpec& spec) {
    return variable(spec) || (search.partial && (spec.flags & keyflag::kIncomplete) != 0);
  };
  const bool specs_suffice =
      row.find_keys == nullptr || std::none_of(row.keys.begin(), row.keys.end(), unsure);
  if (specs_suffice && append_by_specs(row, args, out, search)) return true;
  out.resize(before);
  if (row.find_keys == nullptr) return append_by_lenient_count(row, args, out);
  row.find_keys(args, out);
  return out.size() > before || row.has(flag::kNoMandatoryKeys);
}

bool may_have_keys(const CommandRow& row) { return row.key_shape != KeyShape::kNone; }

void find_set_keys(CommandArgs args, KeyList& out) {
  const auto is_get = [](std::string_view arg) { return equal_ignoring_case(arg, "get"); };
  const bool reads = args.size() > 3 && std::any_of(args.begin() + 3, args.end(), is_get);
  out.push_back({1, reads ? static_cast<uint16_t>(keyflag::kRw | keyflag::kAccess | keyflag::kUpdate)
                          : static_cast<uint16_t>(keyflag::kOw | keyflag::kUpdate)});
}

void find_migrate_keys(CommandArgs args, KeyList& out) {
  constexpr size_t kKey = 3, kFirstOption = 6;
  size_t first = kKey, end = kKey + 1;
  for (size_t i = kFirstOption; i < args.size(); ++i) {
    if (equal_ignoring_case(args[i], "keys")) {
      if (!args[kKey].empty()) return;  // an error
      first = i + 1;
      end = args.size();
      break;
    }
    i += equal_ignoring_case(args[i], "auth") ? 1 : equal_ignoring_case(args[i], "auth2") ? 2 : 0;
  }
  for (; first < end; ++first)
    out.push_back({static_cast<uint32_t>(first), keyflag::kRw | keyflag::kAccess | keyflag::kDelete});
}

void find_bitfield_keys(CommandArgs args, KeyList& out) {
  const auto reads_only = [args] {
    for (size_t i = 2; i < args.size(); ++i) {
      const size_t behind = args.size() - i - 1;
      if (equal_ignoring_case(args[i], "get") && behind >= 2) {
        i += 2;
      } else if (equal_ignoring_case(args[i], "overflow") && behind >= 1) {
        i += 1;
      } else {
        return false;  // SET, INCRBY, or what the command will refuse
      }
    }
    return true;
  };
  out.push_back({1, reads_only()
                        ? static_cast<uint16_t>(keyflag::kRo | keyflag::kAccess)
                        : static_cast<uint16_t>(keyflag::kRw | keyflag::kAccess | keyflag::kUpdate)});
}

void find_sort_keys(CommandArgs args, KeyList& out) {
  find_sort_ro_keys(args, out);
  uint32_t store_at = 0;
  for (size_t i = 2; i < args.size(); ++i) {
    // What stands behind STORE is looked at as if it were a word of its own: this is how Redis does it.
    if (equal_ignoring_case(args[i], "limit")) {
      i += 2;
    } else if (equal_ignoring_case(args[i], "get") || equal_ignoring_case(args[i], "by")) {
      i += 1;
    } else if (equal_ignoring_case(args[i], "store") && i + 1 < args.size()) {
      store_at = static_cast<uint32_t>(i + 1);
    }
  }
  if (store_at != 0) out.push_back({store_at, keyflag::kOw | keyflag::kUpdate});
}

void find_sort_ro_keys(CommandArgs, KeyList& out) { out.push_back({1, keyflag::kRo | keyflag::kAccess}); }

void find_georadius_keys(CommandArgs args, KeyList& out) {
  size_t store_at = 0;
  for (size_t i = 5; i + 1 < args.size(); ++i) {
    if (equal_ignoring_case(args[i], "store") || equal_ignoring_case(args[i], "storedist")) store_at = ++i;
  }
  out.push_back({1, keyflag::kRo | keyflag::kAccess});
  if (store_at > 0) out.push_back({static_cast<uint32_t>(store_at), keyflag::kOw | keyflag::kUpdate});
}

}  // namespace gyre::exec
