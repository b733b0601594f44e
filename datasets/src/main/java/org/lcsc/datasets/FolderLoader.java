package org.lcsc.datasets;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.lcsc.image.ImageShape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of PNG, JPEG and BMP images without labels, or of directories that are the classes,
 * in the order of their names. Hidden files and files of other kinds are passed over.
 *
 * <p>A directory that holds {@code train} and {@code test} has two splits. Any other is all
 * training images and has no test split. Each image is cropped to its centred square, then shrunk
 * by area averaging. Sets above 256 MiB go through a memory-mapped cache file.
 */
final class FolderLoader implements DataSetLoader {

  private static final Logger LOG = LoggerFactory.getLogger(FolderLoader.class);
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp");
  private static final int DEFAULT_CHANNELS = 3;
  private static final long MAX_HEAP_BYTES = 256L << 20;

  private final Path cache;
  private final long maxHeapBytes;

  FolderLoader(Path cache) {
    this(cache, MAX_HEAP_BYTES);
  }

  /** With another limit above which a set is memory-mapped. */
  FolderLoader(Path cache, long maxHeapBytes) {
    this.cache = cache;
    this.maxHeapBytes = maxHeapBytes;
  }

  /**
   * What a directory holds.
   *
   * @param labels one per file, or null
   * @param classes number of class directories, or 0
   */
  private record Listing(List<Path> files, int[] labels, int classes) {}

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    Path root = spec.path();
    if (!Files.isDirectory(root)) {
      throw new DataSetException(root, "is no directory", "must be a directory of images");
    }
    Path train = root.resolve("train");
    Path test = root.resolve("test");
    if (Files.isDirectory(train) && Files.isDirectory(test)) {
      return switch (split) {
        case TRAIN -> read(spec, train);
        case TEST -> read(spec, test);
        case ALL -> join(read(spec, train), read(spec, test), test);
      };
    }
    if (split == Split.TEST) {
      throw new DataSetException(
          root, "has no test images", "must hold the directories train and test");
    }
    return read(spec, root);
  }

  private static ImageDataSet join(ImageDataSet train, ImageDataSet test, Path testDirectory)
      throws IOException {
    if (!train.shape().equals(test.shape()) || train.classes() != test.classes()) {
      throw new DataSetException(
          testDirectory,
          "has images of " + test.shape() + " in " + test.classes() + " classes",
          "train has " + train.shape() + " in " + train.classes());
    }
    return train.followedBy(test);
  }

  private ImageDataSet read(DataSetSpec spec, Path directory) throws IOException {
    Listing listing = list(directory);
    int side = spec.side() == null ? commonSide(listing.files) : spec.side();
    int channels = spec.channels() == null ? DEFAULT_CHANNELS : spec.channels();
    ImageShape shape = new ImageShape(channels, side, side);
    if ((long) listing.files.size() * shape.length() > maxHeapBytes) {
      return mapped(spec.name(), directory, listing, shape);
    }
    HeapPixels.Writer writer = new HeapPixels.Writer(shape.length());
    for (Path file : listing.files) {
      writer.append(image(file, shape), 0);
    }
    return new ImageDataSet(
        spec.name(),
        shape,
        listing.classes,
        writer.finish(),
        listing.files.size(),
        listing.labels,
        null);
  }

  private ImageDataSet mapped(String name, Path directory, Listing listing, ImageShape shape)
      throws IOException {
    String key = PixelFile.key(listing.files, "folder " + shape + " " + listing.classes);
    Path target = cache.resolve(key.substring(0, 16) + ".pixels");
    ImageDataSet images = PixelFile.open(target, key, name);
    if (images != null) {
      return images;
    }
    int count = listing.files.size();
    LOG.info("Decoding {} images of {} into {}", count, directory, target);
    return PixelFile.build(
        target,
        key,
        name,
        shape,
        listing.classes,
        count,
        writer -> {
          for (int i = 0; i < count; i++) {
            int label = listing.labels == null ? 0 : listing.labels[i];
            writer.append(image(listing.files.get(i), shape), label);
          }
        });
  }

  private static byte[] image(Path file, ImageShape shape) throws IOException {
    byte[] square = ImageFile.square(file, shape.channels());
    int side = (int) Math.round(Math.sqrt(square.length / shape.channels()));
    if (side < shape.width()) {
      throw new DataSetException(
          file,
          "its shorter side is " + side + " pixels",
          "must be at least " + shape.width() + ", images are only shrunk");
    }
    if (side == shape.width()) {
      return square;
    }
    byte[] small = new byte[shape.length()];
    new AreaResize(side, shape.width()).apply(square, shape.channels(), small, 0);
    return small;
  }

  /** The side of images that are all squares of one size. */
  private static int commonSide(List<Path> files) throws IOException {
    ImageFile.Size first = ImageFile.size(files.get(0));
    for (Path file : files) {
      ImageFile.Size size = ImageFile.size(file);
      if (size.width() != size.height() || !size.equals(first)) {
        throw new DataSetException(
            file,
            "is " + size.width() + "x" + size.height(),
            "without a side all images must be squares of one size, such as "
                + first.width()
                + "x"
                + first.width());
      }
    }
    return first.width();
  }

  private static Listing list(Path directory) throws IOException {
    List<Path> files = images(directory);
    List<Path> classes = entries(directory, Files::isDirectory);
    if (files.isEmpty() == classes.isEmpty()) {
      throw new DataSetException(
          directory,
          files.isEmpty() ? "holds no image" : "holds both images and directories",
          "must hold either PNG, JPEG or BMP images or one directory of them per class");
    }
    if (classes.isEmpty()) {
      return new Listing(files, null, 0);
    }
    List<Path> all = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      List<Path> some = images(classes.get(label));
      if (some.isEmpty()) {
        throw new DataSetException(
            classes.get(label), "holds no image", "every class directory must hold some");
      }
      for (Path file : some) {
        all.add(file);
        labels.add(label);
      }
    }
    return new Listing(all, labels.stream().mapToInt(i -> i).toArray(), classes.size());
  }

  private static List<Path> images(Path directory) throws IOException {
    return entries(directory, file -> Files.isRegularFile(file) && ENDINGS.contains(ending(file)));
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  /** Entries that are not hidden, in the order of their names on every file system. */
  private static List<Path> entries(Path directory, DirectoryStream.Filter<Path> filter)
      throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, filter)) {
      for (Path entry : stream) {
        if (!entry.getFileName().toString().startsWith(".")) {
          entries.add(entry);
        }
      }
    }
    entries.sort(Comparator.comparing(path -> path.getFileName().toString()));
    return entries;
  }
}
