package org.lcsc.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

  @TempDir Path directory;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesANewFileAndLeavesNothingElse() throws IOException {
    AtomicFiles.writeString(directory.resolve("a.txt"), "α·Θ\n");
    assertThat(directory.resolve("a.txt")).usingCharset(UTF_8).hasContent("α·Θ\n");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void createsMissingParentDirectories() throws IOException {
    AtomicFiles.writeString(directory.resolve("x/y/a.txt"), "1");
    assertThat(directory.resolve("x/y/a.txt")).hasContent("1");
  }

  @Test
  void writerMayCloseTheStream() throws IOException {
    Path target = directory.resolve("a.txt");
    AtomicFiles.write(
        target,
        out -> {
          try (Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
            text.write("closed");
          }
        });
    assertThat(target).hasContent("closed");
  }

  @Test
  void oldContentIsVisibleUntilTheNewOneIsWhole() throws IOException {
    Path target = Files.writeString(directory.resolve("a.txt"), "old");
    AtomicFiles.write(
        target,
        out -> {
          out.write("new".getBytes(StandardCharsets.UTF_8));
          out.flush();
          assertThat(target).hasContent("old");
        });
    assertThat(target).hasContent("new");
  }

  @Test
  void failureKeepsTheOldFileDeletesTheTemporaryAndNamesTargetAndCause() throws IOException {
    Path target = Files.writeString(directory.resolve("a.txt"), "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    target,
                    out -> {
                      out.write(new byte[200_000]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + target + ": No space left on device");
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void aProgrammingErrorOfTheWriterPassesThroughAndLeavesNothing() throws IOException {
    Path target = directory.resolve("a.txt");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    target,
                    out -> {
                      throw new IllegalStateException("bug");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("bug");
    assertThat(names()).isEmpty();
  }

  @Test
  void uncheckedIoFailureIsReportedLikeACheckedOne() {
    Path target = directory.resolve("a.txt");
    assertThatThrownBy(
            () ->
                AtomicFiles.writeFile(
                    target,
                    file -> {
                      throw new UncheckedIOException(new IOException("two\nlines"));
                    }))
        .hasMessage("cannot write " + target + ": two lines");
  }

  @Test
  void deletesWhatKilledWritersOfOneFileLeft() throws IOException {
    long dead = 999_999_999_999L;
    long alive = ProcessHandle.current().pid();
    Path target = directory.resolve("a.bin");
    AtomicFiles.deleteAbandoned(directory.resolve("missing/a.bin"));
    for (String name :
        new String[] {
          "a.bin",
          ".a.bin." + dead + "-1.tmp",
          ".a.bin." + alive + "-7.tmp",
          ".a.bin.b." + dead + "-1.tmp",
          ".b.bin." + dead + "-1.tmp"
        }) {
      Files.setLastModifiedTime(
          Files.writeString(directory.resolve(name), "1"),
          FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    }
    Files.writeString(directory.resolve(".a.bin." + dead + "-2.tmp"), "of another machine");
    AtomicFiles.deleteAbandoned(target);
    assertThat(names())
        .containsExactlyInAnyOrder(
            "a.bin",
            ".a.bin." + alive + "-7.tmp",
            ".a.bin." + dead + "-2.tmp",
            ".a.bin.b." + dead + "-1.tmp",
            ".b.bin." + dead + "-1.tmp");
  }

  @Test
  void writesThroughAPath() throws IOException {
    Path target = directory.resolve("a.bin");
    AtomicFiles.writeFile(
        target,
        file -> {
          assertThat(file).doesNotExist();
          assertThat(file.getParent()).isEqualTo(directory);
          Files.write(file, new byte[] {1, 2, 3});
        });
    assertThat(target).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(names()).containsExactly("a.bin");
  }

  @Test
  void aWriterThatWritesNothingFails() throws IOException {
    Path target = directory.resolve("a.bin");
    assertThatThrownBy(() -> AtomicFiles.writeFile(target, file -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + target + ": nothing was written");
    assertThat(names()).isEmpty();
  }

  @Test
  void anInterruptedThreadStillFinishesItsFile() throws IOException {
    Thread.currentThread().interrupt();
    try {
      AtomicFiles.writeString(directory.resolve("a.txt"), "1");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(directory.resolve("a.txt")).hasContent("1");
  }

  @Test
  void followsASymbolicLink() throws IOException {
    Path real = Files.writeString(directory.resolve("real.txt"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link.txt"), real);
    AtomicFiles.writeString(link, "new");
    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("new");
  }

  @Test
  void aFileWhereADirectoryShouldBeIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> AtomicFiles.writeString(file.resolve("a.txt"), "1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write " + file.resolve("a.txt"))
        .hasMessageContaining(file + " is in the way");
  }

  @Test
  void aDirectoryIsNotReplaced() {
    assertThatThrownBy(() -> AtomicFiles.writeString(directory, "1"))
        .hasMessage("cannot write " + directory + ": it is a directory");
  }

  /** What a user may name as a place for what is not wanted. */
  @Test
  void aDeviceIsNotReplaced() {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device));
    assertThatThrownBy(() -> AtomicFiles.writeString(device, "1"))
        .hasMessage("cannot write " + device + ": it is no regular file");
    assertThat(Files.isRegularFile(device)).isFalse();
  }

  @Test
  void aReadOnlyDirectoryIsNamed() throws IOException {
    Path readOnly = Files.createDirectory(directory.resolve("ro"));
    readOnly.toFile().setWritable(false);
    assumeFalse(Files.isWritable(readOnly), "a superuser may write everywhere");
    assertThatThrownBy(() -> AtomicFiles.writeString(readOnly.resolve("a.txt"), "1"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + readOnly.resolve("a.txt"))
        .hasMessageContaining("ermission denied");
  }

  @Test
  void namesAsLongAsAFileSystemAllowsAreWritten() throws IOException {
    for (String name :
        List.of("x".repeat(255), "\u00e4".repeat(127), "x" + "\ud83d\ude00".repeat(60))) {
      Path file = directory.resolve(name);
      AtomicFiles.writeString(file, "whole");
      assertThat(file).hasContent("whole");
    }
  }

  @Test
  void filesThatBelongTogetherAreAllWholeBeforeOneIsThere() throws IOException {
    Path first = directory.resolve("first");
    Path old = Files.writeString(directory.resolve("old"), "old");
    Path last = directory.resolve("last");
    Map<Path, IOConsumer<Path>> files = new LinkedHashMap<>();
    files.put(first, file -> Files.writeString(file, "1"));
    files.put(old, file -> Files.writeString(file, "new"));
    files.put(
        last,
        file -> {
          assertThat(first).doesNotExist();
          throw new IOException("broken");
        });
    assertThatThrownBy(() -> AtomicFiles.writeAll(files))
        .hasMessage("cannot write " + last + ": broken");
    assertThat(names()).containsExactly("old");
    assertThat(old).hasContent("old");
    files.put(last, file -> Files.writeString(file, "3"));
    AtomicFiles.writeAll(files);
    assertThat(names()).containsExactly("first", "last", "old");
    assertThat(old).hasContent("new");
  }

  @Test
  void whereOneCannotBeRenamedTheOthersAreNotLeftAlone() throws IOException {
    Path first = directory.resolve("first");
    Path last = directory.resolve("last");
    Map<Path, IOConsumer<Path>> files = new LinkedHashMap<>();
    files.put(first, file -> Files.writeString(file, "1"));
    files.put(
        last,
        file -> {
          Files.writeString(file, "2");
          Files.createDirectories(last.resolve("in the way"));
        });
    assertThatThrownBy(() -> AtomicFiles.writeAll(files))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + last + ": ");
    assertThat(names()).containsExactly("last");
  }
}
