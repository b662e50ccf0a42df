// Versions that clients and logs see.
#pragma once

namespace gyre::server {

constexpr const char* kGyreVersion = "0.1.0";
/// The Redis whose behaviour this is.
constexpr const char* kRedisVersion = "7.2.4";

}  // namespace gyre::server
