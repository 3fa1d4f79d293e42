// Reading a program without pointer arithmetic: tensors, nodes, attributes by name. Views borrow from the rlx_program.
#pragma once

#include <rlx/sdk/error.hpp>

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rlx::sdk {

constexpr size_t dtype_size(rlx_dtype t) {
  switch (t) {
    case RLX_DTYPE_F64:
    case RLX_DTYPE_I64:
    case RLX_DTYPE_U64:
    case RLX_DTYPE_C64:
      return 8;
    case RLX_DTYPE_F32:
    case RLX_DTYPE_I32:
    case RLX_DTYPE_U32:
      return 4;
    case RLX_DTYPE_F16:
    case RLX_DTYPE_BF16:
    case RLX_DTYPE_I16:
    case RLX_DTYPE_U16:
      return 2;
    case RLX_DTYPE_I8:
    case RLX_DTYPE_U8:
    case RLX_DTYPE_BOOL:
      return 1;
    default:
      return 0;
  }
}

constexpr const char* dtype_name(rlx_dtype t) {
  constexpr const char* kNames[] = {"?",   "f32", "f16", "bf16", "f64", "i8",   "i16", "i32",
                                    "i64", "u8",  "u16", "u32",  "u64", "bool", "c64"};
  return t < sizeof kNames / sizeof *kNames ? kNames[t] : "?";
}

inline std::span<const uint64_t> dims(const rlx_tensor& t) {
  return {t.dims, t.rank};
}
inline uint64_t elements(const rlx_tensor& t) {
  uint64_t n = 1;
  for (uint64_t d : dims(t)) n *= d;
  return n;
}
inline std::string shape_text(const rlx_tensor& t) {
  std::string s = "[";
  for (uint32_t i = 0; i < t.rank; ++i) s += (i ? ", " : "") + std::to_string(t.dims[i]);
  return s + "]";
}

class NodeView;

class ProgramView {
 public:
  explicit ProgramView(const rlx_program& program) : p_(&program) {}
  uint64_t tensor_count() const { return p_->tensor_count; }
  const rlx_tensor& tensor(uint64_t i) const { return at<rlx_tensor>(p_->tensors, i, p_->tensor_stride); }
  const rlx_region& region(uint64_t i) const { return at<rlx_region>(p_->regions, i, p_->region_stride); }
  const rlx_region& main() const { return region(0); }
  uint64_t node_count(const rlx_region& r) const { return r.node_count; }
  inline NodeView node(const rlx_region& r, uint64_t i) const;
  const rlx_program& raw() const { return *p_; }

  template <typename T>
  static const T& at(const T* base, uint64_t i, uint32_t stride) {
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(base) + i * stride);
  }

 private:
  const rlx_program* p_;
};

class NodeView {
 public:
  NodeView(const rlx_program& program, const rlx_node& node) : p_(&program), n_(&node) {}
  std::string_view op() const { return view(n_->op); }
  std::string_view name() const { return view(n_->name); }
  // "softmax 'encoder/softmax_3'": how messages name the node.
  std::string label() const {
    return n_->name.size ? std::string(op()) + " '" + std::string(name()) + "'" : std::string(op());
  }
  uint32_t input_count() const { return n_->input_count; }
  uint32_t output_count() const { return n_->output_count; }
  bool has_input(uint32_t i) const { return i < n_->input_count && n_->inputs[i] != RLX_NO_INDEX; }
  uint32_t input(uint32_t i) const { return n_->inputs[i]; }
  uint32_t output(uint32_t i) const { return n_->outputs[i]; }
  const rlx_tensor& in(uint32_t i) const { return ProgramView(*p_).tensor(n_->inputs[i]); }
  const rlx_tensor& out(uint32_t i = 0) const { return ProgramView(*p_).tensor(n_->outputs[i]); }
  const rlx_region& region(uint32_t i = 0) const { return ProgramView(*p_).region(n_->regions[i]); }
  ProgramView program() const { return ProgramView(*p_); }
  const rlx_node& raw() const { return *n_; }

  const rlx_attr* find(std::string_view name) const {
    for (uint32_t i = 0; i < n_->attr_count; ++i) {
      const rlx_attr& a = ProgramView::at<rlx_attr>(n_->attrs, i, p_->attr_stride);
      if (view(a.name) == name) return &a;
    }
    return nullptr;
  }
  int64_t i(std::string_view name) const { return *static_cast<const int64_t*>(need(name, RLX_ATTR_INT).data); }
  bool flag(std::string_view name) const { return i(name) != 0; }
  double f(std::string_view name) const { return *static_cast<const double*>(need(name, RLX_ATTR_FLOAT).data); }
  rlx_dtype dtype(std::string_view name) const {
    return static_cast<rlx_dtype>(*static_cast<const int64_t*>(need(name, RLX_ATTR_DTYPE).data));
  }
  std::string_view s(std::string_view name) const {
    const rlx_attr& a = need(name, RLX_ATTR_STRING);
    return {static_cast<const char*>(a.data), static_cast<size_t>(a.count)};
  }
  std::span<const int64_t> ints(std::string_view name) const {
    const rlx_attr& a = need(name, RLX_ATTR_INTS);
    return {static_cast<const int64_t*>(a.data), static_cast<size_t>(a.count)};
  }
  std::span<const double> floats(std::string_view name) const {
    const rlx_attr& a = need(name, RLX_ATTR_FLOATS);
    return {static_cast<const double*>(a.data), static_cast<size_t>(a.count)};
  }

 private:
  const rlx_attr& need(std::string_view name, uint32_t type) const {
    const rlx_attr* a = find(name);
    if (!a || a->type != type)
      throw Error(RLX_INVALID_ARGUMENT,
                  label() + ": attribute '" + std::string(name) + "' is missing or of another type");
    return *a;
  }
  const rlx_program* p_;
  const rlx_node* n_;
};

inline NodeView ProgramView::node(const rlx_region& r, uint64_t i) const {
  return NodeView(*p_, at<rlx_node>(r.nodes, i, p_->node_stride));
}

}  // namespace rlx::sdk
