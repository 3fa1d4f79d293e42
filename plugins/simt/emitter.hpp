// Turns one node into launches: kernels/ fill in parameters, name the operands, and choose a grid.
#pragma once

#include "matrix_units.hpp"
#include "plan.hpp"

#include <rlx/sdk/program_view.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace rlx::simt {

namespace sdk = rlx::sdk;

// The device's name of a dtype: "f32", "boolean".
std::string type_name(rlx_dtype dtype);
// The unsigned type of an element's size: "u16".
std::string word_name(rlx_dtype dtype);

// What a launch is laid out for.
struct Geometry {
  uint32_t warp, multiprocessors;
  MatrixUnits matrix_units;
  bool may_use_tf32 = false;  // products of f32 may lose digits of their factors
};

class Libraries;
class Emitter;

// One launch while its parameters are filled in.
template <typename Params>
class LaunchBuilder {
 public:
  LaunchBuilder(Emitter& emitter, const char* header, std::string body)
      : emitter_(emitter), header_(header), body_(std::move(body)) {}
  LaunchBuilder(const LaunchBuilder&) = delete;

  Params params{};

  // A field of params becomes the address of a tensor of the program.
  void point(Address& field, uint32_t tensor, uint64_t offset_bytes = 0) {
    add(field, PointerField::To::kTensor, tensor, offset_bytes);
  }
  void point_to_errors(Address& field) { add(field, PointerField::To::kErrorRecord, 0, 0); }
  void point_to_run_counter(Address& field) { add(field, PointerField::To::kRunCounter, 0, 0); }

  // Memory of so many bytes for what one kernel leaves to the next of the same node; different offsets are different
  // memory.
  void point_to_scratch(Address& field, uint64_t bytes, uint64_t offset_bytes = 0);
  // The parameters and operands of another launch that has not ended.
  void like(const LaunchBuilder& other) {
    params = other.params;
    pointers_ = other.pointers_;
  }

  // Ends the launch. Nothing is launched for a grid of 0.
  void blocks(uint64_t grid, uint32_t block, uint32_t shared_bytes = 0);
  // A thread for each of count elements, or as many threads as fill the device: kernels walk a grid.
  void threads(uint64_t count);
  // A block for each of so many rows of size elements; shared memory for one 8-byte value per warp.
  void rows(uint64_t count, uint64_t size);
  // A library's call, which gets the parameters.
  void library(std::shared_ptr<const LibraryCall> call);

 private:
  void add(Address& field, PointerField::To to, uint32_t tensor, uint64_t offset_bytes) {
    const auto at = reinterpret_cast<const std::byte*>(&field) - reinterpret_cast<const std::byte*>(&params);
    pointers_.push_back({static_cast<uint32_t>(at), to, tensor, offset_bytes});
  }

  Launch finish() {
    Launch launch{};
    launch.body = std::move(body_);
    launch.params.resize(sizeof params);
    std::memcpy(launch.params.data(), &params, sizeof params);
    launch.pointers = std::move(pointers_);
    return launch;
  }

  Emitter& emitter_;
  const char* header_;
  std::string body_;
  std::vector<PointerField> pointers_;
};

class Emitter {
 public:
  // Without libraries (NULL) every node gets kernels of our own.
  Emitter(Plan& plan, uint32_t node, Geometry geometry, Libraries* libraries)
      : plan_(plan), node_(node), geometry_(geometry), libraries_(libraries) {}

  // header: the file of device/ that has the kernel. body: what its entry calls.
  template <typename Params>
  LaunchBuilder<Params> launch(const char* header, std::string body) {
    return LaunchBuilder<Params>(*this, header, std::move(body));
  }
  // See Source::define.
  std::string define(const std::string& text) { return plan_.source.define(text); }
  const Geometry& geometry() const { return geometry_; }
  uint32_t node() const { return node_; }

  Libraries* libraries() const { return libraries_; }

  void add(const char* header, const char* params_name, Launch launch);
  void add_call(Launch launch);
  void need_scratch(uint64_t bytes) { plan_.scratch_bytes = std::max(plan_.scratch_bytes, bytes); }

 private:
  Plan& plan_;
  uint32_t node_;
  Geometry geometry_;
  Libraries* libraries_;
};

// The grid of a kernel that walks count elements or rows, in blocks that take per_block of them.
uint32_t grid_for(const Geometry& geometry, uint64_t count, uint64_t per_block);
// The threads of a block that reduces a row.
uint32_t row_block(const Geometry& geometry, uint64_t size);

template <typename Params>
void LaunchBuilder<Params>::point_to_scratch(Address& field, uint64_t bytes, uint64_t offset_bytes) {
  add(field, PointerField::To::kScratch, 0, offset_bytes);
  pointers_.back().scratch_bytes = bytes;
  emitter_.need_scratch(offset_bytes + bytes);
}

template <typename Params>
void LaunchBuilder<Params>::blocks(uint64_t grid, uint32_t block, uint32_t shared_bytes) {
  if (grid == 0) return;
  Launch launch = finish();
  launch.grid = static_cast<uint32_t>(grid);
  launch.block = block;
  launch.shared_bytes = shared_bytes;
  emitter_.add(header_, Params::kName, std::move(launch));
}

template <typename Params>
void LaunchBuilder<Params>::library(std::shared_ptr<const LibraryCall> call) {
  Launch launch = finish();
  launch.call = std::move(call);
  emitter_.add_call(std::move(launch));
}

template <typename Params>
void LaunchBuilder<Params>::threads(uint64_t count) {
  constexpr uint32_t kBlock = 256;
  blocks(grid_for(emitter_.geometry(), count, kBlock), kBlock);
}

template <typename Params>
void LaunchBuilder<Params>::rows(uint64_t count, uint64_t size) {
  constexpr uint32_t kPartialBytes = 8;
  const uint32_t block = row_block(emitter_.geometry(), size);
  blocks(grid_for(emitter_.geometry(), count, 1), block, block / emitter_.geometry().warp * kPartialBytes);
}

}  // namespace rlx::simt
