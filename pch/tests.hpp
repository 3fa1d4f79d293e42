// What every test includes, see standard.hpp.
#pragma once

#include "standard.hpp"

#include "catch.hpp"
