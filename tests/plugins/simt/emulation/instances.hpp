// The fixed kernels in every dtype that the plugins launch them with, compiled for the host, by the text that the
// plugin's source has.
#pragma once

#include "device/params.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace emulation {

struct Instance {
  size_t params_bytes;
  void (*run)(const void* params);
};
using Instances = std::unordered_map<std::string, Instance>;

// One entry of an initialiser of Instances.
#define INSTANCE(Params, ...) \
  {#Params ", " #__VA_ARGS__, {sizeof(Params), [](const void* p) { __VA_ARGS__(*static_cast<const Params*>(p)); }}},

// Products of matrices and what is made of them: the kernels that go through fragments, and their plain relatives.
Instances products();
// Scans, arg_reduce, sorting and sampling: what walks along an axis and is no plain reduction.
Instances along_axes();
// With those along axes.
Instances all_but_products();
// Products with packed weights, among all_but_products().
Instances packed_weights();

}  // namespace emulation
