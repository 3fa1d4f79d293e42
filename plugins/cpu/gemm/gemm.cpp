// Cutting a product into tasks, blocks and tiles. Tasks are independent: each covers some rows and panels with all of
// K.
#include "gemm/gemm.hpp"

#include "gemm/pack.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gemm/gemm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/tile-inl.h"

#ifndef RLX_CPU_GEMM_TABLE
#define RLX_CPU_GEMM_TABLE
namespace rlx::cpu {
constexpr uint64_t kMostTileRows = 12;
struct TileTable {
  void (*tile[kMostTileRows + 1])(size_t k, const float* a, const float* b, size_t b_row, float* c, size_t c_row,
                                  bool add, const float* bias);
  uint64_t rows, panel;
};
}  // namespace rlx::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::HWY_NAMESPACE {
void get_tiles(TileTable& table) {
  fill_tiles<kTileRows>(table.tile);
  table.rows = kTileRows;
  table.panel = 2 * hn::Lanes(D());
}
}  // namespace rlx::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {

HWY_EXPORT(get_tiles);

namespace {

constexpr uint64_t kMostPanel = 128;  // columns: two vectors of 2048 bits

const TileTable& tiles_of_target() {
  static const TileTable table = [] {
    TileTable t{};
    HWY_DYNAMIC_DISPATCH(get_tiles)(t);
    return t;
  }();
  return table;
}

constexpr uint64_t ceil_div(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
}

// Some rows of a product against some panels of b. Rows are packed tile by tile before; see pack.hpp.
class Strip {
 public:
  Strip(const GemmArgs& args, uint64_t row0, uint64_t row1, float* packed_b)
      : g_(args), row0_(row0), rows_(row1 - row0), tiles_(ceil_div(rows_, gemm_shape().rows)), packed_b_(packed_b) {}

  uint64_t tiles() const { return tiles_; }

  // Adds columns [k0, k1) of K to tiles [tile0, tile1) of the strip. packed_a holds the whole strip: depth blocks of at
  // most gemm_shape().depth, tile after tile within each.
  void multiply(const float* packed_a, uint64_t tile0, uint64_t tile1, uint64_t panel0, uint64_t panel1, uint64_t k0,
                uint64_t k1) const {
    const uint64_t blocks = depth_blocks(k1 - k0);
    for (uint64_t p = panel0; p < panel1; ++p)
      for (uint64_t block = 0; block < blocks; ++block) {
        const uint64_t first = k0 + piece(k1 - k0, blocks, block), last = k0 + piece(k1 - k0, blocks, block + 1);
        panel(p, packed_a + (first - k0) * rows_, tile0, tile1, first, last);
      }
  }
  void pack(float* to, uint64_t tile0, uint64_t tile1, uint64_t k0, uint64_t k1) const {
    const uint64_t blocks = depth_blocks(k1 - k0);
    for (uint64_t block = 0; block < blocks; ++block) {
      const uint64_t first = k0 + piece(k1 - k0, blocks, block), last = k0 + piece(k1 - k0, blocks, block + 1);
      gemm_pack_tiles(g_, row0_, row0_ + rows_, tiles_, tile0, tile1, first, last, to + (first - k0) * rows_);
    }
  }
  void activate(uint64_t tile0, uint64_t tile1, uint64_t panel0, uint64_t panel1) const {
    if (!g_.activation) return;
    const uint64_t width = gemm_shape().panel, first = panel0 * width, count = std::min(g_.n, panel1 * width) - first;
    const uint64_t end = row0_ + piece(rows_, tiles_, tile1);
    for (uint64_t r = row0_ + piece(rows_, tiles_, tile0); r < end; ++r) {
      float* row = g_.c + r * g_.c_row + first;
      g_.activation({{row, nullptr, nullptr}, {false, false, false}, row, count, g_.alpha, g_.beta});
    }
  }

 private:
  static uint64_t depth_blocks(uint64_t k) { return std::max<uint64_t>(1, ceil_div(k, gemm_shape().depth)); }

  void panel(uint64_t p, const float* a, uint64_t tile0, uint64_t tile1, uint64_t k0, uint64_t k1) const {
    const TileTable& table = tiles_of_target();
    const uint64_t width = table.panel, column = p * width, valid = std::min(width, g_.n - column);
    const bool partial = valid<width, add = k0> 0;
    const float* b;
    uint64_t b_row = width;
    if (g_.b_packed) {
      b = g_.b + p * width * g_.k + k0 * width;
    } else if (g_.b_col == 1 && !partial && rows_ <= table.rows) {
      b = g_.b + k0 * g_.b_row + column;  // read once: packing would cost as much as the product
      b_row = g_.b_row;
    } else {
      gemm_pack_panel(k0, k1, g_.n, column, width, g_.b, g_.b_row, g_.b_col, packed_b_);
      b = packed_b_;
    }
    float edge_bias[kMostPanel];
    const float* bias = add || !g_.bias ? nullptr : g_.bias + column;
    if (bias && partial) {
      std::memset(edge_bias, 0, sizeof edge_bias);
      std::memcpy(edge_bias, bias, valid * sizeof(float));
      bias = edge_bias;
    }
    for (uint64_t t = tile0; t < tile1; ++t) {
      const uint64_t r0 = piece(rows_, tiles_, t), rows = piece(rows_, tiles_, t + 1) - r0;
      float* c = g_.c + (row0_ + r0) * g_.c_row + column;
      if (!partial)
        table.tile[rows](k1 - k0, a + r0 * (k1 - k0), b, b_row, c, g_.c_row, add, bias);
      else
        edge(table, rows, k1 - k0, a + r0 * (k1 - k0), b, b_row, c, valid, add, bias);
    }
  }

  // The last, narrow panel goes through a buffer.
  void edge(const TileTable& table, uint64_t rows, uint64_t k, const float* a, const float* b, uint64_t b_row, float* c,
            uint64_t valid, bool add, const float* bias) const {
    float buffer[kMostTileRows * kMostPanel];
    if (add)
      for (uint64_t r = 0; r < rows; ++r)
        std::memcpy(buffer + r * table.panel, c + r * g_.c_row, valid * sizeof(float));
    table.tile[rows](k, a, b, b_row, buffer, table.panel, add, bias);
    for (uint64_t r = 0; r < rows; ++r) std::memcpy(c + r * g_.c_row, buffer + r * table.panel, valid * sizeof(float));
  }

  const GemmArgs& g_;
  uint64_t row0_, rows_, tiles_;
  float* packed_b_;
};

uint64_t block_rows(uint64_t m) {
  return std::min(m, gemm_shape().block);
}

// Floats of a packed strip of so many rows: half the L2 cache is the budget, whether the strip is high or deep.
uint64_t step_depth(uint64_t rows, uint64_t k) {
  const GemmShape& shape = gemm_shape();
  return std::min(k, std::max(shape.depth, shape.block * shape.depth / rows / shape.depth * shape.depth));
}
uint64_t strip_floats(uint64_t m, uint64_t k) {
  const uint64_t rows = block_rows(m);
  return rows ? (rows * step_depth(rows, k) + 15) / 16 * 16 : 0;
}
// A thread's own panel of b.
uint64_t panel_floats(uint64_t k) {
  return std::min(k, gemm_shape().depth) * gemm_shape().panel;
}

// Products that are small or many: each task packs the rows it needs.
void run_products(const Team& crew, float* scratch, const GemmArgs& base, uint64_t batch, BatchFunction get,
                  const void* self) {
  const uint64_t panels = ceil_div(base.n, gemm_shape().panel), row_blocks = ceil_div(base.m, gemm_shape().block);
  const uint64_t wanted = crew.threads() == 1 ? 1 : base.m <= gemm_shape().rows ? crew.threads() : 4 * crew.threads();
  const uint64_t column_blocks = std::clamp<uint64_t>(ceil_div(wanted, batch * row_blocks), 1, panels);
  const uint64_t per_product = row_blocks * column_blocks;
  const uint64_t own = strip_floats(base.m, base.k) + panel_floats(base.k);
  crew.each(batch * per_product, [&](uint64_t i, unsigned part) {
    GemmArgs args = base;
    if (get) get(self, args, i / per_product);
    const uint64_t row = i % per_product / column_blocks, column = i % column_blocks;
    const uint64_t panel0 = piece(panels, column_blocks, column), panel1 = piece(panels, column_blocks, column + 1);
    float* packed = scratch + part * own;
    const uint64_t row0 = piece(base.m, row_blocks, row), row1 = piece(base.m, row_blocks, row + 1);
    const Strip strip(args, row0, row1, packed + strip_floats(base.m, base.k));
    const uint64_t step = step_depth(row1 - row0, base.k);
    const bool as_it_is = base.m == 1 && args.a_col == 1;  // a single row is packed already
    uint64_t k0 = 0;
    do {
      const uint64_t k1 = std::min(base.k, k0 + step);
      if (!as_it_is) strip.pack(packed, 0, strip.tiles(), k0, k1);
      strip.multiply(as_it_is ? args.a + k0 : packed, 0, strip.tiles(), panel0, panel1, k0, k1);
      k0 = k1;
    } while (k0 < base.k);
    strip.activate(0, strip.tiles(), panel0, panel1);
  });
}

// One product: the threads pack a strip together, each of them then takes tiles and panels. A strip is packed while the
// one before it is multiplied, so that the threads meet once per strip.
void run_together(const Team& crew, float* scratch, const GemmArgs& g) {
  const uint64_t threads = crew.threads(), panels = ceil_div(g.n, gemm_shape().panel);
  const uint64_t row_blocks = ceil_div(g.m, gemm_shape().block), floats = strip_floats(g.m, g.k);
  const uint64_t step = step_depth(block_rows(g.m), g.k), steps = std::max<uint64_t>(1, ceil_div(g.k, step));
  float* own = scratch + 2 * floats;
  for (uint64_t stage = 0; stage <= row_blocks * steps; ++stage) {
    const auto strip_of = [&](uint64_t s, float* packed_b) {
      return Strip(g, piece(g.m, row_blocks, s / steps), piece(g.m, row_blocks, s / steps + 1), packed_b);
    };
    const auto depth_of = [&](uint64_t i) { return std::min(g.k, i * step); };
    const bool packs = stage<row_blocks * steps, multiplies = stage> 0;
    const uint64_t packers = packs ? std::min(threads, strip_of(stage, nullptr).tiles()) : 0;
    // Several tasks a thread even out a noisy machine; rows are cut only where panels are too few.
    const uint64_t tiles = multiplies ? strip_of(stage - 1, nullptr).tiles() : 0;
    const uint64_t row_cuts = std::clamp<uint64_t>(2 * threads / panels, 1, std::max<uint64_t>(1, tiles));
    const uint64_t column_cuts = std::min(panels, ceil_div(4 * threads, row_cuts));
    crew.each(packers + (multiplies ? row_cuts * column_cuts : 0), [&](uint64_t task, unsigned part) {
      if (task < packers) {
        const Strip strip = strip_of(stage, nullptr);
        return strip.pack(scratch + stage % 2 * floats, piece(strip.tiles(), packers, task),
                          piece(strip.tiles(), packers, task + 1), depth_of(stage % steps),
                          depth_of(stage % steps + 1));
      }
      const uint64_t last = stage - 1, row = (task - packers) % row_cuts, column = (task - packers) / row_cuts;
      const Strip strip = strip_of(last, own + part * panel_floats(g.k));
      const uint64_t tile0 = piece(tiles, row_cuts, row), tile1 = piece(tiles, row_cuts, row + 1);
      const uint64_t panel0 = piece(panels, column_cuts, column), panel1 = piece(panels, column_cuts, column + 1);
      strip.multiply(scratch + last % 2 * floats, tile0, tile1, panel0, panel1, depth_of(last % steps),
                     depth_of(last % steps + 1));
      if (last % steps == steps - 1) strip.activate(tile0, tile1, panel0, panel1);
    });
  }
}

}  // namespace

const GemmShape& gemm_shape() {
  static const GemmShape shape = [] {
    GemmShape s{tiles_of_target().panel, tiles_of_target().rows, 384, 0};
    const uint64_t rows = cpu_info().l2_bytes / 2 / (s.depth * sizeof(float));
    s.block = std::clamp<uint64_t>(rows / s.rows * s.rows, 4 * s.rows, 40 * s.rows);
    return s;
  }();
  return shape;
}

uint64_t gemm_scratch_bytes(unsigned threads, uint64_t m, uint64_t k) {
  return (std::max(2u, threads) * strip_floats(m, k) + threads * panel_floats(k)) * sizeof(float);
}

uint64_t gemm_threads(uint64_t team_threads, uint64_t rows, uint64_t n, uint64_t k) {
  constexpr uint64_t kWorthAThread = 100'000;
  return std::clamp<uint64_t>(rows * n * k / kWorthAThread, 1, team_threads);
}

void gemm(const Team& team, std::byte* scratch, const GemmArgs& base, uint64_t batch, BatchFunction get,
          const void* self) {
  if (base.m == 0 || base.n == 0 || batch == 0) return;
  const Team crew(static_cast<unsigned>(gemm_threads(team.threads(), batch * base.m, base.n, base.k)));
  float* floats = reinterpret_cast<float*>(scratch);
  if (batch == 1 && base.m > 1 && crew.threads() > 1 && !get) return run_together(crew, floats, base);
  run_products(crew, floats, base, batch, get, self);
}

}  // namespace rlx::cpu
#endif
