#include "lines.hpp"

#include <unistd.h>
#include <cerrno>

namespace rlx::tools {

void LineForwarder::write_line(std::string_view line) const {
  const std::string text = prefix_ + std::string(line);
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(to_, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return;  // nobody listens any more
    if (n > 0) done += static_cast<size_t>(n);
  }
}

bool LineForwarder::forward() {
  char buffer[65536];
  const ssize_t n = ::read(from_, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n == 0) {
    if (!pending_.empty()) write_line(pending_ + "\n");
    pending_.clear();
    return false;
  }
  pending_.append(buffer, static_cast<size_t>(n));
  size_t start = 0;
  for (size_t end; (end = pending_.find('\n', start)) != std::string::npos; start = end + 1)
    write_line(std::string_view(pending_).substr(start, end + 1 - start));
  pending_.erase(0, start);
  return true;
}

}  // namespace rlx::tools
