package org.lcsc.diffusion.released;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.layer.FourierEmbedding;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.DdpmppConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The kind {@code edm}: DDPM++, NCSN++ and ADM of NVlabs/edm (Karras et al. 2022), in an {@code
 * EDMPrecond}. Its files tell the whole network: modules are named by their resolution. Weights of
 * augmentation labels are passed over: samples are drawn without such labels.
 */
@Kind("edm")
public record Edm() implements ReleasedNames {

  static final String FREQUENCIES = "map_noise.freqs";

  /** ADM has a head for every so many channels of a block, rounded down. */
  private static final int ADM_HEAD = 64;

  private static final Pattern FIRST = Pattern.compile("enc\\.(\\d+)x\\1_conv\\.weight");

  private static final Map<String, String> PARTS =
      Map.of(
          "norm0", "norm0",
          "conv0", "conv0",
          "time", "affine",
          "norm1", "norm1",
          "conv1", "conv1",
          "shortcut", "skip",
          "norm", "norm2");

  @Override
  public boolean recognises(ReleasedFile file) {
    return file.names().contains("map_layer0.weight");
  }

  @Override
  public NetworkTime networkTime() {
    return NetworkTime.QUARTER_LOG;
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public boolean isPassedOver(String name) {
    return name.equals("map_augment.weight");
  }

  @Override
  public String assumption() {
    return "that it was trained within an EDMPrecond, and not a VPPrecond or VEPrecond";
  }

  @Override
  public ReleasedNetwork network(ReleasedFile file) throws IOException {
    int side =
        file.names().stream()
            .map(FIRST::matcher)
            .filter(Matcher::matches)
            .mapToInt(m -> Integer.parseInt(m.group(1)))
            .findFirst()
            .orElseThrow(() -> file.refused("no first convolution (enc.32x32_conv.weight)"));
    boolean adm = file.names().contains("out_norm.weight");
    boolean fourier = file.names().contains(FREQUENCIES);
    String first = resolution(side);
    int channels =
        adm ? file.extent("map_layer0.weight", 1) : file.extent("enc." + first + "_conv.weight", 0);
    List<Integer> multipliers = new ArrayList<>();
    List<Integer> attention = new ArrayList<>();
    for (int res = side; res > 0 && has(file, res, "block0.conv0"); res /= 2) {
      String block = "enc." + resolution(res) + "_block0.";
      multipliers.add(file.extent(block + "conv0.weight", 0) / channels);
      if (file.names().contains(block + "qkv.weight")) {
        attention.add(res);
      }
    }
    int blocks =
        (int)
            IntStream.range(0, 1000)
                .takeWhile(b -> has(file, side, "block" + b + ".conv0"))
                .count();
    boolean labels = file.names().contains("map_label.weight");
    int classes = labels ? file.extent("map_label.weight", 1) : 0;
    UNetShape body;
    if (adm) {
      body =
          new AdmConfig(
              channels, multipliers, blocks, attention, headChannels(file), 0, labels, null);
    } else if (fourier) {
      body =
          new NcsnppConfig(
              channels, multipliers, blocks, attention, 1, 0, labels, file.frequencies());
    } else {
      body = new DdpmppConfig(channels, multipliers, blocks, attention, 1, 0, labels);
    }
    int colours = file.extent("enc." + first + "_conv.weight", 1);
    return new ReleasedNetwork(
        body, new NetworkBody.Images(colours, side, classes), "edm", networkTime());
  }

  /** Channels of a head of ADM's attention, of one width here. */
  private static int headChannels(ReleasedFile file) throws IOException {
    Set<Integer> widths = new TreeSet<>();
    for (String name : file.names()) {
      if (name.endsWith(".qkv.weight")) {
        int channels = file.extent(name, 1);
        int heads = heads(true, channels);
        widths.add(heads == 0 ? channels : channels / heads);
      }
    }
    if (widths.size() != 1) {
      throw file.refused("its attention heads have %s channels, allowed: all the same", widths);
    }
    return widths.iterator().next();
  }

  /** Heads of an attention; 0 where the code has no attention. */
  private static int heads(boolean adm, int channels) {
    return adm ? channels / ADM_HEAD : 1;
  }

  private static boolean has(ReleasedFile file, int side, String module) {
    return file.names().contains("enc." + resolution(side) + "_" + module + ".weight");
  }

  private static String resolution(int side) {
    return side + "x" + side;
  }

  @Override
  public ModuleNames names(UNetShape body, ComputationGraph network, int side) {
    Refuse.argument(
        body instanceof UNetConfig,
        "edm has no network of architecture %s, allowed: adm, ddpmpp, ncsnpp",
        body.kind());
    for (var layer : network.getLayers()) {
      if (layer.conf().getLayer() instanceof GroupNorm norm
          && norm.groupCount() != Math.min(32, norm.channelCount() / 4)) {
        throw new IllegalArgumentException(
            Text.format(
                "edm normalises %d channels in %d groups, not in %d",
                norm.channelCount(), Math.min(32, norm.channelCount() / 4), norm.groupCount()));
      }
      if (layer.conf().getLayer() instanceof SelfAttention2d attention) {
        int heads = heads(body instanceof AdmConfig, attention.channelCount());
        Refuse.argument(
            attention.headCount() != heads,
            "edm attends to %s channels by %s heads, not by %s",
            attention.channelCount(),
            heads,
            attention.headCount());
      }
    }
    return new ModuleNames(
        layer -> module(body, side, layer),
        List.of("qkv", "qkv", "qkv", "proj"),
        Arrangement.INTERLEAVED,
        4,
        Arrangement.SAME);
  }

  private static String module(UNetShape body, int side, LayerName layer) {
    boolean adm = body instanceof AdmConfig;
    String first = resolution(side);
    if (layer.way() == null) {
      return switch (layer.part()) {
        case "conv_in" -> "enc." + first + "_conv";
        case "norm_out" -> adm ? "out_norm" : "dec." + first + "_aux_norm";
        case "conv_out" -> adm ? "out_conv" : "dec." + first + "_aux_conv";
        case "time_dense0" -> "map_layer0";
        case "time_dense1" -> "map_layer1";
        case "label_embedding" -> "map_label";
        default -> throw new IllegalArgumentException("edm has no layer " + layer.part());
      };
    }
    String block = block(body, side, layer, adm);
    return LayerName.PYRAMID.equals(layer.block()) || LayerName.HEADS.equals(layer.part())
        ? block
        : block + "." + PARTS.get(layer.part());
  }

  private static String block(UNetShape body, int side, LayerName layer, boolean adm) {
    if (layer.isMiddle()) {
      String at = resolution(side >> (body.multipliers().size() - 1));
      return "dec." + at + "_in" + (layer.attention() ? "0" : layer.block());
    }
    String way = layer.isDown() ? "enc." : "dec.";
    if (LayerName.PYRAMID.equals(layer.block())) {
      return way + resolution(side >> layer.level()) + "_aux_residual";
    }
    if (layer.isSample()) {
      // The level that it leads to; ours are named so too, but for ADM's.
      int level = layer.level() + (adm ? (layer.isDown() ? 1 : -1) : 0);
      return way + resolution(side >> level) + (layer.isDown() ? "_down" : "_up");
    }
    // DDPM++ and NCSN++ have attention after the last block of a level's way up.
    String number = layer.block() == null ? String.valueOf(body.blocks()) : layer.block();
    return way + resolution(side >> layer.level()) + "_block" + number;
  }

  /** Frequencies, and the filters of all convolutions that change the resolution. */
  @Override
  public Map<String, INDArray> constants(UNetShape body, ComputationGraph network, int side) {
    Map<String, INDArray> constants = new LinkedHashMap<>();
    boolean residual = body instanceof NcsnppConfig;
    if (residual) {
      FourierEmbedding fourier =
          (FourierEmbedding) network.getLayer("time_fourier").conf().getLayer();
      constants.put(
          FREQUENCIES,
          Nd4j.createFromArray(fourier.frequencies()).castTo(network.params().dataType()));
    }
    double[] taps = residual ? new double[] {1, 3, 3, 1} : new double[] {1, 1};
    float[][][][] filter = new float[1][1][taps.length][taps.length];
    double sum = residual ? 8 : 2;
    for (int i = 0; i < taps.length; i++) {
      for (int j = 0; j < taps.length; j++) {
        filter[0][0][i][j] = (float) (taps[i] * taps[j] / (sum * sum));
      }
    }
    for (int level = 1; level < body.multipliers().size(); level++) {
      String down = "enc." + resolution(side >> level);
      String up = "dec." + resolution(side >> (level - 1)) + "_up";
      List<String> modules =
          new ArrayList<>(
              List.of(down + "_down.conv0", down + "_down.skip", up + ".conv0", up + ".skip"));
      if (residual) {
        modules.add(down + "_aux_residual");
      }
      modules.forEach(
          module -> constants.put(module + ".resample_filter", Nd4j.createFromArray(filter)));
    }
    return constants;
  }
}
