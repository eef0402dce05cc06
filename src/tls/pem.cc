// SPDX-License-Identifier: Apache-2.0
#include "tls/pem.h"

#include <openssl/base64.h>
#include <openssl/mem.h>

#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::tls {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr size_t kMaxFile = 16 << 20;
constexpr size_t kMaxLabel = 64;

absl::Status BlockError(size_t number, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("PEM block ", number, ": ", base::AbslView(what)));
}

// Decodes `body`; false when it is no base64.
bool DecodeBase64(std::string_view body, std::string* der) {
  std::string packed;
  packed.reserve(body.size());
  for (const char c : body) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) packed.push_back(c);
  }
  der->resize(packed.size() / 4 * 3 + 3);
  size_t size = 0;
  const bool decoded =
      EVP_DecodeBase64(reinterpret_cast<uint8_t*>(der->data()), &size, der->size(),
                       reinterpret_cast<const uint8_t*>(packed.data()), packed.size()) == 1;
  Wipe(&packed);
  der->resize(decoded ? size : 0);
  return decoded && size > 0;
}

}  // namespace

PemBlock::~PemBlock() { Wipe(&der); }

absl::StatusOr<std::vector<PemBlock>> ReadPem(std::string_view text) {
  std::vector<PemBlock> blocks;
  size_t at = 0;
  while ((at = text.find(kBegin, at)) != std::string_view::npos) {
    const size_t number = blocks.size() + 1;
    at += kBegin.size();
    const size_t label_end = text.find(kDashes, at);
    if (label_end == std::string_view::npos || label_end - at > kMaxLabel) {
      return BlockError(number, "its first line has no end");
    }
    PemBlock block;
    block.label = text.substr(at, label_end - at);
    const size_t body = label_end + kDashes.size();
    const std::string end = absl::StrCat("-----END ", block.label, "-----");
    const size_t body_end = text.find(end, body);
    if (body_end == std::string_view::npos) return BlockError(number, "\"" + end + "\" is missing");
    const std::string_view content = text.substr(body, body_end - body);
    block.encrypted = block.label == "ENCRYPTED PRIVATE KEY" ||
                      content.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
    if (!block.encrypted && !DecodeBase64(content, &block.der)) {
      return BlockError(number, "its content is not base64");
    }
    blocks.push_back(std::move(block));
    at = body_end + end.size();
  }
  return blocks;
}

absl::StatusOr<std::string> ReadPemFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) {
    const std::string cause = absl::StrCat(path, ": ", std::strerror(errno));
    if (errno == ENOENT) return absl::NotFoundError(cause);
    return absl::PermissionDeniedError(cause);
  }
  std::string text;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), file.get())) {
    text.append(buffer, size);
    if (text.size() > kMaxFile) return absl::InvalidArgumentError(path + ": larger than 16 MiB");
  }
  OPENSSL_cleanse(buffer, sizeof(buffer));
  if (std::ferror(file.get()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  return text;
}

void Wipe(std::string* secret) {
  if (!secret->empty()) OPENSSL_cleanse(secret->data(), secret->size());
}

}  // namespace meshlib::tls
