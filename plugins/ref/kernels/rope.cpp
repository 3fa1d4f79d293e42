// Rotary positions: pairs (x₁, x₂) of the first rotary_dim features become (x₁c − x₂s, x₂c + x₁s); the rest is copied.
// rope_backward rotates by the negative angle.
#include "heads.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

// The table's row of each (batch, position).
std::vector<uint64_t> table_rows(const Call& call, const Heads& x) {
  const uint64_t limit = call.in(1).dim(0);
  std::vector<uint64_t> rows;
  if (!call.has(3)) {
    for (uint64_t b = 0; b < x.batch; ++b)
      for (uint64_t s = 0; s < x.positions; ++s) rows.push_back(call.checked_index(static_cast<int64_t>(s), limit));
    return rows;
  }
  const Dims dims{x.batch, x.positions};
  for (int64_t position : load_broadcast<int64_t>(call.in(3), dims))
    rows.push_back(call.checked_index(position, limit));
  return rows;
}

void rotate(const Call& call, double direction) {
  const Heads heads = heads_of(call, call.in(0), static_cast<uint64_t>(call.node.i("heads")));
  const uint64_t half = static_cast<uint64_t>(call.node.i("rotary_dim")) / 2;
  const bool interleaved = call.node.s("style") == "interleaved";
  const std::vector<uint64_t> rows = table_rows(call, heads);
  const std::vector<double> x = load<double>(call.in(0)), cosine = load<double>(call.in(1)),
                            sine = load<double>(call.in(2));
  std::vector<double> y = x;
  for (uint64_t b = 0; b < heads.batch; ++b)
    for (uint64_t h = 0; h < heads.heads; ++h)
      for (uint64_t s = 0; s < heads.positions; ++s) {
        const uint64_t start = heads.at(b, h, s), row = rows[b * heads.positions + s];
        for (uint64_t i = 0; i < half; ++i) {
          const uint64_t first = start + (interleaved ? 2 * i : i), second = first + (interleaved ? 1 : half);
          const double c = cosine[row * half + i], sn = direction * sine[row * half + i];
          y[first] = x[first] * c - x[second] * sn;
          y[second] = x[second] * c + x[first] * sn;
        }
      }
  store(call.out(), y);
}

}  // namespace

void rope(const Call& call) {
  rotate(call, 1);
}

void rope_backward(const Call& call) {
  rotate(call, -1);
}

}  // namespace rlx::ref::kernels
