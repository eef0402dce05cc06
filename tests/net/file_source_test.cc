// SPDX-License-Identifier: Apache-2.0
#include "net/file_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "fake/bounded_run.h"

namespace meshlib::net {
namespace {

namespace fs = std::filesystem;

class FileSourceTest : public ::testing::Test {
 protected:
  FileSourceTest() {
    std::string pattern = (fs::temp_directory_path() / "meshlib-files-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~FileSourceTest() override { fs::remove_all(directory_); }

  std::string At(const std::string& name) const { return (directory_ / name).string(); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
  }
  // Runs the loop until `path` was told to have changed, at most for 10 s.
  bool AwaitChange() {
    const int before = changes_;
    return fake::RunUntil(*loop_, clock_, [&] { return changes_ != before; });
  }
  base::Subscription Watch(const std::string& name) {
    return files_->Watch(At(name), [this] { ++changes_; });
  }

  base::SystemClock clock_;
  std::unique_ptr<Loop> loop_ = Loop::Create(clock_).value();
  std::unique_ptr<FileSource> files_ = SystemFiles(*loop_, absl::Milliseconds(50));
  fs::path directory_;
  int changes_ = 0;
};

TEST_F(FileSourceTest, ReadsWholeFiles) {
  const std::string text(100'000, 'x');
  Write("a", text);
  EXPECT_EQ(files_->Read(At("a")).value(), text);
}

TEST_F(FileSourceTest, ErrorsNamePathAndCause) {
  EXPECT_EQ(files_->Read(At("none")).status(),
            absl::NotFoundError(At("none") + ": No such file or directory"));
  EXPECT_EQ(files_->Read(directory_.string()).status().message(),
            directory_.string() + ": is not a regular file");
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  EXPECT_EQ(files_->Read(At("pipe")).status().message(), At("pipe") + ": is not a regular file");
  Write("large", std::string((4u << 20) + 1, 'x'));
  EXPECT_EQ(files_->Read(At("large")).status().message(), At("large") + ": is larger than 4 MiB");
}

TEST_F(FileSourceTest, TellsOfAFileThatIsWrittenReplacedAndRemoved) {
  Write("a", "1");
  const base::Subscription watch = Watch("a");
  Write("a", "22");
  EXPECT_TRUE(AwaitChange());
  Write("new", "333");
  fs::rename(directory_ / "new", directory_ / "a");
  EXPECT_TRUE(AwaitChange());
  Write("a", "4444");
  EXPECT_TRUE(AwaitChange()) << "of the replaced file";
  fs::remove(directory_ / "a");
  EXPECT_TRUE(AwaitChange());
}

TEST_F(FileSourceTest, TellsOfAFileThatComesToBe) {
  const base::Subscription watch = Watch("late");
  Write("late", "1");
  EXPECT_TRUE(AwaitChange());
}

// As the kubelet updates volumes: the names are links to a directory that is swapped.
TEST_F(FileSourceTest, TellsOfALinkThatLeadsElsewhere) {
  fs::create_directory(directory_ / "v1");
  fs::create_directory(directory_ / "v2");
  Write("v1/a", "1");
  Write("v2/a", "22");
  fs::create_symlink("v1", directory_ / "data");
  fs::create_symlink("data/a", directory_ / "a");
  const base::Subscription watch = Watch("a");
  fs::create_symlink("v2", directory_ / "next");
  fs::rename(directory_ / "next", directory_ / "data");
  EXPECT_TRUE(AwaitChange());
  EXPECT_EQ(files_->Read(At("a")).value(), "22");
}

TEST_F(FileSourceTest, NothingIsToldOnceItIsNotWanted) {
  Write("a", "1");
  { const base::Subscription watch = Watch("a"); }
  const base::Subscription other = Watch("b");
  Write("a", "22");
  Write("b", "1");
  EXPECT_TRUE(AwaitChange());
  EXPECT_EQ(changes_, 1);
}

}  // namespace
}  // namespace meshlib::net
