#include "fixture.h"

#include <cctype>
#include <cstdlib>

#include "gyre/base/clock.h"
#include "gyre/cmd/commands.h"
#include "gyre/coro/scope.h"
#include "gyre/exec/key_wait.h"
#include "gyre/exec/transaction_commands.h"

namespace gyre::cmd {

namespace {

std::string show_one(std::string_view resp, size_t* at) {
  const char type = resp[*at];
  const size_t end = resp.find("\r\n", *at);
  const std::string line(resp.substr(*at + 1, end - *at - 1));
  *at = end + 2;
  const long n = std::strtol(line.c_str(), nullptr, 10);
  switch (type) {
    case '+':
      return line;
    case '_':
      return "nil";
    case '$': {
      if (n < 0) return "nil";
      std::string text(resp.substr(*at, static_cast<size_t>(n)));
      *at += static_cast<size_t>(n) + 2;
      return text;
    }
    case '*':
    case '~':
    case '%': {
      if (n < 0) return "nil";
      std::string text(type == '%' ? "{" : "[");
      for (long i = 0; i < (type == '%' ? 2 * n : n); ++i) text += (i ? " " : "") + show_one(resp, at);
      return text + (type == '%' ? "}" : "]");
    }
    default:
      return type + line;
  }
}

}  // namespace

std::string show_reply(std::string_view resp) {
  std::string text;
  for (size_t at = 0; at < resp.size();) text += (text.empty() ? "" : " | ") + show_one(resp, &at);
  return text;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    std::string word;
    const bool quoted = line[i] == '"';
    if (quoted) ++i;
    for (; i < line.size() && line[i] != (quoted ? '"' : ' '); ++i) {
      if (quoted && line[i] == '\\') {
        word += static_cast<char>(std::strtol(std::string(line.substr(i + 2, 2)).c_str(), nullptr, 16));
        i += 3;
      } else {
        word += line[i];
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::string TestClient::call(const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return show_reply(raw(request));
}

std::string TestClient::raw(std::string_view pipeline) {
  exec::Dispatcher& dispatcher = *harness_.dispatcher;
  resp::RequestLimits limits;
  limits.large_bulk = resp::kNoLargeBulk;
  while (!pipeline.empty()) {
    resp::ParseResult parse;
    exec::OwnedCommand suspended;
    const exec::RunResult result =
        dispatcher.run(harness_.reactor(), session, parser_, pipeline, limits, &parse, &suspended);
    pipeline.remove_prefix(result.consumed);
    if (result.status == exec::RunStatus::kBlocked) break;
    if (result.status != exec::RunStatus::kSuspended) {
      EXPECT_EQ(static_cast<int>(result.status), static_cast<int>(exec::RunStatus::kDone));
      break;
    }
    // Nobody else is there, so it does not have to wait.
    coro::Scope scope;
    scope.spawn(dispatcher.execute(harness_.reactor(), session, std::move(suspended)));
    EXPECT_EQ(scope.running(), 0u);
  }
  std::string scratch;
  std::string replies(out_.flatten(scratch));
  out_.clear();
  return session.waits() ? replies + "+waits\r\n" : replies;
}

std::string TestClient::reply() {
  if (session.waits()) return "waits";
  if (session.has(exec::session_flag::kBlocked)) end_wait();
  return show_reply(raw({}));
}

void TestClient::end_wait() {
  // Nobody else is there: what it needs it has at once.
  auto& wait = static_cast<exec::KeyWait&>(*session.labels().blocked);
  coro::Scope scope;
  scope.spawn(harness_.dispatcher->end_wait(harness_.reactor(), wait, session));
  EXPECT_EQ(scope.running(), 0u);
  session.own_labels().blocked.reset();
  session.flags &= ~exec::session_flag::kBlocked;
}

Harness::Harness(unsigned reactors) : keyspace({.reactors = reactors}), now_ms_(base::wall_ms()) {
  bind_data_commands(table);
  exec::bind_transaction_commands(table);
  dispatcher = std::make_unique<exec::Dispatcher>(table, keyspace, *this);
  dispatcher->set_environment<Environment>(&environment);
  plan_commands(*dispatcher);
  exec::plan_transaction_commands(*dispatcher);
  for (unsigned i = 0; i < reactors; ++i) dispatcher->add_reactor().freeze_clock(now_ms_);
}

Harness::~Harness() {
  for (auto& client : clients_) {
    if (client->session.has(exec::session_flag::kBlocked)) client->end_wait();
    if (client->session.transaction) client->run("DISCARD");
    client->run("UNWATCH");
  }
}

TestClient& Harness::client(size_t index) {
  while (clients_.size() <= index)
    clients_.push_back(std::make_unique<TestClient>(*this, clients_.size() + 1));
  return *clients_[index];
}

void Harness::advance_ms(int64_t ms) {
  now_ms_ += ms;
  for (auto& reactor : dispatcher->reactors()) reactor->freeze_clock(now_ms_);
}

void run_steps(Harness& harness, const std::vector<Step>& steps) {
  for (const Step& step : steps) EXPECT_EQ(harness.run(step.command), step.reply) << step.command;
}

}  // namespace gyre::cmd
