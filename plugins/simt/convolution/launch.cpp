#include "convolution/launch.hpp"

#include "activation_pass.hpp"
#include "libraries.hpp"
#include "product.hpp"
#include "vendor.hpp"

#include <algorithm>

namespace rlx::simt {

namespace {

// As for products (blas/launch.cpp): less is over before the choice matters.
constexpr double kLeastMultiplications = 128 * 128 * 128;

ConvolutionShape shape_of(const NodeView& n, const ::simt::ConvParams& params) {
  const ::simt::WindowParams& window = params.window;
  const auto groups = static_cast<int64_t>(params.groups);
  ConvolutionShape s{};
  s.dtype = n.out().dtype;
  s.axes = n.in(0).rank == 5 ? 3 : 2;
  s.images = static_cast<int64_t>(params.images);
  s.groups = groups;
  s.channels = static_cast<int64_t>(params.depth) * groups;
  s.filters = static_cast<int64_t>(params.filters) * groups;
  const auto copy = [](const int64_t(&from)[::simt::kSpatial], ConvolutionShape::Spatial& to) {
    std::copy(std::begin(from), std::end(from), to.begin());
  };
  copy(window.wide, s.wide);
  copy(window.narrow, s.narrow);
  copy(window.taps, s.taps);
  copy(window.stride, s.stride);
  copy(window.pad, s.pad);
  copy(window.dilation, s.dilation);
  s.has_bias = n.has_input(2);
  return s;
}

// Libraries pad both ends alike: whether that gives as many results as the node has.
bool pads_alike(const ConvolutionShape& s) {
  for (uint32_t i = 0; i < ::simt::kSpatial; ++i) {
    const int64_t reach = (s.taps[i] - 1) * s.dilation[i] + 1;
    if ((s.wide[i] + 2 * s.pad[i] - reach) / s.stride[i] + 1 != s.narrow[i]) return false;
  }
  return true;
}

// Their sizes are of 32 bits.
bool is_small(const ConvolutionShape& s) {
  using Spatial = ConvolutionShape::Spatial;
  constexpr double kMost = INT32_MAX;
  const auto fits = [](int64_t first, int64_t second, const Spatial& sizes) {
    double all = static_cast<double>(first) * static_cast<double>(second);
    for (const int64_t size : sizes) all *= static_cast<double>(size);
    return all <= kMost;
  };
  const auto most = [](const Spatial& values) { return *std::max_element(values.begin(), values.end()); };
  return fits(s.images, s.channels, s.wide) && fits(s.images, s.filters, s.narrow) &&
         fits(s.filters, s.channels / s.groups, s.taps) &&
         std::max({most(s.pad), most(s.stride), most(s.dilation)}) <= INT32_MAX;
}

}  // namespace

double ConvolutionShape::multiplications() const {
  double all = static_cast<double>(images) * static_cast<double>(filters) * static_cast<double>(channels) /
               static_cast<double>(groups);
  for (uint32_t i = 0; i < ::simt::kSpatial; ++i) all *= static_cast<double>(narrow[i] * taps[i]);
  return all;
}

std::string ConvolutionShape::text() const {
  std::string image = std::to_string(images) + "x" + std::to_string(channels),
              filter = std::to_string(filters) + "x" + std::to_string(channels / groups);
  for (uint32_t i = ::simt::kSpatial - axes; i < ::simt::kSpatial; ++i) {
    image += "x" + std::to_string(wide[i]);
    filter += "x" + std::to_string(taps[i]);
  }
  return "conv " + std::string(sdk::dtype_name(dtype)) + " " + image + " by " + filter;
}

bool launch_by_library(Emitter& e, const NodeView& n, const ::simt::ConvParams& params) {
  const rlx_dtype dtype = n.out().dtype;
  if (!e.libraries() || !is_float(dtype)) return false;
  ConvolutionShape shape = shape_of(n, params);
  shape.tf32 = e.geometry().may_use_tf32 && dtype == RLX_DTYPE_F32;
  if (shape.multiplications() < kLeastMultiplications || !pads_alike(shape) || !is_small(shape)) return false;
  LibraryOffer offer = e.libraries()->convolution(shape);
  if (!offer.call) return false;
  auto launch = e.launch<ConvolutionAddresses>("", std::string(vendor().convolution_library) + ":" + type_name(dtype));
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.w, n.input(1));
  launch.point(launch.params.y, n.output(0));
  if (shape.has_bias) launch.point(launch.params.bias, n.input(2));
  if (offer.workspace_bytes > 0) launch.point_to_scratch(launch.params.workspace, offer.workspace_bytes);
  launch.library(std::move(offer.call));
  if (params.activation != ::simt::kActivationNone) launch_activation(e, n);
  return true;
}

}  // namespace rlx::simt
