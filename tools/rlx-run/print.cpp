// Printing with the C library: fixed columns, no dependencies.

#include "print.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <string>

namespace rlx::tools {
namespace {

std::string number(double v, bool integer) {
  char text[32];
  std::snprintf(text, sizeof text, integer ? "%.0f" : "%.5g", v);
  return text;
}

// Operands and how fast they passed; dashes where the plugin does not count them.
std::string traffic(uint64_t bytes, uint64_t ns) {
  if (bytes == 0) return "         - MB         - GB/s";
  char text[64];
  std::snprintf(text, sizeof text, "%10.3f MB %9.3f GB/s", static_cast<double>(bytes) / 1e6,
                static_cast<double>(bytes) / static_cast<double>(std::max<uint64_t>(ns, 1)));
  return text;
}

}  // namespace

void print_times(double load_ms, double compile_ms, double min_ms, double median_ms, size_t runs) {
  std::printf("load     %.1f ms\ncompile  %.1f ms\n", load_ms, compile_ms);
  if (runs > 1)
    std::printf("run      min %.3f ms, median %.3f ms of %zu\n", min_ms, median_ms, runs);
  else
    std::printf("run      %.3f ms\n", min_ms);
}

void print_memory(const ArenaStats& arena, uint64_t weight_bytes) {
  const auto mib = [](uint64_t bytes) { return static_cast<double>(bytes) / 0x1p20; };
  std::printf("memory   arena %.3f MiB, scratch %.3f MiB of it, weights %.3f MiB", mib(arena.size), mib(arena.scratch),
              mib(weight_bytes));
  if (arena.lower_bound > 0) std::printf(", lower bound %.3f MiB", mib(arena.lower_bound));
  if (arena.pool_peak > 0) std::printf(", peak of the pool %.3f MiB", mib(arena.pool_peak));
  std::printf("\n");
}

void print_output(std::string_view name, const TensorView& value) {
  const std::vector<double> v = numbers_of(value);
  const size_t n = v.size();
  const bool integer = !is_float(value.type.dtype) && value.type.dtype != DType::kC64;
  double low = std::numeric_limits<double>::infinity(), high = -low, sum = 0;
  size_t nan = 0;
  for (double x : v) {
    if (std::isnan(x)) {
      ++nan;
      continue;
    }
    low = std::min(low, x);
    high = std::max(high, x);
    sum += x;
  }
  std::printf("output   %.*s %s", static_cast<int>(name.size()), name.data(), to_string(value.type).c_str());
  if (n > nan)
    std::printf("  min %s  max %s  mean %.5g", number(low, integer).c_str(), number(high, integer).c_str(),
                sum / static_cast<double>(n - nan));
  if (nan > 0) std::printf("  NaN %zu", nan);
  std::printf("  [");
  for (size_t i = 0; i < std::min<size_t>(n, 6); ++i) std::printf("%s%s", i ? ", " : "", number(v[i], integer).c_str());
  std::printf("%s]\n", n > 6 ? ", ..." : "");
}

void print_comparison(std::string_view name, const Comparison& c) {
  if (c.equal)
    std::printf("check    %.*s ok  max abs %.3g  max rel %.3g\n", static_cast<int>(name.size()), name.data(),
                c.max_absolute, c.max_relative);
  else
    std::printf("check    %s\n", c.text.c_str());
}

void print_profile(const std::vector<KernelTime>& kernels) {
  struct Sum {
    uint64_t ns = 0, bytes = 0;
    size_t count = 0;
  };
  std::map<std::string, Sum> by_op;
  uint64_t total = 0;
  for (const KernelTime& k : kernels) {
    Sum& s = by_op[k.op];
    s.ns += k.time_ns;
    s.bytes += k.operand_bytes;
    ++s.count;
    total += k.time_ns;
  }
  std::vector<std::pair<std::string, Sum>> ops(by_op.begin(), by_op.end());
  std::sort(ops.begin(), ops.end(), [](const auto& a, const auto& b) { return a.second.ns > b.second.ns; });
  const double all = std::max<double>(static_cast<double>(total), 1);
  std::printf("profile  %zu kernels, %.3f ms\n", kernels.size(), static_cast<double>(total) / 1e6);
  for (const auto& [op, s] : ops)
    std::printf("  %-24s %5zu x %10.3f ms %5.1f %% %s\n", op.c_str(), s.count, static_cast<double>(s.ns) / 1e6,
                100 * static_cast<double>(s.ns) / all, traffic(s.bytes, s.ns).c_str());
  std::vector<KernelTime> slow = kernels;
  std::sort(slow.begin(), slow.end(), [](const KernelTime& a, const KernelTime& b) { return a.time_ns > b.time_ns; });
  std::printf("slowest kernels\n");
  for (size_t i = 0; i < std::min<size_t>(slow.size(), 12); ++i)
    std::printf("  %10.3f ms %s  %-18s %-32s %s\n", static_cast<double>(slow[i].time_ns) / 1e6,
                traffic(slow[i].operand_bytes, slow[i].time_ns).c_str(), slow[i].op.c_str(), slow[i].kernel.c_str(),
                slow[i].node.c_str());
}

}  // namespace rlx::tools
