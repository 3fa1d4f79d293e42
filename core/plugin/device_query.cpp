// Parses and matches device expressions; device_query.hpp has the grammar.
#include "plugin/device_query.hpp"

#include "plugin/select.hpp"

#include <algorithm>
#include <charconv>

namespace rlx::plugin {

namespace {

constexpr std::string_view kUuid = "uuid=";
constexpr std::string_view kPci = "pci:";
constexpr size_t kUuidDigits = 32;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "0000:01:00.0"
bool is_pci_address(std::string_view text) {
  constexpr std::string_view kShape = "hhhh:hh:hh.h";
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (kShape[i] == 'h' ? !is_hex(text.substr(i, 1)) : text[i] != kShape[i]) return false;
  return true;
}

tl::unexpected<Error> malformed(std::string_view query, std::string why) {
  return error(Code::kInvalidArgument, "device '" + std::string(query) + "': " + std::move(why),
               "write cpu, cuda:0, cuda:uuid=..., pci:0000:01:00.0, or a list of them such as cuda,cpu");
}

Result<DeviceQuery> parse_query(std::string_view text) {
  DeviceQuery query;
  query.text = text;
  if (starts_with(text, kPci)) {
    query.pci = lower(text.substr(kPci.size()));
    if (!is_pci_address(query.pci)) return malformed(text, "not a PCI address");
    return query;
  }
  std::string_view rest = text;
  if (!starts_with(text, kUuid)) {
    const size_t colon = text.find(':');
    query.plugin = text.substr(0, colon);
    if (!is_plugin_id(query.plugin)) return malformed(text, "not a plugin id");
    if (colon == std::string_view::npos) return query;
    rest = text.substr(colon + 1);
  }
  if (starts_with(rest, kUuid)) {
    query.uuid = lower(rest.substr(kUuid.size()));
    query.uuid.erase(std::remove(query.uuid.begin(), query.uuid.end(), '-'), query.uuid.end());
    if (query.uuid.size() != kUuidDigits || !is_hex(query.uuid)) return malformed(text, "a UUID has 32 hex digits");
    return query;
  }
  uint32_t index = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (failure != std::errc() || end != rest.data() + rest.size()) return malformed(text, "not a device number");
  query.index = index;
  return query;
}

}  // namespace

bool DeviceQuery::matches(const DeviceInfo& info) const {
  if (!plugin.empty() && info.plugin != plugin) return false;
  if (index >= 0 && info.id != plugin + ":" + std::to_string(index)) return false;
  if (!uuid.empty() && info.uuid != uuid) return false;
  return pci.empty() || info.pci == pci;
}

Result<std::vector<DeviceQuery>> parse_device_list(std::string_view text) {
  std::vector<DeviceQuery> queries;
  while (true) {
    const size_t comma = text.find(',');
    RLX_ASSIGN(DeviceQuery query, parse_query(text.substr(0, comma)));
    queries.push_back(std::move(query));
    if (comma == std::string_view::npos) return queries;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace rlx::plugin
