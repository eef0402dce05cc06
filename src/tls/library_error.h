// SPDX-License-Identifier: Apache-2.0
// What BoringSSL says of the last failure on this thread.

#ifndef MESHLIB_TLS_LIBRARY_ERROR_H_
#define MESHLIB_TLS_LIBRARY_ERROR_H_

#include <string>

namespace meshlib::tls {

// Empties this thread's error queue into words, oldest first ("KEY_VALUES_MISMATCH; ..."), and is
// empty when there was nothing in it.
std::string TakeLibraryError();

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_LIBRARY_ERROR_H_
