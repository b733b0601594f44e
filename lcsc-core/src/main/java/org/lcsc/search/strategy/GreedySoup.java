package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * The greedy soup of Wortsman et al. ("Model soups", ICML 2022, Recipe 1) over checkpoints: scores
 * every ingredient alone, then goes through them from the best on and keeps each in the uniform
 * average where the average becomes no worse. Takes at most {@code 2 n - 1} evaluations of n
 * ingredients and has nothing to propose after that. Not thread-safe.
 */
public final class GreedySoup extends SavedStrategy {

  private final int checkpoints;

  /** Checkpoints that may enter, ascending. */
  private final int[] ingredients;

  /** Indices into {@link #ingredients}, best alone first; null before they are scored. */
  private int[] order;

  /** How many of the order are decided on. */
  private int tried;

  private List<Integer> soup = new ArrayList<>();
  private double best = Double.POSITIVE_INFINITY;

  /**
   * The kind {@code greedy-soup} of a configuration file.
   *
   * @param ingredients checkpoints tried, evenly spaced, at least 2; null for half the evaluations,
   *     or all checkpoints where they are fewer
   */
  @Kind("greedy-soup")
  public record Parameters(@OptionalKey Integer ingredients) implements StrategySettings {

    /** As many as the evaluations allow. */
    public Parameters() {
      this(null);
    }

    public Parameters {
      Require.atLeast("ingredients", ingredients, 2);
    }

    @Override
    public SearchStrategy create(Start start) {
      int most = ingredients == null ? Math.max(2, start.evaluations() / 2) : ingredients;
      return new GreedySoup(start.merger().size(), most);
    }

    @Override
    public boolean searchesGroups() {
      return false;
    }
  }

  /**
   * A soup.
   *
   * @param checkpoints K, at least 2
   * @param ingredients how many of them may enter, at least 2, evenly spaced with the newest among
   *     them; all where there are fewer
   */
  public GreedySoup(int checkpoints, int ingredients) {
    Refuse.argument(
        checkpoints < 2 || ingredients < 2,
        "a soup needs at least 2 checkpoints and ingredients, got %d and %d",
        checkpoints,
        ingredients);
    this.checkpoints = checkpoints;
    int n = Math.min(checkpoints, ingredients);
    this.ingredients =
        IntStream.range(0, n)
            .map(i -> checkpoints - 1 - (int) ((long) (n - 1 - i) * checkpoints / n))
            .toArray();
  }

  @Override
  public String name() {
    return "greedy-soup";
  }

  @Override
  public int dimension() {
    return checkpoints;
  }

  @Override
  public double[][] ask() {
    if (order == null) {
      return IntStream.range(0, ingredients.length)
          .mapToObj(i -> average(List.of(i)))
          .toArray(double[][]::new);
    }
    return tried < order.length ? new double[][] {average(tasted())} : new double[0][];
  }

  private List<Integer> tasted() {
    List<Integer> with = new ArrayList<>(soup);
    with.add(order[tried]);
    return with;
  }

  private double[] average(List<Integer> members) {
    double[] coefficients = new double[checkpoints];
    members.forEach(i -> coefficients[ingredients[i]] = 1.0 / members.size());
    return coefficients;
  }

  @Override
  public void tell(double[] scores) {
    StrategySnapshot.requireScores(scores, ask().length);
    if (order == null) {
      order = Leaders.ranks(scores, 0);
      soup.add(order[0]);
      best = Leaders.ranked(scores[order[0]]);
      tried = 1;
    } else if (scores.length > 0) {
      if (Leaders.ranked(scores[0]) <= best) {
        soup = tasted();
        best = Leaders.ranked(scores[0]);
      }
      tried++;
    }
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    double[] ordered =
        order == null ? new double[0] : Arrays.stream(order).asDoubleStream().toArray();
    double[] members = soup.stream().mapToDouble(i -> i).toArray();
    StrategySnapshot.writeRows(out, new double[][] {ordered, members, {best, tried}});
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    double[][] rows = StrategySnapshot.readRows(in);
    order = rows[0].length == 0 ? null : Arrays.stream(rows[0]).mapToInt(i -> (int) i).toArray();
    soup = new ArrayList<>(Arrays.stream(rows[1]).mapToObj(i -> (int) i).toList());
    best = rows[2][0];
    tried = (int) rows[2][1];
  }

  @Override
  protected String configuration() {
    return Text.format("greedy soup, %d checkpoints, ingredients %s", checkpoints, ingredients);
  }
}
