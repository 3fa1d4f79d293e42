// The elements of a case's inputs.
#include "run.hpp"

#include "../packed_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

namespace conformance {
namespace {

using Random = std::mt19937_64;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSpecialValues[] = {kNaN, kInfinity, -kInfinity, 0.0,   -0.0,  1.0, -1.0,
                                     0.5,  -2.5,      1e30,       -1e30, 1e-30, 3};

// std::uniform_real_distribution differs between standard libraries.
double fraction(Random& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

// FNV-1a: std::hash differs between standard libraries, too.
uint64_t hash(const std::string& text) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

double element(const Data& data, size_t i, Random& random) {
  switch (data.kind) {
    case Data::Kind::kIntegers:
      return data.low + std::floor(fraction(random) * (data.high - data.low + 1));
    case Data::Kind::kSpecial:
      return random() % 4 == 0 ? data.low + fraction(random) * (data.high - data.low)
                               : kSpecialValues[random() % std::size(kSpecialValues)];
    case Data::Kind::kValues:
      return data.values[i % data.values.size()];
    default:
      return data.low + fraction(random) * (data.high - data.low);
  }
}

// Any bits, and the ends of the range more often than chance would give them.
uint64_t extreme_bits(size_t size, bool is_signed, Random& random) {
  const unsigned width = static_cast<unsigned>(8 * size);
  const uint64_t all = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  const uint64_t top = uint64_t{1} << (width - 1);
  const uint64_t ends[] = {0, 1, all, is_signed ? top : all, is_signed ? top - 1 : all - 1};
  return random() % 3 == 0 ? ends[random() % std::size(ends)] : random() & all;
}

rlx::Result<rlx::Tensor> make_extreme(const rlx::TensorType& type, Random& random) {
  RLX_ASSIGN(rlx::Tensor tensor, rlx::Tensor::zeros(type.dtype, type.shape));
  const size_t size = rlx::size_of(type.dtype);
  auto* bytes = static_cast<unsigned char*>(tensor.data());
  for (size_t at = 0; at < tensor.bytes(); at += size) {
    const uint64_t bits = extreme_bits(size, rlx::is_signed_int(type.dtype), random);
    for (size_t b = 0; b < size; ++b) bytes[at + b] = static_cast<unsigned char>(bits >> (8 * b));
  }
  return tensor;
}

rlx::Result<rlx::Tensor> make_packed(const rlx::TensorType& type, unsigned scheme, Random& random) {
  RLX_ASSIGN(rlx::Tensor tensor, make_extreme(type, random));
  tests::put_ordinary_scales(scheme, static_cast<unsigned char*>(tensor.data()), tensor.bytes(), random);
  return tensor;
}

rlx::Result<rlx::Tensor> make_input(const Input& input, Random& random) {
  const DType dtype = input.type.dtype;
  if (input.data.kind == Data::Kind::kExtreme) return make_extreme(input.type, random);
  if (input.data.kind == Data::Kind::kPacked) return make_packed(input.type, input.data.scheme, random);
  const bool complex = dtype == DType::kC64;
  const auto count = static_cast<size_t>(input.type.shape.elements()) * (complex ? 2 : 1);
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = element(input.data, i, random);
  if (input.data.kind == Data::Kind::kShuffled) {
    std::iota(values.begin(), values.end(), 0.0);
    for (size_t i = count; i > 1; --i) std::swap(values[i - 1], values[random() % i]);
  }
  if (rlx::is_unsigned_int(dtype)) {
    for (double& v : values) v = std::fabs(v);
  }
  if (rlx::is_int(dtype) || dtype == DType::kBool) {
    for (double& v : values) v = std::nearbyint(v);
  }
  RLX_ASSIGN(rlx::Tensor tensor, rlx::Tensor::zeros(dtype, input.type.shape));
  rlx::convert(DType::kF64, values.data(), complex ? DType::kF32 : dtype, tensor.data(), count);
  return tensor;
}

}  // namespace

rlx::Result<std::vector<rlx::Tensor>> make_inputs(const Case& c, uint32_t seed) {
  Random random(hash(c.name()) ^ seed);
  std::vector<rlx::Tensor> tensors;
  for (const Input& input : c.inputs) {
    if (!input.present) continue;
    RLX_ASSIGN(rlx::Tensor tensor, make_input(input, random));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace conformance
