package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import org.lcsc.diffusion.sampler.DpmSolver.Method;
import org.lcsc.diffusion.sampler.DpmSolver.Options;
import org.lcsc.diffusion.sampler.DpmSolver.Spacing;
import org.lcsc.diffusion.schedule.LogSnrSchedule;

/** The times and orders of the steps of DPM-Solver (arXiv:2206.00927, section 3.4). */
final class DpmTimes {

  private DpmTimes() {}

  /** {@code intervals + 1} times from {@code from} down to {@code to}. */
  static double[] spaced(
      LogSnrSchedule schedule, Spacing spacing, double from, double to, int intervals) {
    double[] times = new double[intervals + 1];
    Arrays.setAll(
        times,
        i -> {
          double fraction = (double) i / intervals;
          return switch (spacing) {
            case LOG_SNR -> {
              double first = schedule.lambda(from);
              yield schedule.inverseLambda(first + fraction * (schedule.lambda(to) - first));
            }
            case TIME_UNIFORM -> from + fraction * (to - from);
            case TIME_QUADRATIC -> {
              double root = Math.sqrt(from) + fraction * (Math.sqrt(to) - Math.sqrt(from));
              yield root * root;
            }
          };
        });
    // the ends are known exactly
    times[0] = from;
    times[intervals] = to;
    return times;
  }

  /** Order of every step. */
  static int[] orders(Options options) {
    int order = options.order();
    int steps = options.steps();
    if (options.method() == Method.MULTISTEP) {
      int[] orders = new int[steps];
      boolean lower = options.lowerOrderFinal() && steps < DpmSolver.LOWER_ORDER_FINAL_BELOW;
      Arrays.setAll(orders, i -> Math.min(Math.min(order, i + 1), lower ? steps - i : order));
      return orders;
    }
    if (options.method() == Method.SINGLESTEP_FIXED || steps % order == 0 && order < 3) {
      return filled(steps / order, order);
    }
    // the last steps are of lower order, so that the orders sum to the number of steps
    int full = steps % 3 == 0 && order == 3 ? steps / 3 - 1 : steps / order;
    int[] last = steps % 3 == 0 && order == 3 ? new int[] {2, 1} : new int[] {steps % order};
    int[] orders = filled(full + last.length, order);
    System.arraycopy(last, 0, orders, full, last.length);
    return orders;
  }

  private static int[] filled(int length, int value) {
    int[] array = new int[length];
    Arrays.fill(array, value);
    return array;
  }

  /**
   * The times between which the steps lead. Log-SNR spacing gives every step the same share of
   * lambda; the others give every evaluation the same share of time.
   */
  static double[] outer(LogSnrSchedule schedule, Options options) {
    int[] orders = orders(options);
    double from = schedule.startTime();
    double to = schedule.endTime();
    if (options.method() != Method.SINGLESTEP || options.spacing() == Spacing.LOG_SNR) {
      return spaced(schedule, options.spacing(), from, to, orders.length);
    }
    double[] all = spaced(schedule, options.spacing(), from, to, options.steps());
    double[] times = new double[orders.length + 1];
    int evaluation = 0;
    for (int i = 0; i <= orders.length; i++) {
      times[i] = all[evaluation];
      evaluation += i < orders.length ? orders[i] : 0;
    }
    return times;
  }
}
