#include "blas/launch.hpp"

#include "activation_pass.hpp"
#include "libraries.hpp"
#include "product.hpp"
#include "vendor.hpp"

#include <algorithm>

namespace rlx::simt {

namespace {

// A product of less is over before a large tile of an own kernel (128 × 128, k of 128) is: what is launched decides,
// not how it multiplies, and the library would be opened for nothing. Counted, not measured.
constexpr uint64_t kLeastMultiplications = 128 * 128 * 128;

// What the planner, the pool and the place of weights give each address, at most.
constexpr uint64_t kMostAlignment = 256;
uint32_t alignment_of(const sdk::ProgramView& program, uint32_t index) {
  const rlx_tensor& t = program.tensor(index);
  const rlx_tensor& owner = t.view_of == RLX_NO_INDEX ? t : program.tensor(t.view_of);
  uint64_t bits = kMostAlignment;
  if (owner.plan_offset != RLX_NO_OFFSET) bits |= owner.plan_offset;
  if (t.view_of != RLX_NO_INDEX) bits |= t.view_offset;
  return static_cast<uint32_t>(bits & (~bits + 1));
}

// Batches of a that meet one b are rows of one matrix.
void join_batches(ProductShape& shape) {
  const bool dense = shape.a.column == 1 && shape.a.batch == static_cast<int64_t>(shape.m) * shape.a.row;
  if (shape.batches == 1 || shape.b.batch != 0 || !dense) return;
  shape.m *= shape.batches;
  shape.batches = 1;
}

// The epilogue of an activation; kEpilogueNone for one that the library has not.
int epilogue_of(uint32_t activation) {
  switch (activation) {
    case ::simt::kActivationRelu:
      return kEpilogueRelu;
    case ::simt::kActivationGeluTanh:
      return kEpilogueGeluTanh;
    default:
      return kEpilogueNone;
  }
}

// Without an epilogue.
ProductShape shape_of(const NodeView& n, const ::simt::MatmulParams& params, uint32_t bias) {
  ProductShape shape{};
  shape.dtype = n.out().dtype;
  shape.m = params.m;
  shape.n = params.n;
  shape.k = params.k;
  shape.batches = params.batches;
  shape.a = {params.a_row, params.a_column, params.batch_rank > 0 ? params.a_batch[0] : 0};
  shape.b = {params.b_row, params.b_column, params.batch_rank > 0 ? params.b_batch[0] : 0};
  join_batches(shape);
  shape.alignment = static_cast<uint32_t>(kMostAlignment);
  for (const uint32_t tensor : {n.input(0), n.input(1), n.output(0), n.has_input(bias) ? n.input(bias) : n.output(0)})
    shape.alignment = std::min(shape.alignment, alignment_of(n.program(), tensor));
  return shape;
}

bool is_worth_it(const ProductShape& s) {
  return s.m > ::simt::kMostMatmulRows && s.m * s.n * s.k * s.batches >= kLeastMultiplications;
}

}  // namespace

bool launch_by_library(Emitter& e, const NodeView& n, const ::simt::MatmulParams& params, uint32_t bias) {
  if (!e.libraries() || !is_float(n.out().dtype) || params.batch_rank > 1) return false;
  ProductShape shape = shape_of(n, params, bias);
  shape.tf32 = e.geometry().may_use_tf32 && shape.dtype == RLX_DTYPE_F32;
  if (!is_worth_it(shape)) return false;

  const bool has_bias = n.has_input(bias);
  const int activation = epilogue_of(params.activation);
  LibraryOffer offer;
  bool activated = params.activation == ::simt::kActivationNone;
  if (activation != kEpilogueNone) {
    shape.epilogue = has_bias ? activation | kEpilogueBias : activation;
    offer = e.libraries()->product(shape);
    activated = offer.call != nullptr;
  }
  if (!offer.call) {
    shape.epilogue = has_bias ? kEpilogueBias : kEpilogueNone;
    offer = e.libraries()->product(shape);
  }
  if (!offer.call) return false;

  auto launch = e.launch<ProductAddresses>("", std::string(vendor().blas.name) + ":" + type_name(shape.dtype));
  launch.point(launch.params.a, n.input(0));
  launch.point(launch.params.b, n.input(1));
  launch.point(launch.params.y, n.output(0));
  if (has_bias) launch.point(launch.params.bias, n.input(bias));
  if (offer.workspace_bytes > 0) launch.point_to_scratch(launch.params.workspace, offer.workspace_bytes);
  launch.library(std::move(offer.call));
  if (!activated) launch_activation(e, n);
  return true;
}

}  // namespace rlx::simt
