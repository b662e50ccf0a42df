// TLS. Without a TLS port, and without TLS for replication and the cluster bus, the other directives of this
// group configure nothing.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kAuthNames[] = {named("no", TlsAuthClients::kNo), named("yes", TlsAuthClients::kYes),
                                   named("optional", TlsAuthClients::kOptional)};
constexpr uint32_t kFile = kVolatile | kEmptyIsNull;

constinit const ConfigRow kRows[] = {
    number<&Config::tls_port>("tls-port", 0, {0, 65535}, kModifiable, kRequired,
                              "Port for TLS; 0 listens on none."),
    text<&Config::tls_cert_file>("tls-cert-file", "", kFile, kHarmless, "Certificate of this server (PEM)."),
    text<&Config::tls_key_file>("tls-key-file", "", kFile, kHarmless,
                                "Private key of the certificate (PEM)."),
    text<&Config::tls_key_file_pass>("tls-key-file-pass", "", kEmptyIsNull, kHarmless,
                                     "Password of the private key."),
    text<&Config::tls_client_cert_file>("tls-client-cert-file", "", kFile, kHarmless,
                                        "Certificate for connections that this server opens."),
    text<&Config::tls_client_key_file>("tls-client-key-file", "", kFile, kHarmless,
                                       "Private key for connections that this server opens."),
    text<&Config::tls_client_key_file_pass>("tls-client-key-file-pass", "", kEmptyIsNull, kHarmless,
                                            "Password of that private key."),
    text<&Config::tls_dh_params_file>("tls-dh-params-file", "", kFile, kHarmless,
                                      "Diffie-Hellman parameters for old versions of OpenSSL."),
    text<&Config::tls_ca_cert_file>("tls-ca-cert-file", "", kFile, kHarmless,
                                    "Certificates of the authorities that are trusted, in one file."),
    text<&Config::tls_ca_cert_dir>("tls-ca-cert-dir", "", kFile, kHarmless,
                                   "Certificates of the authorities that are trusted, in a directory."),
    choice<&Config::tls_auth_clients>("tls-auth-clients", kAuthNames, static_cast<int>(TlsAuthClients::kYes),
                                      kModifiable, kHarmless, "Whether clients must show a certificate."),
    boolean<&Config::tls_replication>("tls-replication", false, kModifiable, kRequired,
                                      "Use TLS for the link to the primary."),
    boolean<&Config::tls_cluster>("tls-cluster", false, kModifiable, kRequired,
                                  "Use TLS for the cluster bus."),
    text<&Config::tls_protocols>("tls-protocols", "", kEmptyIsNull, kHarmless, "TLS versions to allow."),
    text<&Config::tls_ciphers>("tls-ciphers", "", kEmptyIsNull, kHarmless, "Ciphers to allow up to TLS 1.2."),
    text<&Config::tls_ciphersuites>("tls-ciphersuites", "", kEmptyIsNull, kHarmless,
                                    "Cipher suites to allow in TLS 1.3."),
    boolean<&Config::tls_prefer_server_ciphers>("tls-prefer-server-ciphers", false, kModifiable, kHarmless,
                                                "Choose by the server's order of ciphers."),
    boolean<&Config::tls_session_caching>("tls-session-caching", true, kModifiable, kHarmless,
                                          "Let clients resume sessions."),
    number<&Config::tls_session_cache_size>("tls-session-cache-size", 20 * 1024, {}, kModifiable, kHarmless,
                                            "Sessions kept for resuming; 0 is no limit."),
    number<&Config::tls_session_cache_timeout>("tls-session-cache-timeout", 300, {}, kModifiable, kHarmless,
                                               "Seconds a session is kept for resuming."),
};

}  // namespace

std::span<const ConfigRow> tls_rows() { return kRows; }

}  // namespace gyre::server::rows
