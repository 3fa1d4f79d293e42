// Reading PGM and showing it on a terminal.

#include "picture.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

namespace demo {

rlx::Result<rlx::Tensor> read_pgm(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int64_t width = 0, height = 0, maximum = 0;
  file >> magic >> width >> height >> maximum;
  file.get();
  if (!file || magic != "P5" || width < 1 || height < 1 || width > 4096 || height > 4096 || maximum != 255)
    return rlx::error(rlx::Code::kDataLoss, path + ": not a binary PGM picture with 255 grey levels");
  std::vector<unsigned char> bytes(static_cast<size_t>(width * height));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) return rlx::error(rlx::Code::kDataLoss, path + ": truncated");
  std::vector<float> pixels(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) pixels[i] = static_cast<float>(bytes[i]) / 255.0f;
  return rlx::Tensor::of<float>(rlx::DType::kF32, {1, 1, height, width}, pixels);
}

std::string as_text(const rlx::Tensor& picture) {
  static constexpr char kShades[] = " .:-=+*#%@";
  const int64_t height = picture.shape()[2], width = picture.shape()[3];
  const auto pixels = picture.as<float>();
  std::string text;
  for (int64_t y = 0; y + 1 < height; y += 2) {
    text += "    ";
    for (int64_t x = 0; x < width; ++x) {
      const float two = pixels[static_cast<size_t>(y * width + x)] + pixels[static_cast<size_t>((y + 1) * width + x)];
      text += kShades[std::clamp(static_cast<int>(two * 5), 0, 9)];
    }
    text += '\n';
  }
  return text;
}

}  // namespace demo
