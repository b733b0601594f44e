package org.lcsc.datasets;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.io.function.IOConsumer;
import org.lcsc.image.ImageShape;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Sha256;

/**
 * The cache of a set too large for memory: a header of 4,096 bytes, the pixels as they are mapped,
 * then the labels as 32-bit big-endian integers.
 *
 * <p>The header holds a key of the files that the set was built from, so a cache of other or
 * changed files is never taken for this one, and the fingerprint, so that it need not be taken
 * again.
 */
final class PixelFile {

  private static final byte[] MAGIC = {'L', 'C', 'S', 'C', 'P', 'I', 'X', '1'};
  private static final int HEADER_BYTES = 4096;
  private static final int HASH_BYTES = 32;

  private PixelFile() {}

  /**
   * Identifies source files by name, length and time of change, and how they are read.
   *
   * @param options whatever else the pixels depend on
   * @return 64 hexadecimal digits
   */
  static String key(List<Path> files, String options) throws IOException {
    MessageDigest digest = Sha256.digest();
    update(digest, options);
    for (Path file : files) {
      update(digest, file.toAbsolutePath().normalize().toString());
      update(digest, Long.toString(Files.size(file)));
      update(digest, Files.getLastModifiedTime(file).toString());
    }
    return Sha256.hex(digest);
  }

  private static void update(MessageDigest digest, String part) {
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /**
   * Opens a cache.
   *
   * @param key of the files that it must have been built from
   * @return the images, or null where there is no such file or it is not whole or not of these
   *     files
   */
  static ImageDataSet open(Path file, String key, String name) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      InputStream in = Channels.newInputStream(channel);
      ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER_BYTES));
      byte[] magic = new byte[MAGIC.length];
      byte[] hash = new byte[HASH_BYTES];
      if (header.limit() < HEADER_BYTES) {
        return null;
      }
      header.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        return null;
      }
      header.get(hash);
      if (!HexFormat.of().formatHex(hash).equals(key)) {
        return null;
      }
      header.get(hash);
      int count = header.getInt();
      int classes = header.getInt();
      int[] dimensions = {header.getInt(), header.getInt(), header.getInt()};
      if (count < 1
          || classes < 0
          || Arrays.stream(dimensions).anyMatch(d -> d < 1 || d > ImageFile.MAX_SQUARE)) {
        return null;
      }
      ImageShape shape = new ImageShape(dimensions[0], dimensions[1], dimensions[2]);
      long labelsAt = HEADER_BYTES + (long) count * shape.length();
      long labelBytes = classes == 0 ? 0 : (long) count * Integer.BYTES;
      if (channel.size() != labelsAt + labelBytes) {
        return null;
      }
      int[] labels = null;
      if (classes > 0) {
        channel.position(labelsAt);
        labels = new int[count];
        ByteBuffer.wrap(in.readNBytes((int) labelBytes)).asIntBuffer().get(labels);
      }
      MappedPixels pixels = MappedPixels.map(channel, HEADER_BYTES, count, shape.length());
      String fingerprint = HexFormat.of().formatHex(hash);
      return new ImageDataSet(name, shape, classes, pixels, count, labels, fingerprint);
    }
  }

  /**
   * Builds a cache, which appears whole or not at all, and opens it.
   *
   * @param classes number of classes, 0 for images without labels
   * @param images how many will come, to refuse a disk that is too small
   * @param content appends them
   * @throws DataSetException where the disk has too little room, or as {@code content}
   */
  static ImageDataSet build(
      Path file,
      String key,
      String name,
      ImageShape shape,
      int classes,
      long images,
      IOConsumer<Writer> content)
      throws IOException {
    try {
      AtomicFiles.deleteAbandoned(file);
      AtomicFiles.writeFile(
          file,
          fresh -> {
            requireRoom(file, HEADER_BYTES + images * (shape.length() + Integer.BYTES));
            try (Writer writer = new Writer(fresh, shape, classes)) {
              content.accept(writer);
              writer.finish(fresh, key);
            }
          });
    } catch (IOException e) {
      throw e.getCause() instanceof DataSetException ours ? ours : e;
    }
    ImageDataSet built = open(file, key, name);
    if (built == null) {
      throw new DataSetException(file, "changed while it was built", "build it again");
    }
    return built;
  }

  private static void requireRoom(Path target, long bytes) throws IOException {
    long usable = target.toAbsolutePath().getParent().toFile().getUsableSpace();
    if (bytes > usable) {
      throw new DataSetException(
          target,
          "needs " + bytes + " bytes, its disk has " + usable,
          "make room or set LCSC_DATA to a directory on a larger disk");
    }
  }

  /** Writes a cache image by image. Not thread-safe. */
  static final class Writer implements AutoCloseable {

    private final DataOutputStream out;
    private final ImageShape shape;
    private final int classes;
    private final Fingerprint fingerprint = new Fingerprint();
    private int[] labels = new int[1024];
    private int count;

    private Writer(Path file, ImageShape shape, int classes) throws IOException {
      this.shape = shape;
      this.classes = classes;
      OutputStream raw = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
      this.out = new DataOutputStream(new BufferedOutputStream(raw, 1 << 20));
      out.write(new byte[HEADER_BYTES]);
    }

    /**
     * Appends an image.
     *
     * @param image {@code C x H x W} bytes
     * @param label in [0, classes), ignored without classes
     */
    void append(byte[] image, int label) throws IOException {
      out.write(image);
      fingerprint.add(image);
      if (count == labels.length) {
        labels = Arrays.copyOf(labels, labels.length * 2);
      }
      labels[count++] = label;
    }

    /** Completes the file. */
    private void finish(Path file, String key) throws IOException {
      int[] written = classes == 0 ? null : Arrays.copyOf(labels, count);
      if (written != null) {
        for (int label : written) {
          out.writeInt(label);
        }
      }
      out.close();
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      header.put(MAGIC).put(HexFormat.of().parseHex(key));
      header.put(HexFormat.of().parseHex(fingerprint.finish(shape, count, written)));
      header.putInt(count).putInt(classes);
      header.putInt(shape.channels()).putInt(shape.height()).putInt(shape.width());
      header.rewind();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        for (long at = 0; header.hasRemaining(); ) {
          at += channel.write(header, at);
        }
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
