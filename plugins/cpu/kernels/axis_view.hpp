// A tensor seen from one axis, under the names of this plugin.
#pragma once

#include <rlx/sdk/axis_view.hpp>

namespace rlx::cpu {

using sdk::AxisView;
using sdk::view_axis;

}  // namespace rlx::cpu
