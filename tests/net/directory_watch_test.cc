// SPDX-License-Identifier: Apache-2.0
#include "net/directory_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "fake/bounded_run.h"

namespace meshlib::net {
namespace {

namespace fs = std::filesystem;

class DirectoryWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "watch-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
    root_ = home_ / "mesh";
    fs::create_directory(root_);
    loop_ = Loop::Create(clock_).value();
    watch_ = DirectoryWatch::Start(*loop_, root_.string(), [this] { ++told_; }).value();
  }
  void TearDown() override {
    watch_.reset();
    fs::remove_all(home_);
  }

  void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  // Runs the loop until `changed` was called again, for at most 10 s.
  void AwaitTold() {
    const int before = told_;
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, [&] { return told_ > before; }))
        << "no change was told within 10 s";
  }

  base::SystemClock clock_;
  fs::path home_;
  fs::path root_;
  int told_ = 0;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<DirectoryWatch> watch_;
};

TEST_F(DirectoryWatchTest, TellsOfAWrittenFile) {
  Write(root_ / "a.yaml", "a");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, TellsOfAFileRenamedIntoPlace) {
  Write(home_ / "a.new", "a");
  fs::rename(home_ / "a.new", root_ / "a.yaml");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, TellsOfARemovedFile) {
  Write(root_ / "a.yaml", "a");
  AwaitTold();
  fs::remove(root_ / "a.yaml");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, TellsOfFilesInDirectoriesThatCameLater) {
  fs::create_directory(root_ / "team");
  AwaitTold();
  Write(root_ / "team" / "a.yaml", "a");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, TellsOfTheSwapOfASymbolicLink) {
  fs::create_directory(root_ / "..1");
  fs::create_directory(root_ / "..2");
  fs::create_directory_symlink("..1", root_ / "..data");
  AwaitTold();
  fs::create_directory_symlink("..2", root_ / "..data_new");
  fs::rename(root_ / "..data_new", root_ / "..data");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, TellsOfFilesBehindSymbolicLinks) {
  Write(home_ / "elsewhere.yaml", "a");
  fs::create_symlink(home_ / "elsewhere.yaml", root_ / "a.yaml");
  AwaitTold();
  Write(home_ / "elsewhere.yaml", "b");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, WatchesASingleFileThroughWritesAndRenames) {
  const fs::path file = home_ / "single.yaml";
  Write(file, "a");
  int told = 0;
  watch_ = DirectoryWatch::Start(*loop_, file.string(), [&] { told_ += ++told; }).value();
  Write(file, "b");
  AwaitTold();
  Write(home_ / "single.new", "c");
  fs::rename(home_ / "single.new", file);
  AwaitTold();
  Write(file, "d");
  AwaitTold();
  EXPECT_EQ(told, 3);
}

TEST_F(DirectoryWatchTest, FollowsADirectoryThatIsReplaced) {
  fs::rename(root_, home_ / "old");
  AwaitTold();
  fs::create_directory(root_);
  AwaitTold();
  Write(root_ / "a.yaml", "a");
  AwaitTold();
}

TEST_F(DirectoryWatchTest, ManyStepsAreOneChange) {
  for (int i = 0; i < 20; ++i) Write(root_ / ("f" + std::to_string(i)), "x");
  AwaitTold();
  loop_->Poll();
  EXPECT_EQ(told_, 1);
}

TEST_F(DirectoryWatchTest, NeighboursDoNotConcernIt) {
  Write(home_ / "neighbour.yaml", "x");
  loop_->Poll();
  Write(root_ / "a.yaml", "a");
  AwaitTold();
  EXPECT_EQ(told_, 1);
}

TEST_F(DirectoryWatchTest, AMissingDirectoryIsNamed) {
  const auto watch = DirectoryWatch::Start(*loop_, (home_ / "none").string(), [] {});
  EXPECT_EQ(watch.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(watch.status().message()).find("none"), std::string::npos);
}

}  // namespace
}  // namespace meshlib::net
