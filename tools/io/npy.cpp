// The header is a Python dict in text form; only the three keys that numpy writes are read.

#include "npy.hpp"

#include "whole_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace rlx::tools {
namespace {

struct DescrName {
  DType dtype;
  const char* descr;
};
constexpr DescrName kDescr[] = {
    {DType::kF32, "<f4"}, {DType::kF16, "<f2"},  {DType::kF64, "<f8"}, {DType::kI8, "|i1"},  {DType::kI16, "<i2"},
    {DType::kI32, "<i4"}, {DType::kI64, "<i8"},  {DType::kU8, "|u1"},  {DType::kU16, "<u2"}, {DType::kU32, "<u4"},
    {DType::kU64, "<u8"}, {DType::kBool, "|b1"}, {DType::kC64, "<c8"},
};

// The text after 'key': in the header dict, up to the end of the header.
std::string_view value_of(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "':";
  const size_t at = header.find(quoted);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + quoted.size());
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  return header;
}

}  // namespace

Result<Tensor> read_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return error(Code::kNotFound, path + ": " + std::strerror(errno));
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 12 || bytes.compare(0, 6, "\x93NUMPY") != 0)
    return error(Code::kDataLoss, path + ": not an npy file");
  const bool wide = bytes[6] >= 2;
  uint32_t header_size = 0;
  std::memcpy(&header_size, bytes.data() + 8, wide ? 4 : 2);
  const size_t start = wide ? 12 : 10;
  if (header_size > bytes.size() - start)
    return error(Code::kDataLoss, path + ": truncated, a header of " + std::to_string(header_size) +
                                      " bytes in a file of " + std::to_string(bytes.size()));
  const std::string_view header(bytes.data() + start, header_size);
  const std::string_view descr = value_of(header, "descr");
  const DType* dtype = nullptr;
  for (const DescrName& d : kDescr)
    if (descr.size() > 4 && descr.substr(1, 3) == d.descr) dtype = &d.dtype;
  if (dtype == nullptr)
    return error(Code::kUnimplemented, path + ": dtype " + std::string(descr.substr(0, 8)) + " is not supported");
  if (value_of(header, "fortran_order").substr(0, 4) == "True")
    return error(Code::kUnimplemented, path + ": Fortran order is not supported");
  std::vector<int64_t> dims;
  std::string_view shape = value_of(header, "shape");
  if (shape.empty() || shape.front() != '(') return error(Code::kDataLoss, path + ": no shape in the header");
  for (size_t i = 1; i < shape.size() && shape[i] != ')';) {
    if (shape[i] < '0' || shape[i] > '9') {
      ++i;
      continue;
    }
    int64_t dim = 0;
    for (; i < shape.size() && shape[i] >= '0' && shape[i] <= '9'; ++i) {
      if (dim > (int64_t{1} << 50)) return error(Code::kDataLoss, path + ": a dim of more than 2^50");
      dim = dim * 10 + (shape[i] - '0');
    }
    dims.push_back(dim);
  }
  auto made = Shape::make(dims);
  if (!made) return with_context(made.error(), path);
  const size_t data_at = start + header_size;
  const auto want = static_cast<size_t>(TensorType{*dtype, *made}.bytes());
  if (bytes.size() - data_at != want)
    return error(Code::kDataLoss, path + ": expected " + std::to_string(want) + " bytes of data, got " +
                                      std::to_string(bytes.size() - data_at));
  return Tensor::from_bytes(*dtype, *made, bytes.data() + data_at, want);
}

Status write_npy(const std::string& path, const TensorView& value) {
  if (value.type.dtype == DType::kBF16) {
    RLX_ASSIGN(Tensor narrow, Tensor::from_bytes(value.type.dtype, value.type.shape, value.data, value.bytes));
    RLX_ASSIGN(Tensor wide, narrow.to(DType::kF32));
    return write_npy(path, static_cast<const Tensor&>(wide).view());
  }
  const char* descr = "|u1";
  for (const DescrName& d : kDescr)
    if (d.dtype == value.type.dtype) descr = d.descr;
  std::string header = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (";
  for (int64_t d : value.type.shape) header += std::to_string(d) + ",";
  header += "), }";
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  const auto size = static_cast<uint16_t>(header.size());
  return write_whole(path, [&](std::ostream& file) {
    file.write("\x93NUMPY\x01\x00", 8).write(reinterpret_cast<const char*>(&size), 2) << header;
    file.write(static_cast<const char*>(value.data), static_cast<std::streamsize>(value.bytes));
  });
}

}  // namespace rlx::tools
