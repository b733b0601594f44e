package org.lcsc.spark;

import static org.lcsc.io.Text.format;

import java.io.Serializable;
import java.util.zip.CRC32;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tells whether two processes opened the same checkpoints: their iterations and checksums. Where
 * these are not known, the bits of the oldest, the middle and the newest, which come out of a merge
 * exactly on every processor.
 *
 * @param description for messages
 * @param checksum of all this
 */
record WindowIdentity(String description, long checksum) implements Serializable {

  static WindowIdentity of(CheckpointMerger merger) {
    long[] iterations = merger.iterations();
    int size = iterations.length;
    CRC32 sum = new CRC32();
    for (long iteration : iterations) {
      update(sum, iteration);
    }
    long[] checksums = merger.checksums();
    for (long checksum : checksums) {
      update(sum, checksum);
    }
    if (checksums.length == 0) {
      updateByMerging(sum, merger);
    }
    String groups = merger.groups() == 1 ? "" : " in groups " + merger.grouping();
    return new WindowIdentity(
        format(
            "%d checkpoints of iterations %d to %d with %d parameters%s, checksum %08x",
            size, iterations[0], iterations[size - 1], merger.parameters(), groups, sum.getValue()),
        sum.getValue());
  }

  private static void updateByMerging(CRC32 sum, CheckpointMerger merger) {
    int size = merger.size();
    INDArray merged = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, merger.parameters());
    for (int k : new int[] {0, size / 2, size - 1}) {
      double[] alone = new double[merger.groups() * size];
      for (int group = 0; group < merger.groups(); group++) {
        alone[group * size + k] = 1;
      }
      merger.merge(new double[][] {alone}, merged);
      for (float value : HostArrays.floats(merged)) {
        // Zero has two signs, and a sum with zeros keeps neither for certain.
        update(sum, Float.floatToIntBits(value + 0f));
      }
    }
    merged.close();
  }

  private static void update(CRC32 sum, long value) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      sum.update((int) (value >>> shift));
    }
  }
}
