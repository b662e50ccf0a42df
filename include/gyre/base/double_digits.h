// A double's digits without the form that format_double() (numbers.h) has for integers: 1e+15. DEBUG DIGEST is made of them.
#pragma once

#include <string>

namespace gyre::base {

/// Requires that `value` is no NaN.
std::string format_double_digits(double value);

}  // namespace gyre::base
