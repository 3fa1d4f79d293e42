#include "plugin/library.hpp"

#include "catch.hpp"

#include <array>

namespace tests {

Value digits(rlx_dtype dtype, Dims dims, int seed) {
  uint64_t count = 1;
  for (const uint64_t d : dims) count *= d;
  std::vector<double> elements(count);
  for (uint64_t i = 0; i < count; ++i)
    elements[i] = static_cast<double>((i * 7 + i / 13 + static_cast<uint64_t>(seed)) % 3) - 1;
  return tensor(dtype, std::move(dims), elements);
}

std::vector<std::string> kernels_of(Runner& runner) {
  std::array<rlx_kernel_time, 4> times{};
  uint64_t count = 0;
  check(plugin().executable->profile(runner.context(), times.size(), sizeof times[0], times.data(), &count));
  REQUIRE(count <= times.size());
  std::vector<std::string> kernels;
  for (uint64_t i = 0; i < count; ++i) kernels.emplace_back(rlx::sdk::view(times[i].kernel));
  return kernels;
}

std::string by_library(const char* cuda, const char* rocm, rlx_dtype dtype) {
  rlx_device_info info{};
  info.struct_size = sizeof info;
  check(plugin().device_table->info(plugin().device, &info));
  const bool is_cuda = rlx::sdk::view(info.arch).substr(0, 3) == "sm_";
  return std::string(is_cuda ? cuda : rocm) + ":" + rlx::sdk::dtype_name(dtype);
}

}  // namespace tests
