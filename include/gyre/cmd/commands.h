// The data commands: one bind function a family, called once at start. Bodies run under what the dispatcher
// holds for them (I1) and never suspend (I2); they read what they need to know of the configuration from
// cmd::Environment, which the server hands to the dispatcher.
#pragma once

namespace gyre::exec {
class CommandTable;
class Dispatcher;
}  // namespace gyre::exec

namespace gyre::cmd {

/// GET, SET, INCR, APPEND, LCS, ...: all of the string group.
void bind_string_commands(exec::CommandTable& table);
/// HSET, HGET, HINCRBY, HSCAN, ...: all of the hash group.
void bind_hash_commands(exec::CommandTable& table);
/// LPUSH, LRANGE, LMOVE, ...: all of the list group.
void bind_list_commands(exec::CommandTable& table);
/// SADD, SINTER, SPOP, SSCAN, ...: all of the set group.
void bind_set_commands(exec::CommandTable& table);
/// ZADD, ZRANGE, ZUNIONSTORE, ...: all of the sorted set group.
void bind_zset_commands(exec::CommandTable& table);
/// GEOADD, GEODIST, GEOSEARCH, ...: sorted sets whose scores are positions on Earth.
void bind_geo_commands(exec::CommandTable& table);
/// SETBIT, BITCOUNT, BITOP, BITFIELD, ...: strings as bits.
void bind_bitmap_commands(exec::CommandTable& table);
/// PFADD, PFCOUNT, PFMERGE, ...: strings that are HyperLogLogs.
void bind_hyperloglog_commands(exec::CommandTable& table);
/// DEL, EXPIRE, TTL, RENAME, COPY, OBJECT, ...: what works on keys of any type.
void bind_generic_commands(exec::CommandTable& table);
/// SCAN, KEYS, DBSIZE, FLUSHALL, SWAPDB, ...: what works on whole databases; and SELECT, PING, ECHO, TIME.
void bind_keyspace_commands(exec::CommandTable& table);
/// All of the above.
void bind_data_commands(exec::CommandTable& table);

/// Sets the lock plans that differ from what the rows' keys say. After binding, before start.
void plan_commands(exec::Dispatcher& dispatcher);

}  // namespace gyre::cmd
