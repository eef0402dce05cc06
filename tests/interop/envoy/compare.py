# SPDX-License-Identifier: Apache-2.0
"""Brings what Envoy did, and what route_judge decided, into one form, and tells them apart."""

# What Envoy adds to every request or answer, whatever the route says; and grpc-timeout, which it
# sets by max_stream_duration, and we do not.
_REQUEST_NOISE = {"host", "x-forwarded-proto", "content-length", "x-request-id",
                  "transfer-encoding", "grpc-timeout"}
_RESPONSE_NOISE = {"date", "server", "content-length", "content-type", "connection", "x-echo",
                   "x-envoy-upstream-service-time", "transfer-encoding"}


def is_malformed(answer):
    """Whether Envoy's HTTP codec refused the request: routing never saw it."""
    details = dict(answer["headers"]).get("x-oracle-details", "")
    return answer["status"] == 400 and details != "path_normalization_failed"


def decision_of(answer):
    """Envoy's answer in the form of route_judge's decisions."""
    headers = answer["headers"]
    first = dict(reversed(headers))
    decision = {"status": answer["status"]}
    if answer["arrived"] is not None:
        method_and_path = answer["arrived"][0].rsplit(" ", 1)[0]
        fields = [line.split(":", 1) for line in answer["arrived"][1:]]
        fields = [(name.lower(), value.strip()) for name, value in fields]
        decision.update(
            route=first.get("x-oracle-route", ""), cluster=first.get("x-oracle-cluster", ""),
            path=method_and_path.split(" ", 1)[1], authority=dict(fields).get("host", ""),
            headers=_joined(fields, _REQUEST_NOISE))
    else:
        decision["route"] = first.get("x-oracle-local-route", "")
    decision["response"] = _joined(headers, _RESPONSE_NOISE)
    return decision


def differences(envoy, judge):
    """[(what, Envoy's, ours)] of two decisions."""
    judge = {"route": "", **judge}
    for key, noise in (("headers", _REQUEST_NOISE), ("response", _RESPONSE_NOISE)):
        if key in judge:
            judge[key] = {k: v for k, v in judge[key].items() if k not in noise}
    found = []
    for key in sorted(envoy.keys() | judge.keys()):
        theirs, ours = envoy.get(key), judge.get(key)
        if isinstance(theirs, dict) and isinstance(ours, dict):
            found += [(f"{key} {name}", theirs.get(name), ours.get(name))
                      for name in sorted(theirs.keys() | ours.keys())
                      if theirs.get(name) != ours.get(name)]
        elif theirs != ours:
            found.append((key, theirs, ours))
    return found


def _joined(fields, noise):
    joined = {}
    for name, value in fields:
        if name in noise or name.startswith("x-oracle-"):
            continue
        joined[name] = joined[name] + "," + value if name in joined else value
    return joined
