package org.lcsc.diffusion.training;

import java.util.Arrays;

/**
 * The linear assignment problem, solved exactly by shortest augmenting paths (Jonker and Volgenant
 * 1987, Computing 38; Crouse 2016, IEEE Transactions on Aerospace and Electronic Systems 52) in
 * O(n^3) time.
 *
 * <p>Stateless and thread-safe.
 */
final class Assignment {

  private static final int NONE = -1;

  private Assignment() {}

  /**
   * One column for each row, all different, at the least sum of costs.
   *
   * @param cost {@code [n][n]}; infinite where a pair is not allowed, but some assignment must be
   * @return the column of each row
   */
  static int[] least(double[][] cost) {
    int n = cost.length;
    double[] rowPrice = new double[n];
    double[] columnPrice = new double[n];
    int[] rowOf = new int[n];
    int[] columnOf = new int[n];
    Arrays.fill(rowOf, NONE);
    Arrays.fill(columnOf, NONE);
    for (int start = 0; start < n; start++) {
      double[] distance = new double[n];
      Arrays.fill(distance, Double.POSITIVE_INFINITY);
      int[] before = new int[n];
      boolean[] done = new boolean[n];
      double shortest = 0;
      int row = start;
      int sink = NONE;
      while (sink == NONE) {
        int nearest = NONE;
        for (int j = 0; j < n; j++) {
          if (done[j]) {
            continue;
          }
          double through = shortest + cost[row][j] - rowPrice[row] - columnPrice[j];
          if (through < distance[j]) {
            distance[j] = through;
            before[j] = row;
          }
          if (nearest == NONE || distance[j] < distance[nearest]) {
            nearest = j;
          }
        }
        if (nearest == NONE || !(distance[nearest] < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException("cost: no assignment is allowed for row " + start);
        }
        shortest = distance[nearest];
        done[nearest] = true;
        row = rowOf[nearest];
        sink = row == NONE ? nearest : NONE;
      }
      rowPrice[start] += shortest;
      for (int j = 0; j < n; j++) {
        if (done[j]) {
          columnPrice[j] -= shortest - distance[j];
          if (rowOf[j] != NONE) {
            rowPrice[rowOf[j]] += shortest - distance[j];
          }
        }
      }
      for (int j = sink, next; j != NONE; j = next) {
        rowOf[j] = before[j];
        next = columnOf[before[j]];
        columnOf[before[j]] = j;
      }
    }
    return columnOf;
  }
}
