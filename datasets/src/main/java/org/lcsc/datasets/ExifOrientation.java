package org.lcsc.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a JPEG or PNG file asks to be shown: tag 0x0112 of its EXIF data (CIPA DC-008), in the APP1
 * segment of JPEG, in the chunk eXIf of PNG. Stateless and thread-safe.
 */
final class ExifOrientation {

  /** As the pixels are stored. */
  static final int UPRIGHT = 1;

  /** A segment of JPEG is smaller than half of it, and this one stands among the first. */
  private static final int SEARCHED = 1 << 17;

  private static final byte[] HEADER = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final long PNG = 0x89504e470d0a1a0aL;
  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;

  private ExifOrientation() {}

  /**
   * Reads it.
   *
   * @return from 1 to 8; {@link #UPRIGHT} where the file does not say
   */
  static int of(Path file) throws IOException {
    ByteBuffer bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = ByteBuffer.wrap(in.readNBytes(SEARCHED));
    }
    try {
      ByteBuffer exif = bytes.getLong(0) == PNG ? ofPng(bytes) : ofJpeg(bytes);
      return exif == null ? UPRIGHT : orientation(exif);
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // Cut off or damaged: as good as none, and no matter for the pixels.
      return UPRIGHT;
    }
  }

  private static ByteBuffer ofPng(ByteBuffer bytes) {
    bytes.position(Long.BYTES);
    while (true) {
      int length = bytes.getInt();
      if (length < 0) {
        return null;
      }
      if (bytes.getInt() == 0x65584966) {
        return bytes.slice(bytes.position(), length);
      }
      bytes.position(bytes.position() + length + Integer.BYTES);
    }
  }

  private static ByteBuffer ofJpeg(ByteBuffer bytes) {
    if (bytes.getShort() != (short) 0xffd8) {
      return null;
    }
    while (true) {
      int marker = bytes.getShort() & 0xffff;
      if (marker == 0xffff) {
        // Bytes of FF may fill the room before a marker.
        bytes.position(bytes.position() - 1);
        continue;
      }
      int length = (bytes.getShort() & 0xffff) - Short.BYTES;
      if (marker == 0xffda) {
        return null;
      }
      ByteBuffer segment = bytes.slice(bytes.position(), length);
      if (marker == 0xffe1 && segment.slice(0, HEADER.length).equals(ByteBuffer.wrap(HEADER))) {
        return segment.slice(HEADER.length, length - HEADER.length);
      }
      bytes.position(bytes.position() + length);
    }
  }

  /** From the first directory of the TIFF structure. */
  private static int orientation(ByteBuffer tiff) {
    boolean little = tiff.getShort(0) == 0x4949;
    tiff.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    int entries = tiff.getShort(directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      int entry = directory + Short.BYTES + i * ENTRY_BYTES;
      if (tiff.getShort(entry) == TAG) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }
}
