// pad with what the tensor has at its borders: edge, reflect and wrap. Where each position of an axis comes from is
// tabled when the kernel is made; a row is a copy of the input's with a few elements on both sides. Bound by memory.
#include "kernel.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrainBytes = 64u << 10;  // worth a second thread

// Amounts of reflect are below the size, as its schema demands.
int64_t source_of(std::string_view mode, int64_t position, int64_t size) {
  if (position >= 0 && position < size) return position;
  if (mode == "edge") return position < 0 ? 0 : size - 1;
  if (mode == "reflect") return position < 0 ? -position : 2 * (size - 1) - position;
  return (position % size + size) % size;
}

// What a row of the output is made of, by positions in a row of the input.
struct RowPlan {
  std::vector<uint64_t> before, after;
  uint64_t inner = 0;  // elements in the middle: the whole row of the input
};

template <typename T>
void copy_row(const RowPlan& p, const std::byte* from, std::byte* to) {
  const T* x = reinterpret_cast<const T*>(from);
  T* y = reinterpret_cast<T*>(to);
  for (uint64_t at : p.before) *y++ = x[at];
  std::memcpy(y, x, p.inner * sizeof(T));
  y += p.inner;
  for (uint64_t at : p.after) *y++ = x[at];
}

class BorderPad final : public Kernel {
 public:
  explicit BorderPad(const NodeView& n)
      : Kernel("move:pad " + std::string(n.s("mode"))), bytes_(sdk::dtype_size(n.out().dtype)) {
    const rlx_tensor &x = n.in(0), &y = n.out();
    const auto begins = n.ints("begins");
    const uint32_t last = y.rank - 1;
    uint64_t step = bytes_;
    for (uint32_t i = y.rank; i-- > 0; step *= x.dims[i]) {
      const int64_t size = static_cast<int64_t>(x.dims[i]);
      for (uint64_t at = 0; at < y.dims[i]; ++at) {
        const int64_t position = static_cast<int64_t>(at) - begins[i];
        const uint64_t from = static_cast<uint64_t>(source_of(n.s("mode"), position, size));
        if (i != last) {
          offsets_[i].push_back(from * step);
        } else if (position < 0 || position >= size) {
          (position < 0 ? row_.before : row_.after).push_back(from);
        }
      }
      if (i != last) rows_ *= y.dims[i];
    }
    row_.inner = x.dims[last];
    row_bytes_ = y.dims[last] * bytes_;
    copy_ = bytes_ == 1   ? copy_row<uint8_t>
            : bytes_ == 2 ? copy_row<uint16_t>
            : bytes_ == 4 ? copy_row<uint32_t>
                          : copy_row<uint64_t>;
    outer_ = last;
  }

  void run(const Run& r) const override {
    if (row_bytes_ == 0) return;
    r.team.split(rows_, std::max<uint64_t>(1, kGrainBytes / row_bytes_), [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) {
        uint64_t from = 0, rest = i;
        for (uint32_t k = outer_; k-- > 0; rest /= offsets_[k].size()) from += offsets_[k][rest % offsets_[k].size()];
        copy_(row_, r.inputs[0] + from, r.outputs[0] + i * row_bytes_);
      }
    });
  }

 private:
  uint64_t bytes_, rows_ = 1, row_bytes_;
  uint32_t outer_;                               // axes before the last
  std::vector<uint64_t> offsets_[RLX_MAX_RANK];  // bytes, of each position of an outer axis
  RowPlan row_;
  void (*copy_)(const RowPlan&, const std::byte*, std::byte*);
};

}  // namespace

Claim claim_border_pad(const NodeView& n, const CpuInfo&) {
  if (n.s("mode") == "constant") return Claim::no("mode constant not supported");
  if (n.out().rank == 0) return Claim::no("rank 0 not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_border_pad(MakeContext& m) {
  return std::make_unique<BorderPad>(m.node);
}

}  // namespace rlx::cpu::kernels
