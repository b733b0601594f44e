package org.lcsc.checkpoint;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CPU time of merging 16 candidates and one, of inner products, and of reading the window's bytes
 * once, in turns, for each data type in memory: the least of the turns. Other processes then count
 * only by the caches and the bandwidth they take. The arguments are the number of parameters, then
 * numbers of checkpoints; the result is logged as CSV.
 */
final class MergeStudy {

  private static final Logger LOG = LoggerFactory.getLogger(MergeStudy.class);

  /** The first of them are for the compilers. */
  private static final int TURNS = 9;

  private static final int BLOCK = 1 << 18;

  private MergeStudy() {}

  /** Logs a row for each number of checkpoints and data type. */
  public static void main(String[] arguments) {
    int parameters = Integer.parseInt(arguments[0]);
    LOG.info("parameters,checkpoints,type,merge 16 ms,merge 1 ms,dot ms,read ms");
    for (int i = 1; i < arguments.length; i++) {
      for (CheckpointDataType type : CheckpointDataType.values()) {
        LOG.info(measure(type, parameters, Integer.parseInt(arguments[i])));
      }
    }
  }

  private static String measure(CheckpointDataType type, int parameters, int checkpoints) {
    INDArray vector = Nd4j.linspace(DataType.FLOAT, -1.0, 2.0 / parameters, parameters);
    try (CheckpointWindow window =
        CheckpointWindow.builder(parameters).capacity(checkpoints).dataType(type).build()) {
      for (int k = 1; k <= checkpoints; k++) {
        window.record(k, vector);
      }
      double[][] generation = coefficients(16, checkpoints);
      double[][] single = coefficients(1, checkpoints);
      INDArray many = Nd4j.createUninitialized(DataType.FLOAT, 16, parameters);
      INDArray one = Nd4j.createUninitialized(DataType.FLOAT, 1, parameters);
      byte[] block = new byte[BLOCK];
      Runnable[] work = {
        () -> window.merge(generation, many),
        () -> window.merge(single, one),
        () -> window.dot(vector),
        () -> read(window, block)
      };
      double[] least = new double[work.length];
      for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < work.length; i++) {
          double start = cpu();
          work[i].run();
          double seconds = cpu() - start;
          least[i] = turn == 0 ? seconds : Math.min(least[i], seconds);
        }
      }
      many.close();
      one.close();
      vector.close();
      return String.format(
          "%d,%d,%s,%.1f,%.1f,%.1f,%.1f",
          parameters,
          checkpoints,
          type,
          1e3 * least[0],
          1e3 * least[1],
          1e3 * least[2],
          1e3 * least[3]);
    }
  }

  private static void read(CheckpointWindow window, byte[] block) {
    TileStore store = window.store();
    long left = window.bytes();
    ByteBuffer segment = store.segmentOf(0);
    for (int at = 0; left > 0; left -= block.length) {
      int count = (int) Math.min(block.length, left);
      // A window of several segments reads its first again: as many bytes, larger than the caches.
      if (at + count > segment.capacity()) {
        at = 0;
      }
      segment.get(at, block, 0, count);
      at += count;
    }
  }

  private static double[][] coefficients(int candidates, int checkpoints) {
    Random random = new Random(1);
    double[][] rows = new double[candidates][checkpoints];
    for (double[] row : rows) {
      for (int k = 0; k < checkpoints; k++) {
        row[k] = 2 * random.nextDouble() - 1;
      }
    }
    return rows;
  }

  private static double cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9;
  }
}
