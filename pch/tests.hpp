// What every test includes, see standard.hpp.
#include "standard.hpp"

#include "catch.hpp"
