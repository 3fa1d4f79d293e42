// Tables and chains as text.
#include "text.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace rlx::tools {

namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the last one is not padded.
void print_table(std::ostream& out, const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    out << " ";
    for (size_t i = 0; i < row.size(); ++i) {
      out << ' ' << row[i];
      if (i + 1 < row.size()) out << std::string(widths[i] - row[i].size() + 1, ' ');
    }
    out << '\n';
  }
}

std::string gibibytes(uint64_t bytes) {
  if (bytes == 0) return "unknown";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

std::string or_dash(std::string_view text) {
  return text.empty() ? "-" : std::string(text);
}

}  // namespace

void print_devices(std::ostream& out, const Registry& registry) {
  if (registry.devices().empty()) {
    out << "No device. rlx-probe --explain says why.\n";
    return;
  }
  const Result<Device> chosen = registry.find("");
  std::vector<Row> rows{{"DEVICE", "KIND", "NAME", "FREE", "TOTAL", "DRIVER"}};
  std::vector<const DeviceInfo*> infos;
  for (const Device& device : registry.devices()) {
    const DeviceInfo& info = device.info();
    const bool is_default = chosen && chosen->id() == info.id;
    rows.push_back({info.id + (is_default ? " *" : ""),
                    std::string(name_of(info.kind)) + (info.software ? ", software" : ""), or_dash(info.name),
                    gibibytes(info.memory_free), gibibytes(info.memory_total), or_dash(info.driver)});
    infos.push_back(&info);
  }
  out << "Devices (* is the default)\n";
  print_table(out, rows);
  if (!chosen) out << "  no default: " << chosen.error().message << '\n';
  for (const DeviceInfo* info : infos) {
    if (!info->features.empty() || !info->arch.empty())
      out << "  " << info->id << ": " << info->arch << (info->features.empty() ? "" : ": ") << info->features << '\n';
    if (!info->uuid.empty() || !info->pci.empty())
      out << "  " << info->id << ": uuid " << or_dash(info->uuid) << ", pci " << or_dash(info->pci) << '\n';
  }
}

void print_plugins(std::ostream& out, const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) {
    out << "No plugin file found.\n";
    return;
  }
  std::vector<Row> rows{{"PLUGIN", "VERSION", "VERDICT", "DEVICES", "FILE"}};
  for (const Verdict& v : verdicts)
    rows.push_back(
        {or_dash(v.id), or_dash(v.version), std::string(name_of(v.code)), std::to_string(v.device_count), v.path});
  out << "Plugins\n";
  print_table(out, rows);
}

void print_explanation(std::ostream& out, const std::vector<Verdict>& verdicts) {
  for (const Verdict& v : verdicts) {
    out << v.path << '\n';
    for (const std::string& line : v.chain) out << "  " << line << '\n';
    out << "  => " << name_of(v.code);
    if (!v.remedy.empty()) out << "; " << v.remedy;
    out << '\n';
  }
}

void print_environment(std::ostream& out) {
  for (const EnvironmentVariable& v : environment_variables()) {
    out << v.name << (v.value ? "=" + *v.value : std::string(" (not set)")) << '\n';
    out << "    " << v.meaning << '\n';
  }
}

}  // namespace rlx::tools
