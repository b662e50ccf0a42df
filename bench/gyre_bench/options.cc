#include "options.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

#include "gyre/base/numbers.h"

namespace gyre::bench {

const char kUsage[] =
    R"(gyre-bench [OPTIONS]: load generator for servers that speak Redis's protocol

Server
  -h, --host HOST            default 127.0.0.1
  -p, --port PORT            default 6379
  -s, --socket PATH          a unix socket instead
  -a, --password PASSWORD    AUTH (--user NAME for ACL users)
      --db N                 SELECT
  -3, --resp3                HELLO 3
Load
  -c, --clients N            connections (50)
      --threads N            one event loop each (1); connections are spread over them
  -P, --pipeline N           closed loop: requests sent together; open loop: at most so many under way (1)
      --rate N               open loop: N requests a second in all; latency counts from each request's intended start
      --spacing poisson|uniform  of the open loop (poisson)
      --spin US              open loop: poll instead of sleeping when the next start is that near (0)
  -n, --requests N           per test (100000)
      --seconds S            instead of --requests
      --warm-up S            seconds before, not counted
      --timeout S            give up when nothing is answered for so long (30)
      --backend auto|io_uring|epoll
Commands
  -t, --tests LIST           one run each: ping set get incr mset del expire append getset (ping,set,get)
      --mix LIST             one run: set:50,get:50
      --command TEXT         one run, with __key__ __data__ __int__ __rand_int__; may be given again;
      --weight W             weight of the last --command
Keys and values
  -r, --keys N               key space (1000000)
      --key-format F         key:%012d (default), key:%d, key:N
      --distribution uniform|zipf|sequential
      --theta T              of zipf (0.99)
  -d, --value-size SIZE      32, 16-1024, or 32:70,1024:30 (3)
      --content random|constant
      --preload              first write every key once (SET); --preload-only: nothing else
      --seed N               makes runs repeatable
Output
  -q, --quiet                no progress
      --json FILE            results (- for standard output)
      --svg FILE             latency by percentile, throughput over time
      --server-pid PID       CPU time of the server per command, from /proc
      --server-info          CONFIG RESETSTAT before; INFO commandstats and latencystats after
)";

namespace {

using Apply = std::function<bool(std::string_view)>;
struct Rule {
  bool takes_value;
  Apply apply;
};

template <class Integer>
Apply integer(Integer* into, uint64_t least, uint64_t most) {
  return [=](std::string_view text) {
    const auto value = base::parse_memory(text);
    if (text.empty() || !value || *value < least || *value > most) return false;
    *into = static_cast<Integer>(*value);
    return true;
  };
}

Apply number(double* into, double least) {
  return [=](std::string_view text) {
    const auto value = base::parse_double(text);
    if (!value || !(*value >= least)) return false;
    *into = *value;
    return true;
  };
}

Apply text(std::string* into) {
  return [=](std::string_view value) {
    *into = value;
    return true;
  };
}

template <class Value>
Apply choice(Value* into, const std::map<std::string, Value, std::less<>>& values) {
  return [=](std::string_view name) {
    const auto found = values.find(name);
    if (found == values.end()) return false;
    *into = found->second;
    return true;
  };
}

Apply set(bool* into) {
  return [=](std::string_view) { return *into = true; };
}

constexpr uint64_t kMost = uint64_t{1} << 60;

void server_rules(Options& o, std::map<std::string, Rule, std::less<>>& rules) {
  rules["--host"] = {true, text(&o.target.host)};
  rules["--port"] = {true, integer(&o.target.port, 1, 65535)};
  rules["--socket"] = {true, text(&o.target.unix_socket)};
  rules["--password"] = {true, text(&o.target.password)};
  rules["--user"] = {true, text(&o.target.user)};
  rules["--db"] = {true, integer(&o.target.db, 0, 1'000'000)};
  rules["--resp3"] = {false, set(&o.target.resp3)};
}

void load_rules(Options& o, std::map<std::string, Rule, std::less<>>& rules) {
  rules["--clients"] = {true, integer(&o.clients, 1, 1'000'000)};
  rules["--threads"] = {true, integer(&o.threads, 1, 1024)};
  rules["--pipeline"] = {true, integer(&o.pipeline, 1, 1'000'000)};
  rules["--rate"] = {true, number(&o.rate, 0.001)};
  rules["--spacing"] = {true, choice<bool>(&o.poisson, {{"poisson", true}, {"uniform", false}})};
  rules["--spin"] = {true, integer(&o.spin_us, 0, 1'000'000)};
  rules["--requests"] = {true, integer(&o.requests, 1, kMost)};
  rules["--seconds"] = {true, number(&o.seconds, 0.001)};
  rules["--warm-up"] = {true, number(&o.warm_up_s, 0)};
  rules["--timeout"] = {true, number(&o.timeout_s, 0.1)};
  rules["--backend"] = {true, choice<io::BackendKind>(&o.backend, {{"auto", io::BackendKind::kAuto},
                                                                   {"io_uring", io::BackendKind::kUring},
                                                                   {"epoll", io::BackendKind::kEpoll}})};
  rules["--mix"] = {true, text(&o.mix)};
  rules["--command"] = {true, [&o](std::string_view value) {
                          o.commands.push_back({std::string(value)});
                          return true;
                        }};
  rules["--weight"] = {true, [&o](std::string_view value) {
                         return !o.commands.empty() && number(&o.commands.back().weight, 1e-9)(value);
                       }};
  rules["--tests"] = {true, [&o](std::string_view value) {
                        while (!value.empty()) {
                          const size_t comma = value.find(',');
                          o.tests.emplace_back(value.substr(0, comma));
                          value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
                        }
                        return !o.tests.empty();
                      }};
}

void data_and_output_rules(Options& o, std::map<std::string, Rule, std::less<>>& rules, std::string* error) {
  rules["--keys"] = {true, integer(&o.keys.space, 1, kMost)};
  rules["--key-format"] = {true, [&o, error](std::string_view v) { return o.key_format.parse(v, error); }};
  rules["--distribution"] = {
      true, choice<Distribution>(&o.keys.distribution, {{"uniform", Distribution::kUniform},
                                                        {"zipf", Distribution::kZipf},
                                                        {"sequential", Distribution::kSequential}})};
  rules["--theta"] = {true, number(&o.keys.theta, 0.001)};
  rules["--value-size"] = {true, [&o, error](std::string_view v) { return o.value_sizes.parse(v, error); }};
  rules["--content"] = {true, choice<bool>(&o.random_content, {{"random", true}, {"constant", false}})};
  rules["--preload"] = {false, set(&o.preload)};
  rules["--preload-only"] = {false, [&o](std::string_view) { return o.preload = o.only_preload = true; }};
  rules["--seed"] = {true, integer(&o.seed, 0, UINT64_MAX)};
  rules["--quiet"] = {false, set(&o.quiet)};
  rules["--json"] = {true, text(&o.json_file)};
  rules["--svg"] = {true, text(&o.svg_file)};
  rules["--server-pid"] = {true, integer(&o.server_pid, 1, INT32_MAX)};
  rules["--server-info"] = {false, set(&o.server_info)};
}

constexpr std::pair<std::string_view, std::string_view> kShort[] = {
    {"-h", "--host"},  {"-p", "--port"},    {"-s", "--socket"},     {"-a", "--password"},
    {"-3", "--resp3"}, {"-c", "--clients"}, {"-P", "--pipeline"},   {"-n", "--requests"},
    {"-t", "--tests"}, {"-r", "--keys"},    {"-d", "--value-size"}, {"-q", "--quiet"},
};

}  // namespace

Options::Parsed Options::parse(int argc, char** argv, std::string* error) {
  std::map<std::string, Rule, std::less<>> rules;
  server_rules(*this, rules);
  load_rules(*this, rules);
  data_and_output_rules(*this, rules, error);
  key_format.parse("key:%012d", error);
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--help") return Parsed::kHelp;
    std::string_view value;
    bool attached = false;
    if (const size_t equals = name.find('='); name.starts_with("--") && equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
      attached = true;
    }
    for (const auto& [brief, full] : kShort)
      if (name == brief) name = full;
    const auto rule = rules.find(name);
    if (rule == rules.end()) {
      *error = "no option '" + std::string(argv[i]) + "'; see --help";
      return Parsed::kError;
    }
    if (rule->second.takes_value && !attached) {
      if (++i == argc) {
        *error = std::string(name) + " needs a value";
        return Parsed::kError;
      }
      value = argv[i];
    }
    if (!rule->second.apply(value)) {
      if (error->empty()) *error = "'" + std::string(value) + "' is no value for " + std::string(name);
      return Parsed::kError;
    }
  }
  if (!tests.empty() && (!mix.empty() || !commands.empty())) {
    *error = "--tests makes a run of each test, --mix and --command make one run: give either";
    return Parsed::kError;
  }
  if (tests.empty() && mix.empty() && commands.empty()) tests = {"ping", "set", "get"};
  threads = std::min(threads, clients);
  return Parsed::kRun;
}

}  // namespace gyre::bench
