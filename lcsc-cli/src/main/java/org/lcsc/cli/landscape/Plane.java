package org.lcsc.cli.landscape;

import java.util.TreeMap;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The plane through three models, {@code theta(x, y) = theta0 + x (theta1 - theta0) + y (theta2 -
 * theta0)} (Figure 3 of the paper): they lie at (0, 0), (1, 0) and (0, 1), and the coefficients of
 * a point are {@code (1 - x - y, x, y)}. Holds five copies of the parameters outside the Java heap.
 * Not thread-safe.
 */
public final class Plane implements AutoCloseable {

  private final CheckpointWindow corners;

  /** The two edges, theta1 - theta0 and theta2 - theta0. */
  private final CheckpointWindow edges;

  /** Inner products of the edges. */
  private final double[][] gram = new double[2][];

  private final INDArray origin;

  /**
   * A plane.
   *
   * @param corners three parameter vectors {@code [P]}, float; not modified
   * @throws IllegalArgumentException where they lie on one line, so that they span no plane
   */
  public Plane(INDArray... corners) {
    Refuse.argument(corners.length != 3, "a plane has 3 points, got %s", corners.length);
    this.corners = window(corners);
    this.origin = this.corners.checkpoint(0);
    INDArray first = corners[1].sub(corners[0]);
    INDArray second = corners[2].sub(corners[0]);
    this.edges = window(first, second);
    gram[0] = edges.dot(first);
    gram[1] = edges.dot(second);
    first.close();
    second.close();
    // The squared sine of the angle between the edges; products are float32.
    if (!(determinant() > 1e-5 * gram[0][0] * gram[1][1])) {
      close();
      throw new IllegalArgumentException(
          "the three models lie on one line, allowed: three that span a plane");
    }
  }

  private static CheckpointWindow window(INDArray... rows) {
    TreeMap<Long, INDArray> numbered = new TreeMap<>();
    for (int i = 0; i < rows.length; i++) {
      numbered.put((long) i, rows[i]);
    }
    return CheckpointWindow.ofCheckpoints(numbered);
  }

  private double determinant() {
    return gram[0][0] * gram[1][1] - gram[0][1] * gram[1][0];
  }

  /** The parameters at a point, a new {@code [P]} outside any workspace. */
  public INDArray at(double x, double y) {
    return corners.merge(new double[] {1 - x - y, x, y});
  }

  /**
   * The nearest point of the plane, in the Euclidean distance of parameters.
   *
   * @param parameters {@code [P]}, float; not modified
   */
  public Projection project(INDArray parameters) {
    INDArray offset = parameters.sub(origin);
    double[] products = edges.dot(offset);
    double x = (gram[1][1] * products[0] - gram[0][1] * products[1]) / determinant();
    double y = (gram[0][0] * products[1] - gram[1][0] * products[0]) / determinant();
    INDArray rest = at(x, y).subi(parameters);
    // In double: the sum runs over all parameters.
    INDArray wide = rest.castTo(DataType.DOUBLE);
    double away = wide.norm2Number().doubleValue();
    wide.close();
    offset.close();
    rest.close();
    return new Projection(x, y, away / Math.sqrt(Math.max(gram[0][0], gram[1][1])));
  }

  @Override
  public void close() {
    corners.close();
    edges.close();
  }

  /**
   * Where a model lies beside the plane.
   *
   * @param x of the nearest point
   * @param y of the nearest point
   * @param distance of the model from the plane, in units of the plane's longer edge; 0 for a model
   *     on it
   */
  public record Projection(double x, double y, double distance) {

    /** Farther than rounding takes a model of the plane. */
    private static final double ON = 1e-3;

    /** Whether the model is of the plane. */
    public boolean onPlane() {
      return distance < ON;
    }
  }
}
