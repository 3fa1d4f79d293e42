// Life of a weight: plain bytes in, packed by its kernels, plain bytes out unless someone reads them.
#include "weight_store.hpp"

#include "kernel.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <cstring>

namespace rlx::cpu {

using sdk::Error;

// What one kernel's prepare() sees: weights by input number.
class WeightStore::Face final : public Weights {
 public:
  Face(WeightStore& store, const std::vector<uint32_t>& inputs) : store_(store), inputs_(inputs) {}
  const std::byte* plain(uint32_t input) const override { return store_.plain(inputs_[input]); }
  const std::byte* packed(uint32_t input, const Packing& packing) override {
    return store_.packed(inputs_[input], packing);
  }

 private:
  WeightStore& store_;
  const std::vector<uint32_t>& inputs_;
};

void WeightStore::add(uint32_t tensor, const rlx_tensor& desc) {
  Weight w;
  w.desc = desc;
  w.name = std::string(sdk::view(desc.name));
  w.desc.name = {};
  w.is_param = desc.role == RLX_ROLE_PARAM;
  w.is_set = !w.is_param;
  w.data = w.is_param ? nullptr : static_cast<const std::byte*>(desc.data);
  weights_.emplace(tensor, std::move(w));
  views_[tensor] = {tensor, 0};
}

void WeightStore::add_view(uint32_t tensor, uint32_t root, uint64_t offset) {
  views_[tensor] = {root, offset};
}

WeightStore::Weight& WeightStore::find(std::string_view name) {
  for (auto& [tensor, w] : weights_)
    if (w.is_param && w.name == name) return w;
  throw Error(RLX_NOT_FOUND, "no parameter named '" + std::string(name) + "'");
}

void WeightStore::own(Weight& w) {
  w.own = HostBuffer(w.desc.size_bytes);
  w.data = w.own.data();
}

void WeightStore::set(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  Weight& w = find(name);
  sdk::check_param(name, w.desc, dtype, size_bytes);
  if (!w.own) own(w);
  sdk::convert(dtype, src, w.desc.dtype, w.own.data(), sdk::elements(w.desc));
  w.is_set = true;
}

std::string WeightStore::missing() const {
  std::string names;
  for (const auto& [tensor, w] : weights_)
    if (!w.is_set) names += (names.empty() ? "'" : ", '") + w.name + "'";
  return names;
}

void WeightStore::count_use(const Kernel& kernel, const std::vector<uint32_t>& inputs) {
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const auto it = views_.find(inputs[i]);
    if (it == views_.end()) continue;
    Weight& w = weight(it->second.root);
    ++w.users;
    w.read_at_run |= kernel.reads(i);
  }
}

void WeightStore::prepare(Kernel& kernel, const std::vector<uint32_t>& inputs) {
  Face face(*this, inputs);
  kernel.prepare(face);
  for (uint32_t tensor : inputs) {
    const auto it = views_.find(tensor);
    if (it == views_.end()) continue;
    Weight& w = weight(it->second.root);
    if (w.users && --w.users == 0) free_plain_if_unread(w);
  }
}

void WeightStore::free_plain_if_unread(Weight& w) {
  if (w.read_at_run || (w.is_param && w.cannot_unpack)) return;
  if (w.is_param && w.packed.empty()) return;  // no copy anywhere else
  w.own = HostBuffer();
  w.data = nullptr;
}

const std::byte* WeightStore::packed(uint32_t tensor, const Packing& packing) {
  Weight& w = weight(views_.at(tensor).root);
  auto& slot = w.packed[{tensor, packing.key}];
  if (!slot) {
    slot = std::make_unique<Packed>();
    slot->packing = packing;
    slot->buffer = HostBuffer(packing.bytes);
    slot->dirty = true;
    w.cannot_unpack |= !packing.unpack || tensor != views_.at(tensor).root;
  }
  if (slot->dirty) packing.pack(plain(tensor), slot->buffer.data());
  slot->dirty = false;
  return slot->buffer.data();
}

void WeightStore::finish() {
  for (auto& [tensor, w] : weights_) {
    if (w.users == 0) free_plain_if_unread(w);
    if (!w.data || w.own) continue;
    if (!w.read_at_run) {
      w.data = nullptr;
      continue;
    }
    const std::byte* borrowed = w.data;
    own(w);
    if (w.desc.size_bytes) std::memcpy(w.own.data(), borrowed, w.desc.size_bytes);
  }
}

uint32_t WeightStore::set_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                                uint64_t first_elem) {
  Weight& w = find(name);
  const uint64_t count = sdk::check_param_range(name, w.desc, dtype, size_bytes, first_elem);
  if (!w.data) {
    own(w);
    Packed& from = *w.packed.begin()->second;
    from.packing.unpack(from.buffer.data(), w.own.data());
  }
  sdk::convert(dtype, src, w.desc.dtype, w.own.data() + first_elem * sdk::dtype_size(w.desc.dtype), count);
  for (auto& [key, p] : w.packed) p->dirty = true;
  for (auto& [tensor, other] : weights_)
    if (&other == &w) return tensor;
  return RLX_NO_INDEX;
}

void WeightStore::finish_range() {
  for (auto& [tensor, w] : weights_)
    if (w.is_param) free_plain_if_unread(w);
}

std::byte* WeightStore::plain(uint32_t tensor) const {
  const auto it = views_.find(tensor);
  if (it == views_.end()) return nullptr;
  const Weight& w = weights_.at(it->second.root);
  // Operand tables are of one type for weights and activations; kernels get inputs as const.
  return w.data ? const_cast<std::byte*>(w.data) + it->second.offset : nullptr;
}

uint64_t WeightStore::bytes() const {
  uint64_t sum = 0;
  for (const auto& [tensor, w] : weights_) {
    if (w.data) sum += w.desc.size_bytes;
    for (const auto& [key, p] : w.packed) sum += p->buffer.bytes();
  }
  return sum;
}

}  // namespace rlx::cpu
