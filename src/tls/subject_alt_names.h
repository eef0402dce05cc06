// SPDX-License-Identifier: Apache-2.0
// subjectAltName as certificates and requests have it. For this folder.

#ifndef MESHLIB_TLS_SUBJECT_ALT_NAMES_H_
#define MESHLIB_TLS_SUBJECT_ALT_NAMES_H_

#include <openssl/base.h>
#include <openssl/x509v3.h>

#include <vector>

#include "tls/peer_certificate.h"

namespace meshlib::tls {

// Null: a name of a type that cannot be made, that is not of its type, or is empty.
bssl::UniquePtr<GENERAL_NAMES> MakeGeneralNames(const std::vector<SubjectAltName>& names);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_SUBJECT_ALT_NAMES_H_
