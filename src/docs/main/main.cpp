#include "cli/tree.hpp"
#include "docs/manual.hpp"
#include "util/text.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

/// Writes a file; false, with a message, where that fails.
bool write(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    if (!file) {
        std::cerr << "jit-docs: cannot write " << path << "\n";
    }
    return file.good();
}

int run(const std::vector<std::string>& words) {
    if (words.size() != 3) {
        std::cerr << "usage: jit-docs TEMPLATES OUTPUT\n";
        return 2;
    }
    const std::string& output = words[2];
    jit::cli::CommandTree tree;
    jit::cli::build(tree);
    bool good = true;
    for (const jit::docs::Page& page : jit::docs::command_pages(tree, JIT_MANUAL_DATE)) {
        good = write(jit::concat({output, "/", page.file}), page.text) && good;
    }
    for (const char* const name : {"jit.1", "jit-config.5"}) {
        std::stringstream text;
        text << std::ifstream(jit::concat({words[1], "/", name, ".in"})).rdbuf();
        const auto page = jit::docs::fill_in(text.str(), tree, JIT_MANUAL_DATE);
        if (!page || text.str().empty()) {
            std::cerr << "jit-docs: " << name << ": " << (page ? "no template" : page.error().message)
                      << "\n";
            return 1;
        }
        good = write(jit::concat({output, "/", name}), *page) && good;
    }
    return good ? 0 : 1;
}

} // namespace

/// jit-docs TEMPLATES OUTPUT: writes the manual pages of `jit` into the folder OUTPUT.
int main(int argc, char** argv) {
    try {
        return run({argv, argv + argc});
    } catch (const std::exception&) {
        return 1;
    }
}
