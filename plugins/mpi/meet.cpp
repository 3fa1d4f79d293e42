// Two rounds of messages over MPI_COMM_WORLD. In the first everybody says what it wants; who does not hear from all in
// time gives up and says so. In the second everybody who heard from all says that it goes ahead; by then all are here,
// so that the answers come without a deadline. Only when all go ahead may anybody enter what cannot be left.
#include "meet.hpp"

#include "wait.hpp"

#include <sched.h>
#include <cstdlib>

namespace rlx::mpi {
namespace {

// Within what every MPI allows for a tag.
constexpr int kTag = 0x7258;

enum : uint64_t { kWants = 1, kGoesAhead = 2, kGaveUp = 3 };

struct Word {
  uint64_t says, heap_bytes, world, name_hash;
};

uint64_t hash(const std::string& text) {
  uint64_t h = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

// One message to and one from every other rank.
class Round {
 public:
  explicit Round(uint32_t world, uint32_t me)
      : me_(me), words_(world), sends_(world, MPI_REQUEST_NULL), receives_(world, MPI_REQUEST_NULL) {}

  void start(const Word& mine) {
    mine_ = mine;
    words_[me_] = mine;
    for (uint32_t r = 0; r < words_.size(); ++r) {
      if (r == me_) continue;
      check(MPI_Irecv(&words_[r], sizeof(Word), MPI_BYTE, static_cast<int>(r), kTag, MPI_COMM_WORLD, &receives_[r]),
            "attach", "MPI_Irecv");
      check(MPI_Isend(&mine_, sizeof(Word), MPI_BYTE, static_cast<int>(r), kTag, MPI_COMM_WORLD, &sends_[r]), "attach",
            "MPI_Isend");
    }
  }
  // Those whose word has not come.
  std::vector<uint32_t> missing() {
    std::vector<uint32_t> ranks;
    for (uint32_t r = 0; r < words_.size(); ++r) {
      int done = 0;
      check(MPI_Test(&receives_[r], &done, MPI_STATUS_IGNORE), "attach", "MPI_Test");
      if (!done) ranks.push_back(r);
    }
    return ranks;
  }
  // Waits for all, and for the own messages to be on their way.
  bool finish(const Deadline& deadline) {
    while (!missing().empty()) {
      if (deadline.passed()) return false;
      mpi_mutex().unlock();
      ::sched_yield();
      mpi_mutex().lock();
    }
    check(MPI_Waitall(static_cast<int>(sends_.size()), sends_.data(), MPI_STATUSES_IGNORE), "attach", "MPI_Waitall");
    return true;
  }
  void give_up() {
    for (MPI_Request& request : receives_) {
      if (request == MPI_REQUEST_NULL) continue;
      MPI_Cancel(&request);
      MPI_Wait(&request, MPI_STATUS_IGNORE);
    }
    check(MPI_Waitall(static_cast<int>(sends_.size()), sends_.data(), MPI_STATUSES_IGNORE), "attach", "MPI_Waitall");
  }
  const std::vector<Word>& words() const { return words_; }

 private:
  uint32_t me_;
  Word mine_{};
  std::vector<Word> words_;
  std::vector<MPI_Request> sends_, receives_;
};

// Who gave up once is out of step with the others for good.
bool gave_up = false;

void refuse_quitters(const std::vector<Word>& words, uint32_t world) {
  for (uint32_t r = 0; r < words.size(); ++r)
    if (words[r].says == kGaveUp)
      throw sdk::Error(RLX_DEADLINE_EXCEEDED, "attach: rank " + std::to_string(r) + " of " + std::to_string(world) +
                                                  " had given up before all arrived");
}

void finalize() {
  int done = 0;
  MPI_Finalized(&done);
  if (!done) MPI_Finalize();
}

}  // namespace

void start_mpi() {
  int running = 0, over = 0;
  MPI_Initialized(&running);
  MPI_Finalized(&over);
  if (over)
    throw sdk::Error(RLX_FAILED_PRECONDITION, "attach: MPI has been finalized in this process and cannot start again");
  int level = MPI_THREAD_SINGLE, is_main = 0;
  if (!running) {
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level), "attach", "MPI_Init_thread");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    std::atexit(finalize);
  }
  MPI_Query_thread(&level);
  MPI_Is_thread_main(&is_main);
  if (level < MPI_THREAD_SERIALIZED && !is_main)
    throw sdk::Error(RLX_FAILED_PRECONDITION,
                     "attach: MPI runs at thread level " + std::to_string(level) + " and this is not its thread",
                     "start MPI with MPI_THREAD_SERIALIZED or more, or leave starting it to RLX");
}

void meet(const rlx_rank_options& options, const std::string& group) {
  if (gave_up)
    throw sdk::Error(RLX_FAILED_PRECONDITION, "attach: this rank gave up on an earlier group of this job",
                     "start the job anew");
  const uint32_t world = options.world_size;
  const Deadline deadline(options.deadline_ns);
  const Word mine{kWants, options.heap_bytes, world, hash(group)};
  Round first(world, options.rank);
  first.start(mine);
  if (!first.finish(deadline)) {
    const std::vector<uint32_t> missing = first.missing();
    first.give_up();
    gave_up = true;
    Round last(world, options.rank);
    last.start({kGaveUp, 0, 0, 0});
    last.give_up();
    throw sdk::Error(RLX_DEADLINE_EXCEEDED, "attach: rank" + std::string(missing.size() > 1 ? "s " : " ") +
                                                list_ranks(missing) + " of " + std::to_string(world) + " in group '" +
                                                group + "' did not arrive in time");
  }
  refuse_quitters(first.words(), world);
  for (uint32_t r = 0; r < world; ++r) {
    const Word& theirs = first.words()[r];
    if (theirs.heap_bytes != mine.heap_bytes || theirs.world != mine.world || theirs.name_hash != mine.name_hash)
      throw sdk::Error(RLX_INVALID_ARGUMENT, "attach: rank " + std::to_string(r) + " of " + std::to_string(world) +
                                                 " brings a heap of " + std::to_string(theirs.heap_bytes) + " bytes" +
                                                 (theirs.name_hash == mine.name_hash ? "" : " and another group name") +
                                                 ", rank " + std::to_string(options.rank) + " one of " +
                                                 std::to_string(mine.heap_bytes) + " bytes in group '" + group + "'");
  }
  Round second(world, options.rank);
  second.start({kGoesAhead, 0, 0, 0});
  second.finish(Deadline(RLX_FOREVER));
  refuse_quitters(second.words(), world);
}

}  // namespace rlx::mpi
