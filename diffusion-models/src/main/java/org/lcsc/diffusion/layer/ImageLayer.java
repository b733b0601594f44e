package org.lcsc.diffusion.layer;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Base of the layer configurations of this package. A subclass names its parameters with their
 * shapes, says how they start, and creates its run-time layer.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public abstract class ImageLayer extends BaseLayer {

  /** For Jackson. */
  protected ImageLayer() {}

  /** Names and shapes of the parameters, in the order they have in the flat parameter vector. */
  protected abstract Map<String, long[]> parameterShapes();

  /**
   * Fills one parameter with its initial values.
   *
   * @param name a key of {@link #parameterShapes()}
   * @param view the parameter, in its shape
   * @param seed seed of this parameter's random numbers
   */
  protected abstract void initialise(String name, INDArray view, long seed);

  /** Creates the run-time layer; parameters are attached by the caller. */
  abstract ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType);

  /**
   * Writes the layer into an ONNX graph.
   *
   * @param graph where to
   * @param parameters by name, in their shapes
   * @param input name of the value that the layer sees
   * @return name of its result
   */
  public abstract String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input);

  /** The settings that tell two layers of this class apart. */
  Object[] settings() {
    return new Object[0];
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    ImageLayerRuntime<?> layer = runtime(conf, networkDataType);
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(layerParamsView);
    layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return ImageParamInitializer.INSTANCE;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  /** Requires an image type and returns it. */
  final InputType.InputTypeConvolutional image(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional image) {
      return image;
    }
    throw new IllegalStateException(
        Text.format(
            "%s \"%s\": expected convolutional input [N, C, H, W], got %s",
            getClass().getSimpleName(), getLayerName(), type));
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // Channel counts are given to the constructors.
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public boolean isPretrainParam(String paramName) {
    return false;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType output = getOutputType(-1, inputType);
    long perExample =
        Math.max(inputType.arrayElementsPerExample(), output.arrayElementsPerExample());
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, output)
        .standardMemory(initializer().numParams(this), 2 * initializer().numParams(this))
        .workingMemory(0, perExample, 0, 3 * perExample)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && super.equals(other)
        && Arrays.deepEquals(settings(), ((ImageLayer) other).settings());
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Arrays.deepHashCode(settings());
  }

  /** {@code value} where it is at least {@code least}. */
  static int atLeast(int least, String name, int value) {
    Refuse.argument(value < least, "%s: expected at least %s, got %s", name, least, value);
    return value;
  }
}
