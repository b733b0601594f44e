package org.lcsc.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Walks the regular files of a POSIX ustar stream. Extended headers are skipped: the archives read
 * here have short names. Not thread-safe.
 */
final class TarReader {

  private static final int BLOCK = 512;

  /** Larger members are refused, lest a small archive unpacks for hours. */
  private static final long MAX_MEMBER_BYTES = 1L << 30;

  /** A member. */
  record Member(String name, long size) {}

  private final InputStream in;
  private final Object file;
  private long left;
  private long padding;

  /**
   * @param in the unpacked archive; the caller closes it
   * @param file for messages
   */
  TarReader(InputStream in, Object file) {
    this.in = in;
    this.file = file;
  }

  /** Moves to the next regular file; null after the last. */
  Member next() throws IOException {
    while (true) {
      in.skipNBytes(left + padding);
      left = 0;
      padding = 0;
      byte[] header = in.readNBytes(BLOCK);
      if (header.length == 0 || isZero(header)) {
        return null;
      }
      if (header.length < BLOCK || octal(header, 148, 8) != checksum(header)) {
        throw new DataSetException(file, "has a damaged member header", "must be a whole tar file");
      }
      left = octal(header, 124, 12);
      if (left > MAX_MEMBER_BYTES) {
        throw new DataSetException(
            file, "has a member of " + left + " bytes", "must be at most " + MAX_MEMBER_BYTES);
      }
      padding = (BLOCK - left % BLOCK) % BLOCK;
      if (header[156] == '0' || header[156] == 0) {
        return new Member(text(header, 0, 100), left);
      }
    }
  }

  /** Reads the present member's next bytes, at most to its end. */
  byte[] read(int count) throws IOException {
    byte[] bytes = in.readNBytes((int) Math.min(count, left));
    left -= bytes.length;
    return bytes;
  }

  private long octal(byte[] header, int at, int length) throws IOException {
    String digits = text(header, at, length).trim();
    try {
      long value = digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a negative number is.
    }
    throw new DataSetException(
        file, "has a member header with the number '" + digits + "'", "must be octal");
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.ISO_8859_1);
  }

  /** Sum of the header's bytes, those of the checksum itself taken as spaces. */
  private static long checksum(byte[] header) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    return sum;
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
