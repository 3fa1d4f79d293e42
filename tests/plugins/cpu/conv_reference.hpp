// Square two-dimensional convolutions: their attributes and the formula of docs/ops.md.
#pragma once

#include "agree.hpp"
#include "catch.hpp"
#include "options.hpp"
#include "runner.hpp"

#include <algorithm>
#include <cmath>

namespace tests {

struct ConvShape {
  uint64_t n, c, h, w, m, k, groups, stride, pad, dilation;
  uint64_t out(uint64_t in) const { return (in + 2 * pad - dilation * (k - 1) - 1) / stride + 1; }
};

inline std::vector<AttrValue> attrs_of(const ConvShape& s) {
  const auto pair = [](uint64_t v) { return std::vector<int64_t>{int64_t(v), int64_t(v)}; };
  return {{"strides", pair(s.stride)},
          {"pads_begin", pair(s.pad)},
          {"pads_end", pair(s.pad)},
          {"dilations", pair(s.dilation)},
          {"groups", int64_t(s.groups)}};
}

inline std::vector<float> reference(const ConvShape& s, const std::vector<float>& x, const std::vector<float>& w,
                                    const std::vector<float>& b) {
  const uint64_t oh = s.out(s.h), ow = s.out(s.w), cg = s.c / s.groups, mg = s.m / s.groups;
  std::vector<float> y(s.n * s.m * oh * ow);
  for (uint64_t n = 0; n < s.n; ++n)
    for (uint64_t m = 0; m < s.m; ++m)
      for (uint64_t i = 0; i < oh; ++i)
        for (uint64_t j = 0; j < ow; ++j) {
          double sum = b.empty() ? 0 : b[m];
          for (uint64_t c = 0; c < cg; ++c)
            for (uint64_t p = 0; p < s.k; ++p)
              for (uint64_t q = 0; q < s.k; ++q) {
                const int64_t r = int64_t(i * s.stride + p * s.dilation) - int64_t(s.pad);
                const int64_t t = int64_t(j * s.stride + q * s.dilation) - int64_t(s.pad);
                if (r < 0 || t < 0 || r >= int64_t(s.h) || t >= int64_t(s.w)) continue;
                const uint64_t channel = m / mg * cg + c;
                sum += double(x[((n * s.c + channel) * s.h + uint64_t(r)) * s.w + uint64_t(t)]) *
                       w[((m * cg + c) * s.k + p) * s.k + q];
              }
          y[((n * s.m + m) * oh + i) * ow + j] = float(sum);
        }
  return y;
}

inline void require_close(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  double scale = 0;
  for (float v : want) scale = std::max<double>(scale, std::fabs(v));
  for (size_t i = 0; i < got.size(); ++i) {
    if (agree(got[i], want[i], 0, 1e-5 * scale)) continue;
    FAIL("seed " << seed() << ", element " << i << ": " << got[i] << ", expected " << want[i] << ", largest value "
                 << scale);
  }
}

}  // namespace tests
