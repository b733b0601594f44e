package org.lcsc.diffusion.layer;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Base of the layers of this package that are functions of their input alone. */
public abstract class StatelessLayer extends ParameterFreeLayer {

  /** For Jackson. */
  protected StatelessLayer() {}

  /** As {@link ImageLayerRuntime#forward}. */
  abstract INDArray forward(INDArray x, LayerWorkspaceMgr memory);

  /** As {@link ImageLayerRuntime#backward}. */
  abstract INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory);

  /** As {@link ImageLayer#addTo}, which needs no parameters here. */
  abstract String addTo(OnnxGraph graph, String input);

  @Override
  public final String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    return addTo(graph, input);
  }

  @Override
  final ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  private static final class Runtime extends ImageLayerRuntime<StatelessLayer> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      return layerConf().forward(x, memory);
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      return layerConf().backward(x, epsilon, memory);
    }
  }
}
