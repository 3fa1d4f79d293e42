// state_write: the compiler lets the output share the state's memory when it can; then only the written rows move.
#include "kernels/state_write.hpp"

#include <cstring>

namespace rlx::cpu {

namespace {

constexpr uint64_t kGrain = 1u << 20;  // bytes worth a second thread

void copy_bytes(const Team& team, const std::byte* from, std::byte* to, uint64_t bytes) {
  if (from == to) return;
  team.split(bytes, kGrain,
             [&](uint64_t begin, uint64_t end, unsigned) { std::memmove(to + begin, from + begin, end - begin); });
}

class StateCommit final : public Kernel {
 public:
  explicit StateCommit(uint64_t bytes) : Kernel("state commit"), bytes_(bytes) {}
  void run(const Run& r) const override { copy_bytes(r.team, r.inputs[0], r.outputs[0], bytes_); }

 private:
  uint64_t bytes_;
};

class StateWrite final : public Kernel {
 public:
  explicit StateWrite(const NodeView& n) : Kernel("state write"), state_bytes_(n.in(0).size_bytes) {
    has_row_ = n.has_input(2);
    if (!has_row_) return;
    row_is_i32_ = n.in(2).dtype == RLX_DTYPE_I32;
    const uint32_t axis = static_cast<uint32_t>(n.i("axis"));
    const rlx_tensor &state = n.in(0), &x = n.in(1);
    for (uint32_t i = 0; i < axis; ++i) outer_ *= state.dims[i];
    inner_bytes_ = sdk::dtype_size(state.dtype);
    for (uint32_t i = axis + 1; i < state.rank; ++i) inner_bytes_ *= state.dims[i];
    state_rows_ = state.dims[axis];
    x_rows_ = x.dims[axis];
  }

  void run(const Run& r) const override {
    if (!has_row_) return copy_bytes(r.team, r.inputs[1], r.outputs[0], state_bytes_);
    const int64_t given = row_is_i32_ ? *r.in<int32_t>(2) : *r.in<int64_t>(2);
    const int64_t row = given < 0 ? given + static_cast<int64_t>(state_rows_) : given;
    copy_bytes(r.team, r.inputs[0], r.outputs[0], state_bytes_);
    if (row < 0 || static_cast<uint64_t>(row) + x_rows_ > state_rows_) {
      r.out_of_range(given, static_cast<int64_t>(state_rows_));
      return;
    }
    const uint64_t chunk = x_rows_ * inner_bytes_;
    for (uint64_t o = 0; o < outer_; ++o)
      std::memcpy(r.outputs[0] + (o * state_rows_ + static_cast<uint64_t>(row)) * inner_bytes_, r.inputs[1] + o * chunk,
                  chunk);
  }

 private:
  uint64_t state_bytes_, outer_ = 1, inner_bytes_ = 1, state_rows_ = 0, x_rows_ = 0;
  bool has_row_ = false, row_is_i32_ = false;
};

}  // namespace

std::unique_ptr<Kernel> make_state_commit(uint64_t bytes) {
  return std::make_unique<StateCommit>(bytes);
}

namespace kernels {

Claim claim_state_write(const NodeView&, const CpuInfo&) {
  return Claim::native();
}

std::unique_ptr<Kernel> make_state_write(MakeContext& m) {
  return std::make_unique<StateWrite>(m.node);
}

}  // namespace kernels
}  // namespace rlx::cpu
