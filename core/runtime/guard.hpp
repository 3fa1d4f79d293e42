// The name under which the runtime has always included it.
#pragma once

#include <rlx/guard.hpp>
