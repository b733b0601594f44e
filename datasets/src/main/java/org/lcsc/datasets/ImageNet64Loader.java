package org.lcsc.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.io.function.IOBiFunction;
import org.lcsc.image.ImageShape;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
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
record ImageNet64Loader(Path cache, int trainBatches) implements DataSetLoader {

  private static final Logger LOG = LoggerFactory.getLogger(ImageNet64Loader.class);
  private static final ImageShape SHAPE = new ImageShape(3, 64, 64);
  private static final int CLASSES = 1000;
  private static final int TRAIN_BATCHES = 10;
  private static final int MAX_IMAGES_PER_FILE = 10_000_000;

  ImageNet64Loader(Path cache) {
    this(cache, TRAIN_BATCHES);
  }

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    return switch (split) {
      case TRAIN -> train(spec);
      case TEST -> test(spec);
      case ALL -> train(spec).followedBy(test(spec));
    };
  }

  @Override
  public void requireFiles(DataSetSpec spec, Split split) throws IOException {
    require(split == Split.TEST ? List.of(testFile(spec)) : trainFiles(spec));
  }

  private static Path testFile(DataSetSpec spec) {
    return spec.path().resolve("val_data.npz");
  }

  private List<Path> trainFiles(DataSetSpec spec) {
    return IntStream.rangeClosed(1, trainBatches)
        .mapToObj(i -> spec.path().resolve("train_data_batch_" + i + ".npz"))
        .toList();
  }

  private ImageDataSet train(DataSetSpec spec) throws IOException {
    return cached(spec, trainFiles(spec), "train");
  }

  private ImageDataSet test(DataSetSpec spec) throws IOException {
    return cached(spec, List.of(testFile(spec)), "val");
  }

  private static void require(List<Path> files) throws DataSetException {
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new DataSetException(
            file, "is missing", "put it there: Downsampled ImageNet 64x64 (npz) of image-net.org");
      }
    }
  }

  private ImageDataSet cached(DataSetSpec spec, List<Path> files, String part) throws IOException {
    require(files);
    String key = PixelFile.key(files, "imagenet64");
    Path target = cache.resolve(part + "-" + key.substring(0, 16) + ".pixels");
    ImageDataSet images = PixelFile.open(target, key, spec.name());
    if (images != null) {
      return images;
    }
    LOG.info("Copying {} files of {} into {}", files.size(), spec.path(), target);
    List<int[]> labels = new ArrayList<>();
    for (Path file : files) {
      labels.add(reading(file, ImageNet64Loader::labels));
    }
    long count = labels.stream().mapToLong(some -> some.length).sum();
    return PixelFile.build(
        target,
        key,
        spec.name(),
        SHAPE,
        CLASSES,
        count,
        writer -> {
          for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            int[] some = labels.get(i);
            reading(file, (path, archive) -> copy(path, archive, some, writer));
            LOG.info("Copied {} ({} of {})", file, i + 1, files.size());
          }
        });
  }

  private static <T> T reading(Path file, IOBiFunction<Path, NpzArchive, T> reading)
      throws DataSetException {
    try (NpzArchive archive = NpzArchive.open(file)) {
      return reading.apply(file, archive);
    } catch (DataSetException e) {
      throw e;
    } catch (IOException e) {
      throw new DataSetException(e.getMessage(), e);
    }
  }

  private static int[] labels(Path file, NpzArchive archive) throws IOException {
    NpyArray array = archive.read("labels", MAX_IMAGES_PER_FILE);
    String label = file + ": array 'labels'";
    if (array.shape().length != 1 || array.length() < 1) {
      throw new DataSetException(label, "has the shape " + array.shapeText(), "must be (n,)");
    }
    double[] values = array.doubles();
    int[] labels = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      labels[i] = (int) values[i] - 1;
      if (values[i] != labels[i] + 1 || labels[i] < 0 || labels[i] >= CLASSES) {
        throw new DataSetException(
            label, "label " + values[i] + " of image " + i, "must be a whole number, 1 to 1000");
      }
    }
    return labels;
  }

  private static Void copy(Path file, NpzArchive archive, int[] labels, PixelFile.Writer writer)
      throws IOException {
    try (NpzArchive.ArrayStream array = archive.stream("data")) {
      NpyArray.Header header = array.header((long) MAX_IMAGES_PER_FILE * SHAPE.length());
      int[] shape = header.shape();
      if (!header.isPlainBytes() || shape.length != 2 || shape[1] != SHAPE.length()) {
        throw new DataSetException(
            file + ": array 'data'",
            "has the shape " + Arrays.toString(shape) + " or a type of its own",
            "must be uint8 (n, " + SHAPE.length() + "), row-major");
      }
      if (shape[0] != labels.length) {
        throw new DataSetException(
            file,
            "holds " + shape[0] + " images and " + labels.length + " labels",
            "must be equal");
      }
      byte[] image = new byte[SHAPE.length()];
      for (int i = 0; i < labels.length; i++) {
        array.read(image, i == labels.length - 1);
        writer.append(image, labels[i]);
      }
      return null;
    }
  }
}
