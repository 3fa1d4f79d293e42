// Everything a C++ host application needs.
#pragma once

#include <rlx/attribute.hpp>
#include <rlx/compile.hpp>
#include <rlx/dtype.hpp>
#include <rlx/graph.hpp>
#include <rlx/op.hpp>
#include <rlx/process_group.hpp>
#include <rlx/registry.hpp>
#include <rlx/session.hpp>
#include <rlx/shape.hpp>
#include <rlx/status.hpp>
#include <rlx/tensor.hpp>
#include <rlx/transport.hpp>
