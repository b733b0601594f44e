package org.lcsc.datasets;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * The data sets of this library; the description of this package says where each comes from.
 * Thread-safe.
 */
public final class DataSets {

  private static final Path DEBIAN_FASHION_MNIST = Path.of("/usr/share/datasets/fashion-mnist");

  private static final List<URI> FASHION_MNIST_MIRRORS =
      List.of(
          URI.create("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"),
          URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"));

  private static final List<URI> MNIST_MIRRORS =
      List.of(
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"));

  /** SHA-256 of the files' decompressed content, which recompression leaves alone. */
  private static final Map<String, String> FASHION_MNIST_CONTENT =
      Map.of(
          IdxLoader.TRAIN_IMAGES,
          "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
          IdxLoader.TRAIN_LABELS,
          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
          IdxLoader.TEST_IMAGES,
          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
          IdxLoader.TEST_LABELS,
          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

  private static final Map<String, String> MNIST_CONTENT =
      Map.of(
          IdxLoader.TRAIN_IMAGES,
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          IdxLoader.TRAIN_LABELS,
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          IdxLoader.TEST_IMAGES,
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          IdxLoader.TEST_LABELS,
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

  /** Files of one's own may have any side up to this. */
  private static final int LARGEST_SIDE = 4096;

  private DataSets() {}

  /** What the data sets of this library share. */
  interface Own extends DataSetSettings {

    /** The images as they are; side 0 where only the files tell. */
    Known own();

    /** What reads the files. */
    DataSetLoader loader();

    /** Whether missing files may be downloaded. */
    default boolean download() {
      return true;
    }

    /** What the loader is asked for. */
    private DataSetSpec spec() {
      Path place = path() == null ? null : Path.of(path());
      return new DataSetSpec(title(), place, side(), own().channels(), download());
    }

    @Override
    default void checkFiles() throws IOException {
      requireFiles(Split.TRAIN);
    }

    @Override
    default void checkHeldOut() throws IOException {
      requireFiles(Split.TEST);
    }

    private void requireFiles(Split split) throws IOException {
      DataSetSpec spec = spec();
      if (spec.path() != null && Files.exists(spec.path())) {
        loader().requireFiles(spec, split);
      }
    }

    @Override
    default ImageDataSet load(Split split) throws IOException {
      ImageDataSet images = loader().load(spec(), split);
      if (side() == null) {
        return images;
      }
      int least = Math.min(images.shape().height(), images.shape().width());
      return images.resizedTo(Require.between("side", side(), 1, least));
    }

    @Override
    default Optional<Known> known() {
      int shrunk = side() == null ? own().side() : side();
      return Optional.of(new Known(own().channels(), shrunk, own().classes()))
          .filter(known -> known.side() > 0);
    }

    @Override
    default String source() {
      return Arrays.asList(kind(), path(), side()).toString();
    }
  }

  /**
   * The 8x8 grey handwritten digits that are embedded.
   *
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 8; default null:
   *     the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   */
  @Kind("digits")
  public record Digits(@OptionalKey Integer side, boolean flip) implements Own {

    public Digits() {
      this(null, false);
    }

    public Digits {
      check(null, side, 8);
    }

    @Override
    public Known own() {
      return new Known(1, 8, 10);
    }

    @Override
    public DataSetLoader loader() {
      return new DigitsLoader();
    }
  }

  /**
   * 28x28 grey images of clothes (Xiao, Rasul and Vollgraf 2017).
   *
   * @param path its directory; default null: the installed files, the cache, a download
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 28; default null:
   *     the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   * @param download whether missing files may be downloaded; default true
   */
  @Kind("fashion-mnist")
  public record FashionMnist(
      @OptionalKey String path, @OptionalKey Integer side, boolean flip, boolean download)
      implements Own {

    public FashionMnist() {
      this(null, null, false, true);
    }

    public FashionMnist {
      check(path, side, 28);
    }

    @Override
    public Known own() {
      return new Known(1, 28, 10);
    }

    @Override
    public DataSetLoader loader() {
      return new IdxLoader(
          new IdxLoader.Source(FASHION_MNIST_CONTENT, FASHION_MNIST_MIRRORS),
          List.of(DEBIAN_FASHION_MNIST),
          cache(kind()),
          new Downloader());
    }
  }

  /**
   * 28x28 grey handwritten digits.
   *
   * @param path its directory; default null: the installed files, the cache, a download
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 28; default null:
   *     the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   * @param download whether missing files may be downloaded; default true
   */
  @Kind("mnist")
  public record Mnist(
      @OptionalKey String path, @OptionalKey Integer side, boolean flip, boolean download)
      implements Own {

    public Mnist() {
      this(null, null, false, true);
    }

    public Mnist {
      check(path, side, 28);
    }

    @Override
    public Known own() {
      return new Known(1, 28, 10);
    }

    @Override
    public DataSetLoader loader() {
      return new IdxLoader(
          new IdxLoader.Source(MNIST_CONTENT, MNIST_MIRRORS),
          List.of(),
          cache(kind()),
          new Downloader());
    }
  }

  /**
   * Files of one's own in MNIST's format.
   *
   * @param path the directory of its files
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 4096; default
   *     null: the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   */
  @Kind("idx")
  public record Idx(String path, @OptionalKey Integer side, boolean flip) implements Own {

    public Idx() {
      this(null, null, false);
    }

    public Idx {
      check(path, side, LARGEST_SIDE);
    }

    @Override
    public Known own() {
      return new Known(0, 0, 0);
    }

    @Override
    public DataSetLoader loader() {
      return new IdxLoader(IdxLoader.Source.ANY, List.of(), cache(kind()), new Downloader());
    }
  }

  /**
   * 32x32 colour images of ten classes.
   *
   * @param path its directory or archive; default null: the installed files, the cache, a download
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 32; default null:
   *     the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   * @param download whether missing files may be downloaded; default true
   */
  @Kind("cifar10")
  public record Cifar10(
      @OptionalKey String path, @OptionalKey Integer side, boolean flip, boolean download)
      implements Own {

    public Cifar10() {
      this(null, null, false, true);
    }

    public Cifar10 {
      check(path, side, 32);
    }

    @Override
    public Known own() {
      return new Known(3, 32, 10);
    }

    @Override
    public DataSetLoader loader() {
      return new Cifar10Loader(cache(kind()), new Downloader());
    }
  }

  /**
   * 64x64 colour images of a thousand classes.
   *
   * @param path the directory of its files
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 64; default null:
   *     the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   */
  @Kind("imagenet64")
  public record ImageNet64(String path, @OptionalKey Integer side, boolean flip) implements Own {

    public ImageNet64() {
      this(null, null, false);
    }

    public ImageNet64 {
      check(path, side, 64);
    }

    @Override
    public Known own() {
      return new Known(3, 64, 1000);
    }

    @Override
    public DataSetLoader loader() {
      return new ImageNet64Loader(cache(kind()));
    }
  }

  /**
   * A folder of images, cropped to their centred squares.
   *
   * @param path the directory of its files
   * @param side side in pixels that images are shrunk to by area averaging, 1 to 4096; default
   *     null: the side they have
   * @param flip whether training mirrors each image left to right with probability one half;
   *     default false
   * @param channels 1 for grey or 3 for colour; default 3
   * @param background colour that transparent images are laid over: {@code white}, {@code black} or
   *     {@code "#rrggbb"}; default null: transparency is ignored, the colours are taken as they are
   */
  @Kind("folder")
  public record Folder(
      String path,
      @OptionalKey Integer side,
      int channels,
      boolean flip,
      @OptionalKey String background)
      implements Own {

    private static final Map<String, Integer> NAMED = Map.of("black", 0, "white", 0xffffff);

    public Folder() {
      this(null, null, 3, false, null);
    }

    public Folder {
      check(path, side, LARGEST_SIDE);
      if (channels != 1 && channels != 3) {
        throw new InvalidValueException(
            "channels", "unknown value (" + channels + "), allowed: 1 (grey) or 3 (colour)");
      }
      if (background != null
          && !NAMED.containsKey(background)
          && !background.matches("#[0-9a-fA-F]{6}")) {
        throw new InvalidValueException(
            "background", "no colour (" + background + "), allowed: white, black, \"#rrggbb\"");
      }
    }

    /** The background as 0xRRGGBB, or null. */
    private Integer colour() {
      return background == null || NAMED.containsKey(background)
          ? NAMED.get(String.valueOf(background))
          : Integer.valueOf(background.substring(1), 16);
    }

    /** The directory's name. */
    @Override
    public String title() {
      Path name = path == null ? null : Path.of(path).toAbsolutePath().normalize().getFileName();
      return name == null ? kind() : name.toString();
    }

    @Override
    public Known own() {
      return new Known(channels, 0, 0);
    }

    @Override
    public DataSetLoader loader() {
      return new FolderLoader(cache(kind()), colour());
    }

    @Override
    public ImageDataSet load(Split split) throws IOException {
      ImageDataSet images = Own.super.load(split);
      requireTwo(images.size());
      return images;
    }

    @Override
    public void checkFiles() throws IOException {
      Own.super.checkFiles();
      if (path != null && Files.isDirectory(Path.of(path))) {
        requireTwo(FolderLoader.trainingImages(Path.of(path)));
      }
    }

    @Override
    public OptionalInt listedClasses() throws IOException {
      return path != null && Files.isDirectory(Path.of(path))
          ? OptionalInt.of(FolderLoader.classes(Path.of(path)))
          : OptionalInt.empty();
    }

    @Override
    public void checkHeldOut() throws IOException {
      if (path != null && Files.isDirectory(Path.of(path))) {
        FolderLoader.requireHeldOut(Path.of(path));
      }
    }

    private void requireTwo(int images) throws DataSetException {
      if (images < 2) {
        throw new DataSetException(path, "holds 1 image", "must hold at least 2");
      }
    }

    @Override
    public String source() {
      return Own.super.source() + channels + background;
    }
  }

  private static void check(String path, Integer side, int largest) {
    Require.path("path", path);
    Require.between("side", side, 1, largest);
  }

  private static Path cache(String kind) {
    return cacheRoot().resolve(kind);
  }

  private static Path cacheRoot() {
    String configured = System.getenv("LCSC_DATA");
    return configured == null || configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "lcsc")
        : Path.of(configured);
  }
}
