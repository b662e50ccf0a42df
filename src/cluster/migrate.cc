// The body of MIGRATE, and the wait of its client.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "connecting.h"
#include "gyre/base/clock.h"
#include "gyre/cmd/environment.h"
#include "gyre/exec/key_wait.h"
#include "gyre/exec/resume.h"
#include "gyre/io/reactor.h"
#include "migration.h"

namespace gyre::cluster {

namespace {

using exec::CommandContext;

/// How soon a migration notices that a key is no more in another's transit.
constexpr int64_t kTurnUs = 1000;

const cmd::Environment& environment_of(exec::Dispatcher& dispatcher) {
  return dispatcher.environment<cmd::Environment>();
}

/// Drives the exchange to its end: a coroutine.
coro::Task<void> drive(io::Reactor& reactor, const Migrations& owner, Exchange& exchange, int fd,
                       int64_t timeout_ms) {
  int64_t left_ms = timeout_ms;
  while (exchange.step() == Exchange::State::kMore) {
    const int64_t wait_ms = std::min(left_ms, kLookMs);
    const int ready =
        co_await reactor.poll(fd, static_cast<uint32_t>(exchange.events()), wait_ms * 1000);
    if (owner.stopping()) {
      exchange.fail(ETIMEDOUT);
    } else if (ready == -ETIMEDOUT) {
      if ((left_ms -= wait_ms) <= 0) exchange.fail(ETIMEDOUT);
    } else if (ready < 0) {
      exchange.fail(-ready);
    } else {
      left_ms = timeout_ms;
    }
  }
}

/// The same; the thread waits.
void drive_waiting(Exchange& exchange, int fd, int64_t timeout_ms) {
  while (exchange.step() == Exchange::State::kMore) {
    pollfd waited{fd, exchange.events(), 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min<int64_t>(timeout_ms, INT_MAX)));
    if (ready == 0) exchange.fail(ETIMEDOUT);
    if (ready < 0 && errno != EINTR) exchange.fail(errno);
  }
}

coro::Task<void> transfer(io::Reactor& reactor, Migrations& owner, Migration& migration) {
  const MigrateArguments& arguments = migration.arguments();
  for (bool again = true; again;) {
    MigrateSocket socket = owner.sockets().take(migration.address());
    int error = 0;
    if (!socket.valid())
      socket =
          co_await connect_to(reactor, owner, arguments.host, migration.port(), arguments.timeout_ms, &error);
    if (!socket.valid()) {
      migration.could_not_connect();
      co_return;
    }
    Exchange exchange = migration.exchange(socket);
    co_await drive(reactor, owner, exchange, socket.fd(), arguments.timeout_ms);
    again = migration.conclude(exchange, std::move(socket));
  }
}

void transfer_waiting(Migrations& owner, Migration& migration) {
  const MigrateArguments& arguments = migration.arguments();
  for (bool again = true; again;) {
    MigrateSocket socket = owner.sockets().take(migration.address());
    int error = 0;
    if (!socket.valid())
      socket = connect_waiting(arguments.host, migration.port(), arguments.timeout_ms, &error);
    if (!socket.valid()) return migration.could_not_connect();
    Exchange exchange = migration.exchange(socket);
    drive_waiting(exchange, socket.fd(), arguments.timeout_ms);
    again = migration.conclude(exchange, std::move(socket));
  }
}

/// A client whose keys are on their way.
class MigrateWait final : public exec::Blocked {
 public:
  MigrateWait(CommandContext& c, Migrations& owner, MigrateArguments arguments,
              std::vector<std::string> names)
      : migration(owner, std::move(arguments)),
        owner_(owner),
        dispatcher_(c.dispatcher),
        reactor_state_(c.reactor),
        command_(c.row, c.args),
        names_(std::move(names)),
        begun_ticks_(base::ticks()),
        unanswered_(c.session.has(exec::session_flag::kReplyOff | exec::session_flag::kReplySkip)) {
    dispatcher_.lock_keys(c.session, command_, &locks_);
  }

  coro::Task<void> wait(exec::Session& session) override;
  /// It ends by itself, soon.
  bool unblock(bool) override { return false; }
  bool waiting() const override { return false; }

  Migration migration;

 private:
  coro::Task<void> begin_transit(exec::Session& session, io::Reactor& reactor);
  coro::Task<void> make_payloads(const exec::HalfDone& self);

  Migrations& owner_;
  exec::Dispatcher& dispatcher_;
  exec::ReactorState& reactor_state_;
  const exec::OwnedCommand command_;
  const std::vector<std::string> names_;
  const uint64_t begun_ticks_;
  const bool unanswered_;
  exec::LockSet locks_;
};

coro::Task<void> MigrateWait::begin_transit(exec::Session& session, io::Reactor& reactor) {
  while (!owner_.transit().begin(names_)) co_await reactor.sleep_us(kTurnUs);
  owner_.settings().transit_changed();
  if (!dispatcher_.keyspace().concurrent()) co_return;
  exec::WaitList::Wait noted(reactor_state_.waits, session, command_.row(), exec::WaitList::For::kClosedGate);
  co_await dispatcher_.keyspace().gate().close();
  dispatcher_.keyspace().gate().open();
}

coro::Task<void> MigrateWait::make_payloads(const exec::HalfDone& self) {
  co_await self.hold();
  store::Db db(store::Held::assume(), dispatcher_.keyspace(), self.session.db,
               reactor_state_.now_ms(base::ticks()), &reactor_state_.effects);
  migration.make_payloads(db, names_, environment_of(dispatcher_), /*watch=*/true);
  self.let_go();
}

coro::Task<void> MigrateWait::wait(exec::Session& session) {
  io::Reactor& reactor = *session.handle.home();
  const exec::HalfDone self{dispatcher_, reactor_state_, session,    command_,
                            locks_,      begun_ticks_,   unanswered_};
  co_await begin_transit(session, reactor);
  co_await make_payloads(self);
  if (!migration.empty()) co_await transfer(reactor, owner_, migration);
  co_await exec::resume(self);
  owner_.transit().end(names_);
  owner_.settings().transit_changed();
}

FindMigrations find_migrations;

}  // namespace

void Migrations::migrate(CommandContext& c) {
  if (exec::is_resumed(c))
    return static_cast<MigrateWait*>(c.session.labels().blocked.get())->migration.finish(c);
  MigrateArguments arguments;
  if (!parse_arguments(c, &arguments)) return;
  std::vector<std::string> names;
  for (size_t i = 0; i < arguments.keys; ++i) {
    const store::Key key = c.key(arguments.first_key + i);
    if (c.db().read(key)) names.emplace_back(key.name);
  }
  if (names.empty()) return c.reply.simple("NOKEY");
  if (exec::may_block(c))
    return c.session.block(std::make_unique<MigrateWait>(c, *this, std::move(arguments), std::move(names)));
  Migration migration(*this, std::move(arguments));
  migration.make_payloads(c.db(), names, environment_of(c.dispatcher), /*watch=*/false);
  if (!migration.empty()) transfer_waiting(*this, migration);
  migration.finish(c);
}

void bind_migration_commands(exec::CommandTable& table, FindMigrations find) {
  find_migrations = find;
  table.bind("migrate", [](CommandContext& c) { find_migrations(c).migrate(c); });
}

}  // namespace gyre::cluster
