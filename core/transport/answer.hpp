// A transport's own functions end like any other at the ABI.
#pragma once

#include "plugin/answer.hpp"

namespace rlx::transport {

using plugin::answer;

}  // namespace rlx::transport
