// Ops that only move elements, as strided copies; what each of them is, sdk/moves.hpp says.
#include "kernel.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

Claim claim_move(const NodeView& n) {
  if (sdk::moves_of(n)) return Claim::native();
  return Claim::no("mode " + std::string(n.s("mode")) + " not supported");
}

void emit_move(Emitter& e, const NodeView& n) {
  const sdk::Moves moves = *sdk::moves_of(n);
  const std::string word = "<" + word_name(n.out().dtype) + ">";
  if (moves.fills) {
    auto launch = e.launch<::simt::FillParams>("copy.hpp", "fill" + word);
    launch.params.count = sdk::elements(n.out());
    launch.params.bits = moves.fill_bits;
    if (moves.fill_input != RLX_NO_INDEX) launch.point(launch.params.scalar, n.input(moves.fill_input));
    launch.point(launch.params.y, n.output(0));
    launch.threads(launch.params.count);
  }
  const uint64_t bytes = sdk::dtype_size(n.out().dtype);
  for (const sdk::StridedMove& move : moves.copies) {
    Space space{move.dims, {move.src, move.dst}};
    space.collapse();
    auto launch = e.launch<::simt::CopyParams>("copy.hpp", "strided_copy" + word);
    launch.params.count = space.count();
    launch.params.rank = static_cast<uint32_t>(space.dims.size());
    for (size_t i = 0; i < space.dims.size(); ++i) {
      launch.params.dims[i] = space.dims[i];
      launch.params.x_strides[i] = space.operands[0][i];
      launch.params.y_strides[i] = space.operands[1][i];
    }
    // A start is inside of the tensor, or there is nothing to copy.
    launch.point(launch.params.x, n.input(move.input), static_cast<uint64_t>(move.src_start) * bytes);
    launch.point(launch.params.y, n.output(0), static_cast<uint64_t>(move.dst_start) * bytes);
    launch.threads(launch.params.count);
  }
}

}  // namespace rlx::simt::kernels
