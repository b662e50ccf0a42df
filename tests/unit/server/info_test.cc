#include "gyre/server/info.h"

#include <gtest/gtest.h>

namespace gyre::server {
namespace {

bool wants(std::vector<std::string_view> names, std::string_view section) {
  return InfoSections(names).wants(section);
}

TEST(InfoSections, NothingNamedMeansTheDefaults) {
  EXPECT_TRUE(wants({}, "server"));
  EXPECT_TRUE(wants({}, "errorstats"));
  EXPECT_FALSE(wants({}, "commandstats"));
  EXPECT_FALSE(wants({}, "latencystats"));
  EXPECT_FALSE(wants({}, "debug"));
}

TEST(InfoSections, NamesInAnyCaseAndTogether) {
  EXPECT_TRUE(wants({"commandSTATS"}, "commandstats"));
  EXPECT_FALSE(wants({"commandstats"}, "server"));
  EXPECT_TRUE(wants({"cpu", "DEFAULT"}, "server"));
  EXPECT_FALSE(wants({"cpu", "default"}, "commandstats"));
  EXPECT_FALSE(wants({"nosuch"}, "server"));
}

TEST(InfoSections, AllAndEverything) {
  for (const char* name : {"all", "everything", "ALL"}) {
    EXPECT_TRUE(wants({name}, "commandstats"));
    EXPECT_FALSE(InfoSections(std::vector<std::string_view>{name}).names("debug"))
        << "only when named itself";
  }
}

TEST(InfoText, SectionsAndFields) {
  InfoText out;
  out.section("One");
  out.number("a", -5);
  out.text("b", "x y");
  out.section("Two");
  out.field("c", "%.2f%%", 12.345);
  EXPECT_EQ(out.take(), "# One\r\na:-5\r\nb:x y\r\n\r\n# Two\r\nc:12.35%\r\n");
}

TEST(HumanBytes, UnitsWithTwoDecimals) {
  EXPECT_EQ(human_bytes(0), "0B");
  EXPECT_EQ(human_bytes(1023), "1023B");
  EXPECT_EQ(human_bytes(1024), "1.00K");
  EXPECT_EQ(human_bytes(1024 * 1024 - 1), "1024.00K");
  EXPECT_EQ(human_bytes(1536 * 1024), "1.50M");
  EXPECT_EQ(human_bytes(uint64_t{3} << 30), "3.00G");
  EXPECT_EQ(human_bytes(uint64_t{5} << 40), "5.00T");
}

}  // namespace
}  // namespace gyre::server
