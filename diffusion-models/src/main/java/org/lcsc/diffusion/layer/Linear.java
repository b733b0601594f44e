package org.lcsc.diffusion.layer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Affine map {@code [N, in]} to {@code [N, out]}, y = x W^T + b. Weights {@code W [out, in]} and
 * bias start by default uniform in plus or minus 1/sqrt(in).
 */
public final class Linear extends ImageLayer {

  private static final String WEIGHT = "W";
  private static final String BIAS = "b";

  @JsonProperty private int in;
  @JsonProperty private int out;
  @JsonProperty private boolean bias;
  @JsonProperty private Initialisation initialisation = Initialisation.FAN_IN;

  /** For Jackson. */
  private Linear() {}

  /** An affine map with bias. */
  public Linear(int in, int out) {
    this(in, out, true);
  }

  /** A map that starts as PyTorch's. */
  public Linear(int in, int out, boolean bias) {
    this(in, out, bias, Initialisation.FAN_IN);
  }

  /**
   * A map.
   *
   * @param in number of inputs, at least 1
   * @param out number of outputs, at least 1
   * @param bias whether a bias is added
   * @param initialisation how weights and bias start
   */
  public Linear(int in, int out, boolean bias, Initialisation initialisation) {
    this.in = atLeast(1, "in", in);
    this.out = atLeast(1, "out", out);
    this.bias = bias;
    this.initialisation = Objects.requireNonNull(initialisation, "initialisation");
  }

  @Override
  protected Map<String, long[]> parameterShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(WEIGHT, new long[] {out, in});
    if (bias) {
      shapes.put(BIAS, new long[] {out});
    }
    return shapes;
  }

  @Override
  protected void initialise(String name, INDArray view, long seed) {
    if (name.equals(WEIGHT)) {
      initialisation.weight(view, in, out, 1, seed);
    } else {
      initialisation.bias(view, in, 1, seed);
    }
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(out);
  }

  /** Number of inputs. */
  public int in() {
    return in;
  }

  @Override
  public String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    List<String> inputs = new ArrayList<>();
    inputs.add(input);
    inputs.add(graph.weights("weight", parameters.get(WEIGHT)));
    if (bias) {
      inputs.add(graph.weights("bias", parameters.get(BIAS)));
    }
    return graph.add("Gemm", inputs, OnnxGraph.number("transB", 1));
  }

  @Override
  Object[] settings() {
    return new Object[] {in, out, bias, initialisation};
  }

  private static final class Runtime extends ImageLayerRuntime<Linear> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      INDArray y = Outputs.activation(memory, dataType, x.size(0), layerConf().out);
      RowOps.matmul(x, getParam(WEIGHT), y, false, true, 1);
      if (layerConf().bias) {
        RowOps.add(y, getParam(BIAS).reshape(1, layerConf().out), y);
      }
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      INDArray dx = Outputs.gradient(memory, x);
      RowOps.matmul(epsilon, getParam(WEIGHT), dx, false, false, 1);
      RowOps.matmul(epsilon, x, gradientOf(WEIGHT), true, false, 1);
      if (layerConf().bias) {
        RowOps.columnSums(epsilon, gradientOf(BIAS).reshape(1, layerConf().out));
      }
      return dx;
    }
  }
}
