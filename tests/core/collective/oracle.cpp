#include "oracle.hpp"

#include <rlx/tensor.hpp>

#include <algorithm>
#include <complex>
#include <cstring>

namespace tests {

using namespace rlx;

namespace {

constexpr uint64_t kLargest = 9000;

uint64_t random_count(std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return random() % kLargest;
    case 1:
      return random() % 3;
    default:
      return random() % 200;
  }
}

Algorithm random_algorithm(Kind kind, std::mt19937& random, bool mapped) {
  std::vector<Algorithm> choices{Algorithm::kAuto};
  if (kind == Kind::kAllReduce)
    choices.insert(choices.end(),
                   {Algorithm::kFlat, Algorithm::kDoubling, Algorithm::kHalving, Algorithm::kRing, Algorithm::kStaged});
  if (kind == Kind::kAllGather || kind == Kind::kAllGatherV)
    choices.insert(choices.end(), {Algorithm::kFlat, Algorithm::kRing});
  if (kind == Kind::kReduce || kind == Kind::kReduceScatter) choices.push_back(Algorithm::kFlat);
  if (kind == Kind::kBroadcast) choices.insert(choices.end(), {Algorithm::kTree, Algorithm::kChain});
  if (mapped && kind <= Kind::kBroadcast) choices.push_back(Algorithm::kDirect);
  return choices[random() % choices.size()];
}

// Integers wrap around, as the runtime's do: the builtins compute in infinite precision and cut.
template <typename T>
T apply(Reduction op, T a, T b) {
  const bool product = op == Reduction::kProd;
  if (op == Reduction::kMin || op == Reduction::kAnd) return std::min(a, b);
  if (op == Reduction::kMax || op == Reduction::kOr) return std::max(a, b);
  if constexpr (std::is_integral_v<T>) {
    T result{};
    (void)(product ? __builtin_mul_overflow(a, b, &result) : __builtin_add_overflow(a, b, &result));
    return result;
  } else {
    return product ? a * b : a + b;
  }
}
template <>
std::complex<double> apply(Reduction op, std::complex<double> a, std::complex<double> b) {
  return op == Reduction::kProd ? a * b : a + b;
}

// One element at a time in T, whose dtype is `wide`.
template <typename T>
std::vector<char> reduce_in(const Case& c, DType wide, const std::vector<std::vector<char>>& inputs, uint64_t count) {
  std::vector<T> sum(count), next(count);
  for (size_t r = 0; r < inputs.size(); ++r) {
    convert(c.dtype, inputs[r].data(), wide, next.data(), count);
    for (uint64_t i = 0; i < count; ++i) sum[i] = r ? apply(c.op, sum[i], next[i]) : next[i];
  }
  if (c.op == Reduction::kMean)
    for (T& s : sum) s /= static_cast<T>(inputs.size());
  std::vector<char> out(count * size_of(c.dtype));
  convert(wide, sum.data(), c.dtype, out.data(), count);
  return out;
}

}  // namespace

std::string Case::text() const {
  constexpr const char* kNames[] = {"all_reduce",   "reduce",       "reduce_scatter", "all_gather",
                                    "all_gather_v", "broadcast",    "gather",         "scatter",
                                    "all_to_all",   "all_to_all_v", "send/receive",   "barrier"};
  std::string s = "case " + std::to_string(number) + ": " + kNames[static_cast<size_t>(kind)] + " " +
                  std::string(name_of(op)) + " " + std::string(name_of(dtype)) + " x " + std::to_string(count) + " " +
                  std::string(name_of(algorithm)) + (in_place ? " in place" : "") + (in_heap ? " in the heap" : "") +
                  ", root " + std::to_string(root) + ", members";
  for (const uint32_t m : members) s += " " + std::to_string(m);
  return s;
}

Case make_case(uint32_t seed, uint32_t number, uint32_t world, bool mapped) {
  std::mt19937 random(seed * 7919 + number);
  Case c;
  c.number = number;
  c.kind = static_cast<Kind>(random() % static_cast<uint32_t>(Kind::kCount));
  for (uint32_t r = 0; r < world; ++r) c.members.push_back(r);
  if (random() % 3 == 0) {
    std::shuffle(c.members.begin(), c.members.end(), random);
    c.members.resize(1 + random() % world);
  }
  const auto n = static_cast<uint32_t>(c.members.size());
  c.dtype = static_cast<DType>(kDTypeMin + random() % (kDTypeMax - kDTypeMin + 1));
  using R = Reduction;
  std::vector<R> ops{R::kSum, R::kProd, R::kMin, R::kMax};
  if (is_float(c.dtype)) ops.push_back(R::kMean);
  if (c.dtype == DType::kBool) ops = {R::kAnd, R::kOr};
  if (c.dtype == DType::kC64) ops = {R::kSum, R::kProd, R::kMean};
  c.op = ops[random() % ops.size()];
  c.algorithm = random_algorithm(c.kind, random, mapped);
  c.count = random_count(random);
  c.root = random() % n;
  c.in_place = random() % 2 == 0;
  c.in_heap = random() % 2 == 0;
  for (uint32_t i = 0; i < n * n; ++i) c.counts.push_back(random_count(random) / 2);
  return c;
}

std::vector<char> make_input(const Case& c, uint32_t rank, uint64_t count, uint32_t stream) {
  std::mt19937 random(c.number * 1000003 + rank * 101 + stream);
  const bool complex = c.dtype == DType::kC64;
  std::vector<int64_t> values(complex ? 2 * count : count);
  // Products of nine of these stay exact in bf16.
  constexpr int64_t kFactors[] = {1, 2, -1, 1, -2, 1};
  for (int64_t& v : values) {
    v = c.op == Reduction::kProd ? kFactors[random() % 6] : static_cast<int64_t>(random() % 9) - 4;
    if (c.dtype == DType::kBool) v = random() % 4 != 0;
  }
  std::vector<char> bytes(count * size_of(c.dtype));
  // Real and imaginary parts are floats in a row.
  convert(DType::kI64, values.data(), complex ? DType::kF32 : c.dtype, bytes.data(), values.size());
  return bytes;
}

std::vector<char> reduce_serially(const Case& c, const std::vector<std::vector<char>>& inputs, uint64_t count) {
  if (c.dtype == DType::kU64) return reduce_in<uint64_t>(c, DType::kU64, inputs, count);
  if (is_int(c.dtype) || c.dtype == DType::kBool) return reduce_in<int64_t>(c, DType::kI64, inputs, count);
  if (c.dtype != DType::kC64) return reduce_in<double>(c, DType::kF64, inputs, count);
  std::vector<std::complex<double>> sum(count);
  for (size_t r = 0; r < inputs.size(); ++r) {
    const auto* next = reinterpret_cast<const float*>(inputs[r].data());
    for (uint64_t i = 0; i < count; ++i) {
      const std::complex<double> x(next[2 * i], next[2 * i + 1]);
      sum[i] = r ? apply(c.op, sum[i], x) : x;
    }
  }
  std::vector<char> out(count * sizeof(float) * 2);
  auto* to = reinterpret_cast<float*>(out.data());
  for (uint64_t i = 0; i < count; ++i) {
    if (c.op == Reduction::kMean) sum[i] /= static_cast<double>(inputs.size());
    to[2 * i] = static_cast<float>(sum[i].real());
    to[2 * i + 1] = static_cast<float>(sum[i].imag());
  }
  return out;
}

}  // namespace tests
