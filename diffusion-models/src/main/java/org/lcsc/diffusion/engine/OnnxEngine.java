package org.lcsc.diffusion.engine;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.io.NativeThreads;

/**
 * ONNX Runtime on the processor. Outputs differ from Deeplearning4j's by rounding; they are the
 * same to the bit from one time to the next.
 */
@Kind("onnxruntime")
public record OnnxEngine() implements SamplingEngine {

  // No class of ONNX Runtime here: engines are listed without it, too.
  private static void requireUsable(boolean cuda) {
    try {
      OnnxForward.requireUsable(cuda);
    } catch (NoClassDefFoundError e) {
      throw new IllegalArgumentException(
          "ONNX Runtime is not on the class path, needed:"
              + " com.microsoft.onnxruntime:onnxruntime 1.28.0",
          e);
    }
  }

  @Override
  public void requireUsable() {
    requireUsable(false);
  }

  @Override
  public Forward open(ComputationGraph network) {
    return new OnnxForward(network, NativeThreads.count(), false);
  }

  /**
   * ONNX Runtime on a card of NVIDIA's, the first; {@code onnxruntime_gpu} has to stand on the
   * class path in the place of {@code onnxruntime}.
   */
  @Kind("onnxruntime-cuda")
  public record Cuda() implements SamplingEngine {

    @Override
    public void requireUsable() {
      OnnxEngine.requireUsable(true);
    }

    @Override
    public Forward open(ComputationGraph network) {
      return new OnnxForward(network, NativeThreads.count(), true);
    }
  }
}
