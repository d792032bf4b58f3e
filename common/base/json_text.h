// JSON text from bytes of any origin: file names, log messages and peers' errors need not be UTF-8, JSON must be.
//
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace tusk {

// A JSON string with its quotes. Quotes, backslashes and control characters are escaped; each byte that is not part of valid
// UTF-8 (overlong forms and surrogates included) becomes U+FFFD.
std::string QuoteJson(std::string_view bytes);
void AppendQuotedJson(std::string_view bytes, std::string* out);

// The length of the UTF-8 sequence at the front of `bytes`: 1 to 4, or 0 when it is not valid.
size_t Utf8SequenceLength(std::string_view bytes);

}  // namespace tusk
