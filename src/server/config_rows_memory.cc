// Limits, eviction, expiry, and the sizes at which collections change their layout.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;
using enum EvictionPolicy;

constexpr EnumName kPolicyNames[] = {
    named("volatile-lru", kVolatileLru),       named("volatile-lfu", kVolatileLfu),
    named("volatile-random", kVolatileRandom), named("volatile-ttl", kVolatileTtl),
    named("allkeys-lru", kAllkeysLru),         named("allkeys-lfu", kAllkeysLfu),
    named("allkeys-random", kAllkeysRandom),   named("noeviction", kNoEviction)};

/// Gyre's allocator cannot move live blocks to where they fit better; Redis refuses in the same words when it
/// was built for such an allocator.
bool check_active_defrag(int64_t& value, std::string& error) {
  if (value == 0) return true;
  error =
      "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified "
      "Jemalloc like "
      "the one shipped by default with the Redis source distribution";
  return false;
}

constinit const ConfigRow kRows[] = {
    number<&Config::databases>("databases", 16, {1, INT_MAX}, kImmutable, kExists, "Numbered databases."),
    memory<&Config::maxmemory>(
        "maxmemory", 0, {0, kUnsignedAny}, kModifiable, kExists,
        "Memory for data; above it keys are evicted or writes refused. 0 is no limit."),
    choice<&Config::maxmemory_policy>("maxmemory-policy", kPolicyNames, static_cast<int>(kNoEviction),
                                      kModifiable, kHarmless, "Which keys go when maxmemory is reached."),
    number<&Config::maxmemory_samples>("maxmemory-samples", 5, {1, INT_MAX}, kModifiable, kHarmless,
                                       "Keys looked at to find one worth evicting."),
    number<&Config::maxmemory_eviction_tenacity>("maxmemory-eviction-tenacity", 10, {0, 100}, kModifiable,
                                                 kHarmless,
                                                 "How long eviction may hold up commands, 0 to 100."),
    number<&Config::lfu_log_factor>("lfu-log-factor", 10, {}, kModifiable, kHarmless,
                                    "How slowly the access counter of the LFU policies saturates."),
    number<&Config::lfu_decay_time>(
        "lfu-decay-time", 1, {}, kModifiable, kHarmless,
        "Minutes after which the access counter of the LFU policies falls by one."),
    number<&Config::active_expire_effort>("active-expire-effort", 1, {1, 10}, kModifiable, kHarmless,
                                          "How hard expired keys are looked for in the background, 1 to 10."),
    boolean<&Config::lazyfree_lazy_eviction>("lazyfree-lazy-eviction", false, kDebug, kHarmless,
                                             "Free evicted values in the background (Gyre always does)."),
    boolean<&Config::lazyfree_lazy_expire>("lazyfree-lazy-expire", false, kDebug, kHarmless,
                                           "Free expired values in the background (Gyre always does)."),
    boolean<&Config::lazyfree_lazy_server_del>(
        "lazyfree-lazy-server-del", false, kDebug, kHarmless,
        "Free overwritten values in the background (Gyre always does)."),
    boolean<&Config::lazyfree_lazy_user_del>(
        "lazyfree-lazy-user-del", false, kDebug, kHarmless,
        "Let DEL free in the background, as UNLINK does (Gyre always does)."),
    boolean<&Config::lazyfree_lazy_user_flush>(
        "lazyfree-lazy-user-flush", false, kDebug, kHarmless,
        "Let FLUSHALL and FLUSHDB free in the background (Gyre always does)."),
    boolean<&Config::activerehashing>("activerehashing", true, kModifiable, kHarmless,
                                      "Rehash in idle time; Gyre's table grows without rehashing."),
    boolean<&Config::activedefrag>(
        "activedefrag", false, kDebug, kHarmless,
        "Move values in memory to undo fragmentation; refused, as Redis without its "
        "own jemalloc refuses it.")
        .checked(check_active_defrag),
    number<&Config::active_defrag_cycle_min>("active-defrag-cycle-min", 1, {1, 99}, kModifiable, kHarmless,
                                             "Percent of a core for defragmentation at its lower threshold."),
    number<&Config::active_defrag_cycle_max>("active-defrag-cycle-max", 25, {1, 99}, kModifiable, kHarmless,
                                             "Percent of a core for defragmentation at its upper threshold."),
    number<&Config::active_defrag_threshold_lower>("active-defrag-threshold-lower", 10, {0, 1000},
                                                   kModifiable, kHarmless,
                                                   "Percent of fragmentation that starts the work."),
    number<&Config::active_defrag_threshold_upper>("active-defrag-threshold-upper", 100, {0, 1000},
                                                   kModifiable, kHarmless,
                                                   "Percent of fragmentation that gets full effort."),
    memory<&Config::active_defrag_ignore_bytes>("active-defrag-ignore-bytes", 100 << 20, {1, kAny},
                                                kModifiable, kHarmless,
                                                "Fragmentation below this is left alone."),
    number<&Config::active_defrag_max_scan_fields>("active-defrag-max-scan-fields", 1000, {1, kAny},
                                                   kModifiable, kHarmless,
                                                   "Collections up to this size are moved at once."),
    boolean<&Config::jemalloc_bg_thread>("jemalloc-bg-thread", true, kModifiable, kHarmless,
                                         "Background purging of jemalloc; Gyre uses another allocator."),
    boolean<&Config::disable_thp>(
        "disable-thp", true, kImmutable, kHarmless,
        "Ask for no transparent huge pages; Gyre does not fork, so they do it no harm."),

    number<&Config::hash_max_listpack_entries>("hash-max-listpack-entries", 512, {0, kAny}, kModifiable,
                                               kExists, "Fields up to which a hash is stored as a listpack.")
        .with_alias("hash-max-ziplist-entries"),
    memory<&Config::hash_max_listpack_value>("hash-max-listpack-value", 64, {0, kAny}, kModifiable, kExists,
                                             "Longest field or value of a hash stored as a listpack.")
        .with_alias("hash-max-ziplist-value"),
    number<&Config::list_max_listpack_size>(
        "list-max-listpack-size", -2, {INT_MIN, INT_MAX}, kModifiable, kExists,
        "Elements in a node of a list; -1 to -5 mean 4, 8, 16, 32 or 64 kb.")
        .with_alias("list-max-ziplist-size"),
    number<&Config::list_compress_depth>(
        "list-compress-depth", 0, {0, INT_MAX}, kDebug, kExists,
        "Nodes at each end of a list that stay uncompressed; 0 compresses none."),
    number<&Config::set_max_intset_entries>("set-max-intset-entries", 512, {0, kAny}, kModifiable, kExists,
                                            "Members up to which a set of integers is stored as an intset."),
    number<&Config::set_max_listpack_entries>("set-max-listpack-entries", 128, {0, kAny}, kModifiable,
                                              kExists, "Members up to which a set is stored as a listpack."),
    number<&Config::set_max_listpack_value>("set-max-listpack-value", 64, {0, kAny}, kModifiable, kExists,
                                            "Longest member of a set stored as a listpack."),
    number<&Config::zset_max_listpack_entries>("zset-max-listpack-entries", 128, {0, kAny}, kModifiable,
                                               kExists,
                                               "Members up to which a sorted set is stored as a listpack.")
        .with_alias("zset-max-ziplist-entries"),
    memory<&Config::zset_max_listpack_value>("zset-max-listpack-value", 64, {0, kAny}, kModifiable, kExists,
                                             "Longest member of a sorted set stored as a listpack.")
        .with_alias("zset-max-ziplist-value"),
    memory<&Config::stream_node_max_bytes>("stream-node-max-bytes", 4096, {0, kAny}, kModifiable, kExists,
                                           "Bytes in a node of a stream; 0 is no limit."),
    number<&Config::stream_node_max_entries>("stream-node-max-entries", 100, {0, kAny}, kModifiable, kExists,
                                             "Entries in a node of a stream; 0 is no limit."),
    memory<&Config::hll_sparse_max_bytes>("hll-sparse-max-bytes", 3000, {0, kAny}, kModifiable, kExists,
                                          "Size up to which a HyperLogLog stays sparse."),
    number<&Config::tracking_table_max_keys>("tracking-table-max-keys", 1000000, {0, kAny}, kModifiable,
                                             kHarmless,
                                             "Keys remembered for client-side caching; 0 is no limit."),
};

}  // namespace

std::span<const ConfigRow> memory_rows() { return kRows; }

}  // namespace gyre::server::rows
