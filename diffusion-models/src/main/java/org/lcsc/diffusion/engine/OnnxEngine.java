package org.lcsc.diffusion.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.metrics.onnx.OnnxEnvironment;

/**
 * ONNX Runtime on the processor. Outputs differ from Deeplearning4j's by rounding; they are the
 * same to the bit from one time to the next.
 */
@Kind("onnxruntime")
public record OnnxEngine() implements SamplingEngine {

  private static OrtEnvironment environment() {
    try {
      return OnnxEnvironment.get();
    } catch (IOException | NoClassDefFoundError e) {
      throw new IllegalArgumentException(
          e instanceof IOException
              ? e.getMessage()
              : "ONNX Runtime is not on the class path, needed:"
                  + " com.microsoft.onnxruntime:onnxruntime 1.28.0");
    }
  }

  @Override
  public void requireUsable() {
    environment();
  }

  @Override
  public Forward open(ComputationGraph network) {
    return new OnnxForward(network, options -> {});
  }

  /**
   * ONNX Runtime on a card of NVIDIA's, the first; {@code onnxruntime_gpu} has to stand on the
   * class path in the place of {@code onnxruntime}.
   */
  @Kind("onnxruntime-cuda")
  public record Cuda() implements SamplingEngine {

    @Override
    public void requireUsable() {
      environment();
      if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
        throw new IllegalArgumentException(
            "the ONNX Runtime on the class path has no CUDA (onnxruntime-cuda), needed:"
                + " com.microsoft.onnxruntime:onnxruntime_gpu 1.28.0 in place of onnxruntime, on a"
                + " machine with CUDA 12");
      }
    }

    @Override
    public Forward open(ComputationGraph network) {
      return new OnnxForward(network, options -> options.addCUDA(0));
    }
  }
}
