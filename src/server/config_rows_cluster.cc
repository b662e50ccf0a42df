// Redis Cluster.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kEndpointNames[] = {named("ip", EndpointType::kIp),
                                       named("hostname", EndpointType::kHostname),
                                       named("unknown-endpoint", EndpointType::kUnknown)};

constexpr size_t kMaxHostLength = 256;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool check_hostname(Config&, const std::string& value, std::string& error) {
  if (value.size() >= kMaxHostLength) {
    error = "Hostnames must be less than 256 characters";
    return false;
  }
  for (char c : value) {
    if (is_alphanumeric(c) || c == '-' || c == '.') continue;
    error = "Hostnames may only contain alphanumeric characters, hyphens or dots";
    return false;
  }
  return true;
}

bool check_nodename(Config&, const std::string& value, std::string& error) {
  // These characters separate fields in nodes.conf and in messages on the bus.
  constexpr std::string_view kForbidden("!#$%&()*+:;<>?@[]^{|}~\0", 23);
  if (value.find_first_of(kForbidden) == std::string::npos) return true;
  error = "Announced human node name contained invalid character";
  return false;
}

constinit const ConfigRow kRows[] = {
    boolean<&Config::cluster_enabled>("cluster-enabled", false, kImmutable, kRequired,
                                      "Be a node of a cluster."),
    text<&Config::cluster_config_file>("cluster-config-file", "nodes.conf", kImmutable, kHarmless,
                                       "File in dir where a node keeps what it knows of the cluster."),
    number<&Config::cluster_node_timeout>("cluster-node-timeout", 15000, {0, kAny}, kModifiable, kHarmless,
                                          "Milliseconds of silence after which a node may have failed."),
    number<&Config::cluster_ping_interval>(
        "cluster-ping-interval", 0, {0, kAny}, kHidden, kHarmless,
        "For tests: milliseconds between pings on the bus; 0 is the usual pace."),
    number<&Config::cluster_port>("cluster-port", 0, {0, 65535}, kImmutable, kHarmless,
                                  "Port of the cluster bus; 0 is the client port plus 10000."),
    number<&Config::cluster_replica_validity_factor>(
        "cluster-replica-validity-factor", 10, {}, kModifiable, kHarmless,
        "A replica cut off for longer than this many node timeouts "
        "does not try to fail over; 0 always tries.")
        .with_alias("cluster-slave-validity-factor"),
    number<&Config::cluster_migration_barrier>(
        "cluster-migration-barrier", 1, {}, kModifiable, kHarmless,
        "Replicas a primary keeps when one moves to an orphaned primary."),
    boolean<&Config::cluster_allow_replica_migration>("cluster-allow-replica-migration", true, kModifiable,
                                                      kHarmless, "Let replicas move to orphaned primaries."),
    boolean<&Config::cluster_require_full_coverage>("cluster-require-full-coverage", true, kModifiable,
                                                    kHarmless, "Serve nothing while a slot has no node."),
    boolean<&Config::cluster_replica_no_failover>("cluster-replica-no-failover", false, kModifiable,
                                                  kHarmless, "Never fail over by itself to this replica.")
        .with_alias("cluster-slave-no-failover"),
    boolean<&Config::cluster_allow_reads_when_down>("cluster-allow-reads-when-down", false, kModifiable,
                                                    kHarmless, "Answer reads while the cluster is down."),
    boolean<&Config::cluster_allow_pubsubshard_when_down>("cluster-allow-pubsubshard-when-down", true,
                                                          kModifiable, kHarmless,
                                                          "Serve shard channels while the cluster is down."),
    memory<&Config::cluster_link_sendbuf_limit>("cluster-link-sendbuf-limit", 0, {0, kUnsignedAny},
                                                kModifiable, kHarmless,
                                                "Output waiting on one bus link before it is closed."),
    text<&Config::cluster_announce_ip>("cluster-announce-ip", "", kEmptyIsNull, kHarmless,
                                       "Address this node gives to the others."),
    text<&Config::cluster_announce_hostname>("cluster-announce-hostname", "", kEmptyIsNull, kHarmless,
                                             "Host name this node gives to the others.")
        .checked(check_hostname),
    text<&Config::cluster_announce_human_nodename>("cluster-announce-human-nodename", "", kEmptyIsNull,
                                                   kHarmless, "Name of this node for people, used in logs.")
        .checked(check_nodename),
    number<&Config::cluster_announce_port>("cluster-announce-port", 0, {0, 65535}, kModifiable, kHarmless,
                                           "Client port this node gives to the others; 0 is its own."),
    number<&Config::cluster_announce_tls_port>("cluster-announce-tls-port", 0, {0, 65535}, kModifiable,
                                               kHarmless,
                                               "TLS port this node gives to the others; 0 is its own."),
    number<&Config::cluster_announce_bus_port>("cluster-announce-bus-port", 0, {0, 65535}, kModifiable,
                                               kHarmless,
                                               "Bus port this node gives to the others; 0 is its own."),
    choice<&Config::cluster_preferred_endpoint_type>("cluster-preferred-endpoint-type", kEndpointNames, 0,
                                                     kModifiable, kHarmless,
                                                     "What MOVED, ASK and CLUSTER SLOTS name a node by."),
};

}  // namespace

std::span<const ConfigRow> cluster_rows() { return kRows; }

}  // namespace gyre::server::rows
