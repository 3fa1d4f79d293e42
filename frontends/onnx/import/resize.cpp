// Resize and its predecessor Upsample.

#include "context.hpp"

#include <cmath>

namespace rlx::onnx {
namespace {

Status resize(NodeContext& c) {
  const Shape s = c.shape(0);
  const bool old = c.def.op == "Upsample" || c.opset() < 11;
  if (c.attr("antialias", 0) != 0) return c.unsupported("antialias is not supported");
  std::vector<double> scales = c.def.attrs.floats("scales"), roi;
  std::vector<int64_t> sizes;
  const size_t scales_at = old ? 1 : 2;
  if (c.has(scales_at) && c.shape(scales_at).elements() > 0) {
    RLX_ASSIGN(scales, c.floats(scales_at));
  }
  if (!old && c.has(3) && c.shape(3).elements() > 0) {
    RLX_ASSIGN(sizes, c.ints(3));
  }
  std::vector<int64_t> axes = c.attr_ints("axes");
  if (axes.empty())
    for (size_t i = 0; i < s.rank(); ++i) axes.push_back(static_cast<int64_t>(i));
  for (int64_t& a : axes) {
    RLX_ASSIGN(a, axis_of(c, a, s.rank()));
    if (s.rank() == 0) return c.fail(Code::kOutOfRange, "a scalar has no axis to resize");
  }
  if (sizes.empty() ? scales.size() != axes.size() : sizes.size() != axes.size())
    return c.fail(Code::kInvalidArgument,
                  "neither scales nor sizes has one entry for each of " + std::to_string(axes.size()) + " axes");
  const std::string coordinates = old ? "asymmetric" : c.attr_s("coordinate_transformation_mode", "half_pixel");
  if (coordinates == "tf_half_pixel_for_nn")
    return c.unsupported("coordinate mode tf_half_pixel_for_nn is not supported");
  if (coordinates == "tf_crop_and_resize") {
    RLX_ASSIGN(std::vector<double> given, c.floats(1));
    if (given.size() != 2 * axes.size())
      return c.fail(Code::kInvalidArgument, "roi has " + std::to_string(given.size()) + " entries");
    roi.assign(2 * s.rank(), 0);
    for (size_t i = 0; i < s.rank(); ++i) roi[s.rank() + i] = 1;
    for (size_t i = 0; i < axes.size(); ++i) {
      roi[static_cast<size_t>(axes[i])] = given[i];
      roi[s.rank() + static_cast<size_t>(axes[i])] = given[axes.size() + i];
    }
  }
  std::vector<int64_t> out(s.begin(), s.end());
  std::vector<double> factor(s.rank(), 1);
  const std::string policy = c.attr_s("keep_aspect_ratio_policy", "stretch");
  double common = 0;
  for (size_t i = 0; i < axes.size() && !sizes.empty(); ++i) {
    const double f = static_cast<double>(sizes[i]) / static_cast<double>(s[static_cast<size_t>(axes[i])]);
    common = i == 0 ? f : policy == "not_larger" ? std::min(common, f) : std::max(common, f);
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto a = static_cast<size_t>(axes[i]);
    const auto n = static_cast<double>(s[a]);
    if (sizes.empty()) {
      factor[a] = scales[i];
      const double extent = roi.empty() ? 1 : roi[s.rank() + a] - roi[a];
      RLX_ASSIGN(out[a], to_dim(c, std::floor(n * extent * scales[i])));
    } else if (policy == "stretch") {
      out[a] = sizes[i];
      factor[a] = static_cast<double>(sizes[i]) / n;
    } else {
      factor[a] = common;
      RLX_ASSIGN(out[a], to_dim(c, std::round(n * common)));
    }
  }
  std::string mode = c.attr_s("mode", "nearest");
  if (mode == "bilinear" || mode == "trilinear") mode = "linear";
  return c.out(c.add("resize", {c.in(0)},
                     {{"mode", mode},
                      {"sizes", out},
                      {"scales", factor},
                      {"coordinate_mode", coordinates},
                      {"nearest_mode", old ? std::string("floor") : c.attr_s("nearest_mode", "round_prefer_floor")},
                      {"cubic_coeff_a", c.attr_f("cubic_coeff_a", -0.75)},
                      {"exclude_outside", c.attr("exclude_outside", 0)},
                      {"extrapolation_value", c.attr_f("extrapolation_value", 0)},
                      {"roi", roi}}));
}

constexpr OpEntry kOps[] = {{"Resize", resize, 1}, {"Upsample", resize, 1}};

}  // namespace

std::span<const OpEntry> resize_ops() {
  return kOps;
}

}  // namespace rlx::onnx
