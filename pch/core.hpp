// What most files of the core and the frontends include, see standard.hpp.
#include "standard.hpp"

#include <fmt/format.h>
#include <tl/expected.hpp>
