// SPDX-License-Identifier: Apache-2.0
// What the policy of its port makes of a Connection and of each request, before a handler sees it.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "access/policy.h"
#include "base/string_view.h"
#include "route/client_address.h"
#include "route/internal_request.h"
#include "route/path_normalization.h"
#include "server/connection.h"
#include "server/loop_server.h"

namespace meshlib::server {
namespace {

// Envoy's rule: behind a trusted proxy x-forwarded-for says who calls, otherwise the connection
// does.
bool IsInternal(const resource::HttpSettings& settings, const Headers& headers,
                const resource::Address& direct) {
  const std::vector<resource::CidrRange>& inside = settings.internal_addresses;
  if (!settings.use_remote_address) {
    return settings.xff_num_trusted_hops == 0 && route::IsInternalRequest(headers, inside);
  }
  return !headers.Has("x-forwarded-for") &&
         std::any_of(inside.begin(), inside.end(),
                     [&](const resource::CidrRange& range) { return range.Contains(direct); });
}

void CheckInternalHeaders(const resource::HttpSettings& settings, const ConnectionFacts& facts,
                          Headers& headers) {
  if (IsInternal(settings, headers, facts.remote)) {
    headers.Set("x-envoy-internal", "true");
  } else {
    route::RemoveInternalHeaders(settings.use_remote_address, headers);
    if (settings.use_remote_address) {
      headers.Set("x-envoy-external-address",
                  route::ClientAddress(settings, headers, facts.remote).IpString());
    }
  }
  // At the edge nobody else has seen how the request came.
  if (settings.use_remote_address &&
      (settings.xff_num_trusted_hops == 0 || !headers.Has("x-forwarded-proto"))) {
    headers.Set("x-forwarded-proto", facts.tls ? "https" : "http");
  }
}

}  // namespace

void Connection::OnPolicy(const std::shared_ptr<const InboundPolicy>& policy) {
  const InboundChain* chain = policy->Choose(facts_);
  if (chain != nullptr && SameTransport(*chain, *chain_)) {
    SetChain({policy, chain});
    timer_.Set(Deadline());
    return;
  }
  last_call_ = true;
  if (!in_call_ && output_.empty()) return Close(absl::OkStatus());
  if (!writer_.begun()) writer_.EndConnection();
}

void Connection::SetChain(std::shared_ptr<const InboundChain> chain) {
  chain_ = std::move(chain);
  certificate_.clear();
  if (engine_ == nullptr || engine_->peer() == nullptr) return;
  certificate_ = ForwardedCertificate(chain_->settings.client_certificate, *engine_->peer(),
                                      context_->settings().identity->names());
}

bool Connection::RefuseByPolicy(HttpRequest& request) {
  if (chain_->failure) {
    Refuse(503, *chain_->failure);
    return true;
  }
  if (request.method == "CONNECT") {
    Refuse(501, "CONNECT is not supported");
    return true;
  }
  const resource::HttpSettings& settings = chain_->settings;
  bool redirect = false;
  if (!route::ApplyPathSettings(settings, request.url, &redirect)) {
    if (!redirect) {
      Refuse(400, "the path cannot be normalized");
      return true;
    }
    HttpResponse response;
    response.status = 307;
    response.headers.Add("location", request.url);
    Answer(response);
    return true;
  }
  route::ApplyAuthoritySettings(settings, server_.serving().options.port, request.authority);
  if (!chain_->keep_internal_headers) CheckInternalHeaders(settings, facts_, request.headers);
  ForwardCertificate(settings.client_certificate.action, certificate_, request.headers);
  return chain_->access != nullptr && DenyAccess(request);
}

// The path is the one that the handler sees, and the headers are those that it sees.
bool Connection::DenyAccess(const HttpRequest& request) {
  const resource::Address remote =
      route::ClientAddress(chain_->settings, request.headers, facts_.remote);
  access::Request asked;
  asked.head = {.method = request.method,
                .path = request.url,
                .authority = request.authority,
                .scheme = engine_ == nullptr ? "http" : "https",
                .headers = &request.headers};
  asked.peer = peer_ == nullptr ? nullptr : &peer_->names;
  asked.destination = &facts_.local;
  asked.direct_remote = &facts_.remote;
  asked.remote = &remote;
  asked.server_name = facts_.server_name;
  const access::Verdict verdict = chain_->access->Check(asked);
  server_.serving().ReportVerdict(verdict, facts_.remote, server_.loop().Now());
  if (verdict.allowed) return false;
  Answer(HttpResponse::Text(403, access::kRefusedBody));
  return true;
}

void Connection::Answer(const HttpResponse& response) {
  answered_ = true;
  if (!writer_.WriteWhole(response, server_.date()).ok()) reset_ = true;
  SettleSoon();
}

}  // namespace meshlib::server
