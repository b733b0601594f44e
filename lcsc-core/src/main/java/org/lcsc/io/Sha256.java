package org.lcsc.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * SHA-256 of files, texts and parameters, as 64 hexadecimal digits.
 *
 * <p>Stateless and thread-safe.
 */
public final class Sha256 {

  /** Values that are hashed at a time. */
  private static final int BLOCK = 1 << 16;

  private Sha256() {}

  /** A new digest. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The digest so far; resets it. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of a file's content.
   *
   * @throws IOException where it cannot be read
   */
  public static String of(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return hex(digest);
  }

  /**
   * Of what lies in several files, of one that of its content.
   *
   * @throws IOException where one cannot be read
   */
  public static String of(List<Path> files) throws IOException {
    if (files.size() == 1) {
      return of(files.get(0));
    }
    StringBuilder hashes = new StringBuilder();
    for (Path file : files) {
      hashes.append(of(file));
    }
    return of(hashes.toString());
  }

  /** Of a text in UTF-8. */
  public static String of(String text) {
    MessageDigest digest = digest();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return hex(digest);
  }

  /**
   * Of parameters, to tell whether two models are the same.
   *
   * @param parameters any shape; taken as little-endian float32, row-major
   */
  public static String of(INDArray parameters) {
    MessageDigest digest = digest();
    update(digest, parameters);
    return hex(digest);
  }

  /** Adds parameters, as {@link #of(INDArray)} takes them. */
  public static void update(MessageDigest digest, INDArray parameters) {
    INDArray flat =
        parameters.castTo(DataType.FLOAT).reshape('c', new long[] {parameters.length()});
    for (long first = 0; first < flat.length(); first += BLOCK) {
      long end = Math.min(flat.length(), first + BLOCK);
      float[] values = HostArrays.floats(flat.get(NDArrayIndex.interval(first, end)));
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }
  }
}
