package org.lcsc.datasets;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downsampled ImageNet at 64x64 (Chrabaszcz, Loshchilov and Hutter 2017, arXiv 1707.08819): NumPy
 * archives train_data_batch_1.npz to _10.npz and val_data.npz, each with {@code data}, unsigned
 * bytes {@code [n, 12288]} of red, green and blue planes, and {@code labels}, 1 to 1000, which
 * become 0 to 999.
 *
 * <p>The first load copies them into a memory-mapped cache file (15.7 GB for the training images);
 * later loads only map it. The data need a registration at image-net.org, so there is no download.
 */
final class ImageNet64Loader implements DataSetLoader {

  private static final Logger LOG = LoggerFactory.getLogger(ImageNet64Loader.class);
  private static final ImageShape SHAPE = new ImageShape(3, 64, 64);
  private static final int CLASSES = 1000;
  private static final int TRAIN_BATCHES = 10;
  private static final long MAX_IMAGES_PER_FILE = 10_000_000;

  private final Path cache;
  private final int trainBatches;

  ImageNet64Loader(Path cache) {
    this(cache, TRAIN_BATCHES);
  }

  /** With another number of training files. */
  ImageNet64Loader(Path cache, int trainBatches) {
    this.cache = cache;
    this.trainBatches = trainBatches;
  }

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    return switch (split) {
      case TRAIN -> train(spec);
      case TEST -> test(spec);
      case ALL -> train(spec).followedBy(test(spec));
    };
  }

  private ImageDataSet train(DataSetSpec spec) throws IOException {
    List<Path> files =
        IntStream.rangeClosed(1, trainBatches)
            .mapToObj(i -> spec.path().resolve("train_data_batch_" + i + ".npz"))
            .toList();
    return cached(spec, files, "train");
  }

  private ImageDataSet test(DataSetSpec spec) throws IOException {
    return cached(spec, List.of(spec.path().resolve("val_data.npz")), "val");
  }

  private ImageDataSet cached(DataSetSpec spec, List<Path> files, String part) throws IOException {
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new DataSetException(
            file, "is missing", "put it there: Downsampled ImageNet 64x64 (npz) of image-net.org");
      }
    }
    String key = PixelFile.key(files, "imagenet64");
    Path target = cache.resolve(part + "-" + key.substring(0, 16) + ".pixels");
    ImageDataSet images = PixelFile.open(target, key, spec.name());
    if (images == null) {
      LOG.info("Copying {} files of {} into {}", files.size(), spec.path(), target);
      build(files, target, key);
      images = PixelFile.open(target, key, spec.name());
    }
    if (images == null) {
      throw new DataSetException(target, "changed while it was built", "build it again");
    }
    return images;
  }

  private static void build(List<Path> files, Path target, String key) throws IOException {
    List<int[]> labels = new ArrayList<>();
    long count = 0;
    for (Path file : files) {
      try (ZipFile zip = open(file)) {
        int[] some = labels(file, zip);
        labels.add(some);
        count += some.length;
      }
    }
    try (PixelFile.Writer writer = new PixelFile.Writer(target, SHAPE, CLASSES, count)) {
      for (int i = 0; i < files.size(); i++) {
        try (ZipFile zip = open(files.get(i))) {
          copy(files.get(i), zip, labels.get(i), writer);
        }
        LOG.info("Copied {} ({} of {})", files.get(i), i + 1, files.size());
      }
      writer.commit(key);
    }
  }

  private static ZipFile open(Path file) throws IOException {
    try {
      ZipFile zip = new ZipFile(file.toFile());
      try {
        // A name or comment that is no text would answer getEntry with this exception too.
        zip.stream().forEach(entry -> {});
        return zip;
      } catch (IllegalArgumentException e) {
        zip.close();
        throw new ZipException("a name or comment in it is not readable");
      }
    } catch (ZipException | EOFException e) {
      throw damaged(file, e);
    }
  }

  private static int[] labels(Path file, ZipFile zip) throws IOException {
    try (CheckedInputStream in = entry(file, zip, "labels.npy")) {
      String label = file + "!labels.npy";
      NpyReader array = new NpyReader(in, label);
      requireShape(label, array, 1, 0);
      requireLength(label, zip.getEntry("labels.npy"), array);
      long[] values = array.readIntegers((int) array.shape()[0]);
      int[] labels = new int[values.length];
      for (int i = 0; i < values.length; i++) {
        if (values[i] < 1 || values[i] > CLASSES) {
          throw new DataSetException(
              label, "label " + values[i] + " of image " + i, "must be 1 to " + CLASSES);
        }
        labels[i] = (int) values[i] - 1;
      }
      requireChecksum(label, zip.getEntry("labels.npy"), in);
      return labels;
    } catch (ZipException | EOFException e) {
      throw damaged(file, e);
    }
  }

  private static void copy(Path file, ZipFile zip, int[] labels, PixelFile.Writer writer)
      throws IOException {
    try (CheckedInputStream in = entry(file, zip, "data.npy")) {
      String label = file + "!data.npy";
      NpyReader array = new NpyReader(in, label);
      if (!array.type().equals("|u1")) {
        throw new DataSetException(label, "has the type '" + array.type() + "'", "must be '|u1'");
      }
      requireShape(label, array, 2, SHAPE.values());
      requireLength(label, zip.getEntry("data.npy"), array);
      if (array.shape()[0] != labels.length) {
        throw new DataSetException(
            label, "holds " + array.shape()[0] + " images", "labels.npy has " + labels.length);
      }
      byte[] image = new byte[SHAPE.values()];
      for (int classIndex : labels) {
        array.read(image);
        writer.append(image, classIndex);
      }
      requireChecksum(label, zip.getEntry("data.npy"), in);
    } catch (ZipException | EOFException e) {
      throw damaged(file, e);
    }
  }

  private static CheckedInputStream entry(Path file, ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new DataSetException(file, "holds no " + name, "must hold data.npy and labels.npy");
    }
    return new CheckedInputStream(
        new BufferedInputStream(zip.getInputStream(entry), 1 << 16), new CRC32());
  }

  private static void requireShape(String label, NpyReader array, int dimensions, int columns)
      throws IOException {
    long[] shape = array.shape();
    if (shape.length != dimensions
        || shape[0] < 1
        || shape[0] > MAX_IMAGES_PER_FILE
        || dimensions == 2 && shape[1] != columns) {
      String right = dimensions == 1 ? "(n,)" : "(n, " + columns + ")";
      throw new DataSetException(
          label,
          "has the shape " + Arrays.toString(shape),
          "must be " + right + " with n of 1 to " + MAX_IMAGES_PER_FILE);
    }
  }

  private static void requireLength(String label, ZipEntry entry, NpyReader array)
      throws IOException {
    if (entry.getSize() >= 0 && entry.getSize() != array.totalBytes()) {
      throw new DataSetException(
          label,
          "is " + entry.getSize() + " bytes long",
          "its header asks for " + array.totalBytes());
    }
  }

  /** ZipFile, unlike ZipInputStream, leaves the comparison to its user. */
  private static void requireChecksum(String label, ZipEntry entry, CheckedInputStream in)
      throws IOException {
    if (in.read() >= 0 || in.getChecksum().getValue() != entry.getCrc()) {
      throw new DataSetException(
          label, "its content differs from its checksum", "must be a whole member");
    }
  }

  private static DataSetException damaged(Path file, IOException cause) {
    String reason = cause.getMessage() == null ? "it ends early" : cause.getMessage();
    return new DataSetException(
        file + ": is a damaged zip file (" + reason + "); must be a whole .npz", cause);
  }
}
