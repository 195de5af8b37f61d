#include "support/catch.hpp" // a target with a precompiled header needs a source that uses it
