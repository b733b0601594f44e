package org.lcsc.datasets;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lcsc.image.ImageShape;

/**
 * Loads data sets by name; {@link DataSetSpec#NAMES} lists them, the description of this package
 * says where each comes from. Thread-safe.
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

  private DataSets() {}

  /**
   * Loads a data set.
   *
   * @param spec which, from where, how large
   * @param split which part
   * @return the images, {@code side x side} where the spec names a side
   * @throws DataSetException where files are missing, damaged or of another form, or a download
   *     fails; the message is one line
   * @throws IOException where reading fails
   * @throws IllegalArgumentException where the spec's side exceeds that of the images
   */
  public static ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    return load(spec, split, cacheRoot());
  }

  /** Loads with a cache directory of the caller's. */
  static ImageDataSet load(DataSetSpec spec, Split split, Path cacheRoot) throws IOException {
    ImageDataSet images = loader(spec.name(), cacheRoot).load(spec, split);
    if (spec.side() == null) {
      return images;
    }
    ImageShape shape = images.shape();
    if (spec.side() > Math.min(shape.height(), shape.width())) {
      throw new IllegalArgumentException(
          "data set "
              + spec.name()
              + ", side "
              + spec.side()
              + ": must be at most "
              + Math.min(shape.height(), shape.width())
              + ", images are only shrunk");
    }
    return images.resizedTo(spec.side());
  }

  private static DataSetLoader loader(String name, Path cacheRoot) {
    Path cache = cacheRoot.resolve(name);
    Downloader downloader = new Downloader();
    return switch (name) {
      case "digits" -> new DigitsLoader();
      case "fashion-mnist" ->
          new IdxLoader(
              new IdxLoader.Source(FASHION_MNIST_CONTENT, FASHION_MNIST_MIRRORS),
              List.of(DEBIAN_FASHION_MNIST),
              cache,
              downloader);
      case "mnist" ->
          new IdxLoader(
              new IdxLoader.Source(MNIST_CONTENT, MNIST_MIRRORS), List.of(), cache, downloader);
      case "idx" -> new IdxLoader(IdxLoader.Source.ANY, List.of(), cache, downloader);
      case "cifar10" -> new Cifar10Loader(cache, downloader);
      case "imagenet64" -> new ImageNet64Loader(cache);
      case "folder" -> new FolderLoader(cache);
      default -> throw new IllegalStateException("no loader for data set " + name);
    };
  }

  private static Path cacheRoot() {
    String configured = System.getenv("LCSC_DATA");
    return configured == null || configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "lcsc")
        : Path.of(configured);
  }
}
