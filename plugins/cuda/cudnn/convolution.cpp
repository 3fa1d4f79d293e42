// Convolutions by cuDNN.
#include "convolution/call.hpp"
#include "cudnn/description.hpp"
#include "scales.hpp"

#include <optional>
#include <span>

namespace rlx::simt::cudnn {

namespace {

void* pointer(Address address) {
  return reinterpret_cast<void*>(address);
}

struct Backend {
  using Description = cudnn::Description;
  struct Choice {
    size_t workspace_bytes;
    int algorithm;
  };

  static LibraryObject make_handle() {
    return LibraryObject(cudnn()->destroy, [](void** out) { call(cudnn()->create, out); });
  }
  static void set_stream(void* handle, void* stream) { call(cudnn()->set_stream, handle, stream); }

  static std::optional<Choice> choose(void* handle, const ConvolutionShape&, const Description& d) {
    constexpr int kWanted = 8;
    Performance results[kWanted] = {};
    int found = 0;
    const int status =
        cudnn()->heuristic.raw(handle, d.x.get(), d.w.get(), d.convolution.get(), d.y.get(), kWanted, &found, results);
    if (status == kNotSupported) return std::nullopt;
    check(cudnn()->heuristic.symbol, status);
    for (const Performance& p : std::span(results).first(static_cast<size_t>(found)))
      if (p.status == 0 && p.algorithm <= kGemm && p.workspace_bytes <= kMostConvolutionWorkspaceBytes)
        return Choice{p.workspace_bytes, p.algorithm};
    return std::nullopt;
  }

  static void enqueue(void* handle, const ConvolutionShape& shape, const Description& d, const Choice& choice,
                      const ConvolutionAddresses& at) {
    const Scales scales(shape.dtype);
    call(cudnn()->convolve, handle, scales.one, d.x.get(), pointer(at.x), d.w.get(), pointer(at.w), d.convolution.get(),
         choice.algorithm, pointer(at.workspace), choice.workspace_bytes, scales.zero, d.y.get(), pointer(at.y));
    if (shape.has_bias)
      call(cudnn()->add, handle, scales.one, d.bias.get(), pointer(at.bias), scales.one, d.y.get(), pointer(at.y));
  }
};

}  // namespace

}  // namespace rlx::simt::cudnn

std::unique_ptr<rlx::simt::ConvolutionLibrary> rlx::simt::open_convolutions(Device& device) {
  return cudnn::cudnn() ? std::make_unique<LibraryConvolutions<cudnn::Backend>>(device) : nullptr;
}
