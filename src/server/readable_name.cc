// The Itanium ABI's mangled names, as far as a reader of a stack trace needs them: nested names and plain
// functions. The library's demangler allocates memory and is not for signal handlers.
#include "gyre/server/symbols.h"

namespace gyre::server {

namespace {

constexpr unsigned kMostParts = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes "<length><name>" off the front of `rest`; empty when there is none.
std::string_view take_name(std::string_view* rest) {
  size_t length = 0, at = 0;
  while (at < rest->size() && is_digit((*rest)[at]) && length < 10'000)
    length = length * 10 + static_cast<size_t>((*rest)[at++] - '0');
  if (at == 0 || length == 0 || length > rest->size() - at) return {};
  const std::string_view name = rest->substr(at, length);
  rest->remove_prefix(at + length);
  return name;
}

}  // namespace

void write_readable_name(RawText& out, std::string_view mangled) {
  std::string_view rest = mangled;
  if (!rest.starts_with("_Z")) {
    out.text(mangled);
    return;
  }
  rest.remove_prefix(2);
  if (rest.starts_with("L")) rest.remove_prefix(1);
  const bool nested = rest.starts_with("N");
  if (nested) rest.remove_prefix(1);
  while (nested &&
         (rest.starts_with("K") || rest.starts_with("R") || rest.starts_with("O") || rest.starts_with("V")))
    rest.remove_prefix(1);

  std::string_view parts[kMostParts];
  unsigned count = 0;
  if (nested && rest.starts_with("St")) {
    rest.remove_prefix(2);
    parts[count++] = "std";
  }
  while (count < kMostParts && (nested || count == 0)) {
    if (rest.starts_with("L")) rest.remove_prefix(1);  // internal linkage
    const std::string_view name = take_name(&rest);
    if (name.empty()) break;
    parts[count++] = name == "_GLOBAL__N_1" ? std::string_view("(anonymous)") : name;
  }
  if (count == 0) {
    out.text(mangled);
    return;
  }
  for (unsigned i = 0; i < count; ++i) out.text(i == 0 ? "" : "::").text(parts[i]);
  if (rest.starts_with("C")) out.text("::").text(parts[count - 1]);
  if (rest.starts_with("D")) out.text("::~").text(parts[count - 1]);
  if (rest.starts_with("I")) out.text("<...>");
  // The parts of a coroutine: ".resume", ".destroy".
  if (const size_t dot = mangled.find('.'); dot != std::string_view::npos) out.text(mangled.substr(dot));
}

}  // namespace gyre::server
