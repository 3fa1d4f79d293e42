#include "cudnn/description.hpp"

#include "convolution/sizes.hpp"
#include "library_types.hpp"

namespace rlx::simt::cudnn {

namespace {

constexpr LibraryTypes kTypes{kHalf, kBfloat16, kFloat, kDouble};

LibraryObject tensor(const ConvolutionShape& shape, const LibrarySizes& sizes) {
  LibraryObject made(cudnn()->tensor_destroy, [](void** out) { call(cudnn()->tensor_create, out); });
  call(cudnn()->tensor_set, made.get(), kTypes.of(shape.dtype), rank_of(shape), sizes.data(),
       tensor_strides(shape, sizes).data());
  return made;
}

LibraryObject filter(const ConvolutionShape& shape) {
  const LibrarySizes sizes = tensor_sizes(shape, shape.filters, shape.channels / shape.groups, shape.taps);
  LibraryObject made(cudnn()->filter_destroy, [](void** out) { call(cudnn()->filter_create, out); });
  call(cudnn()->filter_set, made.get(), kTypes.of(shape.dtype), static_cast<int>(kNchw),
       static_cast<int>(2 + shape.axes), sizes.data());
  return made;
}

LibraryObject operation(const ConvolutionShape& shape) {
  const bool wide = shape.dtype == RLX_DTYPE_F64, single = shape.dtype == RLX_DTYPE_F32;
  const Math math = wide || (single && !shape.tf32) ? kFma : single ? kDefaultMath : kTensorOps;
  const LibrarySizes pads = spatial_sizes(shape, shape.pad), strides = spatial_sizes(shape, shape.stride),
                     dilations = spatial_sizes(shape, shape.dilation);
  LibraryObject made(cudnn()->convolution_destroy, [](void** out) { call(cudnn()->convolution_create, out); });
  call(cudnn()->convolution_set, made.get(), static_cast<int>(shape.axes), pads.data(), strides.data(),
       dilations.data(), static_cast<int>(kCrossCorrelation), static_cast<int>(wide ? kDouble : kFloat));
  call(cudnn()->set_groups, made.get(), static_cast<int>(shape.groups));
  call(cudnn()->set_math, made.get(), static_cast<int>(math));
  return made;
}

}  // namespace

Description::Description(const ConvolutionShape& s)
    : x(tensor(s, tensor_sizes(s, s.images, s.channels, s.wide))),
      w(filter(s)),
      y(tensor(s, tensor_sizes(s, s.images, s.filters, s.narrow))),
      bias(tensor(s, tensor_sizes(s, 1, s.filters, {1, 1, 1}))),
      convolution(operation(s)) {}

}  // namespace rlx::simt::cudnn
