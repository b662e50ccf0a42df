// Any bytes as a configuration file: parsing never fails an invariant, and a file that is accepted still is
// after CONFIG REWRITE, with the same values.
#include <cstddef>
#include <cstdint>

#include "../unit/server/fake_config_environment.h"
#include "gyre/base/check.h"
#include "gyre/base/log.h"
#include "gyre/server/config_rows.h"
#include "gyre/server/config_startup.h"

namespace {

using gyre::server::Config;
using gyre::server::ConfigKind;
using gyre::server::ConfigRow;

void check_same(const Config& a, const Config& b) {
  for (const ConfigRow* row : gyre::server::config_rows()) {
    if (row->kind == ConfigKind::kDeclaration) continue;
    GYRE_CHECK(gyre::server::exact_value(*row, a) == gyre::server::exact_value(*row, b));
  }
}

/// In any mixture of upper and lower case, as a directive may be written.
bool includes(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return text.find("include") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gyre::base::set_log_level(gyre::base::LogLevel::kNothing);
  const std::string text(reinterpret_cast<const char*>(data), size);

  gyre::server::FakeConfigEnvironment environment;
  environment.files["/data/fuzz.conf"] = text;
  environment.files["/include.conf"] = "hz 20\nsave 1 1\n";
  environment.matches["/*.conf"] = {"/include.conf"};
  gyre::server::Startup startup;
  startup.file = "fuzz.conf";
  Config config(&environment);
  if (!config.load(startup).ok()) return 0;

  // An included file wins again over what was rewritten before it, so files that include are only parsed.
  if (includes(text)) return 0;
  GYRE_CHECK(config.rewrite().empty());
  const std::string directory = environment.directory;
  environment.directory = "/data";
  Config again(&environment);
  GYRE_CHECK(again.load(startup).ok());
  GYRE_CHECK(environment.directory == directory);
  check_same(config, again);

  // Like in Redis, a class of client-output-buffer-limit at its default takes the place of the next old line, so a
  // second rewrite may still move lines; the third may not.
  environment.directory = directory;
  GYRE_CHECK(again.rewrite().empty());
  const std::string rewritten = environment.files["/data/fuzz.conf"];
  GYRE_CHECK(again.rewrite().empty());
  GYRE_CHECK(environment.files["/data/fuzz.conf"] == rewritten);
  return 0;
}
