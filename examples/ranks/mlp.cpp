// A multilayer perceptron whose weights are split over ranks: the first product by columns, the second by rows, and one
// all_reduce in the graph adds up what the ranks have.
//
//   rlx-mlp --threads 4                  four ranks that are threads of this process
//   rlx-launch -n 4 rlx-mlp              four processes
//   mpirun -n 4 rlx-mlp                  four processes, on any hosts
//
// Each rank also computes the whole network alone and compares. All numbers are small multiples of 1/8, so that no sum
// is ever rounded and both results are equal in every bit, whatever the number of ranks.
#include <rlx/rlx.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int64_t kRows = 8, kIn = 64, kHidden = 256, kOut = 32;

// Rank `part` of `parts` has these of the hidden values.
struct Split {
  uint32_t part = 0, parts = 1;
  int64_t width() const { return kHidden / parts; }
  int64_t first() const { return width() * part; }
};

// y = relu(x * w1 + b1) * w2 + b2
rlx::Result<rlx::Graph> build(const Split& split) {
  rlx::Graph g("mlp");
  const auto f32 = [](std::initializer_list<int64_t> dims) { return rlx::TensorType{rlx::DType::kF32, dims}; };
  RLX_ASSIGN(const rlx::ValueId x, g.input("x", f32({kRows, kIn})));
  RLX_ASSIGN(const rlx::ValueId w1, g.param("w1", f32({kIn, split.width()})));
  RLX_ASSIGN(const rlx::ValueId b1, g.param("b1", f32({split.width()})));
  RLX_ASSIGN(const rlx::ValueId w2, g.param("w2", f32({split.width(), kOut})));
  RLX_ASSIGN(const rlx::ValueId b2, g.param("b2", f32({kOut})));
  RLX_ASSIGN(const rlx::ValueId h,
             g.add("linear", {x, w1, b1}, {{"w_layout", std::string("kn")}, {"activation", std::string("relu")}}));
  RLX_ASSIGN(rlx::ValueId y, g.add("matmul", {h, w2}));
  if (split.parts > 1) {
    RLX_ASSIGN(y, g.add("all_reduce", {y}, {{"kind", std::string("sum")}}, "sum of parts"));
  }
  RLX_ASSIGN(y, g.add("binary", {y, b2}, {{"kind", std::string("add")}}));
  RLX_TRY(g.add_output("y", y));
  return g;
}

// The element of a weight at its place in the whole network.
float value(uint64_t tensor, int64_t row, int64_t column) {
  const uint64_t mixed =
      (tensor * 1000003 + static_cast<uint64_t>(row) * 8191 + static_cast<uint64_t>(column)) * 2654435761u;
  return static_cast<float>(static_cast<int>(mixed >> 16 & 7) - 4) / 8;
}

// Rows and columns from (row, column) on.
std::vector<float> block(uint64_t tensor, int64_t row, int64_t rows, int64_t column, int64_t columns) {
  std::vector<float> values;
  for (int64_t r = row; r < row + rows; ++r)
    for (int64_t c = column; c < column + columns; ++c) values.push_back(value(tensor, r, c));
  return values;
}

rlx::Result<std::vector<float>> run(const std::shared_ptr<rlx::Registry>& registry, const Split& split,
                                    std::shared_ptr<rlx::ProcessGroup> group) {
  RLX_ASSIGN(rlx::Graph graph, build(split));
  rlx::SessionOptions options;
  options.group = std::move(group);
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, std::move(graph), std::move(options)));
  RLX_ASSIGN(rlx::Executable executable, session.executable());
  const auto set = [&](std::string_view name, const rlx::Shape& shape,
                       const std::vector<float>& values) -> rlx::Status {
    return executable.set_param(name, {{rlx::DType::kF32, shape}, values.data(), values.size() * sizeof(float)});
  };
  RLX_TRY(set("w1", {kIn, split.width()}, block(1, 0, kIn, split.first(), split.width())));
  RLX_TRY(set("b1", {split.width()}, block(2, 0, 1, split.first(), split.width())));
  RLX_TRY(set("w2", {split.width(), kOut}, block(3, split.first(), split.width(), 0, kOut)));
  RLX_TRY(set("b2", {kOut}, block(4, 0, 1, 0, kOut)));
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  const std::vector<float> x = block(5, 0, kRows, 0, kIn);
  std::vector<float> y(kRows * kOut);
  RLX_TRY(context.set_input("x", {{rlx::DType::kF32, {kRows, kIn}}, x.data(), x.size() * sizeof(float)}));
  RLX_TRY(context.run());
  RLX_TRY(context.read_output(0, {{rlx::DType::kF32, {kRows, kOut}}, y.data(), y.size() * sizeof(float)}));
  return y;
}

rlx::Status as_rank(const rlx::Transport& transport, const rlx::RankOptions& options) {
  if (kHidden % options.world_size != 0)
    return rlx::error(rlx::Code::kInvalidArgument, "rlx-mlp: " + std::to_string(kHidden) +
                                                       " hidden values cannot be split over " +
                                                       std::to_string(options.world_size) + " ranks");
  RLX_ASSIGN(std::shared_ptr<rlx::Registry> registry, rlx::Registry::create());
  RLX_ASSIGN(rlx::ProcessGroup made, rlx::ProcessGroup::create(transport, options));
  const auto group = std::make_shared<rlx::ProcessGroup>(std::move(made));
  RLX_ASSIGN(const std::vector<float> together, run(registry, {group->rank(), group->size()}, group));
  RLX_ASSIGN(const std::vector<float> alone, run(registry, {}, nullptr));
  if (std::memcmp(together.data(), alone.data(), alone.size() * sizeof(float)) != 0)
    return rlx::error(rlx::Code::kDataLoss, "rlx-mlp: the result differs from that of one rank");
  // Nobody leaves while others are at work.
  RLX_TRY(group->barrier());
  if (group->rank() == 0)
    std::printf("%s: %u ranks, y[0] = %g, equal to one rank's\n", transport.name().c_str(), group->size(),
                static_cast<double>(together[0]));
  return {};
}

rlx::Status as_threads(uint32_t ranks) {
  std::vector<rlx::Status> statuses(ranks);
  std::vector<std::thread> threads;
  for (uint32_t r = 0; r < ranks; ++r)
    threads.emplace_back([&, r] {
      rlx::RankOptions options;
      options.rank = r;
      options.world_size = ranks;
      options.group = "mlp";
      statuses[r] = as_rank(rlx::Transport::local(), options);
    });
  for (std::thread& t : threads) t.join();
  for (rlx::Status& status : statuses)
    if (!status) return status;
  return {};
}

rlx::Status as_launched() {
  RLX_ASSIGN(const rlx::RankOptions options, rlx::RankOptions::from_environment());
  RLX_ASSIGN(const rlx::Transport transport, rlx::Transport::from_environment());
  return as_rank(transport, options);
}

}  // namespace

int main(int argc, char** argv) {
  const bool threads = argc == 3 && std::string_view(argv[1]) == "--threads" && std::atoi(argv[2]) > 0;
  if (argc != 1 && !threads) {
    std::fprintf(stderr, "usage: rlx-mlp [--threads N]\n");
    return 2;
  }
  const rlx::Status status = threads ? as_threads(static_cast<uint32_t>(std::atoi(argv[2]))) : as_launched();
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return 1;
}
