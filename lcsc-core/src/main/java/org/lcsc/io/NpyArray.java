package org.lcsc.io;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One array in NumPy's {@code .npy} format (NEP 1, versions 1 to 3): float64, float32 or integers
 * of up to 64 bits (signed) or 32 (unsigned), either byte order, either layout. Written as
 * little-endian, row-major version 1. Pickled objects are refused, so reading a file runs no code
 * of it.
 *
 * <p>Values of every type are held as double, which is exact up to 2^53. Not thread-safe, as the
 * values are not copied.
 */
public final class NpyArray {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 64 * 1024;
  private static final int CHUNK = 64 * 1024;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  private enum Type {
    FLOAT64("f8"),
    FLOAT32("f4"),
    INT64("i8"),
    INT32("i4"),
    INT16("i2"),
    INT8("i1"),
    UINT32("u4"),
    UINT16("u2"),
    UINT8("u1");

    final String code;
    final int bytes;

    Type(String code) {
      this.code = code;
      this.bytes = code.charAt(1) - '0';
    }
  }

  private final Type type;
  private final int[] shape;

  /** Row-major. */
  private final double[] values;

  private NpyArray(Type type, int[] shape, double[] values) {
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /** A float64 array; {@code values}, row-major, are taken over. */
  public static NpyArray ofDoubles(double[] values, int... shape) {
    return new NpyArray(Type.FLOAT64, shape, values);
  }

  /** An int64 scalar. */
  public static NpyArray ofLong(long value) {
    return new NpyArray(Type.INT64, new int[0], new double[] {value});
  }

  /** The UTF-8 bytes of a text, as uint8. */
  public static NpyArray ofText(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    double[] values = new double[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return new NpyArray(Type.UINT8, new int[] {bytes.length}, values);
  }

  public int[] shape() {
    return shape;
  }

  public String shapeText() {
    return Arrays.toString(shape);
  }

  public int length() {
    return values.length;
  }

  /** The values, row-major; not a copy. */
  public double[] doubles() {
    return values;
  }

  /** The single value, cut to an integer. */
  public long asLong() throws IOException {
    Refuse.file(values.length != 1, "expected a single value, got shape %s", shapeText());
    return (long) values[0];
  }

  /** The text of {@link #ofText}. */
  public String asText() {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Reads the values.
   *
   * @param header what {@link #readHeader} gave
   * @param size bytes that the stream holds; guards memory, as the limit of the header does,
   *     against a false header
   * @throws IOException where the stream is no such array, larger, or ends early
   */
  static NpyArray read(DataInputStream in, Header header, long size) throws IOException {
    int length = Math.toIntExact(product(header.shape));
    if ((long) length * header.type.bytes > size) {
      throw new EOFException(length + " values in " + size + " bytes");
    }
    double[] stored = readValues(in, header.type, header.order, length);
    return new NpyArray(
        header.type, header.shape, header.columnMajor ? toRowMajor(stored, header.shape) : stored);
  }

  /** What precedes the values. */
  public record Header(Type type, ByteOrder order, boolean columnMajor, int[] shape) {

    /** Type and order of the values in words, for messages. */
    public String values() {
      return type.name().toLowerCase(Locale.ROOT) + (columnMajor ? " by columns" : "");
    }

    /** Whether the values are unsigned bytes in row-major order. */
    public boolean isPlainBytes() {
      return type == Type.UINT8 && !columnMajor;
    }
  }

  /**
   * What precedes the values of an array of any type.
   *
   * @param header bytes before its values
   * @param descr NumPy's name of the type, for example {@code <f4}
   */
  public record Description(long header, String descr, boolean columnMajor, int[] shape) {}

  /**
   * Reads up to the first value.
   *
   * @param maxLength largest number of elements to accept
   */
  static Header readHeader(DataInputStream in, long maxLength) throws IOException {
    Description description = describe(in, maxLength);
    String descr = description.descr();
    Type type = null;
    for (Type candidate : Type.values()) {
      if (descr.length() == 3 && descr.endsWith(candidate.code)) {
        type = candidate;
      }
    }
    char endian = descr.isEmpty() ? '?' : descr.charAt(0);
    Refuse.file(
        type == null || "<>|=".indexOf(endian) < 0,
        "type '%s', supported are float64, float32, int8 to int64, uint8 to uint32",
        shown(descr));
    ByteOrder order =
        endian == '>'
            ? ByteOrder.BIG_ENDIAN
            : endian == '=' ? ByteOrder.nativeOrder() : ByteOrder.LITTLE_ENDIAN;
    return new Header(type, order, description.columnMajor(), description.shape());
  }

  /**
   * Reads up to the first value, whatever the type.
   *
   * @param maxLength largest number of elements to accept
   * @throws IOException where the stream is no array or has more elements
   */
  public static Description describe(DataInputStream in, long maxLength) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    Refuse.file(
        start.length < MAGIC.length + 2
            || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length),
        "no NumPy array: the magic bytes are missing");
    int version = start[MAGIC.length];
    Refuse.file(
        version < 1 || version > 3, "NumPy format version %s, supported are 1 to 3", version);
    long headerLength =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    Refuse.file(
        headerLength > MAX_HEADER, "a header of %s bytes, at most %s", headerLength, MAX_HEADER);
    byte[] headerBytes = in.readNBytes((int) headerLength);
    if (headerBytes.length < headerLength) {
      throw new EOFException("the header ends early");
    }
    String header = new String(headerBytes, StandardCharsets.UTF_8);
    String descr = field(DESCR, header, "descr");
    boolean columnMajor = field(ORDER, header, "fortran_order").equals("True");
    int[] shape = parseShape(field(SHAPE, header, "shape"), maxLength);
    long before = start.length + (version == 1 ? Short.BYTES : Integer.BYTES) + headerLength;
    return new Description(before, descr, columnMajor, shape);
  }

  private static String field(Pattern pattern, String header, String name) throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new IOException("the header lacks a readable '" + name + "': " + shown(header));
    }
    return matcher.group(1);
  }

  /** A text of the file as a message may hold it: one line, not long. */
  private static String shown(String text) {
    String line = text.strip().replaceAll("[^ -~]", "?");
    return line.length() <= 200 ? line : line.substring(0, 200) + " ...";
  }

  private static int[] parseShape(String text, long maxLength) throws IOException {
    String[] parts =
        Arrays.stream(text.replace("L", "").split(","))
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .toArray(String[]::new);
    Refuse.file(parts.length > 8, "an array of %s axes, at most 8", parts.length);
    int[] shape = new int[parts.length];
    for (int axis = 0; axis < shape.length; axis++) {
      try {
        shape[axis] = Integer.parseInt(parts[axis]);
      } catch (NumberFormatException e) {
        throw new IOException("shape (" + shown(text) + ") is not readable", e);
      }
      if (product(Arrays.copyOf(shape, axis + 1)) > maxLength) {
        throw new IOException("shape (" + shown(text) + ") exceeds " + maxLength + " elements");
      }
    }
    return shape;
  }

  private static long product(int[] shape) {
    long product = 1;
    for (int extent : shape) {
      product *= extent;
    }
    return product;
  }

  private static double[] readValues(DataInputStream in, Type type, ByteOrder order, int length)
      throws IOException {
    double[] values = new double[length];
    byte[] chunk = new byte[CHUNK];
    for (int done = 0; done < length; ) {
      int count = Math.min(length - done, CHUNK / type.bytes);
      in.readFully(chunk, 0, count * type.bytes);
      ByteBuffer buffer = ByteBuffer.wrap(chunk).order(order);
      for (int i = 0; i < count; i++) {
        values[done + i] =
            switch (type) {
              case FLOAT64 -> buffer.getDouble();
              case FLOAT32 -> buffer.getFloat();
              case INT64 -> buffer.getLong();
              case INT32 -> buffer.getInt();
              case INT16 -> buffer.getShort();
              case INT8 -> buffer.get();
              case UINT32 -> Integer.toUnsignedLong(buffer.getInt());
              case UINT16 -> Short.toUnsignedInt(buffer.getShort());
              case UINT8 -> Byte.toUnsignedInt(buffer.get());
            };
      }
      done += count;
    }
    return values;
  }

  private static double[] toRowMajor(double[] columnMajor, int[] shape) {
    double[] result = new double[columnMajor.length];
    int[] index = new int[shape.length];
    for (int source = 0; source < columnMajor.length; source++) {
      int target = 0;
      for (int axis = 0; axis < shape.length; axis++) {
        target = target * shape[axis] + index[axis];
      }
      result[target] = columnMajor[source];
      for (int axis = 0; axis < shape.length && ++index[axis] == shape[axis]; axis++) {
        index[axis] = 0;
      }
    }
    return result;
  }

  /**
   * What precedes the values of a row-major array, in version 1 of the format.
   *
   * @param descr NumPy's name of the type, for example {@code <f4}
   */
  public static byte[] header(String descr, long... shape) {
    String axes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String dictionary =
        Text.format(
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s, }",
            descr, axes, shape.length == 1 ? ",)" : ")");
    // The data must start at a multiple of 64 bytes; the header ends in a line feed.
    int prefix = MAGIC.length + 4;
    int padding = 63 - (prefix + dictionary.length()) % 64;
    byte[] text = (dictionary + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(prefix + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  /** Writes the array; the stream stays open. */
  void write(OutputStream out) throws IOException {
    String descr = (type.bytes == 1 ? "|" : "<") + type.code;
    out.write(header(descr, Arrays.stream(shape).asLongStream().toArray()));
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case FLOAT64 -> buffer.putDouble(value);
        case FLOAT32 -> buffer.putFloat((float) value);
        case INT64, INT32, INT16, INT8, UINT32, UINT16, UINT8 -> {
          for (int i = 0; i < type.bytes; i++) {
            buffer.put((byte) ((long) value >> Byte.SIZE * i));
          }
        }
        default -> throw new AssertionError(type);
      }
      if (buffer.remaining() < 8) {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    }
    out.write(buffer.array(), 0, buffer.position());
  }
}
