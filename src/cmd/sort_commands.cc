// SORT and SORT_RO.
#include <algorithm>

#include "generic_commands.h"
#include "list_builder.h"
#include "list_value.h"
#include "set_view.h"
#include "sort_order.h"
#include "sort_request.h"
#include "text_arena.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

struct Sorting {
  SortRequest request;
  TextArena texts;
  std::vector<SortItem> items;
  size_t begin = 0, end = 0;  // of the items, what is asked for

  void add(std::string_view text) { items.push_back({.text = texts.add_terminated(text)}); }
};

bool sortable(const Entry& entry) {
  return entry.type() == store::Type::kList || entry.type() == store::Type::kSet ||
         entry.type() == store::Type::kZset;
}

uint64_t size_of(const Entry& entry) {
  if (entry.type() == store::Type::kList) return list_size(entry);
  return entry.type() == store::Type::kSet ? SetView(entry).size() : ZsetView(entry).size();
}

/// What LIMIT leaves of `size` elements.
void set_range(Sorting& job, uint64_t size) {
  const auto n = static_cast<int64_t>(size);
  const int64_t begin = std::clamp<int64_t>(job.request.offset, 0, n);
  const int64_t count = job.request.count < 0 ? n - begin : std::min(job.request.count, n - begin);
  job.begin = static_cast<size_t>(begin);
  job.end = static_cast<size_t>(begin + count);
}

/// All elements, in whatever order the value has them.
void load_all(Sorting& job, const Entry& entry) {
  if (entry.type() == store::Type::kList) {
    store::for_each_listed(entry, [&](std::string_view text) { job.add(text); });
  } else if (entry.type() == store::Type::kSet) {
    store::for_each_member(entry, [&](std::string_view text) { job.add(text); });
  } else {
    store::for_each_scored(entry, [&](std::string_view text, double) { job.add(text); });
  }
}

/// The elements asked for, as they stand or, where that means anything, backwards.
void load_range(Sorting& job, const Entry& entry, uint64_t size) {
  const uint64_t begin = std::exchange(job.begin, 0), end = job.end;
  job.end -= begin;
  if (job.end == 0) return;
  const bool backwards = job.request.descending;
  if (entry.type() == store::Type::kList) {
    ds::PackedElement::Scratch digits;
    ListWalk walk(entry, backwards ? size - 1 - begin : begin, backwards ? ListEnd::kHead : ListEnd::kTail);
    for (uint64_t left = end - begin; left > 0; --left, walk.next()) job.add(walk.get().text(digits));
  } else if (entry.type() == store::Type::kZset) {
    const ds::RankRange ranks =
        backwards ? ds::RankRange{size - end, size - begin} : ds::RankRange{begin, end};
    ZsetView(entry).visit(ranks, backwards ? Order::kDescending : Order::kAscending,
                          [&](std::string_view member, double) { job.add(member); });
  } else {
    uint64_t index = 0;
    SetView(entry).for_each([&](Member& member) {
      if (index >= begin) job.add(member.text());
      return ++index < end;
    });
  }
}

/// Finds out by what each element is sorted. False when there is one whose score is no number.
bool load_weights(CommandContext& c, Sorting& job) {
  SortRequest& request = job.request;
  bool numbers = true;
  std::string buffer;
  for (SortItem& item : job.items) {
    if (!request.by) {
      if (!request.alpha) numbers &= sort_score(item.text, &item.score);
      continue;
    }
    const std::optional<std::string_view> found = request.by->find(c.db(), item.text);
    if (!found) continue;
    if (request.alpha) {
      item.weight = job.texts.add_terminated(*found);
    } else {
      buffer = *found;
      numbers &= sort_score(buffer, &item.score);
    }
  }
  return numbers;
}

/// False and the error replied when there is none.
bool put_in_order(CommandContext& c, Sorting& job) {
  const SortRequest& request = job.request;
  if (!load_weights(c, job)) {
    c.reply.error("ERR One or more scores can't be converted into double");
    return false;
  }
  using By = SortOrder::By;
  const SortOrder order(!request.alpha ? By::kScore
                        : request.by   ? By::kWeight
                                       : By::kText,
                        !request.stores(), request.descending);
  const bool part = request.by && job.end - job.begin != job.items.size();
  sort_items(job.items, order, job.begin, job.end, part);
  return true;
}

void reply_result(CommandContext& c, Sorting& job) {
  std::vector<SortPattern>& gets = job.request.gets;
  c.reply.array((job.end - job.begin) * std::max<size_t>(1, gets.size()));
  for (size_t i = job.begin; i < job.end; ++i) {
    const std::string_view element = job.items[i].text;
    if (gets.empty()) c.reply.bulk(element);
    for (SortPattern& get : gets) {
      const std::optional<std::string_view> value = get.find(c.db(), element);
      if (!value) {
        c.reply.null();
      } else if (const Entry* entry = get.string_entry()) {
        reply_string(c, *entry);
      } else {
        c.reply.bulk(*value);
      }
    }
  }
}

void store_result(CommandContext& c, Sorting& job) {
  ListBuilder list(environment(c).list_max_listpack_size(), environment(c).list_compress_depth());
  for (size_t i = job.begin; i < job.end; ++i) {
    const std::string_view element = job.items[i].text;
    if (job.request.gets.empty()) list.add(element);
    for (SortPattern& get : job.request.gets) list.add(get.find(c.db(), element).value_or(""));
  }
  const Key key = c.key(job.request.store_at);
  Entry* there = c.db().write(key);
  const uint64_t size = list.size();
  if (size != 0) {
    list.put(c.db(), key, there);
    c.set_changes(size);
  } else if (there) {
    c.db().erase(key, there);
  }
  c.reply.integer(static_cast<int64_t>(size));
}

void sort(CommandContext& c, bool read_only) {
  Sorting job;
  SortRequest& request = job.request;
  switch (request.parse(c.args, read_only)) {
    case SortRequest::Problem::kSyntax:
      return c.syntax_error();
    case SortRequest::Problem::kNumber:
      return c.not_an_integer();
    case SortRequest::Problem::kNone:
      break;
  }
  const Entry* entry = c.db().read(c.key(1));
  if (entry && !sortable(*entry)) return c.wrong_type();
  if (entry) {
    const uint64_t size = size_of(*entry);
    set_range(job, size);
    // What is stored must not depend on how a set happens to be kept.
    if (request.unsorted && request.stores() && entry->type() == store::Type::kSet) {
      request.unsorted = false;
      request.alpha = true;
      request.by.reset();
    }
    if (request.unsorted) {
      load_range(job, *entry, size);
    } else {
      job.items.reserve(size);
      load_all(job, *entry);
      if (!put_in_order(c, job)) return;
    }
  }
  request.stores() ? store_result(c, job) : reply_result(c, job);
}

}  // namespace

void sort(CommandContext& c) { sort(c, false); }
void sort_ro(CommandContext& c) { sort(c, true); }

}  // namespace gyre::cmd
