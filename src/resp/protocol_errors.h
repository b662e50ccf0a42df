// The protocol errors of requests: what the client is told, and what the log is told.
#pragma once

#include <string_view>

namespace gyre::resp {

inline constexpr std::string_view kBadMultibulk = "Protocol error: invalid multibulk length";
inline constexpr std::string_view kUnauthenticatedMultibulk =
    "Protocol error: unauthenticated multibulk length";
inline constexpr std::string_view kBigMultibulkLine = "Protocol error: too big mbulk count string";
inline constexpr std::string_view kBadBulk = "Protocol error: invalid bulk length";
inline constexpr std::string_view kUnauthenticatedBulk = "Protocol error: unauthenticated bulk length";
inline constexpr std::string_view kBigBulkLine = "Protocol error: too big bulk count string";
inline constexpr std::string_view kBigInline = "Protocol error: too big inline request";
inline constexpr std::string_view kUnbalancedQuotes = "Protocol error: unbalanced quotes in request";

/// "Protocol error: expected '$', got 'x'", in static storage for every x.
std::string_view expected_bulk_error(char got);

}  // namespace gyre::resp
