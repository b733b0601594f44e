package org.lcsc.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipMemberTest {

  @TempDir Path directory;

  /** Counts streams of members that are open. */
  private static final class CountedZip extends ZipFile {

    private int open;

    CountedZip(Path file) throws IOException {
      super(file.toFile());
    }

    @Override
    public InputStream getInputStream(ZipEntry entry) throws IOException {
      open++;
      return new FilterInputStream(super.getInputStream(entry)) {
        @Override
        public void close() throws IOException {
          open--;
          super.close();
        }
      };
    }
  }

  private static byte[] read(ZipMember member, int from, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    member.read(from, target);
    return target.array();
  }

  @Test
  void aMemberIsOpenFromItsFirstReadByteToItsLast() throws IOException {
    Path file = directory.resolve("a.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a"));
      zip.write(new byte[] {1, 2, 3, 4});
    }
    try (CountedZip zip = new CountedZip(file);
        ZipMember member = new ZipMember(file, zip, zip.getEntry("a"))) {
      assertThat(zip.open).isZero();
      for (int time = 0; time < 2; time++) {
        assertThat(read(member, 0, 2)).containsExactly(1, 2);
        assertThat(zip.open).isEqualTo(1);
        assertThat(read(member, 3, 1)).containsExactly(4);
        assertThat(zip.open).isZero();
      }
      assertThat(read(member, 1, 2)).containsExactly(2, 3);
      assertThat(zip.open).isEqualTo(1);
    }
  }
}
