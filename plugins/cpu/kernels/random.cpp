// random_uniform, random_normal, bernoulli and dropout from Philox4x32-10: every element has its own counter, so that
// results depend neither on threads nor on the device. Bound by the ten rounds of multiplications.
#include "kernel.hpp"

#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/philox.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 4096;  // blocks of 4 elements worth a second thread
constexpr double kTwoPi = 6.28318530717958647693;

using Words = sdk::PhiloxWords;

double uniform(uint32_t word) {
  return static_cast<double>(word >> 8) * 0x1p-24;
}

template <typename T>
void put(std::byte* to, uint64_t i, double value) {
  const T x = sdk::cast_to<T>(value);
  std::memcpy(to + i * sizeof(T), &x, sizeof x);
}
template <typename T>
double get(const std::byte* from, uint64_t i) {
  T x;
  std::memcpy(&x, from + i * sizeof(T), sizeof x);
  return sdk::cast_to<double>(x);
}
using Put = void (*)(std::byte*, uint64_t, double);
using Get = double (*)(const std::byte*, uint64_t);

class Random : public Kernel {
 public:
  explicit Random(const NodeView& n) : Kernel("random:" + std::string(n.op())), count_(sdk::elements(n.out())) {
    key_ = static_cast<uint64_t>(n.i("seed")) ^ static_cast<uint64_t>(n.i("key"));
    sdk::visit_dtype(n.out().dtype, [&](auto v) { put_ = put<decltype(v)>; });
    if (n.input_count() > 0) sdk::visit_dtype(n.in(0).dtype, [&](auto v) { get_ = get<decltype(v)>; });
  }
  void run(const Run& r) const override {
    r.team.split((count_ + 3) / 4, kGrain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t b = begin; b < end; ++b)
        block(r, b * 4, std::min<uint64_t>(4, count_ - b * 4), sdk::random_block(b, r.run_counter, key_));
    });
  }

 protected:
  virtual void block(const Run& r, uint64_t first, uint64_t n, const Words& words) const = 0;

  uint64_t count_, key_;
  Put put_ = nullptr;
  Get get_ = nullptr;
};

class Uniform final : public Random {
 public:
  explicit Uniform(const NodeView& n) : Random(n), low_(n.f("low")), range_(n.f("high") - n.f("low")) {}

 private:
  void block(const Run& r, uint64_t first, uint64_t n, const Words& words) const override {
    for (uint64_t i = 0; i < n; ++i) put_(r.outputs[0], first + i, low_ + uniform(words[i]) * range_);
  }
  double low_, range_;
};

class Normal final : public Random {
 public:
  explicit Normal(const NodeView& n) : Random(n), mean_(n.f("mean")), scale_(n.f("scale")) {}

 private:
  void block(const Run& r, uint64_t first, uint64_t n, const Words& words) const override {
    for (uint64_t i = 0; i < n; i += 2) {
      // Above 0, so that the logarithm is finite.
      const double radius = scale_ * std::sqrt(-2 * std::log(uniform(words[i]) + 0x1p-24));
      const double angle = kTwoPi * uniform(words[i + 1]);
      put_(r.outputs[0], first + i, mean_ + radius * std::cos(angle));
      if (i + 1 < n) put_(r.outputs[0], first + i + 1, mean_ + radius * std::sin(angle));
    }
  }
  double mean_, scale_;
};

class Bernoulli final : public Random {
 public:
  using Random::Random;

 private:
  void block(const Run& r, uint64_t first, uint64_t n, const Words& words) const override {
    for (uint64_t i = 0; i < n; ++i)
      put_(r.outputs[0], first + i, uniform(words[i]) < get_(r.inputs[0], first + i) ? 1 : 0);
  }
};

class Dropout final : public Random {
 public:
  explicit Dropout(const NodeView& n)
      : Random(n), ratio_(n.f("ratio")), train_(n.flag("train")), mask_(n.output_count() > 1) {
    bytes_ = n.out().size_bytes;
  }
  void run(const Run& r) const override {
    if (train_) return Random::run(r);
    if (r.inputs[0] != r.outputs[0]) std::memcpy(r.outputs[0], r.inputs[0], bytes_);
    if (mask_) std::memset(r.outputs[1], 1, count_);
  }

 private:
  void block(const Run& r, uint64_t first, uint64_t n, const Words& words) const override {
    for (uint64_t i = 0; i < n; ++i) {
      const bool keep = uniform(words[i]) >= ratio_;
      put_(r.outputs[0], first + i, keep ? get_(r.inputs[0], first + i) / (1 - ratio_) : 0);
      if (mask_) r.outputs[1][first + i] = static_cast<std::byte>(keep);
    }
  }
  double ratio_;
  bool train_, mask_;
  uint64_t bytes_;
};

}  // namespace

Claim claim_random(const NodeView& n, const CpuInfo&) {
  return Claim::native(n.op() == "dropout" ? 1 : 0);
}

std::unique_ptr<Kernel> make_random(MakeContext& m) {
  const std::string_view op = m.node.op();
  if (op == "random_uniform") return std::make_unique<Uniform>(m.node);
  if (op == "random_normal") return std::make_unique<Normal>(m.node);
  if (op == "bernoulli") return std::make_unique<Bernoulli>(m.node);
  return std::make_unique<Dropout>(m.node);
}

}  // namespace rlx::cpu::kernels
