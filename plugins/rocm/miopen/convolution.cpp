// Convolutions by MIOpen.
#include "convolution/call.hpp"
#include "convolution/sizes.hpp"
#include "library_types.hpp"
#include "miopen/miopen.hpp"
#include "scales.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace rlx::simt::miopen {

namespace {

void* pointer(Address address) {
  return reinterpret_cast<void*>(address);
}

constexpr LibraryTypes kTypes{kHalf, kBfloat16, kFloat, kDouble};

LibraryObject tensor(const ConvolutionShape& shape, int64_t first, int64_t second,
                     const ConvolutionShape::Spatial& values) {
  const LibrarySizes sizes = tensor_sizes(shape, first, second, values);
  LibraryObject made(miopen()->tensor_destroy, [](void** out) { call(miopen()->tensor_create, out); });
  call(miopen()->tensor_set, made.get(), kTypes.of(shape.dtype), rank_of(shape), sizes.data(),
       tensor_strides(shape, sizes).data());
  return made;
}

LibraryObject operation(const ConvolutionShape& shape) {
  LibraryObject made(miopen()->convolution_destroy, [](void** out) { call(miopen()->convolution_create, out); });
  call(miopen()->convolution_set, made.get(), static_cast<int>(shape.axes), spatial_sizes(shape, shape.pad).data(),
       spatial_sizes(shape, shape.stride).data(), spatial_sizes(shape, shape.dilation).data(),
       static_cast<int>(kConvolution));
  call(miopen()->set_groups, made.get(), static_cast<int>(shape.groups));
  return made;
}

struct Backend {
  struct Description {
    explicit Description(const ConvolutionShape& s)
        : x(tensor(s, s.images, s.channels, s.wide)),
          w(tensor(s, s.filters, s.channels / s.groups, s.taps)),
          y(tensor(s, s.images, s.filters, s.narrow)),
          bias(tensor(s, 1, s.filters, {1, 1, 1})),
          convolution(operation(s)) {}
    LibraryObject x, w, y, bias, convolution;
  };
  struct Choice {
    size_t workspace_bytes;
    uint64_t solution;
  };

  static LibraryObject make_handle() {
    return LibraryObject(miopen()->destroy, [](void** out) { call(miopen()->create, out); });
  }
  static void set_stream(void* handle, void* stream) { call(miopen()->set_stream, handle, stream); }

  static std::optional<Choice> choose(void* handle, const ConvolutionShape& shape, const Description& d) {
    // Its call for the bias has no bf16.
    if (shape.has_bias && shape.dtype == RLX_DTYPE_BF16) return std::nullopt;
    constexpr size_t kWanted = 16;
    Solution results[kWanted] = {};
    size_t found = 0;
    const int status =
        miopen()->solutions.raw(handle, d.w.get(), d.x.get(), d.convolution.get(), d.y.get(), kWanted, &found, results);
    if (status == kNotImplemented || status == kUnsupported) return std::nullopt;
    check(miopen()->solutions.symbol, status);
    for (const Solution& s : std::span(results).first(std::min(found, kWanted))) {
      const bool exact = s.algorithm == kGemm || s.algorithm == kDirect || s.algorithm == kImplicitGemm;
      if (!exact || s.workspace_bytes > kMostConvolutionWorkspaceBytes) continue;
      // Its kernels would be compiled by the first run otherwise.
      call(miopen()->compile, handle, d.w.get(), d.x.get(), d.convolution.get(), d.y.get(), s.id);
      return Choice{s.workspace_bytes, s.id};
    }
    return std::nullopt;
  }

  static void enqueue(void* handle, const ConvolutionShape& shape, const Description& d, const Choice& choice,
                      const ConvolutionAddresses& at) {
    call(miopen()->convolve, handle, d.w.get(), pointer(at.w), d.x.get(), pointer(at.x), d.convolution.get(), d.y.get(),
         pointer(at.y), pointer(at.workspace), choice.workspace_bytes, choice.solution);
    if (!shape.has_bias) return;
    const Scales scales(shape.dtype);
    call(miopen()->add_bias, handle, scales.one, d.bias.get(), pointer(at.bias), scales.zero, d.y.get(), pointer(at.y));
  }
};

}  // namespace

}  // namespace rlx::simt::miopen

std::unique_ptr<rlx::simt::ConvolutionLibrary> rlx::simt::open_convolutions(Device& device) {
  return miopen::miopen() ? std::make_unique<LibraryConvolutions<miopen::Backend>>(device) : nullptr;
}
