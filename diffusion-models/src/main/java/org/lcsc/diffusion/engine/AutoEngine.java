package org.lcsc.diffusion.engine;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whichever of Deeplearning4j and ONNX Runtime is faster here, found out in a second. It is decided
 * once for a run and stands in the run's configuration then, for the two differ by rounding.
 */
@Kind("auto")
public record AutoEngine() implements SamplingEngine {

  private static final long NANOSECONDS = 1_000_000_000;

  @Override
  public SamplingEngine decided(ComputationGraph network, INDArray... inputs) {
    SamplingEngine ours = new Dl4j();
    SamplingEngine other = new OnnxEngine();
    List<SamplingEngine> engines = List.of(ours, other);
    double[] best = {Double.MAX_VALUE, Double.MAX_VALUE};
    try (Forward first = ours.open(network);
        Forward second = opened(other, network)) {
      List<Forward> forwards = List.of(first, second);
      forwards.forEach(forward -> forward.output(inputs));
      long start = System.nanoTime();
      do {
        for (int i = 0; i < best.length; i++) {
          long before = System.nanoTime();
          forwards.get(i).output(inputs);
          best[i] = Math.min(best[i], System.nanoTime() - before);
        }
      } while (System.nanoTime() - start < NANOSECONDS);
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Not on this machine, or not with this network.
      return ours;
    }
    return engines.get(best[1] < best[0] ? 1 : 0);
  }

  private static Forward opened(SamplingEngine engine, ComputationGraph network) {
    engine.requireUsable();
    return engine.open(network);
  }

  /**
   * Not before it is {@link #decided}.
   *
   * @throws IllegalStateException always
   */
  @Override
  public Forward open(ComputationGraph network) {
    throw new IllegalStateException("engine auto: not decided yet");
  }
}
