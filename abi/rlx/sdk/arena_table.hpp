// The arena table of a plugin whose handles are objects: the labels, checks and conversions that no device changes.
//
// A rlx_arena is a Context. It says where tensors are:
//   const rlx_tensor& tensor(uint32_t index) const;    throws OUT_OF_RANGE
//   std::string label(uint32_t index) const;           "tensor 'x'"
//   uint64_t offset_bytes(uint32_t index) const;       in the arena; throws NO_SLOT
//   Place address(uint32_t index) const;               a pointer or a number; throws as offset_bytes
//   executable(), void stats(rlx_arena_stats&) const
// and moves bytes, as HostArena does for host memory:
//   upload(Place to, bytes, granule, fill)       fill(chunk, first, bytes) for pieces of [0, bytes), in order; pieces
//   download(Place from, bytes, granule, take)   begin at multiples of granule
//   copy(Place to, Place from, bytes)            ranges may overlap
//   copy_from(Context& other, Place to, Place from, bytes)
// None of these is called for nothing at all.
#pragma once

#include <rlx/arena.h>
#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/out_struct.hpp>

#include <cstring>

namespace rlx::sdk {

// What a Context inherits whose tensors lie in host memory.
struct HostArena {
  template <typename Fill>
  static void upload(std::byte* to, uint64_t bytes, uint64_t, Fill&& fill) {
    fill(to, uint64_t{0}, bytes);
  }
  template <typename Take>
  static void download(const std::byte* from, uint64_t bytes, uint64_t, Take&& take) {
    take(from, uint64_t{0}, bytes);
  }
  static void copy(std::byte* to, const std::byte* from, uint64_t bytes) { std::memmove(to, from, bytes); }
  static void copy_from(HostArena&, std::byte* to, const std::byte* from, uint64_t bytes) { copy(to, from, bytes); }
};

template <typename Context>
struct ArenaCalls {
  using Place = decltype(std::declval<const Context&>().address(0));
  struct Elements {
    Place at;
    rlx_dtype dtype;
    uint64_t width, count;
  };

  static Context& of(rlx_arena* arena) { return *reinterpret_cast<Context*>(arena); }

  // The elements of a tensor that size_bytes of the caller's dtype stand for.
  static Elements elements_of(const Context& c, uint32_t tensor, rlx_dtype dtype, uint64_t size_bytes,
                              uint64_t first_elem) {
    const Place start = c.address(tensor);
    const rlx_tensor& t = c.tensor(tensor);
    const uint64_t width = dtype_size(t.dtype), count = whole_elements(c.label(tensor), dtype, size_bytes);
    check_range(c.label(tensor), first_elem, count, elements(t), "elements");
    return {start + first_elem * width, t.dtype, width, count};
  }

  static Place bytes_of(const Context& c, uint32_t tensor, uint64_t size_bytes, uint64_t offset_bytes) {
    const Place start = c.address(tensor);
    check_range(c.label(tensor), offset_bytes, size_bytes, c.tensor(tensor).size_bytes, "bytes");
    return start + offset_bytes;
  }

  static rlx_status* slot(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot) {
    return guard([&] {
      const uint64_t offset = of(arena).offset_bytes(tensor);
      const rlx_tensor& t = of(arena).tensor(tensor);
      *out_slot = {offset, t.size_bytes, t.dtype, 0};
    });
  }

  static rlx_status* write(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                           uint64_t first_elem) {
    return guard([&] {
      const Elements own = elements_of(of(arena), tensor, dtype, size_bytes, first_elem);
      if (own.count == 0) return;
      const auto* from = static_cast<const std::byte*>(src);
      const uint64_t width = dtype_size(dtype);
      of(arena).upload(own.at, own.count * own.width, own.width, [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
        convert(dtype, from + first / own.width * width, own.dtype, chunk, bytes / own.width);
      });
    });
  }

  static rlx_status* read(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                          uint64_t first_elem) {
    return guard([&] {
      const Elements own = elements_of(of(arena), tensor, dtype, size_bytes, first_elem);
      if (own.count == 0) return;
      auto* to = static_cast<std::byte*>(dst);
      const uint64_t width = dtype_size(dtype);
      of(arena).download(own.at, own.count * own.width, own.width,
                         [&](const std::byte* chunk, uint64_t first, uint64_t bytes) {
                           convert(own.dtype, chunk, dtype, to + first / own.width * width, bytes / own.width);
                         });
    });
  }

  static rlx_status* write_raw(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes,
                               uint64_t offset_bytes) {
    return guard([&] {
      const Place to = bytes_of(of(arena), tensor, size_bytes, offset_bytes);
      if (size_bytes == 0) return;
      const auto* from = static_cast<const std::byte*>(src);
      of(arena).upload(to, size_bytes, 1, [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
        std::memmove(chunk, from + first, bytes);
      });
    });
  }

  static rlx_status* read_raw(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes,
                              uint64_t offset_bytes) {
    return guard([&] {
      const Place from = bytes_of(of(arena), tensor, size_bytes, offset_bytes);
      if (size_bytes == 0) return;
      auto* to = static_cast<std::byte*>(dst);
      of(arena).download(from, size_bytes, 1, [&](const std::byte* chunk, uint64_t first, uint64_t bytes) {
        std::memmove(to + first, chunk, bytes);
      });
    });
  }

  static rlx_status* copy_range(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                                uint64_t src_offset_bytes, uint64_t size_bytes) {
    return guard([&] {
      const Place from = bytes_of(of(arena), src_tensor, size_bytes, src_offset_bytes);
      const Place to = bytes_of(of(arena), dst_tensor, size_bytes, dst_offset_bytes);
      if (size_bytes != 0 && to != from) of(arena).copy(to, from, size_bytes);
    });
  }

  static rlx_status* copy_from(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor) {
    return guard([&] {
      if (&of(arena).executable() != &of(src_arena).executable())
        throw Error(RLX_INVALID_ARGUMENT, "copy_from: the arenas belong to different executables");
      const Place to = of(arena).address(tensor), from = of(src_arena).address(tensor);
      const uint64_t bytes = of(arena).tensor(tensor).size_bytes;
      if (bytes != 0) of(arena).copy_from(of(src_arena), to, from, bytes);
    });
  }

  static rlx_status* stats(rlx_arena* arena, rlx_arena_stats* out_stats) {
    return guard([&] {
      rlx_arena_stats s{};
      of(arena).stats(s);
      write_out(out_stats, s);
    });
  }
};

template <typename Context>
constexpr rlx_arena_table_v1 arena_table() {
  using Calls = ArenaCalls<Context>;
  rlx_arena_table_v1 t{};
  t.struct_size = sizeof t;
  t.minor = RLX_ABI_MINOR;
  t.slot = Calls::slot;
  t.write = Calls::write;
  t.read = Calls::read;
  t.write_raw = Calls::write_raw;
  t.read_raw = Calls::read_raw;
  t.copy_range = Calls::copy_range;
  t.copy_from = Calls::copy_from;
  t.stats = Calls::stats;
  return t;
}

}  // namespace rlx::sdk
