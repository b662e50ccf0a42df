// INFO's Memory section.
#include <unistd.h>

#include "gyre/server/info.h"
#include "gyre/server/server.h"
#include "memory_overview.h"

namespace gyre::server {

namespace {

/// "name" and "name_human".
void both(InfoText& out, const std::string& name, int64_t bytes) {
  out.number(name, bytes);
  out.text(name + "_human", human_bytes(static_cast<uint64_t>(bytes)));
}

/// What scripts take: nothing, as long as there are none.
void script_fields(InfoText& out) {
  out.number("used_memory_lua", 0);
  out.number("used_memory_vm_eval", 0);
  out.text("used_memory_lua_human", human_bytes(0));
  out.number("used_memory_scripts_eval", 0);
  out.number("number_of_cached_scripts", 0);
  out.number("number_of_functions", 0);
  out.number("number_of_libraries", 0);
  out.number("used_memory_vm_functions", 0);
  both(out, "used_memory_vm_total", 0);
  out.number("used_memory_functions", 0);
  both(out, "used_memory_scripts", 0);
}

void ratio_fields(const MemoryOverview& m, InfoText& out) {
  out.field("allocator_frag_ratio", "%.2f", MemoryOverview::ratio(m.active, m.used));
  out.number("allocator_frag_bytes", m.active - m.used);
  out.field("allocator_rss_ratio", "%.2f", MemoryOverview::ratio(m.rss, m.active));
  out.number("allocator_rss_bytes", m.rss - m.active);
  out.field("rss_overhead_ratio", "%.2f", 1.0);
  out.number("rss_overhead_bytes", 0);
  out.field("mem_fragmentation_ratio", "%.2f", MemoryOverview::ratio(m.rss, m.used));
  out.number("mem_fragmentation_bytes", m.rss - m.used);
}

}  // namespace

void info_memory(Server& server, InfoText& out) {
  const Config& config = server.config();
  const MemoryOverview m = memory_overview(server);
  const int64_t system_bytes = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);

  out.section("Memory");
  both(out, "used_memory", m.used);
  both(out, "used_memory_rss", m.rss);
  both(out, "used_memory_peak", m.peak);
  out.field("used_memory_peak_perc", "%.2f%%", m.peak_percent());
  out.number("used_memory_overhead", m.overhead);
  out.number("used_memory_startup", m.startup);
  out.number("used_memory_dataset", m.dataset);
  out.field("used_memory_dataset_perc", "%.2f%%", m.dataset_percent());
  out.number("allocator_allocated", m.used);
  out.number("allocator_active", m.active);
  out.number("allocator_resident", m.rss);
  both(out, "total_system_memory", system_bytes);
  script_fields(out);
  both(out, "maxmemory", static_cast<int64_t>(config.maxmemory.get()));
  out.text("maxmemory_policy", config.get_one("maxmemory-policy").value_or("noeviction"));
  ratio_fields(m, out);
  const repl::Primary& primary = server.primary();
  const uint64_t stream = primary.journal().footprint(), beyond = primary.bytes_beyond_backlog();
  out.number("mem_not_counted_for_evict", beyond);
  out.number("mem_replication_backlog", stream - beyond);
  out.number("mem_total_replication_buffers", stream);
  out.number("mem_clients_slaves", beyond);
  out.number("mem_clients_normal", m.clients);
  out.number("mem_cluster_links", 0);
  out.number("mem_aof_buffer", 0);
  out.text("mem_allocator", allocator_name());
  out.number("active_defrag_running", 0);
  out.number("lazyfree_pending_objects", store::lazyfree_pending());
  out.number("lazyfreed_objects", store::lazyfreed_objects());
}

}  // namespace gyre::server
