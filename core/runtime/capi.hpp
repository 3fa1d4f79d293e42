// The objects behind the C API's handles, and what its functions share.
#pragma once

#include "plugin/answer.hpp"

#include <rlx/rlx.h>
#include <rlx/rlx.hpp>

struct rlx_registry {
  std::shared_ptr<rlx::Registry> registry;
};
struct rlx_graph {
  rlx::Graph graph;
};
struct rlx_process_group {
  std::shared_ptr<rlx::ProcessGroup> group;
};

namespace rlx::capi {

inline tl::unexpected<Error> null_argument(const char* function) {
  return error(Code::kInvalidArgument, std::string(function) + ": an argument is NULL");
}

Result<TensorType> make_type(rlx_dtype dtype, uint32_t rank, const int64_t* dims);
Result<MutableTensorView> make_view(const rlx_view* view);

}  // namespace rlx::capi
