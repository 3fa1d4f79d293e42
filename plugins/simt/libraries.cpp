#include "libraries.hpp"

#include "log.hpp"

#include <rlx/sdk/error.hpp>

namespace rlx::simt {

namespace {

template <typename Ask, typename Shape>
LibraryOffer ask_about(const Shape& shape, Ask&& ask) {
  try {
    if (LibraryOffer offer = ask(); offer.call) return offer;
    log_debug("no library takes " + shape.text());
  } catch (const sdk::Error& error) {
    log_debug(error.message + "; an own kernel takes " + shape.text());
  }
  return {};
}

}  // namespace

sdk::Error library_error(const char* library, const char* symbol, int status, bool out_of_memory) {
  sdk::Error error(out_of_memory ? RLX_RESOURCE_EXHAUSTED : RLX_INTERNAL,
                   std::string(symbol) + (out_of_memory ? ": out of memory" : ": the library refused") + " (status " +
                       std::to_string(status) + ")",
                   {}, status, library);
  if (out_of_memory) error.flags = RLX_STATUS_RETRIABLE;
  return error;
}

LibraryOffer Libraries::product(const ProductShape& shape) {
  return ask_about(shape, [&] { return blas_.product(shape); });
}

LibraryOffer Libraries::convolution(const ConvolutionShape& shape) {
  return ask_about(shape, [&]() -> LibraryOffer {
    if (!convolutions_ && vendor().convolutions) convolutions_ = vendor().convolutions(device_);
    return convolutions_ ? convolutions_->convolution(shape) : LibraryOffer{};
  });
}

}  // namespace rlx::simt
