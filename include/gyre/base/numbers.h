// Number <-> text, with exactly the strictness and the output of Redis (util.c of 7.2 is the reference):
// a canonical integer has no leading zero, plus sign or space, so that text -> integer -> text is identity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gyre::base {

/// Strict canonical decimal (string2ll): nullopt for anything that would not print back identically.
std::optional<int64_t> parse_int64(std::string_view text);
/// As strtoull with the whole string consumed; for cursors and similar.
std::optional<uint64_t> parse_uint64(std::string_view text);

/// Floating point as getLongDoubleFromObject: whole string, no leading space, no NaN.
std::optional<long double> parse_long_double(std::string_view text);
/// As getDoubleFromObject: additionally accepts inf/-inf.
std::optional<double> parse_double(std::string_view text);

constexpr size_t kInt64TextMax = 20;
/// Writes at most kInt64TextMax bytes, returns the count. No terminator.
size_t format_int64(int64_t value, char* out);
size_t format_uint64(uint64_t value, char* out);
std::string to_string(int64_t value);

/// INCRBYFLOAT's output (ld2string, human): "%.17Lf" with trailing zeroes removed.
std::string format_long_double(long double value);
/// RESP and score output (d2string / "%.17g" shortest form as Redis 7.2 prints it: integers without point,
/// inf, -inf, nan).
std::string format_double(double value);

/// "100mb", "1g", "64" -> bytes as Redis's memtoull (k=1000, kb=1024). nullopt when malformed.
std::optional<uint64_t> parse_memory(std::string_view text);

}  // namespace gyre::base
