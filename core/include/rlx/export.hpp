// Marks what librlx exports; everything else is hidden.
#pragma once

#define RLX_API __attribute__((visibility("default")))
