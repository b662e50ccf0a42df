// CONFIG SET and CONFIG GET: ranges, texts of errors, aliases, all or nothing.
#include <gtest/gtest.h>

#include "fake_config_environment.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

class ConfigSet : public testing::Test {
 protected:
  std::string set(std::vector<Pair> pairs, const SetContext& context = {}) {
    const SetResult result = config_.set(pairs, context);
    return result.code == SetResult::Code::kLoading ? "LOADING" : result.error;
  }
  std::string set(std::string_view name, std::string_view value) {
    return set(std::vector<Pair>{{name, value}});
  }
  std::string get(std::string_view name) { return config_.get_one(name).value_or("(none)"); }

  FakeConfigEnvironment environment_;
  Config config_{&environment_};
};

std::string failed(std::string_view name, std::string_view reason) {
  return "CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
         std::string(reason);
}

struct Refused {
  std::string_view name;
  std::string_view value;
  std::string_view reason;
};

TEST_F(ConfigSet, RefusesWithTheTextsOfRedis) {
  constexpr Refused kCases[] = {
      {"appendonly", "maybe", "argument must be 'yes' or 'no'"},
      {"hz", "abc", "argument couldn't be parsed into an integer"},
      {"hz", "-1", "argument must be between 0 and 2147483647 inclusive"},
      {"hz", " 1", "argument couldn't be parsed into an integer"},
      {"port", "65536", "argument must be between 0 and 65535 inclusive"},
      {"maxclients", "0", "argument must be between 1 and 4294967295 inclusive"},
      {"maxclients", "-1", "argument must be between 1 and 4294967295 inclusive"},
      {"slowlog-log-slower-than", "-2", "argument must be between -1 and 9223372036854775807 inclusive"},
      {"maxmemory", "10x", "argument must be a memory value"},
      {"maxmemory", "-1", "argument must be a memory value"},
      {"maxmemory-clients", "200%", "percentage argument must be less or equal to 100"},
      {"maxmemory-clients", "x", "argument must be a memory or percent value"},
      {"proto-max-bulk-len", "1kb", "argument must be between 1048576 and 9223372036854775807 inclusive"},
      {"maxmemory-policy", "lru",
       "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, "
       "allkeys-lru, allkeys-lfu, allkeys-random, noeviction"},
      {"shutdown-on-sigint", "",
       "argument(s) must be one of the following: default, save, nosave, now, force"},
      {"shutdown-on-sigint", "save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"},
      {"save", "900", "Invalid save parameters"},
      {"save", "0 1", "Invalid save parameters"},
      {"save", "900 x", "Invalid save parameters"},
      {"client-output-buffer-limit", "normal 0 0",
       "Wrong number of arguments in buffer limit configuration."},
      {"client-output-buffer-limit", "master 0 0 0",
       "Invalid client class specified in buffer limit configuration."},
      {"client-output-buffer-limit", "normal 0 x 0",
       "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
      {"oom-score-adj-values", "1 2", "wrong number of arguments"},
      {"oom-score-adj-values", "1 2 3000",
       "Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
      {"notify-keyspace-events", "KQ", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
      {"latency-tracking-info-percentiles", "101",
       "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"},
      {"latency-tracking-info-percentiles", "a", "Invalid latency-tracking-info-percentiles parameters"},
      {"cluster-announce-hostname", "a_b",
       "Hostnames may only contain alphanumeric characters, hyphens or dots"},
      {"proc-title-template", "{nope}", "template format is invalid or contains unknown variables"},
      {"proc-title-template", "{server-mode} ", "template format is invalid or contains unknown variables"},
      {"proc-title-template", "{title}", "template format is invalid or contains unknown variables"},
      {"locale-collate", "nowhere", "Invalid locale name"},
      {"daemonize", "yes", "can't set immutable config"},
      {"replicaof", "no one", "can't set immutable config"},
      {"dir", "/tmp", "can't set protected config"},
  };
  for (const Refused& refused : kCases) {
    const std::string before = get(refused.name);
    EXPECT_EQ(set(refused.name, refused.value), failed(refused.name, refused.reason));
    EXPECT_EQ(get(refused.name), before) << refused.name;
  }
  EXPECT_EQ(set("nothing", "1"), "Unknown option or number of arguments for CONFIG SET - 'nothing'");
  EXPECT_EQ(set("include", "x"), "Unknown option or number of arguments for CONFIG SET - 'include'");
  EXPECT_EQ(set({{"maxmemory", "1"}, {"MAXMEMORY", "2"}}), failed("MAXMEMORY", "duplicate parameter"));
}

TEST_F(ConfigSet, AcceptsAndPrintsAsRedis) {
  const Refused accepted[] = {
      {"maxmemory", "10mb", "10485760"},
      {"maxmemory", "1k", "1000"},
      {"maxmemory", "18446744073709551615", "18446744073709551615"},
      {"maxmemory-clients", "5%", "5%"},
      {"maxmemory-clients", "1gb", "1073741824"},
      {"hz", "1000", "500"},
      {"hz", "0", "1"},
      {"repl-backlog-size", "1", "16384"},
      {"loglevel", "DEBUG", "debug"},
      {"oom-score-adj", "relative", "yes"},
      {"shutdown-on-sigterm", "force nosave now", "nosave now force"},
      {"shutdown-on-sigterm", "default", "default"},
      {"save", "", ""},
      {"save", "900 1 300 10", "900 1 300 10"},
      {"client-output-buffer-limit", "replica 1mb 1kb 3",
       "normal 0 0 0 slave 1048576 1024 3 pubsub 33554432 8388608 60"},
      {"latency-tracking-info-percentiles", "0 50.0 99.99", "0 50 99.99"},
      {"latency-tracking-info-percentiles", "", ""},
      {"bind", "127.0.0.1 -::1", "127.0.0.1 -::1"},
      {"bind", "", ""},
      {"oom-score-adj-values", "-1 2 3", "-1 2 3"},
      {"list-max-listpack-size", "-5", "-5"},
      {"proc-title-template", "x{{{title}", "x{{{title}"},
  };
  for (const Refused& row : accepted) {
    EXPECT_EQ(set(row.name, row.value), "") << row.name;
    EXPECT_EQ(get(row.name), row.reason) << row.name;
  }
}

TEST_F(ConfigSet, GetMatchesPatternsAndAliasesOnce) {
  const std::string_view patterns[] = {"maxmemory",          "maxmemory*", "*OF",
                                       "hash-max-*-entries", "key-load-*", "nothing"};
  std::map<std::string, int> count;
  for (const auto& [name, value] : config_.get(patterns)) ++count[name];
  for (const auto& [name, times] : count) EXPECT_EQ(times, 1) << name;
  EXPECT_TRUE(count.contains("maxmemory-samples"));
  EXPECT_TRUE(count.contains("replicaof") && count.contains("slaveof"));
  EXPECT_TRUE(count.contains("hash-max-listpack-entries") && count.contains("hash-max-ziplist-entries"));
  EXPECT_FALSE(count.contains("key-load-delay"));
  EXPECT_FALSE(count.contains("nothing"));
  const std::string_view exact[] = {"Port", "port", "key-load-delay"};
  const auto answers = config_.get(exact);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].first, "Port");  // as the client wrote it
}

TEST_F(ConfigSet, AliasSetsTheSameValue) {
  EXPECT_EQ(set("slave-priority", "7"), "");
  EXPECT_EQ(config_.replica_priority, 7);
  EXPECT_EQ(get("replica-priority"), "7");
  EXPECT_EQ(set({{"slave-priority", "7"}, {"replica-priority", "8"}}), "");
  EXPECT_EQ(config_.replica_priority, 8);
  EXPECT_EQ(set("SLAVE-priority", "x"),
            failed("slave-priority", "argument couldn't be parsed into an integer"));
}

TEST_F(ConfigSet, FailureOfOneLeavesAllAsTheyWere) {
  EXPECT_EQ(set("maxmemory", "10000002"), "");
  EXPECT_EQ(set({{"maxmemory", "10000001"},
                 {"save", "1 1"},
                 {"latency-tracking-info-percentiles", "99.99999999"},
                 {"maxmemory-clients", "200%"},
                 {"client-query-buffer-limit", "invalid"}}),
            failed("maxmemory-clients", "percentage argument must be less or equal to 100"));
  EXPECT_EQ(config_.maxmemory, 10000002u);
  EXPECT_EQ(get("save"), "3600 1 300 100 60 10000");
  EXPECT_EQ(get("latency-tracking-info-percentiles"), "50 99 99.9");
}

TEST_F(ConfigSet, RestoresWhatConfigGetDoesNotShow) {
  config_.latency_tracking_info_percentiles.set({99.99999999});
  EXPECT_NE(set({{"latency-tracking-info-percentiles", "1"}, {"port", "x"}}), "");
  EXPECT_EQ(config_.latency_tracking_info_percentiles.get(), std::vector<double>{99.99999999});
  config_.notify_keyspace_events.set(kNotifyAll | kNotifyNew | kNotifyKeyspace);
  EXPECT_EQ(get("notify-keyspace-events"), "AK");
  EXPECT_NE(set({{"notify-keyspace-events", ""}, {"port", "x"}}), "");
  EXPECT_EQ(config_.notify_keyspace_events, kNotifyAll | kNotifyNew | kNotifyKeyspace);
}

TEST_F(ConfigSet, HooksRunOnceAndOnlyForChanges) {
  int runs = 0;
  config_.on_change({"port", "bind"}, [&] {
    ++runs;
    return std::string();
  });
  EXPECT_EQ(set({{"port", "1"}, {"bind", "127.0.0.1"}}), "");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(set("port", "1"), "");
  EXPECT_EQ(runs, 1);
  // The file behind an unchanged name may have changed.
  int reloads = 0;
  config_.on_change({"tls-cert-file"}, [&] {
    ++reloads;
    return std::string();
  });
  EXPECT_EQ(set("tls-cert-file", "a"), "");
  EXPECT_EQ(set("tls-cert-file", "a"), "");
  EXPECT_EQ(reloads, 2);
}

TEST_F(ConfigSet, FailingHookTakesEverythingBack) {
  std::vector<int> seen_hz;
  config_.on_change({"hz"}, [&] {
    seen_hz.push_back(config_.hz);
    return std::string();
  });
  config_.on_change({"port"}, [&] {
    return config_.port == 7777 ? std::string("Unable to listen on this port. Check server logs.")
                                : std::string();
  });
  EXPECT_EQ(set({{"maxmemory", "5"}, {"hz", "20"}, {"port", "7777"}}),
            failed("port", "Unable to listen on this port. Check server logs."));
  EXPECT_EQ(seen_hz, (std::vector<int>{20, 10}));
  EXPECT_EQ(config_.port, 6379);
  EXPECT_EQ(config_.maxmemory, 0u);
}

TEST_F(ConfigSet, ProtectedDirectives) {
  config_.enable_protected_configs.set(Permission::kLocal);
  EXPECT_EQ(set({{"dbfilename", "a.rdb"}}, {.local_client = false}),
            failed("dbfilename", "can't set protected config"));
  EXPECT_EQ(set({{"dbfilename", "a.rdb"}}, {.local_client = true}), "");
  EXPECT_EQ(set({{"dbfilename", "a/b"}}, {.local_client = true}),
            failed("dbfilename", "dbfilename can't be a path, just a filename"));
  config_.enable_protected_configs.set(Permission::kYes);
  EXPECT_EQ(set("dir", "/tmp"), "");
  EXPECT_EQ(get("dir"), "/tmp");
  EXPECT_EQ(set("dir", "/nowhere"), failed("dir", "No such file or directory"));
  EXPECT_EQ(set({{"dir", "/tmp"}}, {.loading = true}), "LOADING");
  EXPECT_EQ(set({{"loglevel", "debug"}}, {.loading = true}), "");
}

TEST_F(ConfigSet, RefusesWhatItCannotDo) {
  for (const ConfigRow* row : config_rows()) {
    if (row->effect != Effect::kRequired || row->kind != ConfigKind::kBool || row->has(kImmutable)) continue;
    const std::string other = row->initial != 0 ? "no" : "yes";
    EXPECT_NE(set(row->name, other).find("has no effect in this version"), std::string::npos) << row->name;
    EXPECT_EQ(get(row->name), default_value(*row)) << row->name;
    EXPECT_EQ(set(row->name, default_value(*row)), "") << row->name;
  }
}

TEST_F(ConfigSet, SensitiveDirectives) {
  EXPECT_TRUE(Config::is_sensitive("requirepass"));
  EXPECT_TRUE(Config::is_sensitive("MasterAuth"));
  EXPECT_FALSE(Config::is_sensitive("port"));
  EXPECT_FALSE(Config::is_sensitive("nothing"));
}

TEST_F(ConfigSet, ClientMemoryInPercent) {
  EXPECT_EQ(config_.maxmemory_clients_bytes(), 0u);
  EXPECT_EQ(set({{"maxmemory", "1000"}, {"maxmemory-clients", "10%"}}), "");
  EXPECT_EQ(config_.maxmemory_clients_bytes(), 100u);
}

// CONFIG SET sanity of Redis's test suite: every directive takes back the value that CONFIG GET shows.
TEST_F(ConfigSet, EveryValueCanBeSetToItself) {
  config_.enable_protected_configs.set(Permission::kYes);
  const std::string_view everything[] = {"*"};
  for (const auto& [name, value] : config_.get(everything)) {
    if (find_config_row(name)->has(kImmutable)) continue;
    EXPECT_EQ(set(name, value), "") << name;
    EXPECT_EQ(get(name), value) << name;
  }
}

}  // namespace
}  // namespace gyre::server
