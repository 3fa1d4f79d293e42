// The compute pipelines of a device, each made once. All have the same layout: no descriptors, only push constants that
// hold addresses.
#pragma once

#include "codegen/region.hpp"
#include "device/cache_file.hpp"
#include "device/shader.hpp"
#include "loader/functions.hpp"

#include <array>
#include <compare>
#include <map>
#include <mutex>

namespace rlx::vulkan {

struct PipelineKey {
  Shader shader;
  // Specialisation constants by number; a shader reads those that it has.
  std::array<uint32_t, 7> constants{};
  // What an elementwise shader is made of; the others need none.
  Region region{};
  // Threads of a subgroup that the shader insists on, all of them in use; 0 = whatever the driver takes.
  uint32_t subgroup_size = 0;
  auto operator<=>(const PipelineKey&) const = default;
};

class Pipelines {
 public:
  // What the driver compiled for earlier processes comes from the file.
  Pipelines(const DeviceFunctions& functions, VkDevice device, CacheFile file);
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  VkPipelineLayout layout() const { return layout_; }
  // Threads: any. The pipeline lives as long as the device.
  VkPipeline get(const PipelineKey& key);
  // Writes what the driver has compiled since the last call to the file. Threads: any.
  void save();

 private:
  VkPipeline make(const PipelineKey& key);
  void open_cache();

  const DeviceFunctions& vk_;
  VkDevice device_;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  CacheFile file_;
  std::mutex mutex_;
  std::map<PipelineKey, VkPipeline> made_;
  std::vector<std::byte> saved_;  // what the file has
  size_t saved_count_ = 0;        // pipelines made when it was written
};

}  // namespace rlx::vulkan
