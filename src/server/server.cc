// Start, run, stop; the clients.
#include "gyre/server/server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "environment.h"
#include "replication_environment.h"
#include "expiry_state.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "gyre/cluster/migrations.h"
#include "gyre/exec/transaction_commands.h"
#include "gyre/server/client.h"
#include "gyre/server/commands.h"
#include "gyre/server/listeners.h"
#include "gyre/server/thread_reports.h"
#include "gyre/server/watchdog.h"
#include "gyre/server/process.h"
#include "persistence.h"

namespace gyre::server {

using base::LogLevel;

namespace {

constexpr int64_t kCloseDownPollUs = 5'000;

constexpr std::string_view kProtectedMode =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for "
    "the default "
    "user. In this mode connections are only accepted from the loopback interface. If you want to connect "
    "from external "
    "computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending "
    "the command "
    "'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host "
    "the server is "
    "running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG "
    "REWRITE to make this "
    "change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis "
    "configuration file, and "
    "setting the protected mode option to 'no', and then restarting the server. 3) If you started the server "
    "manually just "
    "for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for "
    "the default "
    "user. NOTE: You only need to do one of the above things in order for the server to start accepting "
    "connections from the "
    "outside.\r\n";

/// Loopback addresses and unix sockets.
bool from_this_host(int fd) {
  sockaddr_storage peer{};
  socklen_t length = sizeof(peer);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return true;  // gone already
  if (peer.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<sockaddr_in&>(peer).sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  if (peer.ss_family != AF_INET6) return true;
  const in6_addr& address = reinterpret_cast<sockaddr_in6&>(peer).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == IN_LOOPBACKNET);
}

}  // namespace

Server::Server(Config& config)
    : config_(config),
      environment_(std::make_unique<ServerEnvironment>(config)),
      run_id_(base::random_hex(40)) {
  counters_.started_ms = base::wall_ms();
  counters_.started_us = base::monotonic_us();
}

Server::~Server() = default;

bool Server::start(std::string* error) {
  listeners_ = std::make_unique<Listeners>(*this);
  if (!listeners_->allow_descriptors(error)) return false;
  if (!make_reactors(error)) return false;
  store::free_large_blobs_apart();
  const unsigned threads = reactor_count();
  keyspace_ = std::make_unique<store::Keyspace>(store::KeyspaceOptions{
      .reactors = threads, .databases = static_cast<unsigned>(config_.databases.get())});
  // The configuration has checked them.
  for (const Declaration& declared : config_.declarations())
    if (declared.words[0] == "rename-command") (void)table_.rename(declared.words[1], declared.words[2]);
  bind_all_commands(table_);
  dispatcher_ = std::make_unique<exec::Dispatcher>(table_, *keyspace_, *this);
  dispatcher_->set_host(this);
  dispatcher_->set_environment(static_cast<const cmd::Environment*>(environment_.get()));
  plan_all_commands(*dispatcher_, *this);
  std::vector<io::Reactor*> all_reactors;
  for (const auto& reactor : reactors_) all_reactors.push_back(reactor.get());
  replication_environment_ = std::make_unique<ReplicationEnvironment>(*this);
  primary_ = std::make_unique<repl::Primary>(*keyspace_, *dispatcher_, std::move(all_reactors), *replication_environment_);
  dispatcher_->propagation = primary_.get();
  migrations_ = std::make_unique<cluster::Migrations>(
      cluster::MigrationSettings{.cluster = config_.cluster_enabled, .transit_changed = [this] { update_conditions(); }});
  persistence_ = std::make_unique<Persistence>(*this);
  environment_->persistence = persistence_.get();
  for (unsigned i = 0; i < threads; ++i) {
    dispatcher_->add_reactor();
    closing_.push_back(std::make_unique<coro::Scope>());
    expiry_.push_back(std::make_unique<ExpiryState>(*keyspace_));
    reactors_[i]->add_background([this, i] { return expire_slice(i); });
    evictors_.push_back(std::make_unique<store::Evictor>(*keyspace_));
    reactors_[i]->add_background([this, i] { return evict_slice(i); });
    reactors_[i]->add_background([this, i] { return primary_->turn(i); });
  }
  watchdog_ = std::make_unique<Watchdog>(config_, threads);
  apply_config();
  counters_.startup_memory = used_memory();
  counters_.peak_memory = counters_.startup_memory;
  counters_.rss = static_cast<int64_t>(base::resident_bytes());
  if (!persistence_->open_file()) return false;
  update_conditions();
  return listeners_->open(error);
}

repl::Settings Server::image_settings() const { return replication_environment_->settings(); }

int Server::run() {
  for (unsigned i = 1; i < reactor_count(); ++i)
    threads_.emplace_back([this, i] {
      reactors_[i]->call([this, i] { reactors_[i]->scope().spawn(cron_loop(i)); });
      run_reactor(i);
    });
  reactors_[0]->call([this] {
    reactors_[0]->scope().spawn(cron_loop(0));
    primary_->start();
    if (persistence_->loading()) {
      reactors_[0]->scope().spawn(persistence_->load());
    } else {
      log_ready(config_);
    }
    listeners_->accept();
  });
  watchdog_->start();
  run_reactor(0);
  for (std::thread& thread : threads_) thread.join();
  // A reactor may have been written to by one that stopped later; the mail's memory goes before the reactors do.
  for (const auto& reactor : reactors_) reactor->drop_mail();
  watchdog_->stop();
  return exit_code_.load();
}

void Server::run_reactor(unsigned index) {
  const ReportedReactor reported(*reactors_[index], *dispatcher_->reactors()[index]);
  reactors_[index]->run();
}

void Server::request_shutdown(int exit_code) {
  if (stopping_.exchange(true)) return;
  exit_code_ = exit_code;
  migrations_->stop();
  for (unsigned i = 0; i < reactor_count(); ++i)
    reactors_[i]->call([this, i] { closing_[i]->spawn(close_down(i)); });
}

/// Ends everything that lives on one reactor, then the reactor itself.
coro::Task<void> Server::close_down(unsigned index) {
  if (index == 0) {
    unpause();
    co_await listeners_->close();
  }
  coro::Scope& scope = reactors_[index]->scope();
  scope.request_stop();
  while (scope.running() != 0) {
    // Again each time: a connection may have been on its way here.
    for (Client* client : std::vector<Client*>(locals_[index].clients)) client->shutdown_now();
    co_await reactors_[index]->sleep_us(kCloseDownPollUs);
  }
  reactors_[index]->stop();
}

// ---- clients ----

void Server::accepted(int fd) {
  const size_t limit = config_.maxclients;
  std::string_view refusal;
  if (client_count_.load(std::memory_order_relaxed) >= limit) {
    refusal = "-ERR max number of clients reached\r\n";
  } else if (config_.protected_mode && config_.requirepass.get().empty() && !from_this_host(fd)) {
    refusal = kProtectedMode;
  }
  if (!refusal.empty()) {
    (void)::send(fd, refusal.data(), refusal.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::close(fd);
    ++counters_.connections_rejected;
    return;
  }
  // To the reactor with the fewest clients, so that no thread ends up with most of the load.
  unsigned best = 0;
  for (unsigned i = 1; i < reactor_count(); ++i)
    if (clients_of_[i].load(std::memory_order_relaxed) < clients_of_[best].load(std::memory_order_relaxed))
      best = i;
  clients_of_[best].fetch_add(1, std::memory_order_relaxed);
  client_count_.fetch_add(1, std::memory_order_relaxed);
  ++counters_.connections_received;
  if (best == io::Reactor::current()->index()) {
    reactors_[best]->scope().spawn(serve(fd, best));
  } else {
    reactors_[best]->call([this, fd, best] { reactors_[best]->scope().spawn(serve(fd, best)); });
  }
}

coro::Task<void> Server::serve(int fd, unsigned index) {
  io::Reactor& reactor = *reactors_[index];
  auto client = std::make_unique<Client>(*this, reactor, *dispatcher_->reactors()[index], reactor.adopt(fd),
                                         next_client_id_.fetch_add(1, std::memory_order_relaxed));
  co_await client->serve();
  clients_of_[index].fetch_sub(1, std::memory_order_relaxed);
  client_count_.fetch_sub(1, std::memory_order_relaxed);
}

void Server::add_client(Client& client) {
  if (!config_.requirepass.get().empty()) client.session().flags |= exec::session_flag::kUnauthenticated;
  std::vector<Client*>& local = locals_[client.reactor_index()].clients;
  client.place = static_cast<uint32_t>(local.size());
  local.push_back(&client);
  std::lock_guard lock(clients_mutex_);
  clients_.emplace(client.session().id, &client);
}

void Server::remove_client(Client& client) {
  std::vector<Client*>& local = locals_[client.reactor_index()].clients;
  local[client.place] = local.back();
  local[client.place]->place = client.place;
  local.pop_back();
  std::lock_guard lock(clients_mutex_);
  clients_.erase(client.session().id);
}

const std::string& Server::intern_address(std::string address) {
  std::lock_guard lock(clients_mutex_);
  return *addresses_.insert(std::move(address)).first;
}

Client* Server::find_client(uint64_t id) {
  std::lock_guard lock(clients_mutex_);
  auto it = clients_.find(id);
  return it == clients_.end() ? nullptr : it->second;
}

}  // namespace gyre::server
