#include "sandbox/run.hpp"

int main(int argc, char** argv) {
    return jit::sandbox::run(argc, argv);
}
