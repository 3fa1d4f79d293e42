// The parts of the oneDNN wrapper that run while compiling.
#include "onednn/onednn.hpp"

#include "onednn/forward.hpp"

namespace rlx::cpu::onednn {

using sdk::Error;

void check(dnnl_status_t status, const char* doing) {
  if (status == dnnl_success) return;
  const rlx_code code = status == dnnl_out_of_memory   ? RLX_RESOURCE_EXHAUSTED
                        : status == dnnl_unimplemented ? RLX_UNIMPLEMENTED
                                                       : RLX_INTERNAL;
  throw Error(code, std::string(doing) + ": oneDNN answers " + std::to_string(status), {}, status, "onednn");
}

dnnl_engine_t engine() {
  static const dnnl_engine_t instance = [] {
    dnnl_engine_t e = nullptr;
    check(dnnl_engine_create(&e, dnnl_cpu, 0), "engine");
    return e;
  }();
  return instance;
}

namespace {

dnnl_format_tag_t tag_of(size_t rank, Layout layout) {
  constexpr dnnl_format_tag_t kPlain[] = {
      dnnl_format_tag_undef, dnnl_a,       dnnl_ab,      dnnl_abc, dnnl_abcd, dnnl_abcde,
      dnnl_abcdef,           dnnl_abcdefg, dnnl_abcdefgh};
  constexpr dnnl_format_tag_t kLast[] = {dnnl_acb, dnnl_acdb, dnnl_acdeb};
  constexpr dnnl_format_tag_t k8[] = {dnnl_aBc8b, dnnl_aBcd8b, dnnl_aBcde8b};
  constexpr dnnl_format_tag_t k16[] = {dnnl_aBc16b, dnnl_aBcd16b, dnnl_aBcde16b};
  if (layout == Layout::kPlain) return rank < std::size(kPlain) ? kPlain[rank] : dnnl_format_tag_undef;
  if (rank < 3 || rank > 5) return dnnl_format_tag_undef;
  return (layout == Layout::kChannelsLast ? kLast : layout == Layout::kBlocked8 ? k8 : k16)[rank - 3];
}

}  // namespace

Desc desc_of(std::span<const uint64_t> dims, Layout layout) {
  return Desc::by_tag(dims, dnnl_f32, tag_of(dims.size(), layout));
}

Desc any_desc(std::span<const uint64_t> dims) {
  return Desc::by_tag(dims, dnnl_f32, dnnl_format_tag_any);
}

bool to_layout(const Desc& desc, std::span<const uint64_t> dims, Layout& out) {
  // Plain first: with one channel or one pixel several orders are the same bytes.
  for (const Layout layout : {Layout::kPlain, Layout::kChannelsLast, Layout::kBlocked8, Layout::kBlocked16}) {
    if (layout != Layout::kPlain && (dims.size() < 3 || dims.size() > 5)) continue;
    if (desc_of(dims, layout) != desc) continue;
    out = layout;
    return true;
  }
  return false;
}

Attr make_attr(const dnnl_post_ops_t post_ops) {
  dnnl_primitive_attr_t attr = nullptr;
  check(dnnl_primitive_attr_create(&attr), "attribute");
  Attr owned(attr);
  check(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user), "scratchpad mode");
  if (post_ops) check(dnnl_primitive_attr_set_post_ops(attr, post_ops), "post-ops");
  return owned;
}

Desc query(const PrimitiveDesc& desc, dnnl_query_t what, int index) {
  const Desc::Handle found = dnnl_primitive_desc_query_md(desc.get(), what, index);
  if (!found)
    throw Error(RLX_INTERNAL,
                "oneDNN: no memory descriptor " + std::to_string(index) + " for query " + std::to_string(what));
  return Desc::copy_of(found);
}

std::string kernel_name(const PrimitiveDesc& desc) {
  const char* text = "?";
  dnnl_primitive_desc_query(desc.get(), dnnl_query_impl_info_str, 0, &text);
  return std::string("onednn:") + text;
}

std::shared_ptr<const Primitive> reorder_primitive(const Desc& from, const Desc& to) {
  PrimitiveDesc desc;
  check(describe_reorder(from, to, nullptr, desc), "reorder");
  dnnl_primitive_t primitive = nullptr;
  check(dnnl_primitive_create(&primitive, desc.get()), "reorder");
  return std::make_shared<const Primitive>(primitive);
}

void reorder(const Desc& from, const void* src, const Desc& to, void* dst) {
  const Call::Operand operands[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  Call call(reorder_primitive(from, to), operands);
  call.set(0, src);
  call.set(1, dst);
  call.execute();
}

Call::Call(std::shared_ptr<const Primitive> primitive, std::span<const Operand> operands)
    : primitive_(std::move(primitive)), addresses_(operands.size(), nullptr) {
  dnnl_stream_t stream = nullptr;
  check(dnnl_stream_create(&stream, engine(), dnnl_stream_default_flags), "stream");
  stream_.reset(stream);
  for (const Operand& o : operands) {
    dnnl_memory_t memory = nullptr;
    check(dnnl_memory_create(&memory, o.desc.get(), engine(), DNNL_MEMORY_NONE), "memory");
    memories_.emplace_back(memory);
    args_.push_back({o.arg, memory});
  }
}

PrimitiveSet::Entry PrimitiveSet::create(unsigned threads, const PrimitiveDesc& desc) {
  dnnl_primitive_t primitive = nullptr;
  check(dnnl_primitive_create(&primitive, desc.get()), "primitive");
  const uint64_t scratch = query(desc, dnnl_query_scratchpad_md).bytes();
  return {threads, std::make_shared<const Primitive>(primitive), scratch};
}

}  // namespace rlx::cpu::onednn
