// hdfsBuilder: what a connection is to be like, said step by step; and the settings that a program may ask for.
#include <charconv>
#include <cstring>

#include "common/base/try.h"
#include "dfs/capi/c_memory.h"
#include "dfs/capi/connect.h"
#include "dfs/capi/handle_table.h"
#include "dfs/capi/last_error.h"

struct hdfsBuilder {
  tusk::dfs::capi::ConnectRequest request;
};

namespace capi = tusk::dfs::capi;

namespace {

capi::HandleTable<hdfsBuilder>& Builders() {
  static auto* const builders = new capi::HandleTable<hdfsBuilder>();
  return *builders;
}

constexpr const char* kNoBuilder =
    "the hdfsBuilder is none: make one with hdfsNewBuilder, and do not use it after hdfsBuilderConnect";

template <class Change>
void Configure(hdfsBuilder* bld, Change change) {
  capi::Answer(-1, [&]() -> tusk::Result<int> {
    const auto builder = Builders().Find(bld);
    if (!builder) return capi::Fail(-1, EBADF, kNoBuilder);
    change(builder->request);
    return 0;
  });
}

// The errno of a call that answers with it.
int ErrnoUnlessZero(int result) { return result == 0 ? 0 : errno; }

// The setting's text, nothing if it is not known.
tusk::Result<std::optional<std::string>> Setting(const char* key, const void* val) {
  if (key == nullptr || val == nullptr) return tusk::InvalidArgument("the key or the place for its value is NULL");
  TUSK_ASSIGN(const auto config, capi::LoadSettings({}));
  return capi::SettingText(config, key);
}

}  // namespace

struct hdfsBuilder* hdfsNewBuilder(void) {
  return capi::Answer<hdfsBuilder*>(
      nullptr, []() -> tusk::Result<hdfsBuilder*> { return Builders().Add(std::make_shared<hdfsBuilder>()); });
}

void hdfsBuilderSetForceNewInstance(struct hdfsBuilder* bld) {
  Configure(bld, [](auto& request) { request.new_instance = true; });
}

void hdfsBuilderSetNameNode(struct hdfsBuilder* bld, const char* nn) {
  Configure(bld, [&](auto& request) { request.namenode = nn == nullptr ? std::optional<std::string>() : nn; });
}

void hdfsBuilderSetNameNodePort(struct hdfsBuilder* bld, tPort port) {
  Configure(bld, [&](auto& request) { request.port = port; });
}

void hdfsBuilderSetUserName(struct hdfsBuilder* bld, const char* userName) {
  Configure(bld, [&](auto& request) { request.user = userName == nullptr ? "" : userName; });
}

void hdfsBuilderSetKerbTicketCachePath(struct hdfsBuilder* bld, const char*) {
  Configure(bld, [](auto&) {});
}

int hdfsBuilderConfSetStr(struct hdfsBuilder* bld, const char* key, const char* val) {
  return ErrnoUnlessZero(capi::Answer(-1, [&]() -> tusk::Result<int> {
    const auto builder = Builders().Find(bld);
    if (!builder) return capi::Fail(-1, EBADF, kNoBuilder);
    if (key == nullptr) return tusk::InvalidArgument("the key of a setting is NULL");
    capi::NamedValues& settings = builder->request.settings;
    std::erase_if(settings, [&](const auto& setting) { return setting.first == key; });
    if (val != nullptr) settings.emplace_back(key, val);
    return 0;
  }));
}

hdfsFS hdfsBuilderConnect(struct hdfsBuilder* bld) {
  const auto builder = Builders().Remove(bld);
  if (!builder) return capi::Fail<hdfsFS>(nullptr, EBADF, kNoBuilder);
  return capi::Connect(builder->request);
}

void hdfsFreeBuilder(struct hdfsBuilder* bld) { Builders().Remove(bld); }

int hdfsConfGetStr(const char* key, char** val) {
  return ErrnoUnlessZero(capi::Answer(-1, [&]() -> tusk::Result<int> {
    TUSK_ASSIGN(const auto text, Setting(key, val));
    *val = text ? capi::CopyText(*text) : nullptr;
    return 0;
  }));
}

int hdfsConfGetInt(const char* key, int32_t* val) {
  return ErrnoUnlessZero(capi::Answer(-1, [&]() -> tusk::Result<int> {
    TUSK_ASSIGN(const auto text, Setting(key, val));
    if (!text) return 0;
    int32_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) {
      return tusk::InvalidArgument(std::string(key) + " is \"" + *text +
                                   "\", which is no number of 32 bits; ask with hdfsConfGetStr");
    }
    *val = number;
    return 0;
  }));
}

void hdfsConfStrFree(char* val) { std::free(val); }
