// DEBUG DIGEST and DIGEST-VALUE: a fingerprint of the data set, equal to what Redis 7.2 computes for the same
// data (debug.c): the order of keys does not count, contents, types, databases and the presence of an expiry
// do.
#pragma once

#include <string>

#include "gyre/store/keyspace.h"

namespace gyre::server {

/// 40 hexadecimal digits. With the gate closed.
std::string dataset_digest(store::Keyspace& keyspace);
/// Of one value; null: no such key. Its shard held.
std::string value_digest(const store::Entry* entry);

}  // namespace gyre::server
