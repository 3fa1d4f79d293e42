// Turns the builder's lists into the ABI's structs.
#include "program_builder.hpp"

#include <algorithm>

namespace tests {

uint32_t ProgramBuilder::tensor(Dims dims, uint32_t role, rlx_dtype dtype, std::string name) {
  rlx_tensor t{};
  t.dtype = dtype;
  t.rank = static_cast<uint32_t>(dims.size());
  std::fill(std::begin(t.dims), std::end(t.dims), 1);
  std::copy(dims.begin(), dims.end(), t.dims);
  t.role = role;
  t.view_of = RLX_NO_INDEX;
  t.size_bytes = rlx::sdk::elements(t) * rlx::sdk::dtype_size(dtype);
  t.plan_offset = RLX_NO_OFFSET;
  names_.push_back(std::move(name));
  t.name = rlx::sdk::str(names_.back());
  tensors_.push_back(t);
  return static_cast<uint32_t>(tensors_.size() - 1);
}

const rlx_program& ProgramBuilder::build() {
  raw_nodes_.clear();
  for (NodeData& n : nodes_) {
    n.attrs.clear();
    for (const AttrValue& v : n.values) {
      rlx_attr a{};
      a.name = rlx::sdk::str(v.name);
      if (const auto* i = std::get_if<int64_t>(&v.value)) {
        a.type = RLX_ATTR_INT, a.count = 1, a.data = i;
      } else if (const auto* f = std::get_if<double>(&v.value)) {
        a.type = RLX_ATTR_FLOAT, a.count = 1, a.data = f;
      } else if (const auto* s = std::get_if<std::string>(&v.value)) {
        a.type = RLX_ATTR_STRING, a.count = s->size(), a.data = s->data();
      } else if (const auto* d = std::get_if<Dtype>(&v.value)) {
        a.type = RLX_ATTR_DTYPE, a.count = 1, a.data = &d->value;
      } else if (const auto* reals = std::get_if<std::vector<double>>(&v.value)) {
        a.type = RLX_ATTR_FLOATS, a.count = reals->size(), a.data = reals->data();
      } else {
        const auto& list = std::get<std::vector<int64_t>>(v.value);
        a.type = RLX_ATTR_INTS, a.count = list.size(), a.data = list.data();
      }
      n.attrs.push_back(a);
    }
    rlx_node raw{};
    raw.op = rlx::sdk::str(n.op);
    raw.name = rlx::sdk::str(n.name);
    raw.inputs = n.inputs.data();
    raw.outputs = n.outputs.data();
    raw.attrs = n.attrs.data();
    raw.input_count = static_cast<uint32_t>(n.inputs.size());
    raw.output_count = static_cast<uint32_t>(n.outputs.size());
    raw.attr_count = static_cast<uint32_t>(n.attrs.size());
    raw_nodes_.push_back(raw);
  }
  region_.inputs = inputs_.data();
  region_.outputs = outputs_.data();
  region_.nodes = raw_nodes_.data();
  region_.node_count = raw_nodes_.size();
  region_.input_count = static_cast<uint32_t>(inputs_.size());
  region_.output_count = static_cast<uint32_t>(outputs_.size());
  program_.struct_size = sizeof program_;
  program_.abi_minor = RLX_ABI_MINOR;
  program_.tensors = tensors_.data();
  program_.regions = &region_;
  program_.tensor_count = tensors_.size();
  program_.region_count = 1;
  program_.tensor_stride = sizeof(rlx_tensor);
  program_.node_stride = sizeof(rlx_node);
  program_.attr_stride = sizeof(rlx_attr);
  program_.region_stride = sizeof(rlx_region);
  return program_;
}

}  // namespace tests
