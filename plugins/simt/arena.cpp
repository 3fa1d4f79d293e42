// The arena table: host access to the tensors of a context, ordered on its queue.
#include "context.hpp"
#include "host.hpp"
#include "tables.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>

namespace rlx::simt {

namespace {

using sdk::Error;

Context& of(rlx_arena* arena) {
  return *reinterpret_cast<Context*>(arena);
}

std::string label(uint32_t tensor) {
  return "tensor " + std::to_string(tensor);
}

struct Elements {
  Address address;
  rlx_dtype dtype;
  uint64_t count;
  uint64_t bytes() const { return count * sdk::dtype_size(dtype); }
};

// The elements of a tensor that size_bytes of the caller's dtype stand for.
Elements elements_of(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, uint64_t size_bytes, uint64_t first_elem) {
  const Address address = of(arena).address(tensor);
  const rlx_tensor& t = of(arena).executable().program().tensor(tensor);
  const uint64_t count = sdk::whole_elements(label(tensor), dtype, size_bytes);
  sdk::check_range(label(tensor), first_elem, count, sdk::elements(t), "elements");
  return {address + first_elem * sdk::dtype_size(t.dtype), t.dtype, count};
}

Address bytes_of(rlx_arena* arena, uint32_t tensor, uint64_t size_bytes, uint64_t offset_bytes) {
  const Address address = of(arena).address(tensor);
  sdk::check_range(label(tensor), offset_bytes, size_bytes, of(arena).executable().program().tensor(tensor).size_bytes,
                   "bytes");
  return address + offset_bytes;
}

rlx_status* slot(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot) {
  return sdk::guard(host(), [&] {
    const uint64_t offset = of(arena).offset_bytes(tensor);
    const rlx_tensor& t = of(arena).executable().program().tensor(tensor);
    *out_slot = {offset, t.size_bytes, t.dtype, 0};
  });
}

rlx_status* write(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                  uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Elements own = elements_of(arena, tensor, dtype, size_bytes, first_elem);
    const uint64_t own_width = sdk::dtype_size(own.dtype), width = sdk::dtype_size(dtype);
    const auto* from = static_cast<const std::byte*>(src);
    of(arena).stream().upload(own.address, own.bytes(), [&](std::byte* chunk, uint64_t offset, uint64_t bytes) {
      sdk::convert(dtype, from + offset / own_width * width, own.dtype, chunk, bytes / own_width);
    });
  });
}

rlx_status* read(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                 uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Elements own = elements_of(arena, tensor, dtype, size_bytes, first_elem);
    const uint64_t own_width = sdk::dtype_size(own.dtype), width = sdk::dtype_size(dtype);
    auto* to = static_cast<std::byte*>(dst);
    of(arena).stream().download(own.address, own.bytes(), [&](const std::byte* chunk, uint64_t offset, uint64_t bytes) {
      sdk::convert(own.dtype, chunk, dtype, to + offset / own_width * width, bytes / own_width);
    });
  });
}

rlx_status* write_raw(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] {
    const auto* from = static_cast<const std::byte*>(src);
    of(arena).stream().upload(
        bytes_of(arena, tensor, size_bytes, offset_bytes), size_bytes,
        [&](std::byte* chunk, uint64_t offset, uint64_t bytes) { std::memcpy(chunk, from + offset, bytes); });
  });
}

rlx_status* read_raw(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] {
    auto* to = static_cast<std::byte*>(dst);
    of(arena).stream().download(
        bytes_of(arena, tensor, size_bytes, offset_bytes), size_bytes,
        [&](const std::byte* chunk, uint64_t offset, uint64_t bytes) { std::memcpy(to + offset, chunk, bytes); });
  });
}

// Ranges that overlap go through memory of their own: the driver's copy would not say what it gives.
rlx_status* copy_range(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                       uint64_t src_offset_bytes, uint64_t size_bytes) {
  return sdk::guard(host(), [&] {
    const Address src = bytes_of(arena, src_tensor, size_bytes, src_offset_bytes);
    const Address dst = bytes_of(arena, dst_tensor, size_bytes, dst_offset_bytes);
    if (size_bytes == 0 || src == dst) return;
    Stream& stream = of(arena).stream();
    stream.device().make_current();
    if (src + size_bytes <= dst || dst + size_bytes <= src)
      return driver().copy_on_device(dst, src, size_bytes, stream.handle());
    const DeviceBuffer between(stream.device(), size_bytes);
    driver().copy_on_device(between.address(), src, size_bytes, stream.handle());
    driver().copy_on_device(dst, between.address(), size_bytes, stream.handle());
    stream.synchronize();
  });
}

rlx_status* copy_from(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor) {
  return sdk::guard(host(), [&] {
    if (&of(arena).executable() != &of(src_arena).executable())
      throw Error(RLX_INVALID_ARGUMENT, "copy_from: the arenas belong to different executables");
    const Address dst = of(arena).address(tensor), src = of(src_arena).address(tensor);
    const uint64_t bytes = of(arena).executable().program().tensor(tensor).size_bytes;
    if (bytes == 0) return;
    of(arena).stream().device().make_current();
    of(src_arena).stream().synchronize();
    driver().copy_on_device(dst, src, bytes, of(arena).stream().handle());
    of(arena).stream().synchronize();
  });
}

rlx_status* stats(rlx_arena* arena, rlx_arena_stats* out_stats) {
  return sdk::guard(host(), [&] {
    rlx_arena_stats s{};
    s.struct_size = out_stats->struct_size;
    of(arena).stats(s);
    std::memcpy(out_stats, &s, std::min<size_t>(sizeof s, out_stats->struct_size));
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 table{sizeof table, RLX_ABI_MINOR, slot,       write,     read,
                                        write_raw,    read_raw,      copy_range, copy_from, stats};
  return table;
}

}  // namespace rlx::simt
