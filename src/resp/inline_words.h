// Splitting an inline command into words, by the rules of Redis's sdssplitargs:
//  - words are separated by white space;
//  - "..." knows \n \r \t \b \a, \xHH, and backslash + any byte for that byte; '...' knows \' only;
//  - a quote may open inside a word (foo"bar" is foobar), but a closing quote ends the word: white space or
//    the end of the line must follow.
#pragma once

#include <string_view>

#include "gyre/resp/arg_arena.h"

namespace gyre::resp {

/// Adds the words of `line` (which holds no NUL and no LF) to `args`. Words without quotes are views into
/// `line`, others lie in the side storage of `args`. False when quotes are unbalanced: then `args` is as
/// before.
bool split_inline_words(std::string_view line, ArgArena& args);

}  // namespace gyre::resp
