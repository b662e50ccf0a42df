// ZUNION, ZINTER, ZDIFF, what they store, and ZINTERCARD.
#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_source.h"

namespace gyre::cmd {

namespace {

enum class Operation : uint8_t { kUnion, kInter, kDiff };
enum class Output : uint8_t { kReply, kStore, kCount };
enum class Aggregate : uint8_t { kSum, kMin, kMax };

struct Combination {
  Operation operation;
  Output output;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  int64_t limit = 0;  // of a count; 0: none
  std::vector<ZsetSource> sources;
  TextArena texts;
  std::vector<ScoredMember> result;
};

double not_nan(double score) { return std::isnan(score) ? 0 : score; }

double aggregated(Aggregate how, double a, double b) {
  switch (how) {
    case Aggregate::kSum:
      return not_nan(a + b);
    case Aggregate::kMin:
      return b < a ? b : a;
    default:
      return b > a ? b : a;
  }
}

/// The keys behind their number at argument `count_at`; returns where the words begin, or 0 and the error
/// replied.
size_t parse_sources(CommandContext& c, size_t count_at, Combination* job) {
  int64_t count;
  if (!c.get_int64(count_at, &count)) return 0;
  if (count < 1) {
    c.reply.errorf("ERR at least 1 input key is needed for '%.*s' command",
                   static_cast<int>(c.row->full_name.size()), c.row->full_name.data());
    return 0;
  }
  if (count > static_cast<int64_t>(c.argc() - count_at - 1)) {
    c.syntax_error();
    return 0;
  }
  const size_t end = count_at + 1 + static_cast<size_t>(count);
  for (size_t i = count_at + 1; i < end; ++i) {
    const Entry* entry = c.db().read(c.key(i));
    if (entry && entry->type() != store::Type::kZset && entry->type() != store::Type::kSet) {
      c.wrong_type();
      return 0;
    }
    job->sources.emplace_back(entry, i);
  }
  return end;
}

bool parse_weights(CommandContext& c, size_t at, Combination* job) {
  for (ZsetSource& source : job->sources) {
    const std::optional<double> weight = base::parse_double(c.arg(at++));
    if (!weight) {
      c.reply.error("ERR weight value is not a float");
      return false;
    }
    source.weight = *weight;
  }
  return true;
}

bool parse_aggregate(std::string_view word, Combination* job) {
  if (exec::equal_ignoring_case(word, "sum"))
    job->aggregate = Aggregate::kSum;
  else if (exec::equal_ignoring_case(word, "min"))
    job->aggregate = Aggregate::kMin;
  else if (exec::equal_ignoring_case(word, "max"))
    job->aggregate = Aggregate::kMax;
  else
    return false;
  return true;
}

bool parse_limit(CommandContext& c, size_t at, Combination* job) {
  const std::optional<int64_t> limit = base::parse_int64(c.arg(at));
  if (!limit || *limit < 0) {
    c.reply.error("ERR LIMIT can't be negative");
    return false;
  }
  job->limit = *limit;
  return true;
}

/// The words from argument `at` on. False and the error replied when they are wrong.
bool parse_words(CommandContext& c, size_t at, Combination* job) {
  const bool scored = job->operation != Operation::kDiff && job->output != Output::kCount;
  while (at < c.argc()) {
    const std::string_view word = c.arg(at);
    const size_t remaining = c.argc() - at;
    if (scored && remaining > job->sources.size() && exec::equal_ignoring_case(word, "weights")) {
      if (!parse_weights(c, at + 1, job)) return false;
      at += 1 + job->sources.size();
    } else if (scored && remaining >= 2 && exec::equal_ignoring_case(word, "aggregate") &&
               parse_aggregate(c.arg(at + 1), job)) {
      at += 2;
    } else if (job->output == Output::kReply && exec::equal_ignoring_case(word, "withscores")) {
      job->with_scores = true;
      ++at;
    } else if (job->output == Output::kCount && remaining >= 2 && exec::equal_ignoring_case(word, "limit")) {
      if (!parse_limit(c, at + 1, job)) return false;
      at += 2;
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

/// Calls visit(member, score) for what all inputs have, until it returns false.
template <class Visit>
void intersect(const Combination& job, Visit&& visit) {
  const ZsetSource& first = job.sources[0];
  first.for_each([&](std::string_view member, double own) {
    double score = not_nan(first.weight * own);
    for (size_t i = 1; i < job.sources.size(); ++i) {
      const ZsetSource& other = job.sources[i];
      const std::optional<double> found = other.same_as(first) ? std::optional(own) : other.score(member);
      if (!found) return true;
      score = aggregated(job.aggregate, score, *found * other.weight);
    }
    return visit(member, score);
  });
}

void unite(Combination& job) {
  absl::flat_hash_map<std::string_view, size_t> places;
  places.reserve(job.sources.back().size());
  for (const ZsetSource& source : job.sources) {
    source.for_each([&](std::string_view member, double own) {
      const double score = not_nan(source.weight * own);
      if (const auto found = places.find(member); found != places.end()) {
        double& sum = job.result[found->second].score;
        sum = aggregated(job.aggregate, sum, score);
      } else {
        const std::string_view copy = job.texts.add(member);
        places.emplace(copy, job.result.size());
        job.result.push_back({copy, score});
      }
      return true;
    });
  }
}

void subtract(Combination& job) {
  const ZsetSource& first = job.sources[0];
  first.for_each([&](std::string_view member, double score) {
    for (size_t i = 1; i < job.sources.size(); ++i)
      if (job.sources[i].same_as(first) || job.sources[i].score(member)) return true;
    job.result.push_back({job.texts.add(member), score});
    return true;
  });
}

/// From the smallest input on, as sums of floating point depend on the order; equal ones stay as they were
/// given.
void sort_by_size(std::vector<ZsetSource>& sources) {
  std::sort(sources.begin(), sources.end(), [](const ZsetSource& a, const ZsetSource& b) {
    return std::pair(a.size(), a.position()) < std::pair(b.size(), b.position());
  });
}

void combine(Combination& job) {
  if (job.operation != Operation::kDiff) sort_by_size(job.sources);
  switch (job.operation) {
    case Operation::kUnion:
      unite(job);
      break;
    case Operation::kInter:
      intersect(job, [&](std::string_view member, double score) {
        job.result.push_back({job.texts.add(member), score});
        return true;
      });
      break;
    case Operation::kDiff:
      subtract(job);
      break;
  }
  std::sort(job.result.begin(), job.result.end(), [](const ScoredMember& a, const ScoredMember& b) {
    return a.score < b.score || (a.score == b.score && a.member < b.member);
  });
}

void run(CommandContext& c, Operation operation, Output output) {
  Combination job{.operation = operation, .output = output};
  const size_t words = parse_sources(c, output == Output::kStore ? 2 : 1, &job);
  if (words == 0 || !parse_words(c, words, &job)) return;
  combine(job);
  if (output == Output::kStore) return store_zset(c, 1, job.result, false);
  reply_scored_header(c, job.result.size(), job.with_scores);
  for (const ScoredMember& element : job.result)
    reply_scored(c, element.member, element.score, job.with_scores);
}

}  // namespace

void zunion(CommandContext& c) { run(c, Operation::kUnion, Output::kReply); }
void zinter(CommandContext& c) { run(c, Operation::kInter, Output::kReply); }
void zdiff(CommandContext& c) { run(c, Operation::kDiff, Output::kReply); }
void zunionstore(CommandContext& c) { run(c, Operation::kUnion, Output::kStore); }
void zinterstore(CommandContext& c) { run(c, Operation::kInter, Output::kStore); }
void zdiffstore(CommandContext& c) { run(c, Operation::kDiff, Output::kStore); }

void zintercard(CommandContext& c) {
  Combination job{.operation = Operation::kInter, .output = Output::kCount};
  const size_t words = parse_sources(c, 1, &job);
  if (words == 0 || !parse_words(c, words, &job)) return;
  sort_by_size(job.sources);
  int64_t count = 0;
  intersect(job, [&](std::string_view, double) { return ++count != job.limit; });
  c.reply.integer(count);
}

}  // namespace gyre::cmd
