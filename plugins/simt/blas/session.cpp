#include "blas/session.hpp"

#include "blas/heuristic.hpp"
#include "device.hpp"
#include "scales.hpp"

#include <rlx/sdk/program_view.hpp>

#include <cstring>

namespace rlx::simt {

std::string ProductShape::text() const {
  return std::string(sdk::dtype_name(dtype)) + " " + std::to_string(m) + "x" + std::to_string(n) + "x" +
         std::to_string(k) + (batches > 1 ? " in " + std::to_string(batches) + " batches" : "");
}

namespace {

// For the library's parameters, which are pointers of the device.
void* pointer(Address address) {
  return reinterpret_cast<void*>(address);
}

class Product;

class BoundProduct : public BoundCall {
 public:
  BoundProduct(const Product& product, const ProductAddresses& addresses, void* stream);
  void enqueue() override;

 private:
  const Product& product_;
  ProductAddresses at_;
  void* stream_;
  LibraryObject operation_;  // has the address of the bias
};

class Product : public LibraryCall {
 public:
  Product(std::shared_ptr<const LibraryObject> handle, const ProductShape& shape, int device)
      : handle_(std::move(handle)),
        shape_(shape),
        layouts_(shape),
        scales_(shape.dtype),
        choice_(choose_algorithm(device, handle_->get(), shape, layouts_)) {}

  // NULL: the library does not take the shape.
  const BlasChoice* choice() const { return choice_; }
  const ProductShape& shape() const { return shape_; }
  std::unique_ptr<BoundCall> bind(const std::byte* params, BindScope& scope) const override {
    ProductAddresses addresses;
    std::memcpy(&addresses, params, sizeof addresses);
    return std::make_unique<BoundProduct>(*this, addresses, scope.stream);
  }
  void enqueue(const LibraryObject& operation, const ProductAddresses& at, void* stream) const {
    call_blas(blas()->matmul, handle_->get(), operation.get(), scales_.one, pointer(at.b), layouts_.first.get(),
              pointer(at.a), layouts_.second.get(), scales_.zero, pointer(at.y), layouts_.result.get(), pointer(at.y),
              layouts_.result.get(), choice_->algorithm(), pointer(at.workspace), choice_->tail().workspace_bytes,
              stream);
  }

 private:
  std::shared_ptr<const LibraryObject> handle_;
  ProductShape shape_;
  MatrixLayouts layouts_;
  Scales scales_;
  const BlasChoice* choice_;
};

BoundProduct::BoundProduct(const Product& product, const ProductAddresses& addresses, void* stream)
    : product_(product),
      at_(addresses),
      stream_(stream),
      operation_(describe_operation(product.shape(), addresses.bias)) {}

void BoundProduct::enqueue() {
  product_.enqueue(operation_, at_, stream_);
}

}  // namespace

LibraryOffer BlasSession::product(const ProductShape& shape) {
  if (!blas()) return {};
  if (!handle_) {
    device_.make_current();
    handle_ =
        std::make_shared<const LibraryObject>(blas()->destroy, [](void** out) { call_blas(blas()->create, out); });
  }
  auto call = std::make_shared<const Product>(handle_, shape, device_.ordinal());
  if (!call->choice()) return {};
  const uint64_t bytes = call->choice()->tail().workspace_bytes;
  return {std::move(call), bytes};
}

}  // namespace rlx::simt
