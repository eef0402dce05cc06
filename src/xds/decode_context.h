// SPDX-License-Identifier: Apache-2.0
// DecodeContext: what decoding one resource finds out, and where.

#ifndef MESHLIB_XDS_DECODE_CONTEXT_H_
#define MESHLIB_XDS_DECODE_CONTEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "resource/origin.h"
#include "resource/report.h"

namespace meshlib::xds {

// Collects problems (they become the NACK) and report entries, each with the path of its field.
// Decoders walk into a message with In() and go on after a problem, so that one NACK tells all.
// Thread-compatible.
class DecodeContext final {
 public:
  // Leaves the field, or the origin, that it entered. Scopes nest.
  class [[nodiscard]] Scope final {
   public:
    // What the context is to go back to.
    Scope(DecodeContext& context, size_t path_size, const resource::Origin* origin,
          size_t origin_path_size)
        : context_(context),
          path_size_(path_size),
          origin_(origin),
          origin_path_size_(origin_path_size) {}
    ~Scope() {
      context_.path_.resize(path_size_);
      context_.origin_ = origin_;
      context_.origin_path_size_ = origin_path_size_;
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    DecodeContext& context_;
    const size_t path_size_;
    const resource::Origin* const origin_;
    const size_t origin_path_size_;
  };

  // `resource_type`: "RouteConfig". REQUIRES: both outlive it.
  DecodeContext(std::string_view resource_type, resource::Report& report)
      : resource_type_(resource_type), report_(report) {}

  void set_name(std::string name) { name_ = std::move(name); }

  Scope In(std::string_view field);
  Scope In(std::string_view field, int index);
  Scope In(std::string_view field, std::string_view key);
  // Report entries name `origin` until the Scope ends, unless it is empty; where it has a field,
  // what is below the field entered now is added to that. REQUIRES: it lives as long.
  Scope Of(const resource::Origin& origin);

  // A problem of the field that was entered, or of one in it.
  void Error(std::string_view message) { Error("", message); }
  void Error(std::string_view field, std::string_view message);
  bool has_errors() const { return errors_ > 0; }

  // `field` has an effect in Envoy and none here.
  void Ignored(std::string_view field, std::string_view message = "not supported yet");
  void Approximated(std::string_view field, std::string_view message);

  // OK, or INVALID_ARGUMENT with all problems: "a.b[0]: too small; c: is required".
  absl::Status status() const;

 private:
  void Add(resource::Disposition disposition, std::string_view field, std::string_view message);
  std::string PathOf(std::string_view field) const;
  resource::Origin OriginOf(std::string_view path) const;

  const std::string_view resource_type_;
  resource::Report& report_;
  std::string name_;
  std::string path_;
  const resource::Origin* origin_ = nullptr;
  size_t origin_path_size_ = 0;  // of path_, where origin_ was entered
  std::string problems_;
  size_t errors_ = 0;
  size_t entries_ = 0;
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_CONTEXT_H_
