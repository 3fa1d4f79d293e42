// Cutting a product into tasks, blocks and tiles. Tasks are independent: each covers some rows and panels with all of
// K.
#include "gemm/gemm.hpp"

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

const TileTable& tiles() {
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

// Evenly sized pieces: piece i of count in total starts here.
constexpr uint64_t piece(uint64_t total, uint64_t count, uint64_t i) {
  return total * i / count;
}

// Rows [first, last) and columns of K [k0, k1) of a, tile by tile, column by column within a tile.
void pack_a(const GemmArgs& g, uint64_t first, uint64_t last, uint64_t tile_count, uint64_t k0, uint64_t k1,
            float* to) {
  const uint64_t total = last - first;
  for (uint64_t t = 0; t < tile_count; ++t) {
    const uint64_t r0 = first + piece(total, tile_count, t), rows = first + piece(total, tile_count, t + 1) - r0;
    const float* from = g.a + r0 * g.a_row + k0 * g.a_col;
    if (rows == 1 && g.a_col == 1) {
      std::memcpy(to, from, (k1 - k0) * sizeof(float));
    } else {
      for (uint64_t r = 0; r < rows; ++r)
        for (uint64_t k = 0; k < k1 - k0; ++k) to[k * rows + r] = from[r * g.a_row + k * g.a_col];
    }
    to += rows * (k1 - k0);
  }
}

// One panel of a strided b; columns beyond n are zeros.
void pack_panel(uint64_t k0, uint64_t k1, uint64_t n, uint64_t column, uint64_t panel, const float* b, uint64_t b_row,
                uint64_t b_col, float* to) {
  const uint64_t width = std::min(panel, n - column);
  b += column * b_col;
  if (b_col == 1) {
    for (uint64_t k = k0; k < k1; ++k, to += panel) {
      std::memcpy(to, b + k * b_row, width * sizeof(float));
      std::memset(to + width, 0, (panel - width) * sizeof(float));
    }
    return;
  }
  // Few enough rows of k at a time that the lines written stay in the cache until they are full.
  constexpr uint64_t kChunk = 64;
  for (uint64_t begin = k0; begin < k1; begin += kChunk) {
    const uint64_t end = std::min(k1, begin + kChunk);
    for (uint64_t j = 0; j < panel; ++j) {
      float* out = to + (begin - k0) * panel + j;
      if (j < width)
        for (uint64_t k = begin; k < end; ++k, out += panel) *out = b[k * b_row + j * b_col];
      else
        for (uint64_t k = begin; k < end; ++k, out += panel) *out = 0;
    }
  }
}

class Task {
 public:
  Task(const GemmArgs& args, float* packed_a, float* packed_b) : g_(args), packed_a_(packed_a), packed_b_(packed_b) {}

  void run(uint64_t row0, uint64_t row1, uint64_t panel0, uint64_t panel1) {
    const GemmShape& shape = gemm_shape();
    const uint64_t tile_count = ceil_div(row1 - row0, shape.rows);
    const uint64_t blocks = std::max<uint64_t>(1, ceil_div(g_.k, shape.depth));
    for (uint64_t block = 0; block < blocks; ++block) {
      const uint64_t k0 = piece(g_.k, blocks, block), k1 = piece(g_.k, blocks, block + 1);
      const float* a = packed_a_;
      if (row1 - row0 == 1 && g_.a_col == 1)
        a = g_.a + row0 * g_.a_row + k0;  // a single row is packed as it is
      else
        pack_a(g_, row0, row1, tile_count, k0, k1, packed_a_);
      for (uint64_t p = panel0; p < panel1; ++p) panel(p, a, row0, row1, tile_count, k0, k1);
    }
    if (!g_.activation) return;
    const uint64_t first = panel0 * shape.panel, count = std::min(g_.n, panel1 * shape.panel) - first;
    for (uint64_t r = row0; r < row1; ++r) {
      float* row = g_.c + r * g_.c_row + first;
      g_.activation({{row, nullptr, nullptr}, {false, false, false}, row, count, g_.alpha, g_.beta});
    }
  }

 private:
  void panel(uint64_t p, const float* a, uint64_t row0, uint64_t row1, uint64_t tile_count, uint64_t k0, uint64_t k1) {
    const TileTable& table = tiles();
    const uint64_t width = table.panel, column = p * width, valid = std::min(width, g_.n - column);
    const bool partial = valid<width, add = k0> 0;
    const float* b;
    uint64_t b_row = width;
    if (g_.b_packed) {
      b = g_.b + p * width * g_.k + k0 * width;
    } else if (g_.b_col == 1 && !partial && row1 - row0 <= table.rows) {
      b = g_.b + k0 * g_.b_row + column;  // read once: packing would cost as much as the product
      b_row = g_.b_row;
    } else {
      pack_panel(k0, k1, g_.n, column, width, g_.b, g_.b_row, g_.b_col, packed_b_);
      b = packed_b_;
    }
    float edge_bias[kMostPanel];
    const float* bias = add || !g_.bias ? nullptr : g_.bias + column;
    if (bias && partial) {
      std::memset(edge_bias, 0, sizeof edge_bias);
      std::memcpy(edge_bias, bias, valid * sizeof(float));
      bias = edge_bias;
    }
    for (uint64_t t = 0; t < tile_count; ++t) {
      const uint64_t r0 = piece(row1 - row0, tile_count, t), rows = piece(row1 - row0, tile_count, t + 1) - r0;
      float* c = g_.c + (row0 + r0) * g_.c_row + column;
      if (!partial)
        table.tile[rows](k1 - k0, a, b, b_row, c, g_.c_row, add, bias);
      else
        edge(table, rows, k1 - k0, a, b, b_row, c, valid, add, bias);
      a += rows * (k1 - k0);
    }
  }

  // The last, narrow panel goes through a buffer.
  void edge(const TileTable& table, uint64_t rows, uint64_t k, const float* a, const float* b, uint64_t b_row, float* c,
            uint64_t valid, bool add, const float* bias) {
    float buffer[kMostTileRows * kMostPanel];
    if (add)
      for (uint64_t r = 0; r < rows; ++r)
        std::memcpy(buffer + r * table.panel, c + r * g_.c_row, valid * sizeof(float));
    table.tile[rows](k, a, b, b_row, buffer, table.panel, add, bias);
    for (uint64_t r = 0; r < rows; ++r) std::memcpy(c + r * g_.c_row, buffer + r * table.panel, valid * sizeof(float));
  }

  const GemmArgs& g_;
  float *packed_a_, *packed_b_;
};

uint64_t block_rows(uint64_t m) {
  return std::min(m, gemm_shape().block);
}

uint64_t thread_floats(uint64_t m, uint64_t k) {
  const GemmShape& shape = gemm_shape();
  const uint64_t depth = std::min(k, shape.depth);
  return (depth * (block_rows(m) + shape.panel) + 15) / 16 * 16;
}

}  // namespace

const GemmShape& gemm_shape() {
  static const GemmShape shape = [] {
    GemmShape s{tiles().panel, tiles().rows, 384, 0};
    const uint64_t rows = cpu_info().l2_bytes / 2 / (s.depth * sizeof(float));
    s.block = std::clamp<uint64_t>(rows / s.rows * s.rows, 4 * s.rows, 40 * s.rows);
    return s;
  }();
  return shape;
}

uint64_t gemm_packed_floats(uint64_t k, uint64_t n) {
  const uint64_t panel = gemm_shape().panel;
  return ceil_div(n, panel) * panel * k;
}

void gemm_pack(uint64_t k, uint64_t n, const float* b, uint64_t b_row, uint64_t b_col, float* packed) {
  const uint64_t panel = gemm_shape().panel;
  for (uint64_t column = 0; column < n; column += panel, packed += panel * k)
    pack_panel(0, k, n, column, panel, b, b_row, b_col, packed);
}

void gemm_unpack(uint64_t k, uint64_t n, const float* packed, float* b, uint64_t b_row, uint64_t b_col) {
  const uint64_t panel = gemm_shape().panel;
  for (uint64_t j = 0; j < n; ++j)
    for (uint64_t i = 0; i < k; ++i) b[i * b_row + j * b_col] = packed[j / panel * panel * k + i * panel + j % panel];
}

uint64_t gemm_scratch_bytes(unsigned threads, uint64_t m, uint64_t k) {
  return threads * thread_floats(m, k) * sizeof(float);
}

uint64_t gemm_threads(uint64_t team_threads, uint64_t rows, uint64_t n, uint64_t k) {
  constexpr uint64_t kWorthAThread = 100'000;
  return std::clamp<uint64_t>(rows * n * k / kWorthAThread, 1, team_threads);
}

void gemm(const Team& team, std::byte* scratch, const GemmArgs& base, uint64_t batch, BatchFunction get,
          const void* self) {
  if (base.m == 0 || base.n == 0 || batch == 0) return;
  const uint64_t panels = ceil_div(base.n, gemm_shape().panel);
  const uint64_t row_blocks = ceil_div(base.m, gemm_shape().block);
  const uint64_t threads = gemm_threads(team.threads(), batch * base.m, base.n, base.k);
  // Several tasks a thread even out a noisy machine.
  const uint64_t wanted = threads == 1 ? 1 : base.m <= gemm_shape().rows ? threads : 4 * threads;
  const uint64_t column_blocks = std::clamp<uint64_t>(ceil_div(wanted, batch * row_blocks), 1, panels);
  const uint64_t per_product = row_blocks * column_blocks;
  const uint64_t floats = thread_floats(base.m, base.k), depth = std::min(base.k, gemm_shape().depth);
  const Team crew(static_cast<unsigned>(threads));
  crew.each(batch * per_product, [&](uint64_t i, unsigned part) {
    GemmArgs args = base;
    if (get) get(self, args, i / per_product);
    const uint64_t row = i % per_product / column_blocks, column = i % column_blocks;
    float* mine = reinterpret_cast<float*>(scratch) + part * floats;
    Task(args, mine, mine + depth * block_rows(base.m))
        .run(piece(base.m, row_blocks, row), piece(base.m, row_blocks, row + 1), piece(panels, column_blocks, column),
             piece(panels, column_blocks, column + 1));
  });
}

}  // namespace rlx::cpu
#endif
