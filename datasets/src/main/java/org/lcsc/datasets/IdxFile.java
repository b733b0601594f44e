package org.lcsc.datasets;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.io.function.IOFunction;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;

/**
 * Reads the IDX format of MNIST, gzip-compressed or not: a magic number 0x000008dd for unsigned
 * bytes in dd dimensions, the dimensions as big-endian 32-bit integers, the bytes.
 */
final class IdxFile {

  private static final int MAGIC_LABELS = 0x801;
  private static final int MAGIC_IMAGES = 0x803;
  private static final int MAX_SIDE = 4096;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Bounds the hashing of a download that is not what it should be. */
  private static final long MAX_VERIFIED_BYTES = 1L << 28;

  /** Images of one file. */
  record Images(ImageShape shape, int count, HeapPixels pixels) {}

  private IdxFile() {}

  /**
   * Reads images.
   *
   * @param content SHA-256 of the decompressed file, or null where unknown
   */
  static Images images(Path file, String content) throws IOException {
    return parse(
        file,
        content,
        in -> {
          requireMagic(file, in, MAGIC_IMAGES, "images");
          int count = in.readInt();
          int height = in.readInt();
          int width = in.readInt();
          if (height < 1 || height > MAX_SIDE || width < 1 || width > MAX_SIDE) {
            throw new DataSetException(
                file,
                "its header says images of " + height + "x" + width,
                "sides must be 1 to " + MAX_SIDE);
          }
          requireCount(file, count);
          HeapPixels.requireRoom(file, (long) count * height * width);
          HeapPixels pixels = HeapPixels.read(in, count, height * width);
          if (pixels == null) {
            throw truncated(file, count + " images of " + height + "x" + width);
          }
          return new Images(new ImageShape(1, height, width), count, pixels);
        });
  }

  /**
   * Reads labels.
   *
   * @param content SHA-256 of the decompressed file, or null where unknown
   */
  static int[] labels(Path file, String content) throws IOException {
    return parse(
        file,
        content,
        in -> {
          requireMagic(file, in, MAGIC_LABELS, "labels");
          int count = in.readInt();
          requireCount(file, count);
          HeapPixels.requireRoom(file, (long) count * Integer.BYTES);
          byte[] bytes = in.readNBytes(count);
          if (bytes.length < count) {
            throw truncated(file, count + " labels");
          }
          int[] labels = new int[count];
          for (int i = 0; i < count; i++) {
            labels[i] = bytes[i] & 0xff;
          }
          return labels;
        });
  }

  /**
   * Compares the decompressed content with a SHA-256.
   *
   * @throws DataSetException where it differs
   */
  static void verify(Path file, String content) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = open(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long length = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        length += n;
        if (length > MAX_VERIFIED_BYTES) {
          throw new DataSetException(
              file, "unpacks to over " + MAX_VERIFIED_BYTES + " bytes", "must be an MNIST file");
        }
        digest.update(buffer, 0, n);
      }
    } catch (EOFException | ZipException e) {
      throw new DataSetException(
          file, "is no whole gzip file", "must be a .gz file or its content");
    }
    requireContent(file, Sha256.hex(digest), content);
  }

  /** Parses the whole file, hashing what is read. */
  private static <T> T parse(Path file, String content, IOFunction<DataInputStream, T> parser)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream unpacked = open(file);
        InputStream hashed = content == null ? unpacked : new DigestInputStream(unpacked, digest);
        DataInputStream in = new DataInputStream(new BufferedInputStream(hashed, BUFFER_BYTES))) {
      T result = parser.apply(in);
      // Reading on to the end also makes GZIPInputStream compare its own checksum.
      if (in.read() >= 0) {
        throw new DataSetException(
            file, "holds more bytes than its header says", "must end after the last item");
      }
      if (content != null) {
        requireContent(file, Sha256.hex(digest), content);
      }
      return result;
    } catch (EOFException e) {
      throw truncated(file, "a whole IDX file");
    } catch (ZipException e) {
      throw new DataSetException(
          file,
          "is a damaged gzip file (" + e.getMessage() + ")",
          "must be replaced by a whole one");
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return gzip ? new GZIPInputStream(in, BUFFER_BYTES) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static void requireMagic(Path file, DataInputStream in, int magic, String of)
      throws IOException {
    int found = in.readInt();
    if (found != magic) {
      throw new DataSetException(
          file,
          Text.format("begins with 0x%08x", found),
          Text.format("an IDX file of %s begins with 0x%08x", of, magic));
    }
  }

  private static void requireCount(Path file, int count) throws IOException {
    if (count < 1) {
      throw new DataSetException(
          file, "its header says " + count + " items", "must be at least 1, below 2^31");
    }
  }

  private static DataSetException truncated(Path file, String wanted) {
    return new DataSetException(file, "is truncated", "must hold " + wanted);
  }

  private static void requireContent(Path file, String found, String wanted) throws IOException {
    if (!found.equals(wanted)) {
      throw new DataSetException(
          file, "its content has SHA-256 " + found, "the published file's has " + wanted);
    }
  }
}
