#include "protocol_errors.h"

#include <array>
#include <cstddef>

#include "gyre/resp/request_parser.h"

namespace gyre::resp {
namespace {

constexpr std::string_view kExpectedPrefix = "Protocol error: expected '$', got '";
constexpr size_t kExpectedSize = kExpectedPrefix.size() + 2;
using ExpectedText = std::array<char, kExpectedSize>;

// One text for each byte, so that a ParseResult needs no storage of its own for the one error that varies.
constexpr std::array<ExpectedText, 256> make_expected_texts() {
  std::array<ExpectedText, 256> texts{};
  for (size_t byte = 0; byte < texts.size(); byte++) {
    for (size_t i = 0; i < kExpectedPrefix.size(); i++) texts[byte][i] = kExpectedPrefix[i];
    // Line ends become spaces here as in every error reply.
    texts[byte][kExpectedPrefix.size()] = byte == '\r' || byte == '\n' ? ' ' : static_cast<char>(byte);
    texts[byte][kExpectedPrefix.size() + 1] = '\'';
  }
  return texts;
}

constexpr std::array<ExpectedText, 256> kExpectedTexts = make_expected_texts();

struct Reason {
  std::string_view error;
  std::string_view reason;
};

constexpr Reason kReasons[] = {
    {kBadMultibulk, "invalid mbulk count"},
    {kUnauthenticatedMultibulk, "unauth mbulk count"},
    {kBigMultibulkLine, "too big mbulk count string"},
    {kBadBulk, "invalid bulk length"},
    {kUnauthenticatedBulk, "unauth bulk length"},
    {kBigBulkLine, "too big bulk count string"},
    {kBigInline, "too big inline request"},
    {kUnbalancedQuotes, "unbalanced quotes in inline request"},
};

}  // namespace

std::string_view expected_bulk_error(char got) {
  const ExpectedText& text = kExpectedTexts[static_cast<unsigned char>(got)];
  return {text.data(), text.size()};
}

std::string_view protocol_error_reason(std::string_view error) {
  for (const Reason& entry : kReasons) {
    if (entry.error == error) return entry.reason;
  }
  if (error.starts_with(kExpectedPrefix)) return "expected $ but got something else";
  return error;
}

}  // namespace gyre::resp
