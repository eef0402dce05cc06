// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_route_action.h"

#include <array>
#include <string>
#include <utility>

#include "xds/decode_forward_action.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace route = envoy::config::route::v3;

void DecodePathRedirect(const route::RedirectAction& in, resource::RedirectAction& out,
                        DecodeContext& context) {
  switch (in.path_rewrite_specifier_case()) {
    case route::RedirectAction::kPathRedirect:
      RequireHeaderText(in.path_redirect(), "path_redirect", context);
      out.path_redirect = in.path_redirect();
      return;
    case route::RedirectAction::kPrefixRewrite:
      RequireHeaderText(in.prefix_rewrite(), "prefix_rewrite", context);
      out.prefix_rewrite = in.prefix_rewrite();
      return;
    case route::RedirectAction::kRegexRewrite: {
      const auto scope = context.In("regex_rewrite");
      out.regex_rewrite = DecodeRegexRewrite(in.regex_rewrite(), context);
      return;
    }
    default:
      return;
  }
}

resource::RedirectAction DecodeRedirect(const route::RedirectAction& in, DecodeContext& context) {
  static constexpr std::array<int, 5> kStatus = {301, 302, 303, 307, 308};
  resource::RedirectAction out;
  out.https_redirect = in.https_redirect();
  if (in.has_scheme_redirect() && !in.scheme_redirect().empty()) {
    out.scheme_redirect = in.scheme_redirect();
  }
  RequireHeaderText(in.host_redirect(), "host_redirect", context);
  if (!in.host_redirect().empty()) out.host_redirect = in.host_redirect();
  if (in.port_redirect() != 0) out.port_redirect = in.port_redirect();
  DecodePathRedirect(in, out, context);
  if (!route::RedirectAction::RedirectResponseCode_IsValid(in.response_code())) {
    context.Error("response_code", "unknown value");
  } else {
    out.status = kStatus[static_cast<size_t>(in.response_code())];
  }
  out.strip_query = in.strip_query();
  ReportUnused(in,
               {"https_redirect", "scheme_redirect", "host_redirect", "port_redirect",
                "path_redirect", "prefix_rewrite", "regex_rewrite", "response_code", "strip_query"},
               context);
  return out;
}

resource::DirectResponse DecodeDirectResponse(const route::DirectResponseAction& in,
                                              DecodeContext& context) {
  if (in.status() < 200 || in.status() > 599) {
    context.Error("status", "must be between 200 and 599");
  }
  resource::DirectResponse out{.status = static_cast<int>(in.status()), .body = ""};
  switch (in.body().specifier_case()) {
    case core::DataSource::kInlineString:
      out.body = in.body().inline_string();
      break;
    case core::DataSource::kInlineBytes:
      out.body = in.body().inline_bytes();
      break;
    case core::DataSource::SPECIFIER_NOT_SET:
      if (in.has_body()) context.Error("body", "has no specifier");
      break;
    default:
      context.Ignored("body", "only inline bodies are supported");
  }
  ReportUnused(in, {"status", "body"}, context);
  return out;
}

}  // namespace

resource::RouteAction DecodeRouteAction(const route::Route& in, DecodeContext& context) {
  switch (in.action_case()) {
    case route::Route::kRoute: {
      const auto scope = context.In("route");
      return DecodeForwardAction(in.route(), context);
    }
    case route::Route::kRedirect: {
      const auto scope = context.In("redirect");
      return DecodeRedirect(in.redirect(), context);
    }
    case route::Route::kDirectResponse: {
      const auto scope = context.In("direct_response");
      return DecodeDirectResponse(in.direct_response(), context);
    }
    case route::Route::kNonForwardingAction:
      return resource::NonForwardingAction{};
    case route::Route::kFilterAction:
      return resource::FailAction{"route: filter_action is not supported yet"};
    default:
      context.Error("action", "is required");
      return resource::NonForwardingAction{};
  }
}

}  // namespace meshlib::xds
