package org.lcsc.datasets;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Sets of four IDX files with MNIST's names, each with or without {@code .gz}: MNIST, Fashion-MNIST
 * (Xiao, Rasul and Vollgraf 2017) and others of that form.
 *
 * @param installed directories to look in where the spec has no path, before the cache
 * @param cache where downloads go
 */
record IdxLoader(Source source, List<Path> installed, Path cache, Downloader downloader)
    implements DataSetLoader {

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private static final int PUBLISHED_CLASSES = 10;
  private static final long MAX_DOWNLOAD_BYTES = 64L << 20;

  /**
   * What is known of a published set.
   *
   * @param content SHA-256 of each file's decompressed content; empty where any content will do
   * @param mirrors addresses that the files' names with .gz are resolved against
   */
  record Source(Map<String, String> content, List<URI> mirrors) {
    /** Nothing: whatever the files hold. */
    static final Source ANY = new Source(Map.of(), List.of());
  }

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    return switch (split) {
      case TRAIN -> part(spec, TRAIN_IMAGES, TRAIN_LABELS);
      case TEST -> part(spec, TEST_IMAGES, TEST_LABELS);
      case ALL -> {
        ImageDataSet train = part(spec, TRAIN_IMAGES, TRAIN_LABELS);
        ImageDataSet test = part(spec, TEST_IMAGES, TEST_LABELS);
        if (!train.shape().equals(test.shape())) {
          throw new DataSetException(
              locate(spec, TEST_IMAGES),
              "has images of " + test.shape(),
              "the training images are " + train.shape());
        }
        yield train.followedBy(test);
      }
    };
  }

  @Override
  public void requireFiles(DataSetSpec spec, Split split) throws IOException {
    locate(spec, split == Split.TEST ? TEST_IMAGES : TRAIN_IMAGES);
    locate(spec, split == Split.TEST ? TEST_LABELS : TRAIN_LABELS);
  }

  private ImageDataSet part(DataSetSpec spec, String imagesName, String labelsName)
      throws IOException {
    Path imagesFile = locate(spec, imagesName);
    Path labelsFile = locate(spec, labelsName);
    int[] labels = IdxFile.labels(labelsFile, source.content.get(labelsName));
    int classes = classes(spec, labels);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= classes) {
        throw new DataSetException(
            labelsFile, "label " + labels[i] + " of image " + i, "must be 0 to " + (classes - 1));
      }
    }
    IdxFile.Images images = IdxFile.images(imagesFile, source.content.get(imagesName));
    if (images.count() != labels.length) {
      throw new DataSetException(
          labelsFile,
          "holds " + labels.length + " labels",
          "must hold " + images.count() + ", one per image of " + imagesFile.getFileName());
    }
    return new ImageDataSet(
        spec.name(), images.shape(), classes, images.pixels(), images.count(), labels, null);
  }

  /** Ten for the published sets; otherwise one more than the largest label of both splits. */
  private int classes(DataSetSpec spec, int[] labels) throws IOException {
    if (!source.content.isEmpty()) {
      return PUBLISHED_CLASSES;
    }
    int largest = Arrays.stream(labels).max().orElse(0);
    for (String name : List.of(TRAIN_LABELS, TEST_LABELS)) {
      Path file = find(spec.path(), name);
      if (file != null) {
        largest = Math.max(largest, Arrays.stream(IdxFile.labels(file, null)).max().orElse(0));
      }
    }
    return largest + 1;
  }

  private Path locate(DataSetSpec spec, String name) throws IOException {
    if (spec.path() != null) {
      Path file = find(spec.path(), name);
      if (file == null) {
        throw new DataSetException(
            spec.path(), "holds no " + name + ".gz", "must be a directory with the four IDX files");
      }
      return file;
    }
    for (Path directory : installed) {
      Path file = find(directory, name);
      if (file != null) {
        return file;
      }
    }
    Path cached = find(cache, name);
    if (cached != null) {
      return cached;
    }
    Path target = cache.resolve(name + ".gz");
    spec.requireDownload(target);
    List<URI> addresses = source.mirrors.stream().map(m -> m.resolve(name + ".gz")).toList();
    String content = source.content.get(name);
    downloader.fetch(addresses, target, MAX_DOWNLOAD_BYTES, file -> IdxFile.verify(file, content));
    return target;
  }

  private static Path find(Path directory, String name) {
    for (String ending : List.of("", ".gz")) {
      Path file = directory.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return null;
  }
}
