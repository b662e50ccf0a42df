// What configuration values are made of: cells that any thread reads while CONFIG SET writes them, and the
// enumerations and small structures they hold.
//
// Owner: a Config object (config.h), for as long as the server runs. Cells of numbers, booleans and choices
// are atomics read and written relaxed: each value stands alone, and a reader that sees the old one for an
// instant longer is correct. Larger values are guarded by a small lock and returned as copies; do not read
// them on a command's path.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gyre::server {

/// The untyped part of a number, which rows point to. Unsigned 64-bit values keep their bits.
class NumberCell {
 public:
  int64_t raw() const { return raw_.load(std::memory_order_relaxed); }
  void set_raw(int64_t value) { raw_.store(value, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> raw_{0};
};

template <class T>
class Number : public NumberCell {
 public:
  T get() const { return static_cast<T>(raw()); }
  operator T() const { return get(); }
  void set(T value) { set_raw(static_cast<int64_t>(value)); }
};

class Flag {
 public:
  bool get() const { return value_.load(std::memory_order_relaxed); }
  operator bool() const { return get(); }
  void set(bool value) { value_.store(value, std::memory_order_relaxed); }

 private:
  std::atomic<bool> value_{false};
};

/// The untyped part of an enumeration, which rows point to.
class ChoiceCell {
 public:
  int raw() const { return raw_.load(std::memory_order_relaxed); }
  void set_raw(int value) { raw_.store(value, std::memory_order_relaxed); }

 private:
  std::atomic<int> raw_{0};
};

template <class E>
class Choice : public ChoiceCell {
 public:
  E get() const { return static_cast<E>(raw()); }
  operator E() const { return get(); }
  void set(E value) { set_raw(static_cast<int>(value)); }
};

template <class T>
class Guarded {
 public:
  T get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }
  void set(T value) {
    std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

using Text = Guarded<std::string>;

// ---- enumerations (the names that the file uses stand beside the rows)

enum class EvictionPolicy {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllkeysLru,
  kAllkeysLfu,
  kAllkeysRandom,
  kNoEviction
};
enum class Supervised { kNo, kAuto, kSystemd, kUpstart };
enum class AppendFsync { kEverysec, kAlways, kNo };
enum class DisklessLoad { kDisabled, kOnEmptyDb, kSwapdb };
enum class TlsAuthClients { kNo, kYes, kOptional };
enum class OomScoreAdj { kNo, kRelative, kAbsolute };
enum class SanitizePayload { kNo, kYes, kClients };
enum class PubsubDefault { kResetChannels, kAllChannels };
/// Who may use what is switched off by default: nobody, everybody, or clients on loopback and Unix sockets.
enum class Permission { kNo, kYes, kLocal };
enum class EndpointType { kIp, kHostname, kUnknown };
enum class PropagationError { kIgnore, kPanic, kPanicOnReplicas };
enum class IoBackend { kAuto, kIoUring, kEpoll };
enum class ZeroCopy { kAuto, kOn, kOff };
/// Bits of shutdown-on-sigint and shutdown-on-sigterm; zero is "default".
enum ShutdownFlag : int { kShutdownSave = 1, kShutdownNosave = 2, kShutdownNow = 4, kShutdownForce = 8 };

/// Bits of notify-keyspace-events, with Redis's values.
enum NotifyFlag : int {
  kNotifyKeyspace = 1 << 0,
  kNotifyKeyevent = 1 << 1,
  kNotifyGeneric = 1 << 2,
  kNotifyString = 1 << 3,
  kNotifyList = 1 << 4,
  kNotifySet = 1 << 5,
  kNotifyHash = 1 << 6,
  kNotifyZset = 1 << 7,
  kNotifyExpired = 1 << 8,
  kNotifyEvicted = 1 << 9,
  kNotifyStream = 1 << 10,
  kNotifyKeyMiss = 1 << 11,
  kNotifyModule = 1 << 13,
  kNotifyNew = 1 << 14,
  /// "A": everything but misses and new keys.
  kNotifyAll = kNotifyGeneric | kNotifyString | kNotifyList | kNotifySet | kNotifyHash | kNotifyZset |
               kNotifyExpired | kNotifyEvicted | kNotifyStream | kNotifyModule
};

/// Bits of io-uring-features.
enum UringFeature : uint32_t {
  kUringSingleIssuer = 1 << 0,
  kUringDeferTaskrun = 1 << 1,
  kUringMultishotAccept = 1 << 2,
  kUringMultishotRecv = 1 << 3,
  kUringBufferRing = 1 << 4,
  kUringRecvBundle = 1 << 5,
  kUringIncrementalBuffers = 1 << 6,
  kUringSendZc = 1 << 7,
  kUringMsgRing = 1 << 8,
  kUringNoIowait = 1 << 9,
  kUringRegisteredRing = 1 << 10,
  kUringSilentSends = 1 << 11,
  kUringAll = (1 << 12) - 1
};

// ---- structured values

struct SavePoint {
  int64_t seconds = 0;
  int changes = 0;
  bool operator==(const SavePoint&) const = default;
};

/// Whom this server replicates; an empty host means that it is a primary.
struct ReplicaOf {
  std::string host;
  int port = 0;
  bool operator==(const ReplicaOf&) const = default;
};

enum class ClientClass { kNormal, kReplica, kPubsub };
constexpr int kClientClasses = 3;

/// Bytes waiting to be sent to one client: above `hard_bytes` it is dropped at once, above `soft_bytes` for
/// longer than `soft_seconds` too. Zero bytes is no limit.
struct OutputLimit {
  Number<uint64_t> hard_bytes;
  Number<uint64_t> soft_bytes;
  Number<int64_t> soft_seconds;
};

using OutputLimits = std::array<OutputLimit, kClientClasses>;
/// oom_score_adj of a primary, a replica and a background child.
using OomScoreAdjValues = std::array<Number<int>, 3>;

}  // namespace gyre::server
