// Kernels that walk along an axis: every split into blocks, threads and parts has the answers of a plain loop.
#include "kernels/launch.hpp"

#include <algorithm>

using namespace tests;

namespace {

// Rows of outer × size × inner elements in `parts` parts.
struct Axis {
  uint64_t outer, size, inner, parts;

  uint64_t rows() const { return outer * inner; }
  uint64_t elements() const { return rows() * size; }
  uint64_t at(uint64_t row, uint64_t i) const { return (row / inner * size + i) * inner + row % inner; }
  simt::RowParts split(simt::Address partial) const {
    return {rows(), size, inner, parts, (size + parts - 1) / parts, partial};
  }
};

constexpr Axis kAxes[] = {{3, 1, 1, 1}, {2, 700, 1, 1}, {1, 2500, 1, 3}, {2, 37, 5, 1}, {1, 130, 3, 4}};
constexpr uint32_t kThreads = 128;

// Small whole numbers, so that sums are exact in any order.
template <typename T>
std::vector<T> numbers(size_t count, int low, int high) {
  std::mt19937 random(tests::seed());
  std::vector<T> v(count);
  for (T& x : v) x = static_cast<T>(low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)));
  return v;
}

template <typename T>
void check_scan(const std::string& type, const Axis& axis, const std::string& kind, bool blocks, Order order) {
  const bool product = kind == "prod";
  const std::vector<T> x = product ? numbers<T>(axis.elements(), 1, 2) : numbers<T>(axis.elements(), -9, 9);
  for (const bool exclusive : {false, true})
    for (const bool reverse : {false, true}) {
      std::vector<T> in = x, y(x.size());
      std::vector<uint64_t> totals(axis.rows() * axis.parts);
      simt::ScanParams p{};
      p.x = address(in);
      p.y = address(y);
      p.part = axis.split(address(totals));
      p.exclusive = exclusive;
      p.reverse = reverse;
      const std::string arguments = "<" + type + ", reduce_" + kind + "<" + type + ">>";
      const std::string shape = blocks ? "row" : "column";
      const uint64_t shared = blocks ? kThreads / SIMT_WARP * 8 : 0;
      INFO(shape << "s of " << type << ", " << axis.size << " elements, " << axis.parts << " parts");
      if (axis.parts > 1) REQUIRE(launch("scan_" + shape + "_totals" + arguments, p, 2, kThreads, shared, order) == "");
      REQUIRE(launch("scan_" + shape + "s" + arguments, p, 2, kThreads, shared, order) == "");
      for (uint64_t row = 0; row < axis.rows(); ++row) {
        T total = product ? T(1) : T(0);
        for (uint64_t step = 0; step < axis.size; ++step) {
          const uint64_t at = axis.at(row, reverse ? axis.size - 1 - step : step);
          const T before = total;
          total = static_cast<T>(product ? total * x[at] : total + x[at]);
          REQUIRE(y[at] == (exclusive ? before : total));
        }
      }
    }
}

template <typename T>
void check_arg_reduce(const std::string& type, const Axis& axis, std::vector<T> x, bool blocks, Order order) {
  // NaN is larger than every number.
  const auto less = [](T a, T b) { return a < b || (b != b && a == a); };
  for (const bool largest : {false, true})
    for (const bool last : {false, true}) {
      std::vector<int64_t> y(axis.rows()), positions(axis.rows() * axis.parts);
      simt::ArgReduceParams p{};
      p.x = address(x);
      p.y = address(y);
      p.part = axis.split(address(positions));
      p.largest = largest;
      p.last = last;
      INFO(type << ", " << axis.size << " elements, " << axis.parts << " parts, last " << last);
      REQUIRE(launch((blocks ? "arg_reduce_rows<" : "arg_reduce_columns<") + type + ">", p, 2, kThreads,
                     kThreads / SIMT_WARP * 16, order) == "");
      if (axis.parts > 1) REQUIRE(launch("arg_reduce_join<" + type + ">", p, 1, kThreads, 0, order) == "");
      for (uint64_t row = 0; row < axis.rows(); ++row) {
        uint64_t best = 0;
        for (uint64_t i = 1; i < axis.size; ++i) {
          const T now = x[axis.at(row, i)], old = x[axis.at(row, best)];
          const bool better = largest ? less(old, now) : less(now, old);
          if (better || (last && !less(old, now) && !less(now, old))) best = i;
        }
        REQUIRE(static_cast<uint64_t>(y[row]) == best);
      }
    }
}

// Rows of 900 elements that are dense, in parts; columns of as many that are 3 apart.
template <typename T>
std::vector<T> reduced(const std::string& type, const std::string& kind, std::vector<T>& x, bool blocks, uint64_t parts,
                       Order order) {
  constexpr uint64_t kSize = 900;
  std::vector<T> y(3);
  std::vector<uint64_t> partial(3 * parts * 2);
  simt::ReduceParams p{};
  p.x = address(x);
  p.y = address(y);
  p.partial = address(partial);
  p.rows = p.row_dims[0] = 3;
  p.count = p.dims[0] = kSize;
  p.row_rank = p.rank = 1;
  p.row_strides[0] = blocks ? kSize : 1;
  p.strides[0] = blocks ? 1 : 3;
  p.parts = parts;
  p.part_size = (kSize + parts - 1) / parts;
  const bool is_log = kind == "logsumexp";
  const std::string arguments = "<" + type + (is_log ? ">" : ", reduce_" + kind + "<" + type + ">>");
  const std::string kernel = is_log ? "reduce_logsumexp" : blocks ? "reduce_blocks" : "reduce_threads";
  REQUIRE(launch(kernel + arguments, p, 2, kThreads, kThreads / SIMT_WARP * 8, order) == "");
  if (parts > 1)
    REQUIRE(launch((is_log ? "join_logsumexp" : "reduce_join") + arguments, p, 1, kThreads, 0, order) == "");
  return y;
}

}  // namespace

TEST_CASE("parts of a reduction join to the whole", "[simt]") {
  for (const Order order : kOrders)
    for (const uint64_t parts : {1, 4, 7}) {
      std::vector<int64_t> x = numbers<int64_t>(2700, -99, 99);
      std::vector<double> logits(x.begin(), x.end());
      // A part without any weight, and a row without.
      std::fill(logits.begin(), logits.begin() + 225, -INFINITY);
      std::fill(logits.begin() + 1800, logits.end(), -INFINITY);
      for (const bool blocks : {false, true})
        for (uint64_t row = 0; row < 3; ++row) {
          int64_t sum = 0, least = 99;
          for (uint64_t i = 0; i < 900; ++i) {
            const int64_t v = x[blocks ? row * 900 + i : i * 3 + row];
            sum += v;
            least = std::min(least, v);
          }
          INFO("blocks " << blocks << ", " << parts << " parts, row " << row);
          REQUIRE(reduced("i64", "sum", x, blocks, parts, order)[row] == sum);
          REQUIRE(reduced("i64", "min", x, blocks, parts, order)[row] == least);
        }
      const std::vector<double> y = reduced("f64", "logsumexp", logits, true, parts, order);
      for (uint64_t row = 0; row < 2; ++row) {
        double sum = 0;
        for (uint64_t i = 0; i < 900; ++i) sum += std::exp(logits[row * 900 + i] - 99);
        REQUIRE(y[row] == Approx(std::log(sum) + 99).epsilon(1e-12));
      }
      REQUIRE(y[2] == -INFINITY);
    }
}

TEST_CASE("running sums and products are a loop's, however rows are split", "[simt]") {
  for (const Axis& axis : kAxes)
    for (const bool blocks : {false, true})
      for (const Order order : kOrders) {
        check_scan<double>("f64", axis, "sum", blocks, order);
        check_scan<int8_t>("i8", axis, "sum", blocks, order);
        check_scan<uint64_t>("u64", axis, "prod", blocks, order);
      }
}

TEST_CASE("the position of an extreme is a loop's, however rows are split", "[simt]") {
  for (const Axis& axis : kAxes)
    for (const bool blocks : {false, true})
      for (const Order order : kOrders) {
        check_arg_reduce("i64", axis, numbers<int64_t>(axis.elements(), -3, 3), blocks, order);
        check_arg_reduce("u8", axis, numbers<uint8_t>(axis.elements(), 0, 255), blocks, order);
        std::vector<float> x = random_floats(axis.elements());
        check_arg_reduce("f32", axis, x, blocks, order);
        for (size_t i = 0; i < x.size(); i += 7) x[i] = i % 3 ? NAN : -0.0f;
        check_arg_reduce("f32", axis, x, blocks, order);
        check_arg_reduce("f32", axis, std::vector<float>(x.size(), NAN), blocks, order);
      }
}
