#include "plan.hpp"

#include <algorithm>

namespace rlx::vulkan {

namespace {

// Every device of Vulkan 1.0 takes so many groups.
constexpr uint64_t kMaxGroups = 65535;
constexpr uint64_t kMaxElements = INT32_MAX;

}  // namespace

bool is_float(rlx_dtype dtype) {
  return dtype == RLX_DTYPE_F32 || dtype == RLX_DTYPE_F16 || dtype == RLX_DTYPE_BF16;
}

bool is_integer(rlx_dtype dtype) {
  return dtype >= RLX_DTYPE_I8 && dtype <= RLX_DTYPE_U64;
}

void Plan::refuse(std::string why) const {
  throw Refusal{std::move(why)};
}

void Plan::need_float(uint32_t input) const {
  if (!is_float(node.in(input).dtype))
    refuse(std::string("no kernel for ") + sdk::dtype_name(node.in(input).dtype) + ", there is one for f32, f16, bf16");
}

void Plan::need_number(uint32_t input) const {
  const rlx_dtype dtype = node.in(input).dtype;
  if (!is_float(dtype) && !is_integer(dtype) && dtype != RLX_DTYPE_BOOL)
    refuse(std::string("no kernel for ") + sdk::dtype_name(dtype));
}

uint32_t Plan::small(uint64_t n, const char* what) const {
  if (n > kMaxElements)
    refuse(std::to_string(n) + " " + what + " are beyond the shaders' limit of " + std::to_string(kMaxElements));
  return static_cast<uint32_t>(n);
}

uint32_t Plan::count_of(const rlx_tensor& t) const {
  return small(sdk::elements(t), "elements");
}

Groups Plan::lanes_for(uint64_t count) {
  return groups_for((count + RLX_LANES - 1) / RLX_LANES);
}

Groups Plan::groups_for(uint64_t count) {
  return {static_cast<uint32_t>(std::min(count, kMaxGroups)), 1, 1};
}

Reference Plan::reference(uint32_t field, uint32_t tensor, bool is_write, uint64_t offset) const {
  const uint64_t bytes = tensor == kScratch ? scratch_bytes_ : node.program().tensor(tensor).size_bytes;
  return {field, tensor, offset, bytes - offset, is_write};
}

void Plan::dispatch(PipelineKey pipeline, Groups groups, std::vector<std::byte> params,
                    std::vector<Reference> references) {
  if (groups.x == 0 || groups.y == 0 || groups.z == 0) return;  // no elements
  dispatches_.push_back({pipeline, groups, std::move(params), std::move(references), 0});
}

namespace kernels {
#define RLX_VULKAN_KERNEL(op, function) void function(Plan&);
#include "kernels.inc"
#undef RLX_VULKAN_KERNEL
}  // namespace kernels

namespace {

struct Kernel {
  std::string_view op;
  void (*plan)(Plan&);
};

constexpr Kernel kKernels[] = {
#define RLX_VULKAN_KERNEL(op, function) {#op, kernels::function},
#include "kernels.inc"
#undef RLX_VULKAN_KERNEL
};

}  // namespace

void plan_node(Plan& plan) {
  for (const Kernel& kernel : kKernels)
    if (kernel.op == plan.node.op()) return kernel.plan(plan);
  plan.refuse("no Vulkan kernel for this op");
}

}  // namespace rlx::vulkan
