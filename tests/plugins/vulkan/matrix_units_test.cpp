// Cooperative matrices: what of a driver's list is used, which tile a product gets, and that the tile loop is right on
// whatever device there is, by loops that stand for the matrix units.
#include "options.hpp"
#include "runner.hpp"

#include <cstring>
#include <random>

namespace {

using rlx::vulkan::MatrixShape;
using rlx::vulkan::MatrixUnits;
using rlx::vulkan::PipelineKey;
using rlx::vulkan::Shader;
using Properties = VkCooperativeMatrixPropertiesKHR;

constexpr rlx_dtype kF16 = RLX_DTYPE_F16;

Properties entry(MatrixShape shape, VkComponentTypeKHR sum = VK_COMPONENT_TYPE_FLOAT32_KHR) {
  Properties p{VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR};
  p.MSize = shape.m;
  p.NSize = shape.n;
  p.KSize = shape.k;
  p.AType = p.BType = VK_COMPONENT_TYPE_FLOAT16_KHR;
  p.CType = p.ResultType = sum;
  p.scope = VK_SCOPE_SUBGROUP_KHR;
  return p;
}

TEST_CASE("of a driver's cooperative matrices those of f16 that are added up in f32 are used, the largest first",
          "[vulkan]") {
  Properties workgroup = entry({64, 64, 32}), saturating = entry({16, 16, 64}), floats = entry({32, 32, 32});
  workgroup.scope = VK_SCOPE_WORKGROUP_KHR;
  saturating.saturatingAccumulation = VK_TRUE;
  floats.AType = floats.BType = VK_COMPONENT_TYPE_FLOAT32_KHR;
  // As an NVIDIA driver has them, and some that must not be taken.
  const std::vector<Properties> list{entry({16, 8, 8}),
                                     entry({16, 16, 16}, VK_COMPONENT_TYPE_FLOAT16_KHR),
                                     workgroup,
                                     saturating,
                                     floats,
                                     entry({16, 16, 4}),
                                     entry({16, 16, 16}),
                                     entry({16, 8, 16})};
  CHECK(rlx::vulkan::usable_shapes(list) == std::vector<MatrixShape>{{16, 16, 16}, {16, 8, 16}, {16, 8, 8}});
  CHECK(rlx::vulkan::usable_shapes({}).empty());
}

// What a driver with the units of an NVIDIA GPU answers, on top of what the device's own driver says.
struct FakeDriver {
  bool matrices = true, full_subgroups = true;
  VkShaderStageFlags stages = VK_SHADER_STAGE_COMPUTE_BIT;
  uint32_t largest_subgroup = 32, threads = 1024;
};
FakeDriver fake;
rlx::vulkan::InstanceFunctions real;

VKAPI_ATTR VkResult VKAPI_CALL fake_extensions(VkPhysicalDevice, const char*, uint32_t* count,
                                               VkExtensionProperties* list) {
  *count = 2;
  if (!list) return VK_SUCCESS;
  std::strcpy(list[0].extensionName, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);
  std::strcpy(list[1].extensionName, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
  return VK_SUCCESS;
}

// Calls fill with every structure of a chain that is as the type says.
template <typename Structure, typename Fill>
void for_each(void* chain, VkStructureType type, Fill&& fill) {
  for (auto* s = static_cast<VkBaseOutStructure*>(chain); s; s = s->pNext)
    if (s->sType == type) fill(*reinterpret_cast<Structure*>(s));
}

VKAPI_ATTR void VKAPI_CALL fake_features(VkPhysicalDevice, VkPhysicalDeviceFeatures2* all) {
  for (size_t i = 0; i < sizeof all->features / sizeof(VkBool32); ++i)
    reinterpret_cast<VkBool32*>(&all->features)[i] = VK_TRUE;
  for_each<VkPhysicalDeviceVulkan11Features>(all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
                                             [](auto& f) { f.storageBuffer16BitAccess = VK_TRUE; });
  for_each<VkPhysicalDeviceVulkan12Features>(all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, [](auto& f) {
    f.storageBuffer8BitAccess = f.bufferDeviceAddress = f.timelineSemaphore = VK_TRUE;
    f.shaderFloat16 = f.vulkanMemoryModel = VK_TRUE;
  });
  for_each<VkPhysicalDeviceSubgroupSizeControlFeaturesEXT>(
      all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT, [](auto& f) {
        f.subgroupSizeControl = VK_TRUE;
        f.computeFullSubgroups = fake.full_subgroups;
      });
  for_each<VkPhysicalDeviceCooperativeMatrixFeaturesKHR>(
      all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
      [](auto& f) { f.cooperativeMatrix = fake.matrices; });
}

VKAPI_ATTR void VKAPI_CALL fake_properties(VkPhysicalDevice device, VkPhysicalDeviceProperties2* all) {
  real.vkGetPhysicalDeviceProperties2(device, all);
  all->properties.limits.maxComputeWorkGroupInvocations = fake.threads;
  for_each<VkPhysicalDeviceSubgroupProperties>(all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
                                               [](auto& p) { p.subgroupSize = 32; });
  for_each<VkPhysicalDeviceSubgroupSizeControlPropertiesEXT>(
      all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT, [](auto& p) {
        p.minSubgroupSize = 16;
        p.maxSubgroupSize = fake.largest_subgroup;
        p.maxComputeWorkgroupSubgroups = 32;
        p.requiredSubgroupSizeStages = VK_SHADER_STAGE_COMPUTE_BIT;
      });
  for_each<VkPhysicalDeviceCooperativeMatrixPropertiesKHR>(
      all, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_PROPERTIES_KHR,
      [](auto& p) { p.cooperativeMatrixSupportedStages = fake.stages; });
}

VKAPI_ATTR VkResult VKAPI_CALL fake_list(VkPhysicalDevice, uint32_t* count, VkCooperativeMatrixPropertiesKHR* list) {
  *count = 2;
  if (!list) return VK_SUCCESS;
  list[0] = entry({16, 8, 16});
  list[1] = entry({16, 16, 16});
  return VK_SUCCESS;
}

// What the plugin makes of a driver. Pipelines are not made with it.
MatrixUnits units_of(const FakeDriver& driver) {
  const rlx_device& found = tests::vulkan_device();
  const rlx::vulkan::Instance& instance = found.physical.instance();
  auto& functions = const_cast<rlx::vulkan::InstanceFunctions&>(instance.functions());
  fake = driver;
  real = functions;
  functions.vkEnumerateDeviceExtensionProperties = fake_extensions;
  functions.vkGetPhysicalDeviceFeatures2 = fake_features;
  functions.vkGetPhysicalDeviceProperties2 = fake_properties;
  functions.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR = fake_list;
  const rlx::vulkan::PhysicalDevice physical(instance, found.physical.handle());
  const MatrixUnits units = rlx::vulkan::find_matrix_units(physical);
  functions = real;
  return units;
}

TEST_CASE("a driver's units are used if all that shaders need of it is there", "[vulkan][unlayered]") {
  const MatrixUnits units = units_of({});
  CHECK(units.shapes == std::vector<MatrixShape>{{16, 16, 16}, {16, 8, 16}});
  CHECK(units.lanes == 32);
  CHECK(units.text() == "cooperative_matrix16x16x16");
  CHECK(units_of({.matrices = false}).shapes.empty());
  CHECK(units_of({.full_subgroups = false}).shapes.empty());
  CHECK(units_of({.stages = VK_SHADER_STAGE_FRAGMENT_BIT}).shapes.empty());
  CHECK(units_of({.largest_subgroup = 16}).shapes.empty());
  CHECK(units_of({.threads = 64}).shapes.empty());
}

struct Product {
  tests::Program program;
  uint32_t a, b, y;
  Product(rlx_dtype dtype, uint64_t m, uint64_t n, uint64_t k) {
    a = program.input({dtype, {m, k}}, "a");
    b = program.input({dtype, {k, n}}, "b");
    y = program.output({dtype, {m, n}}, "y");
    program.node("matmul", {{"trans_a", false}, {"trans_b", false}}, {a, b}, {y});
  }

  // The only dispatch on a device with these units.
  rlx::vulkan::Dispatch planned(const MatrixUnits& units) {
    const rlx::sdk::ProgramView view(program.build());
    rlx::vulkan::Plan plan(view.node(view.main(), 0), units);
    rlx::vulkan::plan_node(plan);
    REQUIRE(plan.dispatches().size() == 1);
    return plan.dispatches()[0];
  }
};

TEST_CASE("products of f16 that fill a cooperative matrix get the pipeline for it, others do not", "[vulkan]") {
  const MatrixUnits units{{{16, 16, 16}, {8, 8, 8}}, 32, false, 48 << 10};
  const auto planned = [&](rlx_dtype dtype, uint64_t m, uint64_t n, uint64_t k) {
    return Product(dtype, m, n, k).planned(units);
  };
  const rlx::vulkan::Dispatch large = planned(kF16, 4096, 4096, 4096);
  CHECK(large.pipeline.shader == Shader::k_matmul_cooperative);
  CHECK(large.pipeline.subgroup_size == 32);
  // f16, four subgroups, no activation, the shape, four fragments a side: tiles of 128 by 128.
  CHECK(large.pipeline.constants == decltype(large.pipeline.constants){kF16, 128, RLX_NO_ACTIVATION, 16, 16, 16, 4});
  CHECK(large.groups.x == 32 * 32);
  // Smaller tiles where large ones would leave most of the device idle.
  CHECK(planned(kF16, 256, 256, 64).pipeline.constants[6] == 1);
  CHECK(planned(kF16, 512, 512, 64).pipeline.constants[6] == 2);
  // The small shape where the large one would not be filled, none where no shape would be.
  CHECK(planned(kF16, 12, 100, 64).pipeline.constants[3] == 8);
  CHECK(planned(kF16, 100, 100, 8).pipeline.constants[5] == 8);
  CHECK(planned(kF16, 100, 7, 64).pipeline.shader == Shader::k_matmul);
  CHECK(planned(tests::kF32, 100, 100, 64).pipeline.shader == Shader::k_matmul);
  CHECK(planned(RLX_DTYPE_BF16, 100, 100, 64).pipeline.shader == Shader::k_matmul);
  CHECK(Product(kF16, 100, 100, 64).planned({}).pipeline.shader == Shader::k_matmul);
}

TEST_CASE("a tile of fragments never needs more shared memory than the device has", "[vulkan]") {
  Product product(kF16, 4096, 4096, 64);
  CHECK(product.planned({{{16, 16, 16}}, 32, false, 32 << 10}).pipeline.constants[6] == 4);
  CHECK(product.planned({{{16, 16, 16}}, 32, false, 16 << 10}).pipeline.constants[6] == 2);
  CHECK(product.planned({{{16, 16, 16}}, 32, false, 4 << 10}).pipeline.shader == Shader::k_matmul);
}

// The device as it is with the setting.
rlx::vulkan::PhysicalDevice physical_with(const char* cooperative) {
  const rlx_device& found = tests::vulkan_device();
  const tests::Environment setting("RLX_VULKAN_COOPERATIVE", cooperative);
  return {found.physical.instance(), found.physical.handle()};
}

TEST_CASE("what a device lists are the cooperative matrices that are used, and the setting turns them off",
          "[vulkan]") {
  const auto features = [](const rlx::vulkan::PhysicalDevice& device) {
    return std::string(rlx::sdk::view(device.info().features));
  };
  const rlx::vulkan::PhysicalDevice off = physical_with("off"), any = physical_with("");
  CHECK(off.matrix_units().shapes.empty());
  CHECK(features(off).find("cooperative_matrix") == std::string::npos);
  CHECK((features(any).find("cooperative_matrix") == std::string::npos) == any.matrix_units().shapes.empty());
}

// y = a · b in whole numbers: f32 adds them up exactly, and f16 holds every result.
size_t wrong_results(const std::shared_ptr<rlx::vulkan::Device>& device, const MatrixShape& size, Shader expected) {
  const auto [m, n, k] = size;
  Product product(kF16, m, n, k);
  tests::VulkanRunner r(product.program, device);
  CHECK(r.executable().dispatches().at(0).pipeline.shader == expected);
  std::mt19937 random(tests::seed());
  const auto whole = [&](size_t count) {
    std::vector<float> v(count);
    for (float& x : v) x = static_cast<float>(static_cast<int>(random() % 9) - 4);
    return v;
  };
  const std::vector<float> a = whole(size_t{m} * k), b = whole(size_t{k} * n);
  r.write(product.a, a);
  r.write(product.b, b);
  r.run();
  const std::vector<float> y = r.read(product.y);
  size_t wrong = 0;
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (size_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
      wrong += y[i * n + j] != sum;
    }
  return wrong;
}

TEST_CASE("tiles of fragments give the product, by the device's units or by loops that stand for them", "[vulkan]") {
  struct Way {
    const char* setting;
    Shader shader;
  };
  size_t ways = 0;
  for (const Way& way : {Way{"", Shader::k_matmul_cooperative}, Way{"emulated", Shader::k_matmul_emulated}}) {
    const rlx::vulkan::PhysicalDevice physical = physical_with(way.setting);
    if (physical.matrix_units().shapes.empty()) continue;
    ++ways;
    const auto device = std::make_shared<rlx::vulkan::Device>(physical);
    // One fragment or less than a tile, edges in every direction, and enough tiles for more fragments a side.
    for (const MatrixShape& size : {MatrixShape{16, 16, 32}, {33, 17, 40}, {130, 70, 65}, {514, 258, 32}}) {
      INFO(way.setting << " " << size.m << " x " << size.n << " x " << size.k);
      CHECK(wrong_results(device, size, way.shader) == 0);
    }
  }
  if (ways == 0) RLX_SKIP("neither cooperative matrices nor shaderFloat16");
}

}  // namespace
