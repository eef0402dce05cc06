#include "xds/decode_context.h"

namespace meshlib::xds {
namespace {

// A resource with 100 000 bad endpoints must not become a NACK of megabytes.
constexpr size_t kMaxErrorsTold = 20;
constexpr size_t kMaxEntries = 1000;

}  // namespace

DecodeContext::Scope DecodeContext::In(std::string_view field) {
  const size_t size = path_.size();
  if (size > 0) path_ += '.';
  path_ += field;
  return Scope(*this, size, origin_);
}

DecodeContext::Scope DecodeContext::In(std::string_view field, int index) {
  const size_t size = path_.size();
  if (size > 0) path_ += '.';
  path_ += field;
  path_ += '[';
  path_ += std::to_string(index);
  path_ += ']';
  return Scope(*this, size, origin_);
}

DecodeContext::Scope DecodeContext::In(std::string_view field, std::string_view key) {
  const size_t size = path_.size();
  if (size > 0) path_ += '.';
  path_ += field;
  path_ += "[\"";
  path_ += key;
  path_ += "\"]";
  return Scope(*this, size, origin_);
}

DecodeContext::Scope DecodeContext::Of(const resource::Origin& origin) {
  const resource::Origin* const outer = origin_;
  if (!origin.empty()) origin_ = &origin;
  return Scope(*this, path_.size(), outer);
}

void DecodeContext::Error(std::string_view field, std::string_view message) {
  if (++errors_ > kMaxErrorsTold) return;
  if (!problems_.empty()) problems_ += "; ";
  const std::string path = PathOf(field);
  if (!path.empty()) problems_ += path + ": ";
  problems_ += message;
}

void DecodeContext::Ignored(std::string_view field, std::string_view message) {
  Add(resource::Disposition::kIgnored, field, message);
}

void DecodeContext::Approximated(std::string_view field, std::string_view message) {
  Add(resource::Disposition::kApproximated, field, message);
}

absl::Status DecodeContext::status() const {
  if (errors_ == 0) return absl::OkStatus();
  std::string text = problems_;
  if (errors_ > kMaxErrorsTold) {
    text += "; and " + std::to_string(errors_ - kMaxErrorsTold) + " more problems";
  }
  return absl::InvalidArgumentError(text);
}

void DecodeContext::Add(resource::Disposition disposition, std::string_view field,
                        std::string_view message) {
  if (++entries_ > kMaxEntries) return;
  report_.push_back({.disposition = disposition,
                     .resource_type = std::string(resource_type_),
                     .resource_name = name_,
                     .field = PathOf(field),
                     .message = std::string(message),
                     .origin = origin_ == nullptr ? resource::Origin{} : *origin_});
}

std::string DecodeContext::PathOf(std::string_view field) const {
  if (field.empty()) return path_;
  if (path_.empty()) return std::string(field);
  return path_ + "." + std::string(field);
}

}  // namespace meshlib::xds
