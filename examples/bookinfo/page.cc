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
  :root { --ink: #1d2433; --soft: #667085; --line: #e4e7ec; --paper: #fff; --tint: #3b5bdb; }
  * { box-sizing: border-box; }
  body { margin: 0; background: #f5f6fa; color: var(--ink);
         font: 16px/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
  header { background: linear-gradient(120deg, #26335d, #3b5bdb); color: #fff; }
  header div { max-width: 60rem; margin: auto; padding: 1rem 1.5rem; display: flex;
               align-items: center; gap: 1rem; }
  header b { font-size: 1.15rem; letter-spacing: .02em; flex: 1; }
  header form { display: flex; gap: .5rem; align-items: center; margin: 0; }
  input, button { font: inherit; border-radius: .5rem; border: 0; padding: .35rem .8rem; }
  input { width: 9rem; }
  button { background: #ffffff26; color: #fff; cursor: pointer; }
  button:hover { background: #ffffff40; }
  main { max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; display: grid; gap: 1.25rem;
         grid-template-columns: minmax(0, 1fr) minmax(0, 1.6fr); }
  .book { grid-column: 1 / -1; }
  .card { background: var(--paper); border: 1px solid var(--line); border-radius: .9rem;
          padding: 1.25rem 1.5rem; box-shadow: 0 1px 2px #10182810; }
  h1 { font: 600 2rem/1.2 Georgia, serif; margin: 0 0 .5rem; }
  h2 { font-size: 1rem; margin: 0 0 .75rem; display: flex; align-items: center; gap: .5rem; }
  h2 span { margin-left: auto; font-size: .75rem; font-weight: 500; color: var(--tint);
            background: #edf0fd; padding: .1rem .6rem; border-radius: 1rem; }
  p { margin: 0; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0; }
  dt { color: var(--soft); }
  dd { margin: 0; text-align: right; }
  blockquote { margin: 0; padding: 1rem 0; border-top: 1px solid var(--line); }
  blockquote:first-of-type { border: 0; padding-top: 0; }
  cite { color: var(--soft); font-size: .9rem; font-style: normal; }
  .stars { font-size: 1.15rem; letter-spacing: .15em; }
  .black { color: #1d2433; }
  .red { color: #e03131; }
  .off { color: #d0d5dd; }
  .note { color: #9a6700; background: #fff8e6; border-radius: .5rem; padding: .4rem .75rem;
          font-size: .9rem; }
  @media (max-width: 44rem) { main { grid-template-columns: minmax(0, 1fr); } }
</style>
</head>
<body>
)";

std::string Header(const std::string& user) {
  const std::string form =
      user.empty() ? R"(<form method="post" action="/login">)"
                     R"(<input name="username" placeholder="user name" required>)"
                     R"(<button>Sign in</button></form>)"
                   : R"(<form method="post" action="/logout"><span id="user">)" + EscapeHtml(user) +
                         R"(</span> <button>Sign out</button></form>)";
  return "<header><div><b>Bookinfo</b>" + form + "</div></header>\n";
}

std::string Note(const std::string& text) {
  return "<p class=\"note\">" + EscapeHtml(text) + "</p>\n";
}

std::string Details(const Page& page) {
  std::string html = "<section class=\"card\" id=\"details\"><h2>Book details</h2>\n";
  if (!page.details_error.empty()) return html + Note(page.details_error) + "</section>\n";
  html += "<dl>\n";
  for (const auto& [name, value] : page.details) {
    html += "<dt>" + EscapeHtml(name) + "</dt><dd>" + EscapeHtml(value) + "</dd>\n";
  }
  return html + "</dl></section>\n";
}

std::string Stars(const PageReview& review) {
  if (!review.note.empty()) return Note(review.note);
  if (!review.stars) return "";
  std::string html = "<div class=\"stars " + EscapeHtml(review.color) + "\" title=\"" +
                     std::to_string(*review.stars) + " of 5\">";
  for (int i = 1; i <= 5; ++i) {
    html += i <= *review.stars ? "&#9733;" : "<span class=\"off\">&#9733;</span>";
  }
  return html + "</div>\n";
}

std::string Reviews(const Page& page) {
  std::string html = "<section class=\"card\" id=\"reviews\"><h2>Book reviews";
  if (!page.reviews_version.empty()) {
    html += "<span id=\"reviews-version\">reviews-" + EscapeHtml(page.reviews_version) + "</span>";
  }
  html += "</h2>\n";
  if (!page.reviews_error.empty()) html += Note(page.reviews_error);
  for (const PageReview& review : page.reviews) {
    html += "<blockquote><p>" + EscapeHtml(review.text) + "</p><cite>&mdash; " +
            EscapeHtml(review.reviewer) + "</cite>" + Stars(review) + "</blockquote>\n";
  }
  return html + "</section>\n";
}

}  // namespace

std::string EscapeHtml(const std::string& text) {
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

std::string RenderPage(const Page& page) {
  return kHead + Header(page.user) +
         R"(<main>
<section class="card book"><h1>The Comedy of Errors</h1>
<p>One of Shakespeare&rsquo;s early plays, and his shortest: two sets of twins, separated at birth,
meet by accident in one town, and everybody mistakes everybody for somebody else.</p></section>
)" + Details(page) +
         Reviews(page) + "</main>\n</body>\n</html>\n";
}

}  // namespace bookinfo
