package org.lcsc.datasets;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of PNG, JPEG and BMP images without labels, or of directories that are the classes,
 * in the order of their names. Hidden files are passed over; files of other kinds, links that lead
 * nowhere and directories within classes are too, with a warning that counts them.
 *
 * <p>A directory that holds {@code train} and one of {@code test}, {@code val}, {@code valid} and
 * {@code validation} (the first of these that it has) has two splits, of the same classes where
 * both have some; images and directories beside them are passed over with a warning. One that holds
 * {@code train} alone, or any other, is all training images and has no test split. Each image is
 * cropped to its centred square, then shrunk by area averaging. Sets above 256 MiB go through a
 * memory-mapped cache file.
 */
record FolderLoader(Path cache, Integer background, long maxHeapBytes) implements DataSetLoader {

  private static final Logger LOG = LoggerFactory.getLogger(FolderLoader.class);
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp");
  private static final String TRAIN = "train";

  /** Directories of images that are not trained on; the first of them that is there. */
  private static final List<String> HELD_OUT = List.of("test", "val", "valid", "validation");

  private static final int LONGEST_ENDING = 10;
  private static final long MAX_HEAP_BYTES = 256L << 20;

  /**
   * A loader.
   *
   * @param background 0xRRGGBB that transparent images are laid over; null to take their colours as
   *     they are
   */
  FolderLoader(Path cache, Integer background) {
    this(cache, background, MAX_HEAP_BYTES);
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
    requireFiles(spec, split);
    Splits splits = Splits.of(spec.path());
    splits.warnOfOthers(spec.path());
    if (split == Split.TEST) {
      splits.requireHeldOut(spec.path());
    }
    if (split == Split.TRAIN || splits.heldOut == null) {
      return read(spec, splits.train);
    }
    requireSameClasses(splits.train, splits.heldOut);
    ImageDataSet heldOut = read(spec, splits.heldOut);
    return split == Split.TEST ? heldOut : join(read(spec, splits.train), heldOut, splits.heldOut);
  }

  /**
   * Refuses a directory without test images.
   *
   * @throws DataSetException where it is not split
   */
  static void requireHeldOut(Path root) throws IOException {
    Splits.of(root).requireHeldOut(root);
  }

  @Override
  public void requireFiles(DataSetSpec spec, Split split) throws IOException {
    if (!Files.isDirectory(spec.path())) {
      throw new DataSetException(spec.path(), "is no directory", "must be a directory of images");
    }
  }

  /**
   * Where the images are.
   *
   * @param heldOut null where there are none
   * @param others entries beside the two, which are not read
   */
  private record Splits(Path train, Path heldOut, List<Path> others) {

    static Splits of(Path root) throws IOException {
      Path train = root.resolve(TRAIN);
      if (!Files.isDirectory(train)) {
        return new Splits(root, null, List.of());
      }
      Entries entries = entries(root, new PassedOver());
      Path heldOut =
          HELD_OUT.stream()
              .map(root::resolve)
              .filter(entries.directories::contains)
              .findFirst()
              .orElse(null);
      boolean isAlone = entries.images.isEmpty() && entries.directories.size() == 1;
      if (heldOut == null && !isAlone) {
        return new Splits(root, null, List.of());
      }
      List<Path> others = new ArrayList<>(entries.images);
      others.addAll(entries.directories);
      others.removeAll(Arrays.asList(train, heldOut));
      return new Splits(train, heldOut, others);
    }

    void requireHeldOut(Path root) throws DataSetException {
      if (heldOut == null) {
        throw new DataSetException(
            root,
            "has no test images",
            "must hold the directory train and one of " + String.join(", ", HELD_OUT));
      }
    }

    void warnOfOthers(Path root) {
      if (!others.isEmpty()) {
        LOG.warn(
            "{}: passed over {} images and directories beside {} and {} (the first is {})",
            root,
            others.size(),
            train.getFileName(),
            heldOut.getFileName(),
            others.get(0).getFileName());
      }
    }
  }

  /**
   * Counts the training images of a directory by their names.
   *
   * @throws DataSetException where it holds none, or is of another form
   */
  static int trainingImages(Path root) throws IOException {
    return list(Splits.of(root).train).files.size();
  }

  /**
   * Counts the classes of a directory by their names.
   *
   * @return 0 for images without labels
   */
  static int classes(Path root) throws IOException {
    return classNames(Splits.of(root).train).size();
  }

  /** Refuses labels that mean something else in the two splits: they are numbered in each. */
  private static void requireSameClasses(Path train, Path test) throws IOException {
    List<String> trained = classNames(train);
    List<String> tested = classNames(test);
    if (trained.isEmpty() || tested.isEmpty()) {
      return;
    }
    for (int i = 0; i < Math.max(trained.size(), tested.size()); i++) {
      String here = i < tested.size() ? tested.get(i) : "missing";
      String there = i < trained.size() ? trained.get(i) : "missing";
      if (!here.equals(there)) {
        throw new DataSetException(
            test,
            Text.format("its class %s is %s, in train it is %s", i + 1, here, there),
            "must have the class directories of train, by the same names");
      }
    }
  }

  private static List<String> classNames(Path directory) throws IOException {
    return entries(directory, new PassedOver()).directories.stream()
        .map(path -> path.getFileName().toString())
        .toList();
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
    ImageShape shape = new ImageShape(spec.channels(), side, side);
    if ((long) listing.files.size() * shape.length() > maxHeapBytes) {
      return mapped(spec.name(), directory, listing, shape);
    }
    HeapPixels.Writer writer = new HeapPixels.Writer(shape.length());
    Remarks remarks = new Remarks(directory);
    for (Path file : listing.files) {
      writer.append(image(file, shape, remarks), 0);
    }
    remarks.report();
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
    String key =
        PixelFile.key(
            listing.files,
            "folder 3 " + shape + " " + listing.classes + (background == null ? "" : background));
    Path target = cache.resolve(key.substring(0, 16) + ".pixels");
    ImageDataSet images = PixelFile.open(target, key, name);
    if (images != null) {
      return images;
    }
    int count = listing.files.size();
    LOG.info("Decoding {} images of {} into {}", count, directory, target);
    Remarks remarks = new Remarks(directory);
    ImageDataSet built =
        PixelFile.build(
            target,
            key,
            name,
            shape,
            listing.classes,
            count,
            writer -> {
              for (int i = 0; i < count; i++) {
                int label = listing.labels == null ? 0 : listing.labels[i];
                writer.append(image(listing.files.get(i), shape, remarks), label);
              }
            });
    remarks.report();
    return built;
  }

  /** Counts the images that look otherwise in most viewers. */
  private static final class Remarks {

    private final Path directory;
    private int transparent;
    private int turned;

    Remarks(Path directory) {
      this.directory = directory;
    }

    void report() {
      if (turned > 0) {
        LOG.warn(
            "{}: {} images have an EXIF orientation, by which viewers turn or mirror them; they are"
                + " taken as their pixels are stored",
            directory,
            turned);
      }
      if (transparent > 0) {
        LOG.warn(
            "{}: {} images are transparent in places; there the colours are taken as they are,"
                + " often black, unless dataset.background names a colour",
            directory,
            transparent);
      }
    }
  }

  private byte[] image(Path file, ImageShape shape, Remarks remarks) throws IOException {
    ImageFile.Square decoded = ImageFile.square(file, shape.channels(), background);
    remarks.transparent += background == null && decoded.transparent() ? 1 : 0;
    remarks.turned += decoded.turned() ? 1 : 0;
    byte[] square = decoded.planes();
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
            Text.format(
                "without a side all images must be squares of one size, such as %sx%s",
                first.width(), first.width()));
      }
    }
    return first.width();
  }

  private static Listing list(Path directory) throws IOException {
    PassedOver passedOver = new PassedOver();
    Entries root = entries(directory, passedOver);
    if (root.images.isEmpty() == root.directories.isEmpty()) {
      throw new DataSetException(
          directory,
          (root.images.isEmpty() ? "holds no image" : "holds both images and directories")
              + passedOver.inMessage(),
          "must hold either PNG, JPEG or BMP images or one directory of them per class");
    }
    List<Path> all = new ArrayList<>(root.images);
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < root.directories.size(); label++) {
      Path directoryOfClass = root.directories.get(label);
      Entries some = entries(directoryOfClass, passedOver);
      some.directories.forEach(nested -> passedOver.add("directory within a class"));
      if (some.images.isEmpty()) {
        throw new DataSetException(
            directoryOfClass,
            "holds no image" + passedOver.inMessage(),
            "every class directory must hold some");
      }
      all.addAll(some.images);
      labels.addAll(Collections.nCopies(some.images.size(), label));
    }
    if (!passedOver.kinds.isEmpty()) {
      LOG.warn("{}: passed over {}; PNG, JPEG and BMP are read", directory, passedOver);
    }
    int[] each = labels.stream().mapToInt(i -> i).toArray();
    return new Listing(all, labels.isEmpty() ? null : each, root.directories.size());
  }

  /** What is not read, by kind. */
  private static final class PassedOver {

    private final Map<String, Integer> kinds = new TreeMap<>();

    void add(String kind) {
      kinds.merge(kind, 1, Integer::sum);
    }

    String inMessage() {
      return kinds.isEmpty() ? "" : " (but " + this + ")";
    }

    /** For example {@code 3 files (1 link that leads nowhere, 2 .webp)}. */
    @Override
    public String toString() {
      int total = kinds.values().stream().mapToInt(i -> i).sum();
      return total
          + (total == 1 ? " entry (" : " entries (")
          + kinds.entrySet().stream()
              .map(kind -> kind.getValue() + " " + kind.getKey())
              .collect(Collectors.joining(", "))
          + ")";
    }
  }

  /** Entries that are not hidden, in the order of their names' bytes. */
  private record Entries(List<Path> images, List<Path> directories) {}

  private static Entries entries(Path directory, PassedOver passedOver) throws IOException {
    Entries entries = new Entries(new ArrayList<>(), new ArrayList<>());
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        if (entry.getFileName().toString().startsWith(".")) {
          continue;
        }
        if (Files.isDirectory(entry)) {
          entries.directories.add(entry);
        } else if (!Files.isRegularFile(entry)) {
          passedOver.add(
              Files.isSymbolicLink(entry) ? "link that leads nowhere" : "that is no regular file");
        } else if (ENDINGS.contains(ending(entry))) {
          entries.images.add(entry);
        } else {
          passedOver.add(ending(entry).isEmpty() ? "without an ending" : ending(entry));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(entries.images);
    Collections.sort(entries.directories);
    return entries;
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    return dot < 0 || name.length() - dot > LONGEST_ENDING
        ? ""
        : name.substring(dot).replaceAll("[^ -~]", "?");
  }
}
