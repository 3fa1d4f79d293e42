// A context's runs: launched one by one, captured, replayed, waited for, profiled.
#include "context.hpp"

#include <rlx/sdk/access.hpp>

namespace rlx::simt {

using sdk::Error;

namespace {
// Captures what this thread enqueues, while other threads may allocate.
constexpr int kCaptureThreadLocal = 1;
}  // namespace

Context::Graph::~Graph() {
  if (executable) driver().graph_release.raw(executable);
}

void Context::enqueue_counter() {
  if (executable_->plan().counts_runs)
    driver().copy_to_device(control_.address() + offsetof(Control, run_counter), &mirror().run_counter,
                            sizeof mirror().run_counter, stream_.handle());
}

void Context::enqueue_launch(size_t i) {
  if (bound_[i]) return bound_[i]->enqueue();
  const Launch& launch = executable_->plan().launches[i];
  void* params[] = {params_[i].data()};
  driver().launch(executable_->function(i), launch.grid, 1, 1, launch.block, 1, 1, launch.shared_bytes,
                  stream_.handle(), params, nullptr);
}

void Context::enqueue_error() {
  if (executable_->plan().reports_errors)
    driver().copy_to_host(&mirror().error, control_.address() + offsetof(Control, error), sizeof mirror().error,
                          stream_.handle());
}

void Context::enqueue() {
  enqueue_counter();
  for (size_t i = 0; i < executable_->plan().launches.size(); ++i) enqueue_launch(i);
  enqueue_error();
}

// A graph that cannot be made costs speed and nothing else.
void Context::capture() {
  captures_ = false;
  if (driver().capture_begin.raw(stream_.handle(), kCaptureThreadLocal)) return;
  void* graph = nullptr;
  try {
    enqueue();
  } catch (...) {
    driver().capture_end.raw(stream_.handle(), &graph);
    if (graph) driver().graph_destroy.raw(graph);
    throw;
  }
  const bool captured = driver().capture_end.raw(stream_.handle(), &graph) == 0;
  if (!graph) return;
  if (captured && driver().graph_instantiate.raw(&graph_.executable, graph, 0)) graph_.executable = nullptr;
  driver().graph_destroy.raw(graph);
}

// The mirror is one run's at a time.
void Context::settle() {
  executable_->device().make_current();
  if (collected_ == timeline_.last()) return;
  timeline_.wait(timeline_.last(), RLX_FOREVER);
  collect(timeline_.last());
}

void Context::start() {
  mirror().run_counter = run_counter_;
  if (captures_ && run_counter_ > 0) capture();
  if (graph_.executable)
    driver().graph_launch(graph_.executable, stream_.handle());
  else
    enqueue();
  ++run_counter_;  // a run that meets a bad index counts, too
}

// What a run that has ended says; kept until the next one that fails.
void Context::collect(uint64_t run) {
  collected_ = run;
  ::simt::ErrorRecord& error = mirror().error;
  if (!error.taken) return;
  failed_ = run;
  failure_ = error;
  error = {};
  driver().fill_bytes(control_.address() + offsetof(Control, error), 0, sizeof error, stream_.handle());
}

void Context::check(uint64_t run) const {
  if (run != failed_) return;
  const sdk::ProgramView program = executable_->program();
  throw Error(RLX_OUT_OF_RANGE, program.node(program.main(), failure_.step).label() + ": index " +
                                    std::to_string(failure_.value) + " out of range for size " +
                                    std::to_string(failure_.limit));
}

void Context::run() {
  settle();
  start();
  stream_.synchronize();
  const uint64_t run = timeline_.pass();
  collect(run);
  check(run);
}

rlx_point Context::submit(std::span<const rlx_point> waits) {
  settle();
  for (const rlx_point& point : waits) Timeline::follow(stream_, point);
  start();
  return {timeline_.id(), timeline_.record(stream_)};
}

void Context::wait(rlx_point end, uint64_t deadline_ns) {
  if (end.value == 0) return;
  if (end.timeline != timeline_.id())
    throw Error(RLX_INVALID_ARGUMENT, "wait: point " + std::to_string(end.value) + " is of another context");
  executable_->device().make_current();
  timeline_.wait(end.value, deadline_ns);
  if (collected_ < end.value) collect(end.value);
  check(end.value);
}

std::vector<rlx_kernel_time> Context::profile() {
  settle();
  const std::vector<Launch>& launches = executable_->plan().launches;
  const Event begin(executable_->device(), Event::Kind::kTimed), end(executable_->device(), Event::Kind::kTimed);
  std::vector<rlx_kernel_time> times;
  mirror().run_counter = run_counter_;
  enqueue_counter();
  for (size_t i = 0; i < launches.size(); ++i) {
    driver().event_record(begin.handle(), stream_.handle());
    enqueue_launch(i);
    driver().event_record(end.handle(), stream_.handle());
    driver().event_synchronize(end.handle());
    float milliseconds = 0;
    driver().event_elapsed(&milliseconds, begin.handle(), end.handle());
    const sdk::ProgramView program = executable_->program();
    const rlx_node& node = program.node(program.main(), launches[i].node).raw();
    times.push_back({node.op, node.name, sdk::str(launches[i].body),
                     static_cast<uint64_t>(static_cast<double>(milliseconds) * 1e6),
                     executable_->operand_bytes(launches[i])});
  }
  enqueue_error();
  ++run_counter_;
  stream_.synchronize();
  const uint64_t run = timeline_.pass();
  collect(run);
  check(run);
  return times;
}

}  // namespace rlx::simt
