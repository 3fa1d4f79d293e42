// A 128-bit hash with the same value in every process and on every host. Not cryptographic: it tells programs apart, it
// does not resist someone who wants two to collide.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rlx {

class Program;

class Hash128 {
 public:
  void add(const void* data, uint64_t bytes);
  void add(uint64_t value);
  // Length first, so that neighbouring strings cannot trade characters.
  void add(std::string_view text);
  std::array<uint64_t, 2> value() const;

 private:
  void mix(uint64_t a, uint64_t b);
  uint64_t h1_ = 0x9e3779b97f4a7c15u;
  uint64_t h2_ = 0xc2b2ae3d27d4eb4fu;
  uint64_t length_ = 0;
};

std::array<uint64_t, 2> hash_bytes(const void* data, uint64_t bytes);

// Of tensors, nodes, attributes, regions, the memory plan and the bytes of constants.
std::array<uint64_t, 2> fingerprint_of(const Program& program);

}  // namespace rlx
