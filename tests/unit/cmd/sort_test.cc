// SORT and SORT_RO: words, patterns, orders, what is stored and who hears of it.
#include "blocking_fixture.h"
#include "effect_journal.h"

namespace gyre::cmd {
namespace {

const char* const kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const char* const kSyntax = "-ERR syntax error";
const char* const kNumber = "-ERR value is not an integer or out of range";
const char* const kScores = "-ERR One or more scores can't be converted into double";

class SortTest : public BlockingTest {};
INSTANTIATE_TEST_SUITE_P(Reactors, SortTest, testing::Values(1u, 3u));

TEST_P(SortTest, NumbersAndTexts) {
  steps({
      {"RPUSH l 3 10 1 -2 2.5 1e1", ":6"},
      {"SORT l", "[-2 1 2.5 3 10 1e1]"},
      {"sort l dEsC", "[1e1 10 3 2.5 1 -2]"},
      {"SORT l DESC ASC ALPHA", "[-2 1 10 1e1 2.5 3]"},
      {"SORT l ALPHA DESC", "[3 2.5 1e1 10 1 -2]"},
      {"SORT_RO l LIMIT 1 2", "[1 2.5]"},
      {"SORT none", "[]"},
      {"SORT none LIMIT 5 5 ALPHA BY w* GET #", "[]"},
      {"SADD s 5 1 9 7", ":4"},
      {"SORT s", "[1 5 7 9]"},
      {"SADD s e", ":1"},
      {"SORT s", kScores},
      {"SORT s ALPHA", "[1 5 7 9 e]"},
      {"ZADD z 1 9 2 8 3 7", ":3"},
      {"SORT z", "[7 8 9]"},
      {"SORT z DESC", "[9 8 7]"},
      {"SET text x", "OK"},
      {"SORT text", kWrongType},
      {"HSET h a 1", ":1"},
      {"SORT_RO h", kWrongType},
  });
}

TEST_P(SortTest, WhatIsANumber) {
  steps({
      {"RPUSH l \" 12\" 0x10 inf -infinity +5 \"\"", ":6"},
      {"SORT l", "[-infinity  +5  12 0x10 inf]"},
      {"DEL l", ":1"},
      {"RPUSH l \"5\\x00x\" 6 4", ":3"},
      {"SORT l LIMIT 2 1", "[6]"},
      {"SORT l LIMIT 0 1", "[4]"},
  });
  for (const char* word : {"x", "nan", "1x", "\"1 \"", "1e400", "1e-400", "--1"}) {
    run("DEL l");
    run("RPUSH l 1 " + std::string(word));
    EXPECT_EQ(run("SORT l"), kScores) << word;
    EXPECT_EQ(run("SORT l BY nosort"), run("LRANGE l 0 -1"));
    run("SET w1 " + std::string(word));
    EXPECT_EQ(run("SORT l BY w*"), kScores) << word;
    EXPECT_EQ(run("SORT l BY w* STORE l LIMIT 0 0"), kScores) << word;
  }
}

TEST_P(SortTest, Words) {
  steps({
      {"RPUSH l 2 1 3", ":3"},
      {"SORT", "-ERR wrong number of arguments for 'sort' command"},
      {"SORT l LIMIT 0", kSyntax},
      {"SORT l LIMIT a 1", kNumber},
      {"SORT l LIMIT 0 1.5 JUNK", kNumber},
      {"SORT l JUNK LIMIT a 1", kSyntax},
      {"SORT l BY", kSyntax},
      {"SORT l GET", kSyntax},
      {"SORT l STORE", kSyntax},
      {"SORT_RO l STORE d", kSyntax},
      {"SORT none JUNK", kSyntax},
      {"SORT l LIMIT -5 2", "[1 2]"},
      {"SORT l LIMIT 1 -7", "[2 3]"},
      {"SORT l LIMIT 3 5", "[]"},
      {"SORT l LIMIT 0 0", "[]"},
      {"SORT l LIMIT 2 9223372036854775807", "[3]"},
      {"SORT l LIMIT 0 1 LIMIT 1 1", "[2]"},
      {"SORT l STORE a STORE b", ":3"},
      {"EXISTS a b", ":1"},
      {"SORT l STORE get STORE a", ":3"},
      {"EXISTS get a", ":1"},
      {"SORT l STORE by BY store", ":3"},
      {"LRANGE by 0 -1", "[2 1 3]"},
  });
}

TEST_P(SortTest, Patterns) {
  steps({
      {"RPUSH l a b c d", ":4"},
      {"MSET w_a 3 w_b 1 w_c 2", "OK"},
      {"SORT l BY w_*", "[d b c a]"},
      {"SORT l BY w_* DESC GET w_* GET # GET none_* GET fix",
       "[3 a nil nil 2 c nil nil 1 b nil nil nil d nil nil]"},
      {"SORT l BY w_* LIMIT 1 2 GET #", "[b c]"},
      {"HSET h_a f 5 g x", ":2"},
      {"HSET h_b f 4", ":1"},
      {"SORT l BY h_*->f GET h_*->g", "[nil nil nil x]"},
      {"SORT l BY h_*->f LIMIT 2 2", "[b a]"},
      {"SORT l BY h_* LIMIT 0 1", "[a]"},
      {"SORT l BY nosort GET w_*->f LIMIT 0 1", "[nil]"},
      {"SORT l BY nosort GET h_* LIMIT 0 1", "[nil]"},
      {"SET x:a-> 100", "OK"},
      {"SORT l BY num GET x:*-> LIMIT 0 1", "[100]"},
      {"SET *a->* 7", "OK"},
      {"HSET pa-> q->r 8", ":1"},
      {"SORT l BY num LIMIT 0 1 GET **->*", "[nil]"},
      {"HSET pa q->r 9", ":1"},
      {"SORT l BY num LIMIT 0 1 GET p*->q->r", "[9]"},
      {"SET a*b 1", "OK"},
      {"SORT l BY num LIMIT 0 1 GET **b", "[1]"},
      {"SORT l BY num LIMIT 0 1 GET \"#\\x00x\"", "[a]"},
      {"SORT l BY \"no\\x00*\" LIMIT 0 2", "[a b]"},
      {"SORT l BY nosort BY w_*", "[a b c d]"},
      {"SORT l ALPHA BY w_*", "[d b c a]"},
      {"SORT l ALPHA BY w_* DESC", "[a c b d]"},
      {"SORT l ALPHA BY none_*", "[a b c d]"},
      {"SORT l ALPHA BY none_* DESC", "[a b c d]"},
      {"SORT l BY none_* DESC", "[d c b a]"},
  });
}

TEST_P(SortTest, NotSorted) {
  steps({
      {"ZADD z 1 a 5 b 2 c 10 d 3 e", ":5"},
      {"SORT z BY nosort", "[a c e b d]"},
      {"SORT z BY nosort DESC", "[d b e c a]"},
      {"SORT z BY nosort DESC LIMIT 0 2", "[d b]"},
      {"SORT z BY nosort LIMIT 1 2", "[c e]"},
      {"SORT z BY nosort DESC LIMIT 3 10", "[c a]"},
      {"SORT z BY nosort LIMIT 5 10", "[]"},
      {"RPUSH l 5 3 4 1 2", ":5"},
      {"SORT l BY nosort DESC", "[2 1 4 3 5]"},
      {"SORT l BY nosort DESC LIMIT 1 2 STORE m", ":2"},
      {"LRANGE m 0 -1", "[1 4]"},
      {"SADD s 30 4 5", ":3"},
      {"SORT s BY nosort DESC LIMIT 1 1", "[5]"},
      {"SORT s BY nosort STORE m", ":3"},
      {"LRANGE m 0 -1", "[30 4 5]"},
      {"SORT s BY nosort BY w* DESC STORE m", ":3"},
      {"LRANGE m 0 -1", "[5 4 30]"},
  });
}

TEST_P(SortTest, Stores) {
  h.environment.list_size = 4;
  steps({
      {"RPUSH l 4 2 3 1", ":4"},
      {"SET d x EX 100", "OK"},
      {"SORT l STORE d", ":4"},
      {"LRANGE d 0 -1", "[1 2 3 4]"},
      {"TTL d", ":-1"},
      {"OBJECT ENCODING d", "listpack"},
      {"SORT l GET # GET w* STORE d", ":8"},
      {"LRANGE d 0 -1", "[1  2  3  4 ]"},
      {"OBJECT ENCODING d", "quicklist"},
      {"SORT l STORE l DESC", ":4"},
      {"LRANGE l 0 -1", "[4 3 2 1]"},
      {"SORT l STORE d LIMIT 7 1", ":0"},
      {"EXISTS d", ":0"},
      {"SORT none STORE l", ":0"},
      {"EXISTS l", ":0"},
      {"RPUSH l 1", ":1"},
      {"SORT l STORE w1 BY w* GET w*", ":1"},
      {"SORT l GET w* BY w*", "[nil]"},
  });
  h.environment.list_size = -1;
  run("SET x " + std::string(4085, 'x'));
  EXPECT_EQ(run("SORT l BY num GET * GET # STORE d"), ":2");
  steps({{"DEL l", ":1"},
         {"RPUSH l x", ":1"},
         {"SORT l BY num GET * STORE d", ":1"},
         {"OBJECT ENCODING d", "listpack"}});
  run("SET x " + std::string(4086, 'x'));
  steps({{"SORT l BY num GET * STORE d", ":1"}, {"OBJECT ENCODING d", "quicklist"}});
  h.environment.list_size = 1;
  steps({{"SORT l BY num GET * STORE d", ":1"}, {"OBJECT ENCODING d", "listpack"}});
}

TEST_P(SortTest, WakesWhoWaits) {
  run("RPUSH l c a b");
  wait(1, "BLPOP d 0");
  EXPECT_EQ(run("SORT l ALPHA STORE d"), ":3");
  EXPECT_EQ(reply(1), "[d a]");
  wait(1, "BLPOP e 0");
  EXPECT_EQ(run("SORT l ALPHA BY w_* STORE e"), ":3");
  EXPECT_EQ(reply(1), "[e c]");
  wait(1, "BLMOVE e2 e LEFT LEFT 0");
  for (const char* command : {"MULTI", "SORT l ALPHA STORE e2", "SORT_RO e2 BY w_*->f", "EXEC"}) run(command);
  EXPECT_EQ(reply(1), "a");
  EXPECT_EQ(run("LRANGE e 0 -1"), "[a a b]");
  EXPECT_FALSE(anybody_waits());
}

TEST_P(SortTest, KeysThatAreGone) {
  run("RPUSH l a b");
  run("SET w_a 2 PX 100");
  run("SET w_b 1");
  EXPECT_EQ(run("SORT l BY w_* GET w_*"), "[1 2]");
  EffectJournal journal;
  h.dispatcher->propagation = &journal;
  h.dispatcher->propagating = true;
  h.advance_ms(101);
  EXPECT_EQ(run("SORT l BY w_* GET w_*"), "[nil 1]");
  EXPECT_EQ(journal.take(), wire({"DEL", "w_a"}));
  h.dispatcher->propagating = false;
}

/// What a watch sees, and what of a transaction is run with the keys of patterns.
TEST_P(SortTest, Transactions) {
  run("RPUSH l b a");
  run("MSET w_a 1 w_b 2");
  for (const char* command : {"MULTI", "SORT l BY w_*", "SORT l ALPHA STORE d", "LRANGE d 0 -1"})
    run(command);
  EXPECT_EQ(run("EXEC"), "[[a b] :2 [a b]]");
  run("WATCH d");
  h.client(1).run("SORT l BY w_* STORE d");
  run("MULTI");
  EXPECT_EQ(run("EXEC"), "nil");
  run("WATCH l d");
  h.client(1).run("SORT l BY w_*");
  run("MULTI");
  EXPECT_EQ(run("EXEC"), "[]");
}

}  // namespace
}  // namespace gyre::cmd
