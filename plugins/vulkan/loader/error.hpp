// Vulkan's results as errors.
#pragma once

#include "functions.hpp"

#include <rlx/sdk/error.hpp>

#include <string>

namespace rlx::vulkan {

const char* name_of(VkResult result);

// What a failed call means. what: the call and what it was for.
sdk::Error error_of(VkResult result, const std::string& what);

// Throws unless the call succeeded.
inline void check(VkResult result, const char* what) {
  if (result != VK_SUCCESS) throw error_of(result, what);
}

}  // namespace rlx::vulkan
