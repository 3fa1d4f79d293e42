// Names of cases and the short spellings of their inputs.
#include "case.hpp"

#include <sstream>

namespace conformance {
namespace {

struct AttrText {
  std::ostream& out;

  void operator()(int64_t v) const { out << v; }
  void operator()(double v) const { out << v; }
  void operator()(const std::string& v) const { out << v; }
  void operator()(DType v) const { out << rlx::name_of(v); }
  void operator()(const rlx::Literal& v) const { out << rlx::to_string(v.type); }
  template <typename T>
  void operator()(const std::vector<T>& list) const {
    out << '[';
    for (size_t i = 0; i < list.size(); ++i) out << (i ? "," : "") << list[i];
    out << ']';
  }
};

const char* data_name(Data::Kind kind) {
  switch (kind) {
    case Data::Kind::kSpecial:
      return " special";
    case Data::Kind::kExtreme:
      return " extreme";
    case Data::Kind::kShuffled:
      return " shuffled";
    default:
      return "";
  }
}

}  // namespace

std::string Case::name() const {
  std::ostringstream out;
  out << op;
  for (const Input& input : inputs) {
    out << ' ';
    if (input.present) {
      out << rlx::to_string(input.type) << data_name(input.data.kind);
    } else {
      out << '-';
    }
  }
  for (const Attrs::Entry& entry : attrs.entries()) {
    out << ' ' << entry.first << '=';
    std::visit(AttrText{out}, entry.second);
  }
  if (outputs) out << " outputs=" << outputs;
  if (!note.empty()) out << " (" << note << ')';
  return out.str();
}

Case& CaseList::add(std::string op, std::vector<Input> inputs, Attrs attrs) {
  Case c;
  c.op = std::move(op);
  c.inputs = std::move(inputs);
  c.attrs = std::move(attrs);
  cases_.push_back(std::move(c));
  return cases_.back();
}

Input uniform(DType dtype, Shape shape, double low, double high) {
  return {{dtype, shape}, {Data::Kind::kUniform, low, high}};
}
Input integers(DType dtype, Shape shape, int64_t low, int64_t high) {
  return {{dtype, shape}, {Data::Kind::kIntegers, static_cast<double>(low), static_cast<double>(high)}};
}
Input booleans(Shape shape) {
  return integers(DType::kBool, shape, 0, 1);
}
Input indices(DType dtype, Shape shape, int64_t n) {
  return integers(dtype, shape, -n, n - 1);
}
Input shuffled(DType dtype, Shape shape) {
  return {{dtype, shape}, {Data::Kind::kShuffled}};
}
Input special(DType dtype, Shape shape) {
  return {{dtype, shape}, {Data::Kind::kSpecial}};
}
Input extreme(DType dtype, Shape shape) {
  return {{dtype, shape}, {Data::Kind::kExtreme}};
}
Input values(DType dtype, Shape shape, std::vector<double> list) {
  return {{dtype, shape}, {Data::Kind::kValues, 0, 0, std::move(list)}};
}
Input packed(unsigned scheme, Shape shape) {
  Input input = extreme(DType::kU8, shape);
  input.data.kind = Data::Kind::kPacked;
  input.data.scheme = scheme;
  return input;
}
Input absent() {
  Input input;
  input.present = false;
  return input;
}

std::vector<Case> all_cases() {
  CaseList list;
  add_unary_cases(list);
  add_elementwise_cases(list);
  add_shape_cases(list);
  add_index_cases(list);
  add_linalg_cases(list);
  add_norm_cases(list);
  add_reduce_cases(list);
  add_softmax_cases(list);
  add_sort_cases(list);
  add_attention_cases(list);
  add_conv_cases(list);
  add_pool_cases(list);
  add_resize_cases(list);
  add_random_cases(list);
  add_fused_cases(list);
  add_complex_cases(list);
  add_quant_cases(list);
  return list.cases();
}

}  // namespace conformance
