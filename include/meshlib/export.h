// MESHLIB_EXPORT marks what the shared library exports.

#ifndef MESHLIB_EXPORT_H_
#define MESHLIB_EXPORT_H_

#if defined(__GNUC__)
#define MESHLIB_EXPORT __attribute__((visibility("default")))
#else
#define MESHLIB_EXPORT
#endif

#endif  // MESHLIB_EXPORT_H_
