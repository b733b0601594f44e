package org.lcsc.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an array of NumPy's NPY format, versions 1 to 3, of integers in C order. Data stream; the
 * header alone is held. Not thread-safe.
 */
final class NpyReader {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");
  private static final Pattern INTEGERS = Pattern.compile("\\|[ui]1|[<>][ui][248]");

  private final InputStream in;
  private final Object file;
  private final String type;
  private final long[] shape;
  private final int headerBytes;

  /**
   * Reads the header.
   *
   * @param in at the start of the array; the caller closes it
   * @param file for messages
   * @throws DataSetException where this is no array of integers in C order
   */
  NpyReader(InputStream in, Object file) throws IOException {
    this.in = in;
    this.file = file;
    byte[] start = bytes(8);
    if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new DataSetException(file, "does not begin with \\x93NUMPY", "must be a .npy array");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new DataSetException(file, "has NPY version " + version, "must be 1, 2 or 3");
    }
    int lengthBytes = version == 1 ? 2 : 4;
    long length = littleEndian(bytes(lengthBytes), 0, lengthBytes);
    if (length > MAX_HEADER_BYTES) {
      throw new DataSetException(
          file, "has a header of " + length + " bytes", "must be at most " + MAX_HEADER_BYTES);
    }
    String header = new String(bytes((int) length), StandardCharsets.ISO_8859_1);
    this.headerBytes = start.length + lengthBytes + (int) length;
    this.type = field(header, DESCR, "descr");
    if (!INTEGERS.matcher(type).matches()) {
      throw new DataSetException(
          file, "has the type '" + type.replaceAll("[^ -~]", "?") + "'", "must be of integers");
    }
    if (field(header, ORDER, "fortran_order").equals("True")) {
      throw new DataSetException(file, "is in Fortran order", "must be in C order");
    }
    this.shape = dimensions(field(header, SHAPE, "shape"));
  }

  /** NumPy's name of the element type, such as {@code |u1} or {@code <i8}. */
  String type() {
    return type;
  }

  /** The dimensions, none for a scalar. */
  long[] shape() {
    return shape.clone();
  }

  /** Length of the whole array in bytes, header included. */
  long totalBytes() {
    long total = type.charAt(2) - '0';
    try {
      for (long dimension : shape) {
        total = Math.multiplyExact(total, dimension);
      }
      return Math.addExact(total, headerBytes);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Reads the next elements' bytes into {@code target}, filling it. */
  void read(byte[] target) throws IOException {
    if (in.readNBytes(target, 0, target.length) < target.length) {
      throw truncated();
    }
  }

  /** Reads the next elements as integers; memory grows with what arrives. */
  long[] readIntegers(int count) throws IOException {
    int width = type.charAt(2) - '0';
    byte[] bytes = in.readNBytes(Math.multiplyExact(count, width));
    if (bytes.length < count * width) {
      throw truncated();
    }
    boolean signed = type.charAt(1) == 'i';
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      if (type.charAt(0) == '>') {
        reverse(bytes, i * width, width);
      }
      long value = littleEndian(bytes, i * width, width);
      int unused = Long.SIZE - Byte.SIZE * width;
      values[i] = signed ? value << unused >> unused : value;
    }
    return values;
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw truncated();
    }
    return bytes;
  }

  private DataSetException truncated() {
    return new DataSetException(file, "is truncated", "must be a whole .npy array");
  }

  private String field(String header, Pattern pattern, String name) throws DataSetException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new DataSetException(file, "has no valid " + name + " in its header", "must be NPY");
    }
    return matcher.group(1);
  }

  private long[] dimensions(String text) throws DataSetException {
    try {
      return Arrays.stream(text.split(","))
          .map(part -> part.replace("L", "").trim())
          .filter(part -> !part.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw new DataSetException(file, "has the shape (" + text + ")", "must be whole numbers");
    }
  }

  private static long littleEndian(byte[] bytes, int at, int width) {
    long value = 0;
    for (int i = width - 1; i >= 0; i--) {
      value = value << Byte.SIZE | bytes[at + i] & 0xff;
    }
    return value;
  }

  private static void reverse(byte[] bytes, int at, int width) {
    for (int left = at, right = at + width - 1; left < right; left++, right--) {
      byte swapped = bytes[left];
      bytes[left] = bytes[right];
      bytes[right] = swapped;
    }
  }
}
