// Kernels on the emulator: a launch by the text of its entry, and what most tests feed to one.
#pragma once

#include "emulation/block.hpp"
#include "emulation/kernel.hpp"

#include "catch.hpp"
#include "device/params.hpp"
#include "options.hpp"

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace tests {

using emulation::Order;

// Runs an entry's kernel; the emulator's complaint, or nothing.
template <typename Params>
std::string launch(const std::string& body, const Params& params, uint32_t blocks, uint32_t threads,
                   uint64_t shared_bytes, Order order) {
  const emulation::Kernel kernel = emulation::find_instance(std::string(Params::kName) + ", " + body);
  REQUIRE(kernel.run);
  struct Call {
    const emulation::Kernel& kernel;
    const Params& params;
  } call{kernel, params};
  emulation::Grid grid{};
  grid.kernel = [](const void* context) {
    const auto& c = *static_cast<const Call*>(context);
    c.kernel.run(&c.params);
  };
  grid.context = &call;
  grid.blocks = blocks;
  grid.threads = threads;
  grid.shared_bytes = shared_bytes;
  grid.warp = SIMT_WARP;
  grid.order = order;
  grid.seed = tests::seed();
  return emulation::run(grid);
}

inline constexpr Order kOrders[] = {Order::kForward, Order::kBackward, Order::kRandom};

inline std::vector<float> random_floats(size_t count) {
  std::mt19937 random(tests::seed());
  std::vector<float> v(count);
  for (float& x : v) x = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return v;
}

template <typename T>
simt::Address address(std::vector<T>& v) {
  return reinterpret_cast<simt::Address>(v.data());
}

}  // namespace tests
