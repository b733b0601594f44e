package org.lcsc.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The running means and variances of a network's {@code BatchNormalization} layers, computed anew
 * on data. Deeplearning4j keeps them among the parameters, so averaging weights averages them too,
 * and they then describe the activations of no network; stochastic weight averaging therefore
 * recomputes them (Izmailov et al. 2018, <a
 * href="https://arxiv.org/abs/1803.05407">arXiv:1803.05407</a>, section 3.2), and so does this.
 *
 * <pre>{@code
 * BatchNormStatistics.of(merged, () -> BatchNormStatistics.inputs(batches))
 *     .recompute(merged.params());
 * }</pre>
 *
 * <p>The network runs forward once over the data, every such layer normalising with the batch's own
 * statistics as in training; dropout and weight noise are off, as they are when the network is
 * used. A layer's mean becomes the average of the batches' means, its variance that of the batches'
 * variances (divided by the number of values, as Deeplearning4j's own), both weighted with the
 * number of examples. Sums are in double precision. Layers that are frozen keep theirs. Masks are
 * not supported.
 *
 * <p>Not thread-safe.
 */
public final class BatchNormStatistics {

  /** Below it a variance counts as this: its logarithm must be finite in half precision too. */
  private static final double SMALLEST_VARIANCE = 1e-30;

  private final Model network;
  private final List<Site> sites;
  private final Supplier<? extends Iterator<INDArray[]>> batches;

  /** A layer and where its input comes from. */
  private static final class Site {

    final BatchNormalization layer;
    final InputPreProcessor preProcessor;

    /** Position among a MultiLayerNetwork's activations, or name in a graph. */
    final int position;

    final String source;
    double[] mean;
    double[] variance;

    Site(BatchNormalization layer, InputPreProcessor preProcessor, int position, String source) {
      this.layer = layer;
      this.preProcessor = preProcessor;
      this.position = position;
      this.source = source;
    }

    void add(INDArray activations, double share) {
      INDArray input = activations;
      if (preProcessor != null) {
        input =
            preProcessor.preProcess(
                input, Math.toIntExact(input.size(0)), LayerWorkspaceMgr.noWorkspaces());
      }
      boolean last = input.rank() == 4 && layer.layerConf().getCnn2DFormat() == CNN2DFormat.NHWC;
      int[] others =
          switch (input.rank()) {
            case 2 -> new int[] {0};
            case 4 -> last ? new int[] {0, 1, 2} : new int[] {0, 2, 3};
            default ->
                throw new IllegalArgumentException(
                    "the input of a BatchNormalization must be of rank 2 or 4, got "
                        + Arrays.toString(input.shape()));
          };
      INDArray values = input.castTo(DataType.DOUBLE);
      addTo(mean, values.mean(others), share);
      addTo(variance, values.var(false, others), share);
      if (values != input) {
        // Not left to the garbage collector, which does not see how large it is.
        values.close();
      }
    }

    private static void addTo(double[] sums, INDArray values, double share) {
      double[] added = values.toDoubleVector();
      for (int i = 0; i < sums.length; i++) {
        sums[i] += share * added[i];
      }
      values.close();
    }

    void clear() {
      int channels =
          Math.toIntExact(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN).length());
      mean = new double[channels];
      variance = new double[channels];
    }

    /** Into the network's flat parameters, of which the layer's are views. */
    void store(double total) {
      boolean log = layer.layerConf().isUseLogStd();
      for (int i = 0; i < mean.length; i++) {
        mean[i] /= total;
        variance[i] /= total;
        if (log) {
          variance[i] = 0.5 * Math.log10(Math.max(variance[i], SMALLEST_VARIANCE));
        }
      }
      put(BatchNormalizationParamInitializer.GLOBAL_MEAN, mean);
      put(
          log
              ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
              : BatchNormalizationParamInitializer.GLOBAL_VAR,
          variance);
    }

    private void put(String name, double[] values) {
      INDArray view = layer.getParam(name);
      view.assign(Nd4j.createFromArray(values).castTo(view.dataType()).reshape(view.shape()));
    }
  }

  private BatchNormStatistics(
      Model network, List<Site> sites, Supplier<? extends Iterator<INDArray[]>> batches) {
    this.network = network;
    this.sites = sites;
    this.batches = batches;
  }

  /**
   * Recomputes for networks of one configuration, again and again.
   *
   * @param model an initialised {@code ComputationGraph} or {@code MultiLayerNetwork}; gives the
   *     configuration, neither kept nor changed
   * @param batches the data, from the beginning at every call: the network's inputs in order, each
   *     {@code [N, ...]}
   * @throws IllegalArgumentException where the model is of another class
   */
  public static BatchNormStatistics of(
      Model model, Supplier<? extends Iterator<INDArray[]>> batches) {
    Objects.requireNonNull(batches, "batches");
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      Model copy = withoutNoise(EvaluationNetwork.require(model));
      return new BatchNormStatistics(copy, sites(copy), batches);
    }
  }

  /** How many layers of a model have statistics that can be recomputed. */
  public static int layers(Model model) {
    return sites(model).size();
  }

  /**
   * The features of data sets, from the iterator's beginning; nothing else may be reading it, such
   * as a training.
   */
  public static Iterator<INDArray[]> inputs(DataSetIterator data) {
    data.reset();
    return inputs(data, batch -> new INDArray[] {batch.getFeatures()});
  }

  /** The same of multi data sets. */
  public static Iterator<INDArray[]> inputs(MultiDataSetIterator data) {
    data.reset();
    return inputs(data, MultiDataSet::getFeatures);
  }

  private static <T> Iterator<INDArray[]> inputs(Iterator<T> data, Function<T, INDArray[]> of) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return data.hasNext();
      }

      @Override
      public INDArray[] next() {
        return of.apply(data.next());
      }
    };
  }

  /**
   * Replaces the means and variances among flat parameters by those over the data. Costs one
   * forward pass in training mode over it. A network without such layers is left as it is.
   *
   * @param parameters P elements of any floating type, changed in place
   * @throws IllegalArgumentException where the number of parameters is not the network's, or there
   *     is no batch
   */
  public void recompute(INDArray parameters) {
    if (parameters.length() != network.numParams()) {
      throw new IllegalArgumentException(
          "the network has " + network.numParams() + " parameters, got " + parameters.length());
    }
    if (sites.isEmpty()) {
      return;
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray own = network.params();
      own.assign(parameters.reshape(own.shape()));
      sites.forEach(Site::clear);
      long examples = 0;
      for (Iterator<INDArray[]> data = batches.get(); data.hasNext(); ) {
        INDArray[] inputs = data.next();
        add(inputs);
        examples += inputs[0].size(0);
      }
      Refuse.argument(
          examples == 0,
          "the data for the BatchNormalization statistics must have at least 1 batch, got none");
      double total = examples;
      sites.forEach(site -> site.store(total));
      parameters.assign(network.params().reshape(parameters.shape()));
    }
  }

  private void add(INDArray[] inputs) {
    double share = inputs[0].size(0);
    if (network instanceof ComputationGraph graph) {
      Map<String, INDArray> activations = graph.feedForward(inputs, true);
      List<String> names = graph.getConfiguration().getNetworkInputs();
      for (Site site : sites) {
        INDArray input = activations.get(site.source);
        site.add(input == null ? inputs[names.indexOf(site.source)] : input, share);
      }
      return;
    }
    List<INDArray> activations = ((MultiLayerNetwork) network).feedForward(inputs[0], true);
    for (Site site : sites) {
      site.add(activations.get(site.position), share);
    }
  }

  private static List<Site> sites(Model model) {
    List<Site> sites = new ArrayList<>();
    if (model instanceof ComputationGraph graph) {
      ComputationGraphConfiguration configuration = graph.getConfiguration();
      for (GraphVertex vertex : graph.getVertices()) {
        // A frozen layer is wrapped, and so no BatchNormalization.
        if (vertex.hasLayer() && vertex.getLayer() instanceof BatchNormalization layer) {
          String name = vertex.getVertexName();
          InputPreProcessor preProcessor =
              ((LayerVertex) configuration.getVertices().get(name)).getPreProcessor();
          String source = configuration.getVertexInputs().get(name).get(0);
          sites.add(new Site(layer, preProcessor, -1, source));
        }
      }
      return sites;
    }
    MultiLayerNetwork network = (MultiLayerNetwork) EvaluationNetwork.require(model);
    Layer[] layers = network.getLayers();
    for (int i = 0; i < layers.length; i++) {
      if (layers[i] instanceof BatchNormalization layer) {
        InputPreProcessor preProcessor = network.getLayerWiseConfigurations().getInputPreProcess(i);
        sites.add(new Site(layer, preProcessor, i, null));
      }
    }
    return sites;
  }

  /** A copy, parameters included, whose forward pass is deterministic. */
  private static Model withoutNoise(Model model) {
    if (model instanceof ComputationGraph graph) {
      ComputationGraph copy = EvaluationNetwork.copyOf(graph);
      for (var vertex : copy.getConfiguration().getVertices().values()) {
        if (vertex instanceof LayerVertex layer) {
          LayerNoise.silence(layer.getLayerConf().getLayer());
        }
      }
      return copy;
    }
    MultiLayerNetwork copy = EvaluationNetwork.copyOf((MultiLayerNetwork) model);
    copy.getLayerWiseConfigurations()
        .getConfs()
        .forEach(layer -> LayerNoise.silence(layer.getLayer()));
    return copy;
  }
}
