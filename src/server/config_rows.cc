// The table of all rows, and finding one by name.
#include "gyre/server/config_rows.h"

#include "config_row_builders.h"
#include "config_text.h"

namespace gyre::server {
namespace {

struct RowTable {
  std::vector<const ConfigRow*> rows;
  std::unordered_map<std::string, const ConfigRow*> by_name;

  RowTable() {
    add(rows::network_rows());
    add(rows::general_rows());
    add(rows::memory_rows());
    add(rows::persistence_rows());
    add(rows::replication_rows());
    add(rows::security_rows());
    add(rows::tls_rows());
    add(rows::cluster_rows());
  }

  void add(std::span<const ConfigRow> group) {
    for (const ConfigRow& row : group) {
      rows.push_back(&row);
      by_name.emplace(row.name, &row);
      if (!row.alias.empty()) by_name.emplace(row.alias, &row);
    }
  }
};

/// Built on first use: the groups' tables live in other translation units. Never changed afterwards.
const RowTable& table() {
  static const RowTable kTable;
  return kTable;
}

}  // namespace

std::span<const ConfigRow* const> config_rows() { return table().rows; }

const ConfigRow* find_config_row(std::string_view name) {
  const auto found = table().by_name.find(to_lower(name));
  return found == table().by_name.end() ? nullptr : found->second;
}

}  // namespace gyre::server
