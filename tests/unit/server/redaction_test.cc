#include "gyre/server/redaction.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::server {
namespace {

std::string redacted(std::string_view full_name, std::vector<std::string_view> words) {
  exec::CommandRow row;
  row.full_name = full_name;
  const RedactedArgs hidden(row, words);
  std::string text;
  for (std::string_view word : hidden.args()) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

TEST(Redaction, Passwords) {
  EXPECT_EQ(redacted("auth", {"AUTH", "secret"}), "AUTH (redacted)");
  EXPECT_EQ(redacted("auth", {"auth", "user", "secret"}), "auth (redacted) (redacted)");
  EXPECT_EQ(redacted("hello", {"HELLO", "3", "AUTH", "u", "p", "SETNAME", "auth"}),
            "HELLO 3 AUTH (redacted) (redacted) SETNAME auth");
  EXPECT_EQ(redacted("hello", {"HELLO", "3", "SETNAME", "auth", "x", "y"}), "HELLO 3 SETNAME auth x y");
}

TEST(Redaction, SensitiveSettings) {
  EXPECT_EQ(redacted("config|set", {"CONFIG", "SET", "requirepass", "s", "timeout", "5", "MASTERAUTH", "t"}),
            "CONFIG SET requirepass (redacted) timeout 5 MASTERAUTH (redacted)");
}

TEST(Redaction, MigratePasswords) {
  EXPECT_EQ(redacted("migrate", {"MIGRATE", "h", "1", "auth", "0", "5", "COPY", "AUTH", "secret", "replace"}),
            "MIGRATE h 1 auth 0 5 COPY AUTH (redacted) replace");
  EXPECT_EQ(redacted("migrate", {"migrate", "h", "1", "", "0", "5", "auth2", "keys", "p", "keys", "auth", "k"}),
            "migrate h 1  0 5 auth2 (redacted) (redacted) keys auth k");
  EXPECT_EQ(redacted("migrate", {"migrate", "h", "1", "k", "0", "5", "auth"}), "migrate h 1 k 0 5 auth");
}

TEST(Redaction, OthersStay) {
  EXPECT_EQ(redacted("set", {"SET", "auth", "requirepass"}), "SET auth requirepass");
  EXPECT_EQ(redacted("auth", {"AUTH"}), "AUTH");
}

}  // namespace
}  // namespace gyre::server
