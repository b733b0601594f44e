package org.lcsc.diffusion.released;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.unet.UNetShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The released tensors of a network of this library. Stateless and thread-safe. */
final class ReleasedTensors {

  /** What a layer's parameters are called in PyTorch. */
  private static final Map<String, String> KEYS =
      Map.of("W", "weight", "b", "bias", "gamma", "weight", "beta", "bias");

  private static final List<String> PROJECTIONS = List.of("query", "key", "value", "output");
  private static final int OUTPUT = 3;

  private ReleasedTensors() {}

  /**
   * The tensors of all parameters, in their order.
   *
   * @throws IllegalArgumentException where the code base has no such network
   */
  static List<ReleasedTensor> of(
      ReleasedNames kind, UNetShape body, ComputationGraph network, int side) {
    ModuleNames names = kind.names(body, network, side);
    Map<String, Map<String, INDArray>> layers = new LinkedHashMap<>();
    network
        .paramTable()
        .forEach(
            (name, array) -> {
              int at = name.lastIndexOf('_');
              layers
                  .computeIfAbsent(name.substring(0, at), key -> new LinkedHashMap<>())
                  .put(name.substring(at + 1), array);
            });
    List<ReleasedTensor> tensors = new ArrayList<>();
    layers.forEach(
        (layer, parameters) -> {
          LayerName name = LayerName.of(layer);
          String module = kind.prefix() + names.module().of(name);
          if (LayerName.HEADS.equals(name.part())) {
            long heads = ((SelfAttention2d) network.getLayer(layer).conf().getLayer()).headCount();
            addAttention(tensors, names, module, parameters, heads);
          } else {
            parameters.forEach(
                (key, array) ->
                    tensors.add(
                        single(
                            module + "." + KEYS.get(key),
                            array,
                            layer.equals("label_embedding") && array.rank() > 1
                                ? names.labels()
                                : Arrangement.SAME)));
          }
        });
    return tensors;
  }

  private static ReleasedTensor single(String name, INDArray array, Arrangement arrangement) {
    long[] shape = array.shape();
    long[] released =
        arrangement == Arrangement.TRANSPOSED ? new long[] {shape[1], shape[0]} : shape;
    return new ReleasedTensor(name, released, List.of(array), arrangement, 1);
  }

  private static void addAttention(
      List<ReleasedTensor> tensors,
      ModuleNames names,
      String module,
      Map<String, INDArray> parameters,
      long heads) {
    boolean joined = names.joined() != Arrangement.SAME;
    for (String key : new String[] {"W", "b"}) {
      List<INDArray> arrays = PROJECTIONS.stream().map(p -> parameters.get(p + key)).toList();
      for (int part = 0; part <= OUTPUT; part++) {
        boolean all = joined && part < OUTPUT;
        if (all && part > 0) {
          continue;
        }
        long channels = arrays.get(part).size(0);
        long[] shape = new long[key.equals("W") ? names.attentionAxes() : 1];
        Arrays.fill(shape, 1);
        shape[0] = all ? OUTPUT * channels : channels;
        if (shape.length > 1) {
          shape[1] = channels;
        }
        tensors.add(
            new ReleasedTensor(
                module + "." + names.projections().get(part) + "." + KEYS.get(key),
                shape,
                all ? arrays.subList(0, OUTPUT) : List.of(arrays.get(part)),
                all ? names.joined() : Arrangement.SAME,
                heads));
      }
    }
  }
}
