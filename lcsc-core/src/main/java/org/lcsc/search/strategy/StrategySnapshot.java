package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Numbers, rows and bytes of a strategy's snapshot, and what strategies check alike. Stateless and
 * thread-safe.
 */
public final class StrategySnapshot {

  private static final int MAX_LENGTH = 1 << 28;

  private StrategySnapshot() {}

  /** Writes rows of any lengths. */
  public static void writeRows(DataOutputStream out, double[][] rows) throws IOException {
    out.writeInt(rows.length);
    for (double[] row : rows) {
      writeDoubles(out, row);
    }
  }

  /**
   * Reads what {@link #writeRows} wrote.
   *
   * @throws IOException where it is damaged
   */
  public static double[][] readRows(DataInputStream in) throws IOException {
    double[][] rows = new double[readLength(in)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = readDoubles(in);
    }
    return rows;
  }

  /** Writes a row that may be missing. */
  public static void writeRow(DataOutputStream out, double[] rowOrNull) throws IOException {
    writeRows(out, rowOrNull == null ? new double[0][] : new double[][] {rowOrNull});
  }

  /** Reads what {@link #writeRow} wrote; null where it is missing. */
  public static double[] readRow(DataInputStream in) throws IOException {
    double[][] rows = readRows(in);
    return rows.length == 0 ? null : rows[0];
  }

  /** Writes how many they are, and the numbers. */
  public static void writeDoubles(DataOutputStream out, double[] values) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  /** Reads what {@link #writeDoubles} wrote. */
  public static double[] readDoubles(DataInputStream in) throws IOException {
    double[] values = new double[readLength(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  /** Writes how many they are, and the bytes. */
  public static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads what {@link #writeBytes} wrote. */
  public static byte[] readBytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[readLength(in)];
    in.readFully(bytes);
    return bytes;
  }

  /** Reads how many of something follow. */
  public static int readLength(DataInputStream in) throws IOException {
    int length = in.readInt();
    Refuse.file(length < 0 || length > MAX_LENGTH, "a damaged length of %s", length);
    return length;
  }

  /**
   * Refuses another number of scores than a generation has candidates.
   *
   * @throws IllegalArgumentException where they differ
   */
  public static void requireScores(double[] scores, int candidates) {
    if (scores.length != candidates) {
      throw new IllegalArgumentException(
          "got " + scores.length + " scores for a generation of " + candidates);
    }
  }

  /**
   * Checks the first candidates of a strategy and divides each by its sum, of at least {@link
   * Coefficients#MINIMUM_SUM}.
   *
   * @param initial {@code [B, G * K]}; not modified
   * @param groups G, how many sums a candidate has
   * @throws IllegalArgumentException where there is none, or one has another length or no such sum
   */
  public static double[][] normalisedStarts(double[][] initial, int groups) {
    return normalisedStarts(initial, Coefficients.MINIMUM_SUM, groups);
  }

  /**
   * Checks the first candidates of a strategy and divides each by its sum.
   *
   * @param initial {@code [B, K]}
   * @param minimumSum the least |sum| that is divided by
   * @param groups how many sums a candidate has
   */
  static double[][] normalisedStarts(double[][] initial, double minimumSum, int groups) {
    Refuse.argument(initial.length == 0, "the initial population must hold at least 1 candidate");
    int dimension = initial[0].length;
    Refuse.argument(
        groups < 1 || dimension % groups != 0,
        "candidates of %d coefficients cannot be divided into %d groups",
        dimension,
        groups);
    Refuse.argument(
        dimension / groups < 2,
        "candidates must have at least 2 coefficients, got %s",
        dimension / groups);
    double[][] starts = new double[initial.length][];
    for (int i = 0; i < initial.length; i++) {
      if (initial[i].length != dimension) {
        throw new IllegalArgumentException(
            Text.format(
                "initial candidate %d has %d coefficients, the first has %d",
                i, initial[i].length, dimension));
      }
      starts[i] = Coefficients.normalised(initial[i], minimumSum, groups);
    }
    return starts;
  }
}
