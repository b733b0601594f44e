package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Require;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * What searches by gradients share: the best of some candidates is where they start, and from there
 * they move within the plane where every group's sum is 1, in the coordinates of {@link
 * SearchDirections}.
 */
abstract class PathSearch extends SavedStrategy implements GradientStrategy {

  private final SearchDirections directions;
  private final double[][] starts;
  private final double penalty;
  private final String settings;

  /** Points that a score on the plain noise is known of, in coordinates, oldest first. */
  List<double[]> path = new ArrayList<>();

  /** Where the path starts; null while the starts have no scores. */
  private double[] origin;

  /**
   * @param penalty added to the score for every unit of the coefficients' squared length
   * @param settings what two searches must share for one to continue the other, beside what all
   *     paths share
   */
  PathSearch(SearchDirections directions, double[][] initial, double penalty, Record settings) {
    this.directions = Objects.requireNonNull(directions, "directions");
    this.starts = StrategySnapshot.normalisedStarts(initial, directions.groups());
    this.penalty = penalty;
    this.settings = settings.toString();
    Refuse.argument(
        directions.length() != starts[0].length,
        "directions are of %d coefficients, the initial candidates have %d",
        directions.length(),
        starts[0].length);
    if (starts.length == 1) {
      origin = starts[0];
    }
  }

  /** Coordinates to be scored next, or null where there is nothing left to try. */
  abstract double[] next();

  /** Takes the score of {@link #next} and its gradient in coordinates; a score may be infinite. */
  abstract void step(double score, double[] gradient);

  /**
   * Coordinates whose score alone is wanted next, on the noise of plain scores, or null; asked for
   * before {@link #next}.
   */
  double[] check() {
    return null;
  }

  /** Coordinates of the path's end where they are no point of it yet, or null. */
  double[] end() {
    return null;
  }

  /** The score of {@link #check} is known. */
  void checked() {
    throw new IllegalStateException("nothing was to be checked");
  }

  abstract void writePath(DataOutputStream out) throws IOException;

  abstract void readPath(DataInputStream in) throws IOException;

  /**
   * The principal components of a window.
   *
   * @param components how many at most; null for all
   */
  static SearchDirections directions(
      CheckpointMerger merger, Integer components, double whitening) {
    return SearchDirections.principalComponents(
        merger.centredGrams(), components == null ? merger.size() : components, whitening);
  }

  /** The most averages wanted, evenly spread over those there are, and all of an earlier search. */
  static double[][] spread(StrategySettings.Start start, int most) {
    double[][] initial = start.initial();
    int averages = initial.length - start.earlier();
    int count = Math.min(most, averages);
    double[][] chosen = new double[count + start.earlier()][];
    for (int i = 0; i < count; i++) {
      chosen[i] = initial[(2 * i + 1) * averages / (2 * count)];
    }
    System.arraycopy(initial, averages, chosen, count, start.earlier());
    return chosen;
  }

  /** Checks the settings that all searches along a path have. */
  static void requirePath(
      int starts, double step, Integer components, double whitening, double penalty) {
    Require.atLeast("starts", starts, 1);
    Require.positive("step", step);
    Require.atLeast("components", components, 1);
    Require.between("whitening", whitening, 0, 1);
    Require.notNegative("penalty", penalty);
  }

  /** Number of coordinates. */
  final int coordinates() {
    return directions.dimension();
  }

  /** The candidate at some coordinates. */
  final double[] candidate(double[] z) {
    return directions.candidate(origin, z);
  }

  @Override
  public final int dimension() {
    return starts[0].length;
  }

  @Override
  public final boolean wantsGradient() {
    return origin != null && check() == null;
  }

  @Override
  public final double[][] ask() {
    if (origin == null) {
      return Coefficients.copyOf(starts);
    }
    double[] z = check() == null ? next() : check();
    return z == null ? new double[0][] : new double[][] {candidate(z)};
  }

  @Override
  public final void tell(double[] scores) {
    Refuse.state(wantsGradient(), "this search wants a gradient now, not scores alone");
    StrategySnapshot.requireScores(scores, origin == null ? starts.length : 1);
    if (origin != null) {
      checked();
      return;
    }
    origin = starts[Leaders.ranks(scores, 0)[0]];
  }

  @Override
  public final void tell(double score, double[] gradient) {
    if (gradient.length != dimension()) {
      throw new IllegalArgumentException(
          "got " + gradient.length + " derivatives for " + dimension() + " coefficients");
    }
    double[] candidate = candidate(next());
    double[] slopes = new double[gradient.length];
    double square = 0;
    boolean finite = Double.isFinite(score);
    for (int k = 0; k < slopes.length; k++) {
      square += candidate[k] * candidate[k];
      slopes[k] = gradient[k] + 2 * penalty * candidate[k];
      finite &= Double.isFinite(slopes[k]);
    }
    step(
        finite ? score + penalty * square : Double.POSITIVE_INFINITY,
        finite ? directions.gradient(slopes) : new double[coordinates()]);
  }

  /** The path's end, and points evenly spread over its last three quarters. */
  @Override
  public final List<double[]> finalists(int most) {
    List<double[]> finalists = new ArrayList<>();
    double[] end = end();
    if (end != null) {
      finalists.add(candidate(end));
    }
    int points = most - finalists.size();
    int last = path.size() - 1;
    int previous = path.size();
    for (int i = 0; i < points && last >= 0; i++) {
      int index = (int) Math.round(last * (1 - 0.75 * i / Math.max(1, points - 1)));
      if (index < previous) {
        finalists.add(candidate(path.get(index)));
        previous = index;
      }
    }
    return finalists;
  }

  @Override
  protected final String configuration() {
    return Text.format(
        "dimension=%d, %s, penalty=%s, directions %s, initial candidates %x",
        dimension(), settings, penalty, directions, Coefficients.fingerprint(starts));
  }

  @Override
  protected final void write(DataOutputStream out) throws IOException {
    StrategySnapshot.writeRow(out, origin);
    writePath(out);
  }

  @Override
  protected final void read(DataInputStream in) throws IOException {
    double[] saved = StrategySnapshot.readRow(in);
    readPath(in);
    origin = saved;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static double[] scaled(double t, double[] a) {
    return plus(new double[a.length], t, a);
  }

  /** {@code a + t b}. */
  static double[] plus(double[] a, double t, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + t * b[i];
    }
    return sum;
  }
}
