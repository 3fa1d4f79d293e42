// attention: s = scale·q·kᵀ, softcapped; y = softmax(s + mask)·v. Rows without a visible key are zero. Several query
// heads may share a key and value head.
#include "heads.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

// What is added to the score of query i and key j: 0, −inf or a bias.
class Mask {
 public:
  Mask(const Call& call, const Heads& q, const Heads& k)
      : kind_(call.node.s("mask")),
        window_(call.node.i("window")),
        lead_(static_cast<int64_t>(k.positions) - static_cast<int64_t>(q.positions)) {
    if (kind_ == "custom" || kind_ == "bias") {
      const Dims dims{q.batch, q.heads, q.positions, k.positions};
      strides_ = broadcast_strides(call.in(3).dims, dims);
      given_ = load<double>(call.in(3));
    } else if (kind_ != "none" && kind_ != "causal" && kind_ != "window") {
      call.bad_attribute("mask", kind_);
    }
  }

  double at(uint64_t b, uint64_t h, uint64_t i, uint64_t j) const {
    constexpr double kHidden = -std::numeric_limits<double>::infinity();
    if (!strides_.empty()) {
      const int64_t offset = static_cast<int64_t>(b) * strides_[0] + static_cast<int64_t>(h) * strides_[1] +
                             static_cast<int64_t>(i) * strides_[2] + static_cast<int64_t>(j) * strides_[3];
      const double value = given_[static_cast<size_t>(offset)];
      if (kind_ == "bias") return value;
      return value != 0 ? 0 : kHidden;
    }
    // Queries are the last of the keys' positions.
    const int64_t query = static_cast<int64_t>(i) + lead_, key = static_cast<int64_t>(j);
    if (kind_ != "none" && key > query) return kHidden;
    if (kind_ == "window" && key <= query - window_) return kHidden;
    return 0;
  }

 private:
  std::string_view kind_;
  int64_t window_, lead_;
  Strides strides_;  // of a mask input
  std::vector<double> given_;
};

double dot(const double* a, const double* b, uint64_t count) {
  double sum = 0;
  for (uint64_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void attention(const Call& call) {
  const uint64_t heads = static_cast<uint64_t>(call.node.i("heads"));
  const uint64_t kv_heads = static_cast<uint64_t>(call.node.i("kv_heads"));
  const Heads q = heads_of(call, call.in(0), heads), k = heads_of(call, call.in(1), kv_heads);
  const Heads v = heads_of(call, call.in(2), kv_heads), y = heads_of(call, call.out(), heads);
  const Mask mask(call, q, k);
  const double scale = call.node.f("scale"), softcap = call.node.f("softcap");
  const std::vector<double> vq = load<double>(call.in(0)), vk = load<double>(call.in(1)), vv = load<double>(call.in(2));
  std::vector<double> vy(call.out().elements()), weight(k.positions);

  for (uint64_t b = 0; b < q.batch; ++b)
    for (uint64_t h = 0; h < q.heads; ++h)
      for (uint64_t i = 0; i < q.positions; ++i) {
        const uint64_t kv = h / (heads / kv_heads);
        double top = lowest_of<double>(RLX_DTYPE_F64);
        for (uint64_t j = 0; j < k.positions; ++j) {
          double score = scale * dot(vq.data() + q.at(b, h, i), vk.data() + k.at(b, kv, j), q.features);
          if (softcap > 0) score = softcap * std::tanh(score / softcap);
          weight[j] = score + mask.at(b, h, i, j);
          top = max(top, weight[j]);
        }
        if (top == lowest_of<double>(RLX_DTYPE_F64)) continue;  // nothing visible: the row stays zero
        double sum = 0;
        for (double& w : weight) sum += w = std::exp(w - top);
        double* row = vy.data() + y.at(b, h, i);
        for (uint64_t j = 0; j < k.positions; ++j)
          for (uint64_t d = 0; d < v.features; ++d) row[d] += weight[j] / sum * vv[v.at(b, kv, j) + d];
      }
  store(call.out(), vy);
}

}  // namespace rlx::ref::kernels
