// gyre.conf against the rows: it explains every directive and starts the same server as no file.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "fake_config_environment.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

std::string read_gyre_conf() {
  std::string root = __FILE__;
  root.resize(root.rfind("tests/unit/server/"));
  // Meson names sources relative to the build folder, and this program is in its tests/.
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  std::ifstream file(program.parent_path().parent_path() / root / "gyre.conf");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(GyreConf, ExplainsEveryDirective) {
  const std::string text = read_gyre_conf();
  ASSERT_FALSE(text.empty());
  std::set<std::string> named;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) line.erase(0, 2);
    named.insert(line.substr(0, line.find(' ')));
  }
  for (const ConfigRow* row : config_rows()) EXPECT_TRUE(named.contains(std::string(row->name))) << row->name;
}

TEST(GyreConf, LoadsAsTheDefaults) {
  FakeConfigEnvironment environment;
  Config config(&environment);
  const LoadResult result = config.load_text(read_gyre_conf(), "gyre.conf");
  ASSERT_TRUE(result.ok()) << result.error;
  const Config defaults(&environment);
  for (const ConfigRow* row : config_rows())
    EXPECT_EQ(get_value(*row, config), get_value(*row, defaults)) << row->name;
}

}  // namespace
}  // namespace gyre::server
