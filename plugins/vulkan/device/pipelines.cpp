#include "pipelines.hpp"

#include "codegen/link.hpp"
#include "loader/error.hpp"
#include "shaders/interface.h"

namespace rlx::vulkan {

Pipelines::Pipelines(const DeviceFunctions& functions, VkDevice device, CacheFile file)
    : vk_(functions), device_(device), file_(std::move(file)) {
  const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(gpu::Push)};
  VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  info.pushConstantRangeCount = 1;
  info.pPushConstantRanges = &range;
  check(vk_.vkCreatePipelineLayout(device_, &info, nullptr, &layout_), "vkCreatePipelineLayout");
  open_cache();
}

// Without a cache pipelines take longer, that is all.
void Pipelines::open_cache() {
  saved_ = file_.load();
  VkPipelineCacheCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
  info.initialDataSize = saved_.size();
  info.pInitialData = saved_.data();
  if (vk_.vkCreatePipelineCache(device_, &info, nullptr, &cache_) != VK_SUCCESS) cache_ = VK_NULL_HANDLE;
}

void Pipelines::save() {
  const std::lock_guard lock(mutex_);
  if (!cache_ || made_.size() == saved_count_) return;
  saved_count_ = made_.size();
  size_t size = 0;
  if (vk_.vkGetPipelineCacheData(device_, cache_, &size, nullptr) != VK_SUCCESS) return;
  std::vector<std::byte> bytes(size);
  if (vk_.vkGetPipelineCacheData(device_, cache_, &size, bytes.data()) != VK_SUCCESS) return;
  bytes.resize(size);
  if (bytes == saved_) return;
  file_.store(bytes);
  saved_ = std::move(bytes);
}

Pipelines::~Pipelines() {
  for (const auto& [key, pipeline] : made_) vk_.vkDestroyPipeline(device_, pipeline, nullptr);
  vk_.vkDestroyPipelineCache(device_, cache_, nullptr);
  vk_.vkDestroyPipelineLayout(device_, layout_, nullptr);
}

VkPipeline Pipelines::get(const PipelineKey& key) {
  const std::lock_guard lock(mutex_);
  const auto known = made_.find(key);
  if (known != made_.end()) return known->second;
  return made_.emplace(key, make(key)).first->second;
}

VkPipeline Pipelines::make(const PipelineKey& key) {
  const std::string what = std::string(name_of(key.shader)) + ": ";
  std::vector<uint32_t> linked;
  if (key.shader == Shader::k_elementwise) linked = link(Library::get(), key.region);
  const std::span<const uint32_t> code = linked.empty() ? spirv_of(key.shader) : linked;
  VkShaderModuleCreateInfo info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  info.codeSize = code.size_bytes();
  info.pCode = code.data();
  VkShaderModule module = VK_NULL_HANDLE;
  VkResult result = vk_.vkCreateShaderModule(device_, &info, nullptr, &module);
  if (result != VK_SUCCESS) throw error_of(result, what + "vkCreateShaderModule");
  std::array<VkSpecializationMapEntry, std::tuple_size_v<decltype(key.constants)>> entries;
  for (uint32_t i = 0; i < entries.size(); ++i)
    entries[i] = {i, static_cast<uint32_t>(i * sizeof(uint32_t)), sizeof(uint32_t)};
  const VkSpecializationInfo constants{entries.size(), entries.data(), sizeof key.constants, key.constants.data()};
  VkComputePipelineCreateInfo pipeline{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  pipeline.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  pipeline.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  pipeline.stage.module = module;
  pipeline.stage.pName = "main";
  pipeline.stage.pSpecializationInfo = &constants;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroup{
      VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT};
  subgroup.requiredSubgroupSize = key.subgroup_size;
  if (key.subgroup_size) {
    pipeline.stage.pNext = &subgroup;
    pipeline.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
  }
  pipeline.layout = layout_;
  VkPipeline made = VK_NULL_HANDLE;
  result = vk_.vkCreateComputePipelines(device_, cache_, 1, &pipeline, nullptr, &made);
  vk_.vkDestroyShaderModule(device_, module, nullptr);
  if (result != VK_SUCCESS) throw error_of(result, what + "vkCreateComputePipelines");
  return made;
}

}  // namespace rlx::vulkan
