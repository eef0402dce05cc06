// SPDX-License-Identifier: Apache-2.0
#include "page.h"

namespace bookinfo {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Comedy of Errors &middot; Bookinfo</title>
<style>
  :root { --ink: #1c2333; --soft: #667085; --line: #e6e8ee; --page: #f4f5f9; --card: #fff;
          --tint: #3b5bdb; --tint-soft: #edf1ff; --star: #1c2333; --warn: #8a5a00;
          --warn-soft: #fff6e0; color-scheme: light dark; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8eaf2; --soft: #98a2b3; --line: #2a3145; --page: #10141f; --card: #191f2e;
            --tint: #9db2ff; --tint-soft: #232c4a; --star: #f2f4fa; --warn: #f5c56b;
            --warn-soft: #33290f; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--page); color: var(--ink);
         font: 16px/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
  header { background: linear-gradient(110deg, #202a52, #3b5bdb); color: #fff; }
  header div { max-width: 62rem; margin: auto; padding: .9rem 1.5rem; display: flex;
               align-items: center; gap: 1rem; }
  header b { flex: 1; font-size: 1.1rem; letter-spacing: .03em; }
  header form { display: flex; gap: .5rem; align-items: center; margin: 0; }
  input, button { font: inherit; border: 0; border-radius: .5rem; padding: .35rem .85rem; }
  input { width: 9.5rem; background: #ffffffe8; color: #1c2333; }
  button { background: #ffffff26; color: #fff; cursor: pointer; }
  button:hover, button:focus-visible { background: #ffffff42; }
  main { max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; display: grid; gap: 1.25rem;
         grid-template-columns: minmax(0, 1fr) minmax(0, 1.55fr); align-items: start; }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
          padding: 1.4rem 1.6rem; box-shadow: 0 1px 3px #10182812; }
  .book { grid-column: 1 / -1; display: flex; gap: 1.75rem; align-items: center; }
  .cover { flex: none; width: 7.25rem; height: 10rem; padding: 1rem .8rem; color: #fbeedb;
           border-radius: .3rem .6rem .6rem .3rem; display: flex; flex-direction: column;
           justify-content: space-between; font: 600 .95rem/1.25 Georgia, serif;
           background: linear-gradient(90deg, #00000040 0 .4rem, transparent .4rem),
                       linear-gradient(150deg, #b3402a, #7a1f2b);
           box-shadow: .35rem .45rem 1rem #10182833; }
  .cover small { font-weight: 400; font-size: .68rem; letter-spacing: .08em; }
  h1 { font: 600 2rem/1.2 Georgia, serif; margin: 0 0 .5rem; }
  h2 { font-size: 1rem; margin: 0 0 .9rem; display: flex; flex-wrap: wrap; gap: .4rem; }
  h2 b { flex: 1; font-weight: 600; }
  .by { font-size: .75rem; font-weight: 500; color: var(--tint); background: var(--tint-soft);
        padding: .1rem .65rem; border-radius: 1rem; white-space: nowrap; }
  p { margin: 0; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 0; }
  dt { color: var(--soft); }
  dd { margin: 0; text-align: right; }
  blockquote { margin: 0; padding: 1rem 0; border-top: 1px solid var(--line); }
  blockquote:first-of-type { border: 0; padding-top: 0; }
  blockquote:last-of-type { padding-bottom: 0; }
  cite { color: var(--soft); font-size: .9rem; font-style: normal; }
  .stars { font-size: 1.2rem; letter-spacing: .15em; line-height: 1.4; }
  .black { color: var(--star); }
  .red { color: #e03131; }
  .stars i { color: var(--line); font-style: normal; }
  .note { color: var(--warn); background: var(--warn-soft); border-radius: .6rem;
          padding: .45rem .85rem; margin-top: .5rem; font-size: .92rem; }
  footer { max-width: 62rem; margin: 0 auto 2rem; padding: 0 1.5rem; color: var(--soft);
           font-size: .82rem; }
  @media (max-width: 46rem) { main { grid-template-columns: minmax(0, 1fr); } }
</style>
</head>
<body>
)";

constexpr const char* kBook = R"(<main>
<section class="card book">
<div class="cover" aria-hidden="true"><span>The Comedy of Errors</span><small>SHAKESPEARE</small></div>
<div><h1>The Comedy of Errors</h1>
<p>One of Shakespeare&rsquo;s first plays and his shortest: two pairs of twins, parted at birth,
come to the same town on the same day, and everybody takes everybody for somebody else.</p></div>
</section>
)";

std::string Escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string Header(const std::string& user) {
  std::string html = "<header><div><b>Bookinfo</b>";
  if (user.empty()) {
    html += R"(<form method="post" action="/login"><input name="username" placeholder="user name")"
            R"( aria-label="user name" required> <button>Sign in</button></form>)";
  } else {
    html += R"(<form method="post" action="/logout"><span id="user">)" + Escaped(user) +
            "</span> <button>Sign out</button></form>";
  }
  return html + "</div></header>\n";
}

// "reviews-v2", next to what that version of the service contributed.
std::string ServedBy(const std::string& service, const std::string& version) {
  if (version.empty()) return "";
  return "<span class=\"by\" id=\"" + service + "-version\">" + service + "-" + Escaped(version) +
         "</span>";
}

std::string Note(const std::string& text) {
  return "<p class=\"note\">" + Escaped(text) + "</p>\n";
}

std::string Details(const Page& page) {
  std::string html = "<section class=\"card\" id=\"details\"><h2><b>Book details</b>" +
                     ServedBy("details", page.details_version) + "</h2>\n";
  if (page.details_version.empty()) {
    return html + Note("Details are not available right now.") + "</section>\n";
  }
  html += "<dl>\n";
  for (const auto& [label, value] : page.details) {
    html += "<dt>" + Escaped(label) + "</dt><dd>" + Escaped(value) + "</dd>\n";
  }
  return html + "</dl></section>\n";
}

std::string Stars(int stars, const std::string& color) {
  std::string html = "<div class=\"stars " + Escaped(color) + "\" title=\"" +
                     std::to_string(stars) + " of 5 stars\">";
  for (int i = 1; i <= 5; ++i) html += i <= stars ? "&#9733;" : "<i>&#9733;</i>";
  return html + "</div>";
}

std::string Reviews(const Page& page) {
  std::string html = "<section class=\"card\" id=\"reviews\"><h2><b>Book reviews</b>" +
                     ServedBy("reviews", page.reviews_version) +
                     ServedBy("ratings", page.ratings_version) + "</h2>\n";
  if (page.reviews_version.empty()) html += Note("Reviews are not available right now.");
  for (const PageReview& review : page.reviews) {
    html += "<blockquote><p>" + Escaped(review.text) + "</p><cite>&mdash; " +
            Escaped(review.reviewer) + "</cite>";
    if (review.stars) html += Stars(*review.stars, page.star_color);
    html += "</blockquote>\n";
  }
  if (!page.ratings_note.empty()) html += Note(page.ratings_note);
  return html + "</section>\n";
}

}  // namespace

std::string RenderPage(const Page& page) {
  return kHead + Header(page.user) + kBook + Details(page) + Reviews(page) +
         "</main>\n<footer>Page by <span id=\"productpage-version\">productpage-" +
         Escaped(page.version) + "</span></footer>\n</body>\n</html>\n";
}

}  // namespace bookinfo
