#include "auth/keyring.hpp"

#include "util/child.hpp"
#include "util/text.hpp"

#include <chrono>
#include <cstdint>
#include <dlfcn.h>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace jit::auth {
namespace {

// The few functions of libsecret and GLib that are needed, as their manuals declare them. They are looked up
// when the library is loaded, so neither its headers nor the library are needed to build or start `jit`.
struct Table;  // GHashTable
struct Object; // GObject: a SecretService, SecretCollection, SecretItem, GCancellable
struct Value;  // SecretValue
struct Schema; // SecretSchema
using Compare = int (*)(const void*, const void*);
using Hash = unsigned (*)(const void*);
struct List { // GList
    void* data;
    List* next;
    List* previous;
};
struct Problem { // GError
    std::uint32_t domain;
    int code;
    char* message;
};

constexpr int k_unlock = 1 << 2;       // SECRET_SEARCH_UNLOCK
constexpr int k_load_secrets = 1 << 3; // SECRET_SEARCH_LOAD_SECRETS
constexpr int k_open_session = 1 << 1; // SECRET_SERVICE_OPEN_SESSION
constexpr int k_load_collections = 1 << 2;
constexpr const char* k_login = "/org/freedesktop/secrets/collection/login";
constexpr const char* k_default = "default"; // SECRET_COLLECTION_DEFAULT

// NOLINTBEGIN(readability-identifier-naming): named as they are looked up
struct Library {
    Table* (*g_hash_table_new)(Hash, Compare);
    int (*g_hash_table_insert)(Table*, void* key, void* value);
    Hash g_str_hash;
    Compare g_str_equal;
    const char* (*g_dbus_proxy_get_object_path)(Object*);
    Object* (*secret_service_get_sync)(int flags, Object* cancel, Problem**);
    List* (*secret_service_get_collections)(Object* service);
    List* (*secret_service_search_sync)(Object* service, const Schema*, Table* attributes, int flags,
                                        Object* cancel, Problem**);
    int (*secret_service_store_sync)(Object* service, const Schema*, Table* attributes,
                                     const char* collection, const char* label, Value*, Object* cancel,
                                     Problem**);
    int (*secret_service_clear_sync)(Object* service, const Schema*, Table* attributes, Object* cancel,
                                     Problem**);
    Object* (*secret_collection_for_alias_sync)(Object* service, const char* alias, int flags, Object* cancel,
                                                Problem**);
    int (*secret_collection_get_locked)(Object*);
    int (*secret_service_unlock_sync)(Object* service, List* objects, Object* cancel, List** unlocked,
                                      Problem**);
    int (*secret_item_get_locked)(Object*);
    Value* (*secret_item_get_secret)(Object*);
    const char* (*secret_value_get)(Value*, std::size_t* size);
    Value* (*secret_value_new)(const char*, std::ptrdiff_t size, const char* content_type);
};
// NOLINTEND(readability-identifier-naming)

/// What the child says, as the first byte of its output; the rest is the secret or the reason.
enum class Answer : char { done = 'd', nothing = 'n', problem = 'p' };

/// What is done in the child, whose memory goes with it: nothing is freed.
class Session {
public:
    Session(int out, bool may_ask) : out_(out), may_ask_(may_ask) {}

    int find(const std::string& service, const std::string& user) {
        if (!load()) {
            return 0;
        }
        Problem* problem = nullptr;
        const int flags = k_load_secrets | (may_ask_ ? k_unlock : 0);
        const List* const items = api_.secret_service_search_sync(nullptr, nullptr, attributes(service, user),
                                                                  flags, nullptr, &problem);
        if (problem != nullptr) {
            return answer(Answer::problem, problem->message);
        }
        if (items == nullptr) {
            return answer(Answer::nothing, {});
        }
        auto* const item = static_cast<Object*>(items->data);
        Value* const value = api_.secret_item_get_secret(item);
        if (value == nullptr) {
            return answer(Answer::problem, api_.secret_item_get_locked(item) != 0
                                               ? "it is locked"
                                               : "it does not give the secret");
        }
        std::size_t size = 0;
        const char* const bytes = api_.secret_value_get(value, &size);
        return answer(Answer::done, {bytes, size});
    }

    int store(const std::string& service, const std::string& user, const Secret& secret) {
        if (!load()) {
            return 0;
        }
        Problem* problem = nullptr;
        Object* const keyring =
            api_.secret_service_get_sync(k_open_session | k_load_collections, nullptr, &problem);
        if (keyring == nullptr) {
            return answer(Answer::problem, problem->message);
        }
        // Where the vendor's tool looks; else what the desktop has made the default. None is made: that asks
        // for a new password.
        Object* collection = nullptr;
        const char* name = k_login;
        for (const List* each = api_.secret_service_get_collections(keyring); each != nullptr;
             each = each->next) {
            auto* const found = static_cast<Object*>(each->data);
            if (std::string_view(api_.g_dbus_proxy_get_object_path(found)) == k_login) {
                collection = found;
            }
        }
        if (collection == nullptr) {
            name = k_default;
            collection = api_.secret_collection_for_alias_sync(keyring, k_default, 0, nullptr, nullptr);
        }
        if (collection == nullptr) {
            return answer(Answer::problem, "it has no collection for logins");
        }
        if (api_.secret_collection_get_locked(collection) != 0) {
            List one{collection, nullptr, nullptr};
            if (!may_ask_ || api_.secret_service_unlock_sync(keyring, &one, nullptr, nullptr, nullptr) != 1) {
                return answer(Answer::problem, "it is locked");
            }
        }
        Value* const value = api_.secret_value_new(
            secret.reveal().data(), static_cast<std::ptrdiff_t>(secret.size()), "text/plain; charset=utf8");
        const std::string label = concat({"Password for '", user, "' on '", service, "'"});
        if (api_.secret_service_store_sync(keyring, nullptr, attributes(service, user), name, label.c_str(),
                                           value, nullptr, &problem) == 0) {
            return answer(Answer::problem, problem != nullptr ? problem->message : "it does not store");
        }
        return answer(Answer::done, {});
    }

    int remove(const std::string& service, const std::string& user) {
        if (!load()) {
            return 0;
        }
        Problem* problem = nullptr;
        const int removed =
            api_.secret_service_clear_sync(nullptr, nullptr, attributes(service, user), nullptr, &problem);
        if (problem != nullptr) {
            return answer(Answer::problem, problem->message);
        }
        return answer(removed != 0 ? Answer::done : Answer::nothing, {});
    }

private:
    [[nodiscard]] int answer(Answer kind, std::string_view text) const {
        std::string bytes(1, static_cast<char>(kind));
        bytes += text;
        return write(out_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) ? 0 : 1;
    }

    bool load() {
        void* const handle = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            (void)answer(Answer::problem, "libsecret is not installed");
            return false;
        }
        bool good = true;
        const auto look_up = [&](auto& function, const char* name) {
            function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
            good = good && function != nullptr;
        };
#define JIT_LOOK_UP(name) look_up(api_.name, #name)
        JIT_LOOK_UP(g_hash_table_new);
        JIT_LOOK_UP(g_hash_table_insert);
        JIT_LOOK_UP(g_str_hash);
        JIT_LOOK_UP(g_str_equal);
        JIT_LOOK_UP(g_dbus_proxy_get_object_path);
        JIT_LOOK_UP(secret_service_get_sync);
        JIT_LOOK_UP(secret_service_get_collections);
        JIT_LOOK_UP(secret_service_search_sync);
        JIT_LOOK_UP(secret_service_store_sync);
        JIT_LOOK_UP(secret_service_clear_sync);
        JIT_LOOK_UP(secret_collection_for_alias_sync);
        JIT_LOOK_UP(secret_collection_get_locked);
        JIT_LOOK_UP(secret_service_unlock_sync);
        JIT_LOOK_UP(secret_item_get_locked);
        JIT_LOOK_UP(secret_item_get_secret);
        JIT_LOOK_UP(secret_value_get);
        JIT_LOOK_UP(secret_value_new);
#undef JIT_LOOK_UP
        if (!good) {
            (void)answer(Answer::problem, "libsecret is too old");
        }
        return good;
    }

    [[nodiscard]] Table* attributes(const std::string& service, const std::string& user) const {
        Table* const table = api_.g_hash_table_new(api_.g_str_hash, api_.g_str_equal);
        const auto insert = [&](const char* key, const std::string& value) {
            (void)api_.g_hash_table_insert(table, const_cast<char*>(key), const_cast<char*>(value.c_str()));
        };
        insert("service", service);
        insert("username", user);
        return table;
    }

    Library api_{};
    int out_;
    bool may_ask_;
};

/// GLib writes warnings to standard error.
void silence_libraries() {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDERR_FILENO);
}

class SecretService final : public Keyring {
public:
    SecretService(const Environment& environment, Unlock unlock, const Interrupt& interrupt)
        : interrupt_(interrupt) {
        const auto runtime = environment("XDG_RUNTIME_DIR");
        reachable_ = environment("DBUS_SESSION_BUS_ADDRESS") ||
                     (runtime && access((*runtime + "/bus").c_str(), F_OK) == 0);
        // The question is asked by a window of the desktop.
        may_ask_ = unlock == Unlock::may_ask && (environment("DISPLAY") || environment("WAYLAND_DISPLAY"));
    }

    [[nodiscard]] Result<std::optional<Secret>> find(const std::string& service,
                                                     const std::string& user) override {
        return ask([&](Session& session) { return session.find(service, user); });
    }
    [[nodiscard]] Result<void> store(const std::string& service, const std::string& user,
                                     const Secret& secret) override {
        const auto done = ask([&](Session& session) { return session.store(service, user, secret); });
        return done ? Result<void>() : done.error();
    }
    [[nodiscard]] Result<bool> remove(const std::string& service, const std::string& user) override {
        if (!reachable_) {
            return false; // and so nothing was kept there from here
        }
        JIT_TRY(const auto removed, ask([&](Session& session) { return session.remove(service, user); }));
        return removed.has_value();
    }

private:
    template <typename Work>
    [[nodiscard]] Result<std::optional<Secret>> ask(const Work& work) {
        if (!reachable_) {
            return usage_error("no keyring here (no D-Bus session)");
        }
        constexpr std::chrono::seconds k_patience{5};
        constexpr std::chrono::seconds k_patience_with_people{60};
        constexpr std::size_t k_max = std::size_t{64} * 1024;
        JIT_TRY(const ChildEnd end, run_in_child(
                                        [&](int out) {
                                            silence_libraries();
                                            Session session(out, may_ask_);
                                            return work(session);
                                        },
                                        {may_ask_ ? k_patience_with_people : k_patience, k_max}, interrupt_));
        if (end.kind == ChildEnd::Kind::interrupted) {
            return Error{ErrorKind::interrupted, "interrupted while the keyring was asked"};
        }
        if (end.kind == ChildEnd::Kind::out_of_time) {
            return usage_error("the keyring does not answer");
        }
        const std::string_view said = end.output.reveal();
        if (end.kind != ChildEnd::Kind::exited || end.number != 0 || said.empty()) {
            return usage_error("the keyring cannot be asked");
        }
        switch (static_cast<Answer>(said.front())) {
        case Answer::done:
            return std::optional(Secret(said.substr(1)));
        case Answer::nothing:
            return std::optional<Secret>();
        case Answer::problem:
            break;
        }
        return usage_error(concat({"the keyring cannot be used: ", said.substr(1)}));
    }

    const Interrupt& interrupt_;
    bool reachable_ = false;
    bool may_ask_ = false;
};

} // namespace

std::unique_ptr<Keyring> system_keyring(const Environment& environment, Unlock unlock,
                                        const Interrupt& interrupt) {
    return std::make_unique<SecretService>(environment, unlock, interrupt);
}

} // namespace jit::auth
