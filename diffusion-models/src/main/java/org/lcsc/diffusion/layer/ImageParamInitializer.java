package org.lcsc.diffusion.layer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Lays the parameters of an {@link ImageLayer} one after the other into the flat vector, each in C
 * order. Initial values depend on the configuration's seed and the layer's name alone, never on the
 * global random generator.
 */
final class ImageParamInitializer implements ParamInitializer {

  static final ImageParamInitializer INSTANCE = new ImageParamInitializer();

  private ImageParamInitializer() {}

  private static ImageLayer imageLayer(Layer layer) {
    return (ImageLayer) layer;
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return imageLayer(layer).parameterShapes().values().stream()
        .mapToLong(ArrayUtil::prodLong)
        .sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return new ArrayList<>(imageLayer(layer).parameterShapes().keySet());
  }

  /** Weights are what weight decay applies to: everything of rank above one. */
  @Override
  public List<String> weightKeys(Layer layer) {
    return paramKeys(layer).stream().filter(key -> isWeightParam(layer, key)).toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return paramKeys(layer).stream().filter(key -> isBiasParam(layer, key)).toList();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    long[] shape = imageLayer(layer).parameterShapes().get(key);
    return shape != null && shape.length > 1;
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    long[] shape = imageLayer(layer).parameterShapes().get(key);
    return shape != null && shape.length == 1;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    ImageLayer layer = imageLayer(conf.getLayer());
    Map<String, INDArray> table = views(layer, paramsView);
    for (Map.Entry<String, INDArray> parameter : table.entrySet()) {
      conf.addVariable(parameter.getKey());
      if (initializeParams) {
        long seed = derive(conf.getSeed(), "");
        seed = derive(seed, String.valueOf(layer.getLayerName()));
        seed = derive(seed, parameter.getKey());
        layer.initialise(parameter.getKey(), parameter.getValue(), seed);
      }
    }
    return table;
  }

  /**
   * A seed for a name. Only a full mix will do: names that differ in their last letter have
   * neighbouring hashes, and a seed that is merely a multiple of them would give two layers one
   * sequence of numbers, shifted.
   */
  private static long derive(long seed, String name) {
    return new SplittableRandom(seed + name.hashCode()).nextLong();
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    return views(imageLayer(conf.getLayer()), gradientView);
  }

  private static Map<String, INDArray> views(ImageLayer layer, INDArray flat) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long offset = 0;
    for (Map.Entry<String, long[]> parameter : layer.parameterShapes().entrySet()) {
      long length = ArrayUtil.prodLong(parameter.getValue());
      views.put(
          parameter.getKey(),
          flat.reshape(flat.length())
              .get(NDArrayIndex.interval(offset, offset + length))
              .reshape('c', parameter.getValue()));
      offset += length;
    }
    return views;
  }
}
