#include "program/lives.hpp"

#include <algorithm>

namespace rlx {

// Inputs, outputs and states keep their memory for the whole run, since they are written before or read after it.
Lives::Lives(const Program& program) : p_(program), lives_(program.tensors().size()) {
  const auto end = static_cast<uint32_t>(p_.nodes().size() + 1);
  for (uint32_t n = 0; n + 1 < end; ++n) {
    const rlx_node& node = p_.nodes()[n];
    for (uint32_t i = 0; i < node.input_count; ++i) touch(node.inputs[i], n + 1);
    for (uint32_t i = 0; i < node.output_count; ++i) touch(node.outputs[i], n + 1);
  }
  for (uint32_t t = 0; t < lives_.size(); ++t) {
    const rlx_tensor& tensor = p_.tensors()[t];
    if (tensor.role == RLX_ROLE_INPUT || tensor.role == RLX_ROLE_STATE) {
      touch(t, 0);
      touch(t, end);
    }
    if (tensor.flags & RLX_TENSOR_OUTPUT) touch(t, end);
  }
}

uint32_t Lives::root(uint32_t tensor) const {
  const uint32_t view_of = p_.tensors()[tensor].view_of;
  return view_of == RLX_NO_INDEX ? tensor : view_of;
}

bool Lives::takes_over(uint32_t node, uint32_t memory, uint32_t mask) const {
  const rlx_node& n = p_.nodes()[node];
  if (n.output_count == 0) return false;
  const uint32_t out = n.outputs[0], out_root = root(out), step = node + 1;
  if (out_root == memory || lives_[memory].last != step || lives_[out_root].first != step) return false;
  if (p_.tensors()[out_root].role != RLX_ROLE_TEMPORARY || p_.tensors()[memory].role != RLX_ROLE_TEMPORARY)
    return false;
  bool is_read = false;
  for (uint32_t i = 0; i < n.input_count; ++i) {
    const uint32_t in = n.inputs[i];
    if (in == RLX_NO_INDEX || root(in) != memory) continue;
    // Every operand in that memory must be read in step with the writing.
    if (i >= 32 || !(mask >> i & 1) || !is_whole(in, p_.tensors()[out].size_bytes)) return false;
    is_read = true;
  }
  return is_read;
}

void Lives::touch(uint32_t tensor, uint32_t step) {
  if (tensor == RLX_NO_INDEX) return;
  const uint32_t r = root(tensor);
  if (p_.tensors()[r].role == RLX_ROLE_PARAM || p_.tensors()[r].role == RLX_ROLE_CONSTANT) return;
  lives_[r].first = std::min(lives_[r].first, step);
  lives_[r].last = std::max(lives_[r].last, step);
}

bool Lives::is_whole(uint32_t tensor, uint64_t bytes) const {
  const rlx_tensor& t = p_.tensors()[tensor];
  return t.view_offset == 0 && t.size_bytes == bytes && p_.tensors()[root(tensor)].size_bytes == bytes;
}

}  // namespace rlx
