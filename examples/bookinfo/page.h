// RenderPage: the product page as HTML.

#ifndef BOOKINFO_PAGE_H_
#define BOOKINFO_PAGE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bookinfo {

struct PageReview {
  std::string reviewer;
  std::string text;
  std::optional<int> stars;
  std::string color;  // "black" or "red"
  std::string note;   // instead of stars
};

// A part that is missing shows its `*_error` instead.
struct Page {
  std::string user;  // empty: not signed in
  std::vector<std::pair<std::string, std::string>> details;
  std::string details_error;
  std::vector<PageReview> reviews;
  std::string reviews_version;
  std::string reviews_error;
};

std::string RenderPage(const Page& page);
// For text and attribute values.
std::string EscapeHtml(const std::string& text);

}  // namespace bookinfo

#endif  // BOOKINFO_PAGE_H_
