// Convolutions by a library: what does not depend on which one it is. A Backend has
//   static LibraryObject make_handle();
//   static void set_stream(void* handle, void* stream);
//   struct Description { explicit Description(const ConvolutionShape&); };
//   struct Choice { size_t workspace_bytes; ... };
//   static std::optional<Choice> choose(void* handle, const ConvolutionShape&, const Description&);  // none: not taken
//   static void enqueue(void* handle, const ConvolutionShape&, const Description&, const Choice&,
//                       const ConvolutionAddresses&);
// and throws what its library answers.
#pragma once

#include "choices.hpp"
#include "convolution/library.hpp"
#include "device.hpp"

#include <cstring>

namespace rlx::simt {

// Most of what an algorithm may ask for: more is not worth what it takes from the arenas.
constexpr size_t kMostConvolutionWorkspaceBytes = 32u << 20;

template <typename Backend>
class LibraryConvolution : public LibraryCall {
 public:
  using Choice = typename Backend::Choice;

  LibraryConvolution(void* handle, int device, const ConvolutionShape& shape) : shape_(shape), description_(shape) {
    // Never destroyed: calls of programs that outlive main point into it.
    static auto& known = *new Choices<ConvolutionShape, Choice>();
    choice_ = known.find(device, shape, [&] { return Backend::choose(handle, shape, description_); });
  }

  // NULL: the library does not take the shape.
  const Choice* choice() const { return choice_; }

  std::unique_ptr<BoundCall> bind(const std::byte* params, BindScope& scope) const override {
    if (!scope.convolutions) {
      auto handle = std::make_shared<const LibraryObject>(Backend::make_handle());
      Backend::set_stream(handle->get(), scope.stream);
      scope.convolutions = std::move(handle);
    }
    ConvolutionAddresses addresses;
    std::memcpy(&addresses, params, sizeof addresses);
    return std::make_unique<Bound>(*this, scope.convolutions, addresses);
  }

 private:
  class Bound : public BoundCall {
   public:
    Bound(const LibraryConvolution& convolution, std::shared_ptr<const LibraryObject> handle,
          const ConvolutionAddresses& addresses)
        : convolution_(convolution), handle_(std::move(handle)), at_(addresses) {}
    void enqueue() override {
      const LibraryConvolution& c = convolution_;
      Backend::enqueue(handle_->get(), c.shape_, c.description_, *c.choice_, at_);
    }

   private:
    const LibraryConvolution& convolution_;
    std::shared_ptr<const LibraryObject> handle_;  // on the context's stream
    ConvolutionAddresses at_;
  };

  ConvolutionShape shape_;
  typename Backend::Description description_;
  const Choice* choice_;
};

template <typename Backend>
class LibraryConvolutions : public ConvolutionLibrary {
 public:
  explicit LibraryConvolutions(Device& device) : device_(device), handle_(make_handle(device)) {}

  LibraryOffer convolution(const ConvolutionShape& shape) override {
    auto call = std::make_shared<const LibraryConvolution<Backend>>(handle_.get(), device_.ordinal(), shape);
    if (!call->choice()) return {};
    const uint64_t bytes = call->choice()->workspace_bytes;
    return {std::move(call), bytes};
  }

 private:
  static LibraryObject make_handle(Device& device) {
    device.make_current();
    return Backend::make_handle();
  }

  Device& device_;
  LibraryObject handle_;  // to ask with; contexts have their own
};

}  // namespace rlx::simt
