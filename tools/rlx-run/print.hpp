// What rlx-run prints.
#pragma once

#include <rlx/session.hpp>

#include <string_view>
#include <testset.hpp>
#include <vector>

namespace rlx::tools {

void print_times(double load_ms, double compile_ms, double min_ms, double median_ms, size_t runs);
// What a context holds, and the most that all contexts of the device have held.
void print_memory(const ArenaStats& arena, uint64_t weight_bytes);
// Name, type, range, mean, first elements.
void print_output(std::string_view name, const TensorView& value);
void print_comparison(std::string_view name, const Comparison& comparison);
// Launches, time, share and operands of each op, then the slowest kernels one by one.
void print_profile(const std::vector<KernelTime>& kernels);

}  // namespace rlx::tools
