// Programs by hand; see program.hpp.
#include "plugins/host/program.hpp"

namespace tests {

namespace {

constexpr uint64_t kAlign = 64;

rlx_attr raw_attr(const Attr& attr) {
  rlx_attr raw{rlx::sdk::str(attr.name), 0, 0, 1, nullptr};
  const auto& v = attr.value;
  if (auto* i = std::get_if<int64_t>(&v)) {
    raw.type = RLX_ATTR_INT;
    raw.data = i;
  } else if (auto* f = std::get_if<double>(&v)) {
    raw.type = RLX_ATTR_FLOAT;
    raw.data = f;
  } else if (auto* s = std::get_if<std::string>(&v)) {
    raw.type = RLX_ATTR_STRING;
    raw.data = s->data();
    raw.count = s->size();
  } else if (auto* is = std::get_if<std::vector<int64_t>>(&v)) {
    raw.type = RLX_ATTR_INTS;
    raw.data = is->data();
    raw.count = is->size();
  } else if (auto* fs = std::get_if<std::vector<double>>(&v)) {
    raw.type = RLX_ATTR_FLOATS;
    raw.data = fs->data();
    raw.count = fs->size();
  } else if (auto* d = std::get_if<DTypeValue>(&v)) {
    raw.type = RLX_ATTR_DTYPE;
    raw.data = &d->dtype;
  }
  return raw;
}

}  // namespace

uint32_t Program::add(const Type& type, uint32_t role, std::string name) {
  rlx_tensor t{};
  t.dtype = type.dtype;
  t.rank = static_cast<uint32_t>(type.dims.size());
  for (uint64_t& d : t.dims) d = 1;
  for (size_t i = 0; i < type.dims.size(); ++i) t.dims[i] = type.dims[i];
  t.role = role;
  t.view_of = RLX_NO_INDEX;
  t.size_bytes = rlx::sdk::elements(t) * rlx::sdk::dtype_size(t.dtype);
  t.plan_offset = RLX_NO_OFFSET;
  names_.push_back(std::move(name));
  t.name = rlx::sdk::str(names_.back());
  tensors_.push_back(t);
  in_arena_.push_back(role != RLX_ROLE_PARAM && role != RLX_ROLE_CONSTANT);
  return static_cast<uint32_t>(tensors_.size() - 1);
}

uint32_t Program::input(Type type, std::string name) {
  const uint32_t t = add(type, RLX_ROLE_INPUT, std::move(name));
  regions_[0].inputs.push_back(t);
  return t;
}

uint32_t Program::output(Type type, std::string name) {
  const uint32_t t = add(type, RLX_ROLE_TEMPORARY, std::move(name));
  tensors_[t].flags = RLX_TENSOR_OUTPUT;
  regions_[0].outputs.push_back(t);
  return t;
}

void Program::mark_output(uint32_t tensor, std::string name) {
  names_.push_back(std::move(name));
  tensors_[tensor].name = rlx::sdk::str(names_.back());
  tensors_[tensor].flags |= RLX_TENSOR_OUTPUT;
  regions_[0].outputs.push_back(tensor);
}

uint32_t Program::temporary(Type type) {
  return add(type, RLX_ROLE_TEMPORARY, "");
}

uint32_t Program::body_tensor(Type type) {
  const uint32_t t = temporary(std::move(type));
  in_arena_[t] = false;
  return t;
}

uint32_t Program::param(Type type, std::string name) {
  return add(type, RLX_ROLE_PARAM, std::move(name));
}

uint32_t Program::state(Type type, std::string name, Value first) {
  const uint32_t t = add(type, RLX_ROLE_STATE, std::move(name));
  values_.push_back(std::move(first));
  if (!values_.back().bytes.empty()) tensors_[t].data = values_.back().bytes.data();
  return t;
}

uint32_t Program::constant(Value value) {
  const uint32_t t = add({value.dtype, value.dims}, RLX_ROLE_CONSTANT, "");
  values_.push_back(std::move(value));
  tensors_[t].data = values_.back().bytes.data();
  return t;
}

uint32_t Program::view(uint32_t of, Type type, uint64_t offset_bytes) {
  const uint32_t t = add(type, tensors_[of].role, "");
  tensors_[t].view_of = of;
  tensors_[t].view_offset = offset_bytes;
  in_arena_[t] = false;
  return t;
}

void Program::node(std::string op, Attrs attrs, std::vector<uint32_t> inputs, std::vector<uint32_t> outputs,
                   std::vector<uint32_t> regions, uint32_t region, std::string name) {
  regions_[region].nodes.push_back({std::move(op),
                                    std::move(name),
                                    std::move(attrs),
                                    std::move(inputs),
                                    std::move(outputs),
                                    std::move(regions),
                                    {}});
}

uint32_t Program::region(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs) {
  regions_.push_back({std::move(inputs), std::move(outputs), {}, {}});
  return static_cast<uint32_t>(regions_.size() - 1);
}

rlx_node Program::raw(NodeData& node) {
  node.raw_attrs.clear();
  for (const Attr& attr : node.attrs) node.raw_attrs.push_back(raw_attr(attr));
  return {rlx::sdk::str(node.op),
          rlx::sdk::str(node.name),
          node.inputs.data(),
          node.outputs.data(),
          node.raw_attrs.data(),
          node.regions.data(),
          static_cast<uint32_t>(node.inputs.size()),
          static_cast<uint32_t>(node.outputs.size()),
          static_cast<uint32_t>(node.raw_attrs.size()),
          static_cast<uint32_t>(node.regions.size())};
}

const rlx_program& Program::build() {
  uint64_t end = 0;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (!in_arena_[i]) continue;
    tensors_[i].plan_offset = end;
    end += (tensors_[i].size_bytes + kAlign - 1) / kAlign * kAlign;
  }
  raw_regions_.clear();
  for (RegionData& region : regions_) {
    region.raw_nodes.clear();
    for (NodeData& node : region.nodes) region.raw_nodes.push_back(raw(node));
    raw_regions_.push_back({region.inputs.data(), region.outputs.data(), region.raw_nodes.data(),
                            region.raw_nodes.size(), static_cast<uint32_t>(region.inputs.size()),
                            static_cast<uint32_t>(region.outputs.size())});
  }
  program_ = {};
  program_.struct_size = sizeof program_;
  program_.abi_minor = RLX_ABI_MINOR;
  program_.tensors = tensors_.data();
  program_.regions = raw_regions_.data();
  program_.tensor_count = tensors_.size();
  program_.region_count = raw_regions_.size();
  program_.tensor_stride = sizeof(rlx_tensor);
  program_.node_stride = sizeof(rlx_node);
  program_.attr_stride = sizeof(rlx_attr);
  program_.region_stride = sizeof(rlx_region);
  program_.arena_bytes = program_.arena_lower_bound = end;
  return program_;
}

}  // namespace tests
