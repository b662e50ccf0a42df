// What nearly every unit test includes, compiled once. Project headers stay out, as in src/pch.h.
#include "../../src/pch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
