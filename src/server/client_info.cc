#include "client_info.h"

#include "gyre/base/numbers.h"
#include "gyre/server/client.h"

namespace gyre::server {

namespace {

using namespace exec::session_flag;

std::string flags_of(Client& client) {
  const exec::Session& session = client.session();
  std::string flags;
  if (session.has(kReplica)) flags += 'S';
  if (session.has(kMulti)) flags += 'x';
  if (session.waits()) flags += 'b';
  if (session.watcher.dirty.load(std::memory_order_relaxed)) flags += 'd';
  if (session.has(kCloseAfterReply)) flags += 'c';
  if (client.killed()) flags += 'A';
  if (session.has(kUnixSocket)) flags += 'U';
  if (session.has(kNoEvict)) flags += 'e';
  if (session.has(kNoTouch)) flags += 'T';
  if (flags.empty()) flags = "N";
  return flags;
}

class Line {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=';
    text_ += value;
  }
  void add(std::string_view name, int64_t value) { add(name, base::to_string(value)); }
  void add(std::string_view name, uint64_t value) { add(name, static_cast<int64_t>(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Bytes of the command as a RESP array, as clients send it.
size_t wire_bytes(exec::CommandArgs args) {
  char digits[base::kInt64TextMax];
  auto header = [&digits](size_t n) { return 3 + base::format_uint64(n, digits); };
  size_t bytes = header(args.size());
  for (std::string_view arg : args) bytes += header(arg.size()) + arg.size() + 2;
  return bytes;
}

}  // namespace

size_t client_memory(Client& client) {
  const Client::Shown& shown = client.shown();
  const exec::Session& session = client.session();
  return sizeof(Client) + shown.query_capacity.get() + shown.output_footprint.get() +
         session.labels().name.capacity() + (session.transaction ? session.transaction->footprint : 0);
}

std::string client_info_line(Client& client, int64_t now_ms, const exec::CommandContext* caller) {
  const exec::Session& session = client.session();
  const Client::Shown& shown = client.shown();
  size_t arg_bytes = 0;
  uint64_t query_bytes = shown.query_bytes.get();
  const uint64_t query_capacity = shown.query_capacity.get();
  if (caller) {
    for (std::string_view arg : caller->args) arg_bytes += arg.size();
    query_bytes = std::max<uint64_t>(query_bytes, wire_bytes(caller->args));
  }
  const exec::CommandRow* row = caller ? caller->row : session.last_command;

  Line line;
  line.add("id", session.id);
  line.add("addr", client.peer());
  line.add("laddr", client.local());
  line.add("fd", int64_t{client.fd()});
  line.add("name", session.labels().name);
  line.add("age", (now_ms - client.created_ms()) / 1000);
  line.add("idle", (now_ms - shown.last_interaction_ms.load(std::memory_order_relaxed)) / 1000);
  line.add("flags", flags_of(client));
  line.add("db", uint64_t{session.db});
  line.add("sub", int64_t{0});
  line.add("psub", int64_t{0});
  line.add("ssub", int64_t{0});
  line.add("multi", session.has(kMulti) && session.transaction
                        ? static_cast<int64_t>(session.transaction->commands.size())
                        : int64_t{-1});
  line.add("qbuf", query_bytes);
  line.add("qbuf-free", query_capacity > query_bytes ? query_capacity - query_bytes : 0);
  line.add("argv-mem", uint64_t{arg_bytes});
  line.add("multi-mem", uint64_t{session.transaction ? session.transaction->footprint : 0});
  // Replies are gathered in chunks that belong to the reactor, so a client has no buffer of its own.
  line.add("rbs", uint64_t{0});
  line.add("rbp", uint64_t{0});
  line.add("obl", uint64_t{0});
  line.add("oll", uint64_t{shown.output_bytes.get() ? 1u : 0u});
  line.add("omem", shown.output_footprint.get());
  line.add("tot-mem", uint64_t{client_memory(client)});
  line.add("events", shown.output_bytes.get() ? "rw" : "r");
  line.add("cmd", row ? row->full_name : std::string_view("NULL"));
  line.add("user", session.user());
  line.add("redir", int64_t{-1});
  line.add("resp", int64_t{session.reply.version()});
  line.add("lib-name", session.labels().lib_name);
  line.add("lib-ver", session.labels().lib_version);
  return line.take();
}

}  // namespace gyre::server
