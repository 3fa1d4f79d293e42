// The layouts of attention and rope: [B, H, S, D], [B, S, H, D] and [B, S, H·D].
#pragma once

#include "kernel.hpp"

namespace rlx::ref {

struct Heads {
  uint64_t batch, heads, positions, features;
  bool heads_first;  // bhsd; the other two lie the same way in memory

  uint64_t at(uint64_t b, uint64_t h, uint64_t s) const {  // the first feature
    return (heads_first ? (b * heads + h) * positions + s : (b * positions + s) * heads + h) * features;
  }
};

// heads is needed for bs_hd only.
inline Heads heads_of(const Call& call, const Tensor& t, uint64_t heads) {
  const std::string_view layout = call.node.s("layout");
  if (layout == "bhsd") return {t.dim(0), t.dim(1), t.dim(2), t.dim(3), true};
  if (layout == "bshd") return {t.dim(0), t.dim(2), t.dim(1), t.dim(3), false};
  if (layout == "bs_hd") return {t.dim(0), heads, t.dim(1), t.dim(2) / heads, false};
  call.bad_attribute("layout", layout);
}

}  // namespace rlx::ref
