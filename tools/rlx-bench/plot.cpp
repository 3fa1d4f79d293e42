// Bus bandwidth over size as an SVG, without a library: a frame, a grid, a line.

#include "collective.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <whole_file.hpp>

namespace rlx::tools {
namespace {

constexpr double kWidth = 640, kHeight = 400, kLeft = 70, kRight = 20, kTop = 40, kBottom = 50;

// Positions on logarithmic axes.
struct Scale {
  double low, high, from, to;
  double operator()(double value) const {
    return from + (to - from) * (std::log10(value) - low) / std::max(high - low, 1e-9);
  }
};

std::string size_text(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit < 3; ++unit) bytes /= 1024;
  return std::to_string(static_cast<int>(bytes)) + " " + kUnits[unit];
}

void text(std::ostream& out, double x, double y, const char* anchor, const std::string& words) {
  out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">" << words << "</text>\n";
}

}  // namespace

Status write_plot(const std::string& path, const CollectiveArguments& args, const std::vector<Sample>& samples) {
  const double factor = bus_factor(args.op, args.ranks);
  double low = 1e30, high = 0;
  for (const Sample& s : samples) {
    low = std::min(low, s.bus_bandwidth(factor) / 1e9);
    high = std::max(high, s.bus_bandwidth(factor) / 1e9);
  }
  const Scale x{std::log10(static_cast<double>(samples.front().bytes)),
                std::log10(static_cast<double>(samples.back().bytes)), kLeft, kWidth - kRight};
  const Scale y{std::floor(std::log10(std::max(low, 1e-9))), std::ceil(std::log10(std::max(high, 1e-9))),
                kHeight - kBottom, kTop};
  return write_whole(path, [&](std::ostream& out) {
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << kWidth << ' ' << kHeight
        << "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    text(out, kLeft, 24, "start",
         args.op + " f32, " + args.transport + ", " + std::to_string(args.ranks) + " ranks: bus bandwidth, GB/s");
    for (double exponent = y.low; exponent <= y.high; ++exponent) {
      const double at = y(std::pow(10, exponent));
      out << "<line x1=\"" << kLeft << "\" x2=\"" << kWidth - kRight << "\" y1=\"" << at << "\" y2=\"" << at
          << "\" stroke=\"#ccc\"/>\n";
      char label[32];
      std::snprintf(label, sizeof label, "%g", std::pow(10, exponent));
      text(out, kLeft - 8, at + 4, "end", label);
    }
    std::string points;
    for (size_t i = 0; i < samples.size(); ++i) {
      const double px = x(static_cast<double>(samples[i].bytes)), py = y(samples[i].bus_bandwidth(factor) / 1e9);
      points += std::to_string(px) + "," + std::to_string(py) + " ";
      if (i % 2 == 0) text(out, px, kHeight - kBottom + 20, "middle", size_text(static_cast<double>(samples[i].bytes)));
      out << "<circle cx=\"" << px << "\" cy=\"" << py << "\" r=\"3\" fill=\"#1f6feb\"><title>" << samples[i].algorithm
          << ", " << samples[i].min_us << " us</title></circle>\n";
    }
    out << "<polyline points=\"" << points << "\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\"/>\n</svg>\n";
  });
}

}  // namespace rlx::tools
