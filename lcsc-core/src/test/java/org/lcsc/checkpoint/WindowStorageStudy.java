package org.lcsc.checkpoint;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a window of 32 checkpoints of 1,048,576 parameters costs in each data type and storage,
 * saved after every 4 checkpoints: memory of its own, disk once full, CPU seconds of recording,
 * saving and merging 16 candidates, and the largest rounding of a stored value. The argument is a
 * directory to work in.
 */
final class WindowStorageStudy {

  private static final Logger LOG = LoggerFactory.getLogger(WindowStorageStudy.class);

  private static final int P = 1 << 20;
  private static final int K = 32;
  private static final int SAVE_EVERY = 4;
  private static final int RECORDS = K + 8;

  private WindowStorageStudy() {}

  /** Where a window lies. */
  private enum Storage {
    MEMORY,
    MAPPED_SAVED_TWICE,
    MAPPED_DURABLE;

    CheckpointWindowBuilder choose(CheckpointWindowBuilder builder, Path file) {
      return switch (this) {
        case MEMORY -> builder.inMemory();
        case MAPPED_SAVED_TWICE -> builder.mapped(file);
        case MAPPED_DURABLE -> builder.durable(file, SAVE_EVERY);
      };
    }
  }

  /** Logs the table. */
  public static void main(String[] arguments) throws IOException {
    Path root = Files.createTempDirectory(Path.of(arguments[0]), "windows");
    float[] values = new float[P];
    Random random = new Random(1);
    for (int i = 0; i < P; i++) {
      values[i] = (float) random.nextGaussian() * 0.05f;
    }
    INDArray parameters = Nd4j.createFromArray(values);
    // Once for the compilers.
    measure(CheckpointDataType.FLOAT32, Storage.MEMORY, parameters, root.resolve("first"));
    for (CheckpointDataType type : CheckpointDataType.values()) {
      for (Storage storage : Storage.values()) {
        LOG.info(measure(type, storage, parameters, root.resolve(type + "-" + storage)));
      }
    }
    delete(root);
  }

  private static String measure(
      CheckpointDataType type, Storage storage, INDArray parameters, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    long before = anonymous();
    double recording = 0;
    double saving = 0;
    CheckpointArchive archive = new CheckpointArchive(directory.resolve("archive"));
    try (CheckpointWindow window =
        storage
            .choose(CheckpointWindow.builder(P).capacity(K).dataType(type), directory.resolve("w"))
            .build()) {
      for (int n = 1; n <= RECORDS; n++) {
        double start = cpu();
        window.record(n, parameters);
        recording += cpu() - start;
        if (n % SAVE_EVERY == 0) {
          start = cpu();
          archive.save(window, new DataOutputStream(OutputStream.nullOutputStream()));
          archive.saved(window);
          saving += cpu() - start;
        }
      }
      long own = anonymous() - before;
      double[][] coefficients = new double[16][K];
      Arrays.stream(coefficients).forEach(row -> Arrays.fill(row, 1.0 / K));
      INDArray out = Nd4j.createUninitialized(DataType.FLOAT, 16, P);
      window.merge(coefficients, out);
      double start = cpu();
      window.merge(coefficients, out);
      double merging = cpu() - start;
      out.close();
      return String.format(
          "%s %s: %,d MB of memory, %,d MB on disk, CPU ms: record %.1f, save %.1f per checkpoint,"
              + " merge %.0f; rounding 2^%.2f",
          type,
          storage,
          own >> 20,
          bytes(directory) >> 20,
          recording / RECORDS * 1e3,
          saving / RECORDS * 1e3,
          merging * 1e3,
          Math.log(rounding(window, parameters)) / Math.log(2));
    }
  }

  /** Largest relative error of a stored value that is a normal number in every type. */
  private static double rounding(CheckpointWindow window, INDArray parameters) {
    float[] exact = parameters.toFloatVector();
    float[] stored = window.checkpoint(0).toFloatVector();
    double worst = 0;
    for (int i = 0; i < P; i++) {
      if (Math.abs(exact[i]) > 0x1p-14) {
        worst = Math.max(worst, Math.abs(stored[i] - (double) exact[i]) / Math.abs(exact[i]));
      }
    }
    return worst;
  }

  private static double cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9;
  }

  /** Memory of the process that no file backs, in bytes. */
  private static long anonymous() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long bytes(Path directory) throws IOException {
    long sum = 0;
    for (Path file : files(directory)) {
      sum += Files.isDirectory(file) ? 0 : Files.size(file);
    }
    return sum;
  }

  private static void delete(Path directory) throws IOException {
    for (Path file : files(directory)) {
      Files.delete(file);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
