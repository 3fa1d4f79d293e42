// The first half of the demo: a convolutional network from an ONNX file.
#pragma once

#include <rlx/session.hpp>

#include <memory>
#include <string>

namespace demo {

// Loads the classifier, runs every picture of the directory on the best device, prints label and confidence.
rlx::Status classify(const std::shared_ptr<rlx::Registry>& registry, const std::string& directory);

}  // namespace demo
