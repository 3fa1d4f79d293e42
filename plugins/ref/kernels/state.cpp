// state_write: the state becomes x, or x replaces rows row … row + x.dim(axis) along axis. The output is the state
// after the write; the host usually makes it a view of the state.
#include "kernel.hpp"

#include <cstring>

namespace rlx::ref::kernels {

namespace {

void write_rows(const Call& call) {
  const Tensor &state = call.in(0), &x = call.in(1);
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const int64_t given = load<int64_t>(call.in(2))[0];
  const int64_t size = static_cast<int64_t>(state.dim(axis)), rows = static_cast<int64_t>(x.dim(axis));
  const int64_t row = given < 0 ? given + size : given;
  if (row < 0 || row > size - rows)
    throw sdk::Error(RLX_OUT_OF_RANGE, call.node.label() + ": row " + std::to_string(given) + " out of range for " +
                                           std::to_string(rows) + " rows in size " + std::to_string(size));
  // x may be a view of the state, so it is read before anything is written.
  const std::vector<std::byte> part(x.data, x.data + x.bytes());
  const AxisSplit at = split_at(state.dims, axis);
  const uint64_t block = static_cast<uint64_t>(rows) * at.inner * x.width();
  for (uint64_t o = 0; o < at.outer && block > 0; ++o)
    std::memcpy(state.at(at.at(o, static_cast<uint64_t>(row), 0)), part.data() + o * block, block);
}

}  // namespace

void state_write(const Call& call) {
  const Tensor &state = call.in(0), &y = call.out();
  if (call.has(2))
    write_rows(call);
  else if (state.bytes())
    std::memmove(state.data, call.in(1).data, state.bytes());
  if (y.data != state.data && y.bytes()) std::memmove(y.data, state.data, y.bytes());
}

}  // namespace rlx::ref::kernels
