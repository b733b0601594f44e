package org.lcsc.datasets;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes small files in the formats that the loaders read. */
final class TestFiles {

  private TestFiles() {}

  /** Reproducible bytes. */
  static byte[] noise(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** An IDX file of unsigned bytes whose header says {@code dimensions}, whatever the content. */
  static byte[] idx(byte[] content, int... dimensions) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * dimensions.length + content.length);
    file.putInt(0x800 + dimensions.length);
    for (int dimension : dimensions) {
      file.putInt(dimension);
    }
    return file.put(content).array();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A version 1 NPY array whose header says {@code type} and {@code shape}. */
  static byte[] npy(String type, String shape, byte[] content) {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    int length = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    String padded = header + " ".repeat(length - header.length() - 1) + "\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + length + content.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
    file.put((byte) 0).putShort((short) length);
    return file.put(padded.getBytes(StandardCharsets.US_ASCII)).put(content).array();
  }

  /** Little-endian 64-bit integers. */
  static byte[] longs(long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  /** A zip archive, as numpy.savez_compressed writes it. */
  static void zip(Path file, Map<String, byte[]> members) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        out.putNextEntry(new ZipEntry(member.getKey()));
        out.write(member.getValue());
      }
    }
  }

  /** A member of a ustar archive; the archive ends with 1,024 zeros. */
  static byte[] tarMember(String name, char type, byte[] content) {
    int padded = (content.length + 511) / 512 * 512;
    byte[] member = new byte[512 + padded];
    put(member, 0, name);
    put(member, 100, "0000644");
    put(member, 124, String.format("%011o", content.length));
    put(member, 136, "00000000000");
    put(member, 148, "        ");
    member[156] = (byte) type;
    put(member, 257, "ustar");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += member[i] & 0xff;
    }
    put(member, 148, String.format("%06o", sum) + "\0 ");
    System.arraycopy(content, 0, member, 512, content.length);
    return member;
  }

  private static void put(byte[] target, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, target, at, bytes.length);
  }
}
