// SPDX-License-Identifier: Apache-2.0
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
  std::optional<int> stars;  // absent: this version of reviews shows none
};

// What the services answered. A version that is empty means that its service did not.
struct Page {
  std::string version;
  std::string user;  // empty: nobody is signed in
  std::string details_version;
  std::vector<std::pair<std::string, std::string>> details;  // label, value
  std::string reviews_version;
  std::vector<PageReview> reviews;
  std::string ratings_version;
  std::string ratings_note;  // instead of stars
  std::string star_color;    // "black" or "red"
};

std::string RenderPage(const Page& page);

}  // namespace bookinfo

#endif  // BOOKINFO_PAGE_H_
