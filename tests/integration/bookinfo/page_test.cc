// SPDX-License-Identifier: Apache-2.0
// What Bookinfo's product page shows, by what the services answered.

#include "bookinfo/page.h"

#include <gtest/gtest.h>

#include <string>

namespace bookinfo {
namespace {

bool Shows(const Page& page, const std::string& text) {
  return RenderPage(page).find(text) != std::string::npos;
}

Page WholePage() {
  Page page;
  page.version = "v1";
  page.details_version = "v1";
  page.details = {{"Author", "William Shakespeare"}};
  page.reviews_version = "v2";
  page.reviews = {{"Reviewer1", "Funny.", 5}, {"Reviewer2", "Fun.", 4}};
  page.ratings_version = "v1";
  page.star_color = "black";
  return page;
}

TEST(PageTest, EveryPartTellsWhichVersionServedIt) {
  const Page page = WholePage();
  for (const char* part : {"productpage-v1", "details-v1", "reviews-v2", "ratings-v1"}) {
    EXPECT_TRUE(Shows(page, part)) << part;
  }
}

TEST(PageTest, StarsHaveTheColorOfTheVersion) {
  Page page = WholePage();
  EXPECT_TRUE(Shows(page, "class=\"stars black\" title=\"4 of 5 stars\""));
  page.star_color = "red";
  EXPECT_TRUE(Shows(page, "class=\"stars red\""));
  page.reviews = {{"Reviewer1", "Funny.", {}}};
  EXPECT_FALSE(Shows(page, "class=\"stars"));
}

TEST(PageTest, AFailingServiceCostsItsPartOnly) {
  Page page = WholePage();
  page.details_version.clear();
  EXPECT_TRUE(Shows(page, "Details are not available right now."));
  EXPECT_TRUE(Shows(page, "Reviewer2"));
  page = WholePage();
  page.reviews_version.clear();
  EXPECT_TRUE(Shows(page, "Reviews are not available right now."));
  EXPECT_TRUE(Shows(page, "William Shakespeare"));
  page = WholePage();
  page.ratings_note = "Ratings are not available right now.";
  EXPECT_TRUE(Shows(page, "Ratings are not available right now."));
}

TEST(PageTest, WhatServicesAndUsersSayIsEscaped) {
  Page page = WholePage();
  page.user = "<script>";
  page.reviews[0].text = "\"a\" & <b>";
  EXPECT_TRUE(Shows(page, "&lt;script&gt;"));
  EXPECT_TRUE(Shows(page, "&quot;a&quot; &amp; &lt;b&gt;"));
  EXPECT_FALSE(Shows(page, "<script>"));
}

TEST(PageTest, TheFormFollowsWhetherSomebodyIsSignedIn) {
  Page page = WholePage();
  EXPECT_TRUE(Shows(page, "action=\"/login\""));
  page.user = "jason";
  EXPECT_TRUE(Shows(page, "action=\"/logout\""));
  EXPECT_TRUE(Shows(page, ">jason<"));
}

}  // namespace
}  // namespace bookinfo
