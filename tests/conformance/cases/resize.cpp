// resize and the block rearrangements. Factors are chosen so that no sample falls on a rounding tie by accident.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_resizes(CaseList& list) {
  for (const char* mode : {"nearest", "linear", "cubic"})
    for (const char* coordinates :
         {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"}) {
      const Attrs base = {attr("mode", mode), attr("coordinate_mode", coordinates)};
      const auto resize = [&](DType dtype, Shape shape, Ints sizes) {
        Attrs attrs = base;
        attrs.set("sizes", std::move(sizes));
        list.add("resize", {uniform(dtype, shape)}, std::move(attrs)).tolerance = 8;
      };
      for (const DType dtype : kFloats) resize(dtype, {1, 2, 4, 5}, {1, 2, 8, 10});
      resize(DType::kF32, {2, 1, 6, 6}, {2, 1, 3, 2});
      resize(DType::kF32, {1, 3, 5, 7}, {1, 3, 9, 4});
      resize(DType::kF32, {1, 1, 4}, {1, 1, 7});
      resize(DType::kF32, {1, 1, 3, 2, 4}, {1, 1, 5, 4, 6});
      resize(DType::kF32, {1, 2, 3, 4}, {1, 2, 1, 1});
    }
  for (const char* rounding : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
    list.add("resize", {uniform(DType::kF32, {1, 1, 5, 4})},
             {attr("mode", "nearest"), attr("sizes", Ints{1, 1, 7, 9}), attr("nearest_mode", rounding)});
    list.add("resize", {uniform(DType::kU8, {1, 1, 4, 4}, 0, 200)},
             {attr("mode", "nearest"), attr("sizes", Ints{1, 1, 8, 2}), attr("coordinate_mode", "asymmetric"),
              attr("nearest_mode", rounding)});
  }
  for (const int exclude : {0, 1})
    list.add("resize", {uniform(DType::kF32, {1, 1, 5, 6})},
             {attr("mode", "cubic"), attr("sizes", Ints{1, 1, 9, 4}), attr("exclude_outside", exclude),
              attr("cubic_coeff_a", -0.5)})
        .tolerance = 8;
  for (const char* coordinates : {"half_pixel", "half_pixel_symmetric"})
    list.add("resize", {uniform(DType::kF32, {1, 1, 4, 4})},
             {attr("mode", "linear"), attr("sizes", Ints{1, 1, 3, 3}), attr("coordinate_mode", coordinates),
              floats_attr("scales", {1, 1, 0.8, 0.8})})
        .tolerance = 8;
  list.add("resize", {uniform(DType::kF32, {1, 1, 4, 4})},
           {attr("mode", "linear"), attr("sizes", Ints{1, 1, 3, 3}), attr("coordinate_mode", "tf_crop_and_resize"),
            attr("extrapolation_value", 10.0), floats_attr("roi", {0, 0, 0.4, 0.6, 1, 1, 1.2, 1.7})})
      .tolerance = 8;
}

}  // namespace

void add_resize_cases(CaseList& list) {
  add_resizes(list);
  for (const DType dtype : kSizes) {
    list.add("resize_nearest_2x", {uniform(dtype, {2, 3, 4, 5}, 0, 9)});
    list.add("space_to_depth", {uniform(dtype, {2, 3, 4, 6}, 0, 9)}, {attr("block", 2)});
    for (const char* mode : {"dcr", "crd"})
      list.add("depth_to_space", {uniform(dtype, {2, 12, 3, 2}, 0, 9)}, {attr("block", 2), attr("mode", mode)});
  }
  list.add("space_to_depth", {uniform(DType::kF32, {1, 2, 9, 3})}, {attr("block", 3)});
  list.add("depth_to_space", {uniform(DType::kF32, {1, 18, 2, 1})}, {attr("block", 3)});
  list.add("resize_nearest_2x", {uniform(DType::kF32, {1, 0, 3, 3})});
}

}  // namespace conformance
