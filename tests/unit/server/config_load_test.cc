// Loading: lines, includes, the command line, and errors that stop the start.
#include <gtest/gtest.h>

#include "fake_config_environment.h"
#include "gyre/server/config_rows.h"
#include "gyre/server/config_startup.h"

namespace gyre::server {
namespace {

class ConfigLoad : public testing::Test {
 protected:
  LoadResult load(std::vector<const char*> args) {
    args.insert(args.begin(), "gyre-server");
    return config_.load(parse_command_line(args));
  }
  std::string get(std::string_view name) { return config_.get_one(name).value_or("(none)"); }

  FakeConfigEnvironment environment_;
  Config config_{&environment_};
};

std::string fatal(int line, std::string_view text, std::string_view reason, std::string_view origin) {
  return "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\nReading the configuration file, at line " +
         std::to_string(line) + "\n>>> '" + std::string(text) + "'\n" + std::string(reason) +
         "\nThe line is in " + std::string(origin) + "\n";
}

TEST(ConfigWords, QuotesAndEscapes) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_config_line("  a\tb  c "), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_config_line(R"(a "b c" 'd "e' "")"), (Words{"a", "b c", "d \"e", ""}));
  EXPECT_EQ(split_config_line(R"("\x41\n\r\t\b\a\\\"\q\xzz")"), (Words{"A\n\r\t\b\a\\\"qxzz"}));
  EXPECT_EQ(split_config_line(R"('it\'s\n')"), (Words{"it's\\n"}));
  EXPECT_EQ(split_config_line(R"(a"b c")"), (Words{"ab c"}));
  EXPECT_EQ(split_config_line(""), Words{});
  for (const char* bad : {"\"a", "'a", "\"a\"b", "'a'b", "\"a\\"})
    EXPECT_FALSE(split_config_line(bad)) << bad;
  const std::string bytes("a\0\xff\"\\ \n\x01'", 9);
  EXPECT_EQ(split_config_line(quote_config_word(bytes)), (Words{bytes}));
}

TEST_F(ConfigLoad, TextsAreSortedAsTheEnvironmentSays) {
  EXPECT_TRUE(load({}).ok());
  EXPECT_EQ(environment_.collation, "");
}

TEST_F(ConfigLoad, TextsAreSortedAsALineSays) {
  EXPECT_TRUE(load({"--locale-collate", "C"}).ok());
  EXPECT_EQ(environment_.collation, "C");
}

TEST_F(ConfigLoad, ErrorsNameLineAndFile) {
  struct Case {
    std::string_view text;
    int line;
    std::string_view shown;
    std::string_view reason;
  };
  constexpr Case kCases[] = {
      {"port 1\n\n# x\n  bad  x \n", 4, "bad  x", "Bad directive or wrong number of arguments"},
      {"port", 1, "port", "wrong number of arguments"},
      {"port 1 2", 1, "port 1 2", "wrong number of arguments"},
      {"save \"", 1, "save \"", "Unbalanced quotes in configuration line"},
      {"hz 10\r\nport x\r\n", 2, "port x", "argument couldn't be parsed into an integer"},
      {"replicaof 127.0.0.1 abc", 1, "replicaof 127.0.0.1 abc", "Invalid master port"},
      {"unixsocketperm 1000", 1, "unixsocketperm 1000", "argument must be between 0 and 777 inclusive"},
      {"unixsocketperm 8", 1, "unixsocketperm 8", "argument couldn't be parsed as an octal number"},
      {"shutdown-on-sigint", 1, "shutdown-on-sigint",
       "argument(s) must be one of the following: default, save, nosave, now, force"},
      {"dir /nowhere", 1, "dir /nowhere", "No such file or directory"},
      {"include", 1, "include", "Bad directive or wrong number of arguments"},
      {"sentinel monitor a b 1 2", 1, "sentinel monitor a b 1 2",
       "sentinel directive while not in sentinel mode"},
      {"a.b", 1, "a.b", "Module config specified without value"},
      {"lua-replicate-commands", 1, "lua-replicate-commands", "Bad directive or wrong number of arguments"},
      {"threads 0", 1, "threads 0", "argument must be between 1 and 128 inclusive"},
      {"appendfilename ''", 1, "appendfilename ''", "appendfilename can't be empty"},
  };
  for (const Case& c : kCases) {
    Config config(&environment_);
    EXPECT_EQ(config.load_text(c.text, "/etc/x.conf").error, fatal(c.line, c.shown, c.reason, "/etc/x.conf"));
  }
}

TEST_F(ConfigLoad, FileThenInputThenOptions) {
  environment_.files["/data/a.conf"] = "port 1\nhz 11\ntimeout 5\n";
  environment_.standard_input = "port 2\nhz 12\n";
  const LoadResult result = load({"a.conf", "--port", "3", "-"});
  ASSERT_TRUE(result.ok()) << result.error;
  EXPECT_EQ(config_.port, 3);
  EXPECT_EQ(config_.hz, 12);
  EXPECT_EQ(config_.timeout, 5);
  EXPECT_EQ(config_.file(), "/data/a.conf");
}

TEST_F(ConfigLoad, LineNumbersAreThoseOfRedis) {
  // Without a file the first option is line 2, after the line break that separates it from the file.
  EXPECT_EQ(load({"--foo", "bar"}).error,
            fatal(2, "foo \"bar\"", "Bad directive or wrong number of arguments", "the command line"));
  environment_.files["/data/a.conf"] = "port 1\nhz 11\n";
  EXPECT_EQ(load({"a.conf", "--foo", "bar"}).error,
            fatal(4, "foo \"bar\"", "Bad directive or wrong number of arguments", "the command line"));
  environment_.files["/data/b.conf"] = "port 1\ninclude /data/c.conf\n";
  environment_.files["/data/c.conf"] = "\n\nnope 1\n";
  EXPECT_EQ(load({"b.conf"}).error,
            fatal(3, "nope 1", "Bad directive or wrong number of arguments", "/data/c.conf"));
}

TEST_F(ConfigLoad, MissingFile) {
  const LoadResult result = load({"../none.conf"});
  EXPECT_TRUE(result.to_log);
  EXPECT_EQ(result.error, "Fatal error, can't open config file '/none.conf': No such file or directory");
}

TEST_F(ConfigLoad, Includes) {
  environment_.files["/d/1.conf"] = "hz 20\nport 5\n";
  environment_.files["/d/2.conf"] = "hz 30\n";
  environment_.files["/d/loop.conf"] = "include /d/loop.conf\n";
  environment_.matches["/d/*.conf"] = {"/d/1.conf", "/d/2.conf"};
  ASSERT_TRUE(config_.load_text("include /d/*.conf\nport 6\ninclude /empty/*.conf\n", "x").ok());
  EXPECT_EQ(config_.hz, 30);
  EXPECT_EQ(config_.port, 6);
  EXPECT_NE(config_.load_text("include /d/loop.conf", "x").error.find("Too many levels of include"),
            std::string::npos);
  EXPECT_TRUE(config_.load_text("include /d/none.conf", "x").to_log);
}

TEST_F(ConfigLoad, SaveLinesAddUpAfterReplacingTheDefault) {
  environment_.files["/data/a.conf"] = "save 900 1\nsave 300 10\n";
  ASSERT_TRUE(load({"a.conf", "--save", "60 100"}).ok());
  EXPECT_EQ(get("save"), "900 1 300 10 60 100");
  ASSERT_TRUE(config_.load_text("save 5 5\nsave ''\nsave 7 7", "x").ok());
  EXPECT_EQ(get("save"), "7 7");
}

TEST_F(ConfigLoad, SeveralValuesInOneWord) {
  ASSERT_TRUE(
      load({"--shutdown-on-sigint", "nosave force now", "--shutdown-on-sigterm", "nosave", "force"}).ok());
  EXPECT_EQ(get("shutdown-on-sigint"), "nosave now force");
  EXPECT_EQ(get("shutdown-on-sigterm"), "nosave force");
}

TEST_F(ConfigLoad, CommandLineQuirksOfRedis) {
  const auto options = [](std::vector<const char*> args) {
    args.insert(args.begin(), "gyre-server");
    return parse_command_line(args).options;
  };
  EXPECT_EQ(options({"--port", "6380", "--loglevel", "verbose"}), "port \"6380\" \nloglevel \"verbose\" ");
  EXPECT_EQ(options({"--port 6380", "--hz 20"}), "port 6380 \nhz 20 ");
  EXPECT_EQ(options({"--save", "--hz", "20"}), "save \"\"\nhz \"20\" ");
  EXPECT_EQ(options({"--hz", "20", "--save"}), "hz \"20\" \nsave \"\"");
  EXPECT_EQ(options({"--save", ""}), "save \"\" ");
  EXPECT_EQ(options({"--sentinel", "--hz", "20"}), "sentinel \nhz \"20\" ");
  EXPECT_EQ(options({"--proc-title-template", "--save", "--save", ""}),
            "proc-title-template \"--save\" \nsave \"\" ");
  EXPECT_EQ(options({"--replicaof", "--127.0.0.1", "--abc"}), "replicaof \"--127.0.0.1\" \nabc ");
}

TEST_F(ConfigLoad, CommandLineActions) {
  const auto parse = [](std::vector<const char*> args) { return parse_command_line(args); };
  EXPECT_EQ(parse({"s", "-v"}).action, Startup::Action::kVersion);
  EXPECT_EQ(parse({"s", "--help"}).action, Startup::Action::kHelp);
  EXPECT_EQ(parse({"s", "--check-system"}).action, Startup::Action::kCheckSystem);
  EXPECT_EQ(parse({"s", "--test-memory", "64"}).test_memory_mb, 64);
  EXPECT_EQ(parse({"s", "--test-memory"}).test_memory_mb, -1);
  EXPECT_TRUE(parse({"/usr/bin/gyre-sentinel"}).sentinel);
  EXPECT_TRUE(parse({"s", "x.conf", "--sentinel"}).sentinel);
  EXPECT_TRUE(parse({"s", "-"}).from_stdin);
  EXPECT_FALSE(parse({"s"}).sentinel);
}

TEST_F(ConfigLoad, WhatGyreCannotDoStopsTheStart) {
  for (const char* line :
       {"appendonly yes", "replicaof 127.0.0.1 6379", "cluster-enabled yes", "tls-port 1", "loadmodule /x.so",
        "aclfile /x", "user alice on", "rename-command FLUSHALL ''", "notify-keyspace-events KEA"}) {
    Config config(&environment_);
    const std::string name = std::string(line).substr(0, std::string(line).find(' '));
    if (find_config_row(name)->effect != Effect::kRequired) continue;
    const std::string error = config.load_text("hz 10\n" + std::string(line) + "\nhz 11\n", "x").error;
    EXPECT_NE(error.find("at line 2\n>>> '" + std::string(line)), std::string::npos) << error;
    EXPECT_NE(error.find("has no effect in this version of Gyre"), std::string::npos) << error;
  }
}

TEST_F(ConfigLoad, ALaterLineMayTakeItBack) {
  EXPECT_TRUE(
      config_.load_text("appendonly yes\nreplicaof 1.1.1.1 1\nappendonly no\nslaveof no one\n", "x").ok());
}

TEST_F(ConfigLoad, AcceptsTheUserLineThatRedisWrites) {
  EXPECT_TRUE(config_.load_text("user default on nopass sanitize-payload ~* &* +@all\n", "x").ok());
  EXPECT_FALSE(Config(&environment_).load_text("user default on nopass ~* &* +@all -keys\n", "x").ok());
  EXPECT_FALSE(Config(&environment_).load_text("user default on\n", "x").ok());
}

TEST_F(ConfigLoad, ThingsCheckedAtTheEnd) {
  EXPECT_EQ(config_.load_text("logfile /nowhere/x", "x").error,
            "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\nCan't open the log file: No such file or "
            "directory\n");
  EXPECT_EQ(
      Config(&environment_).load_text("cluster-enabled yes\nreplicaof 1.1.1.1 1", "x").error,
      "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\nreplicaof directive not allowed in cluster mode\n");
}

TEST_F(ConfigLoad, OldNames) {
  ASSERT_TRUE(config_
                  .load_text("slave-read-only no\nhash-max-ziplist-entries 7\nlua-time-limit 9\n"
                             "list-max-ziplist-entries 1\nlua-replicate-commands yes\nIO-Threads 3\n",
                             "x")
                  .ok());
  EXPECT_FALSE(config_.replica_read_only);
  EXPECT_EQ(config_.hash_max_listpack_entries, 7u);
  EXPECT_EQ(get("threads"), "3");
  EXPECT_EQ(config_.thread_count(), 3);
}

TEST_F(ConfigLoad, UringFeatures) {
  const auto features = [&](const std::string& words) -> std::string {
    Config config(&environment_);
    const LoadResult result = config.load_text("io-uring-features " + words, "x");
    return result.ok() ? *config.get_one("io-uring-features") : "error";
  };
  EXPECT_EQ(features("none"), "none");
  EXPECT_EQ(features("all"), "all");
  EXPECT_EQ(features("-send-zc,-recv-bundle"), "all -recv-bundle -send-zc");
  EXPECT_EQ(features("all -send-zc"), "all -send-zc");
  EXPECT_EQ(features("\"all -send-zc\""), "all -send-zc");
  EXPECT_EQ(features("none multishot-recv, buffer-ring"),
            "all -single-issuer -defer-taskrun -multishot-accept -recv-bundle -incremental-buffers -send-zc "
            "-msg-ring "
            "-no-iowait -registered-ring -silent-sends");
  EXPECT_EQ(features("nope"), "error");
  EXPECT_EQ(features("''"), "error");
}

TEST_F(ConfigLoad, WarnsOfSavePointsWhileNothingSaves) {
  const bool warns = find_config_row("save")->effect == Effect::kWarn;
  EXPECT_EQ(config_.warnings().size(), warns ? 1u : 0u);
  ASSERT_TRUE(config_.load_text("save ''", "x").ok());
  EXPECT_TRUE(config_.warnings().empty());
}

}  // namespace
}  // namespace gyre::server
