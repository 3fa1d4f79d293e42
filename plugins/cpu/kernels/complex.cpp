// Complex values, pairs of f32: complex_norm_sq, complex_norm_sq_backward, conjugate. Bound by memory.
#include "kernel.hpp"

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 16384;  // elements worth a second thread

void norm_sq(const float* z, const float*, float* y, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) y[i] = z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1];
}
void norm_sq_backward(const float* z, const float* dy, float* dz, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) {
    const float twice = 2 * dy[i];
    dz[2 * i] = z[2 * i] * twice;
    dz[2 * i + 1] = z[2 * i + 1] * twice;
  }
}
void conjugate(const float* z, const float*, float* y, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) {
    y[2 * i] = z[2 * i];
    y[2 * i + 1] = -z[2 * i + 1];
  }
}

class Complex final : public Kernel {
 public:
  explicit Complex(const NodeView& n) : Kernel("plain:" + std::string(n.op())), count_(sdk::elements(n.out())) {
    const std::string_view op = n.op();
    loop_ = op == "conjugate" ? conjugate : op == "complex_norm_sq" ? norm_sq : norm_sq_backward;
    has_dy_ = n.input_count() > 1;
    out_step_ = op == "complex_norm_sq" ? 1 : 2;
  }
  void run(const Run& r) const override {
    const float *z = r.in<float>(0), *dy = has_dy_ ? r.in<float>(1) : nullptr;
    r.team.split(count_, kGrain, [&](uint64_t begin, uint64_t end, unsigned) {
      loop_(z + 2 * begin, has_dy_ ? dy + begin : nullptr, r.out<float>() + out_step_ * begin, end - begin);
    });
  }

 private:
  void (*loop_)(const float*, const float*, float*, uint64_t);
  uint64_t count_, out_step_;
  bool has_dy_;
};

}  // namespace

Claim claim_complex(const NodeView& n, const CpuInfo&) {
  return Claim::native(n.op() == "complex_norm_sq" ? 0 : 1);
}

std::unique_ptr<Kernel> make_complex(MakeContext& m) {
  return std::make_unique<Complex>(m.node);
}

}  // namespace rlx::cpu::kernels
