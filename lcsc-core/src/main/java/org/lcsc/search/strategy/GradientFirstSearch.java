package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Parts;
import org.lcsc.config.Require;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Descends by gradients first and hands points of the path to a search by scores alone, which
 * starts from them: gradient first, evolution after.
 *
 * <pre>{@code
 * new GradientFirstSearch(
 *     new GradientSearch(directions, starts, GradientSearch.Parameters.DEFAULTS), 25, 4,
 *     points -> new EvolutionarySearch(points, seed));
 * }</pre>
 *
 * <p>The gradients end after so many of them, or once the first search has nothing left to try. A
 * path without a point of finite score leaves the second search with what the first started from.
 * Not thread-safe.
 */
public final class GradientFirstSearch extends SavedStrategy implements GradientStrategy {

  /** The most finalists of the second search. */
  private static final int REMEMBERED = 64;

  private static final double SAME = 1e-12;

  private final GradientStrategy first;
  private final Function<double[][], SearchStrategy> second;
  private final int gradients;
  private final int passedOn;

  /** Gradients received so far. */
  private int told;

  /** What the first search asked scores of before its first gradient. */
  private double[][] starts = {};

  /** What the second search started from, empty before it does. */
  private double[][] points = {};

  /** The second search, null before it starts. */
  private SearchStrategy current;

  /** Best distinct candidates of the second search. */
  private Leaders best = new Leaders(REMEMBERED);

  /**
   * {@link GradientSearch} for a part of the budget, {@link EvolutionarySearch} from its path after
   * that: kind {@code gradient-evolution} of a configuration file.
   *
   * @param gradients values and gradients computed before evolution takes over, at least 1; null
   *     for half the evaluations at what each costs
   * @param gradient settings of the first search
   * @param evolution settings of the second, which starts from as many points as it has parents;
   *     its sigma is at most a quarter of the last stretch of the path, for a longer mutation would
   *     leave what the gradients found
   */
  @Kind("gradient-evolution")
  public record Parameters(
      @OptionalKey Integer gradients,
      GradientSearch.Parameters gradient,
      EvolutionarySearch.Parameters evolution)
      implements GradientSettings {

    /** The defaults of both. */
    public Parameters() {
      this(null, GradientSearch.Parameters.DEFAULTS, EvolutionarySearch.Parameters.DEFAULTS);
    }

    public Parameters {
      Require.atLeast("gradients", gradients, 1);
    }

    @Override
    public Double limit() {
      return evolution.limit();
    }

    @Override
    public String limitKey() {
      return "evolution.limit";
    }

    @Override
    public SearchStrategy create(Start start) {
      int half = (int) (start.evaluations() / (2 * start.gradientCost()));
      int first = gradients == null ? Math.max(1, half) : gradients;
      return new GradientFirstSearch(
          gradient.create(
              start.with((int) Math.ceil(gradient.starts() + first * start.gradientCost()))),
          first,
          evolution.parents(),
          points -> {
            double sigma = Math.min(evolution.sigma(), stretch(points));
            return Parts.with(evolution, Map.of("sigma", sigma))
                .create(
                    new Start(
                        points,
                        0,
                        start.merger(),
                        start.evaluations(),
                        start.gradientCost(),
                        start.seed()));
          });
    }

    private static double stretch(double[][] points) {
      double square = 0;
      for (int k = 0; points.length > 1 && k < points[0].length; k++) {
        square += Math.pow(points[0][k] - points[1][k], 2);
      }
      return square > 0 ? Math.sqrt(square) / 4 : Double.POSITIVE_INFINITY;
    }
  }

  /**
   * A search.
   *
   * @param first the search by gradients
   * @param gradients after which the second begins, at least 1
   * @param passedOn the most points of the path that the second starts from, at least 1
   * @param second makes it from candidates {@code [B, K]}; the same candidates must give the same
   *     strategy
   */
  public GradientFirstSearch(
      GradientStrategy first,
      int gradients,
      int passedOn,
      Function<double[][], SearchStrategy> second) {
    this.first = Objects.requireNonNull(first, "first");
    this.second = Objects.requireNonNull(second, "second");
    this.gradients = gradients;
    this.passedOn = passedOn;
    Refuse.argument(
        gradients < 1 || passedOn < 1,
        "gradients and points passed on must be at least 1, got %d and %d",
        gradients,
        passedOn);
  }

  @Override
  public String name() {
    return "gradient-first";
  }

  @Override
  public int dimension() {
    return first.dimension();
  }

  @Override
  public double fidelity() {
    return current == null ? first.fidelity() : current.fidelity();
  }

  @Override
  public boolean wantsGradient() {
    return current == null && first.wantsGradient();
  }

  @Override
  public long draw() {
    return first.draw();
  }

  @Override
  public double[][] ask() {
    if (current == null) {
      double[][] asked = done() ? new double[0][] : first.ask();
      if (asked.length > 0) {
        return asked;
      }
      List<double[]> path = first.finalists(passedOn);
      begin(path.isEmpty() ? starts : path.toArray(double[][]::new));
    }
    return current == null ? new double[0][] : current.ask();
  }

  /** Scores that the path still waits for are waited for: they make its last point a finalist. */
  private boolean done() {
    return told >= gradients && first.wantsGradient();
  }

  private void begin(double[][] from) {
    points = from;
    current = from.length == 0 ? null : second.apply(Coefficients.copyOf(from));
  }

  @Override
  public void tell(double score, double[] gradient) {
    Refuse.state(current != null, "this search wants scores alone now, not gradients");
    first.tell(score, gradient);
    told++;
  }

  @Override
  public void tell(double[] scores) {
    if (current == null) {
      double[][] asked = first.ask();
      first.tell(scores);
      starts = told == 0 ? asked : starts;
      return;
    }
    double[][] asked = current.ask();
    boolean whole = current.fidelity() >= 1;
    current.tell(scores);
    if (whole) {
      best.add(asked, scores);
    }
  }

  /**
   * The best of the second search and points of the path, in turn: either may fit its noise less.
   */
  @Override
  public List<double[]> finalists(int most) {
    List<double[]> path = first.finalists(most);
    List<double[]> found = best.finite();
    List<double[]> finalists = new ArrayList<>();
    for (int i = 0; i < Math.max(found.size(), path.size()); i++) {
      if (i < found.size()) {
        addNew(finalists, found.get(i), most);
      }
      if (i < path.size()) {
        addNew(finalists, path.get(i), most);
      }
    }
    return finalists;
  }

  private static void addNew(List<double[]> finalists, double[] candidate, int most) {
    if (finalists.size() < most && finalists.stream().noneMatch(f -> same(f, candidate))) {
      finalists.add(candidate);
    }
  }

  /** The second search may have divided what it started from by a sum of nearly 1. */
  private static boolean same(double[] a, double[] b) {
    double[] difference = PathSearch.plus(a, -1, b);
    return Arrays.stream(difference).allMatch(d -> Math.abs(d) <= SAME);
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    out.writeInt(told);
    StrategySnapshot.writeRows(out, starts);
    StrategySnapshot.writeRows(out, points);
    best.write(out);
    StrategySnapshot.writeBytes(out, first.snapshot());
    StrategySnapshot.writeBytes(out, current == null ? new byte[0] : current.snapshot());
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    int savedTold = in.readInt();
    double[][] savedStarts = StrategySnapshot.readRows(in);
    double[][] savedPoints = StrategySnapshot.readRows(in);
    Leaders savedBest = Leaders.read(in, REMEMBERED, true);
    byte[] gradientPart = StrategySnapshot.readBytes(in);
    byte[] secondPart = StrategySnapshot.readBytes(in);
    first.restore(gradientPart);
    begin(savedPoints);
    if (current != null) {
      current.restore(secondPart);
    }
    told = savedTold;
    starts = savedStarts;
    best = savedBest;
  }

  @Override
  protected String configuration() {
    return Text.format("%s of %d gradients, passing on %d", first.name(), gradients, passedOn);
  }

  @Override
  public String toString() {
    return Text.format(
        "GradientFirstSearch[%s, %s]", configuration(), current == null ? first : current);
  }
}
