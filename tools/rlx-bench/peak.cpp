// Register-only FMA chains, once per instruction set, chosen at run time; GCC vectors keep the source free of
// intrinsics.

#include "peak.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace rlx::tools {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kChains = 12;  // latency 4 or 5 cycles x 2 ports, with some to spare
constexpr long kSteps = 400000;

std::atomic<float> sink;

template <typename Vector>
__attribute__((always_inline)) inline double chains() {
  Vector a[kChains], x, y;
  for (int i = 0; i < kChains; ++i) a[i] = Vector{} + (1.0f + static_cast<float>(i));
  x = Vector{} + 0.999999f;
  y = Vector{} + 1e-7f;
  // Opaque to the optimiser: the loop cannot be folded.
  for (long k = 0; k < kSteps; ++k) {
    for (int i = 0; i < kChains; ++i) a[i] = a[i] * x + y;
  }
  Vector sum = a[0];
  for (int i = 1; i < kChains; ++i) sum += a[i];
  sink.store(sum[0], std::memory_order_relaxed);
  return 2.0 * kChains * kSteps * static_cast<double>(sizeof(Vector) / sizeof(float));
}

typedef float Vector4 __attribute__((vector_size(16)));
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));

double portable() {
  return chains<Vector4>();
}
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) double avx2() {
  return chains<Vector8>();
}
__attribute__((target("avx512f"))) double avx512() {
  return chains<Vector16>();
}
#endif

double (*best_variant())() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2;
#endif
  return portable;
}

double read_sum(const std::vector<uint64_t>& data, size_t begin, size_t end) {
  uint64_t sum[8] = {};
  for (size_t i = begin; i + 8 <= end; i += 8)
    for (size_t j = 0; j < 8; ++j) sum[j] += data[i + j];
  uint64_t all = 0;
  for (uint64_t s : sum) all += s;
  sink.store(static_cast<float>(all), std::memory_order_relaxed);
  return static_cast<double>((end - begin) * sizeof(uint64_t));
}

// Runs work(thread) on each thread after a common start; returns the sum of its results per second.
template <typename Work>
double rate(uint32_t threads, Work work) {
  std::atomic<uint32_t> ready{0};
  std::atomic<bool> go{false};
  std::vector<double> amount(threads);
  std::vector<std::thread> others;
  for (uint32_t t = 1; t < threads; ++t) {
    others.emplace_back([&, t] {
      ready.fetch_add(1);
      while (!go.load(std::memory_order_acquire)) {
      }
      amount[t] = work(t);
    });
  }
  while (ready.load() + 1 < threads) std::this_thread::yield();
  const auto start = Clock::now();
  go.store(true, std::memory_order_release);
  amount[0] = work(0);
  for (std::thread& t : others) t.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  double sum = 0;
  for (double a : amount) sum += a;
  return sum / seconds;
}

}  // namespace

Peak measure_peak(uint32_t threads) {
  threads = std::max(threads, 1u);
  Peak peak;
  auto* fma = best_variant();
  for (int round = 0; round < 8; ++round)
    peak.flops = std::max(peak.flops, rate(threads, [&](uint32_t) { return fma(); }));
  const size_t words = size_t{16} << 20;  // 128 MiB
  const std::vector<uint64_t> data(words, 1);
  for (int round = 0; round < 6; ++round) {
    peak.read_bytes = std::max(peak.read_bytes, rate(threads, [&](uint32_t t) {
                                 return read_sum(data, words * t / threads, words * (t + 1) / threads);
                               }));
  }
  return peak;
}

}  // namespace rlx::tools
