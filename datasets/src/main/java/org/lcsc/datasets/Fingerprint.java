package org.lcsc.datasets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;

/**
 * SHA-256 over the pixels of all images in order, then the labels, then a trailer with the shape.
 * Pixels come first so that it can be taken while images stream by, before their number is known.
 * Not thread-safe.
 */
final class Fingerprint {

  private final MessageDigest digest = Sha256.digest();

  void add(byte[] image) {
    digest.update(image);
  }

  /**
   * Ends the hash.
   *
   * @param labels one per image, or null
   * @return 64 hexadecimal digits
   */
  String finish(ImageShape shape, int size, int[] labels) {
    if (labels != null) {
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * labels.length);
      bytes.asIntBuffer().put(labels);
      digest.update(bytes);
    }
    ByteBuffer trailer = ByteBuffer.allocate(5 * Integer.BYTES);
    trailer.putInt(size).putInt(shape.channels()).putInt(shape.height()).putInt(shape.width());
    trailer.putInt(labels == null ? 0 : 1);
    digest.update(trailer.flip());
    digest.update("lcsc-images-1".getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest());
  }
}
